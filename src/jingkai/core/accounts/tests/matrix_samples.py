"""Real objects for the permission matrix."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from jingkai.core.accounts.models import LinkPurpose
from jingkai.core.accounts.services.links import create_link
from jingkai.core.accounts.services.tokens import create_token


def samples(world: Any) -> dict[str, dict[str, object]]:
    """A person of the office with a role, a token and a link."""
    person, now = world.users["office"], timezone.now()
    _link, path = create_link(user=person, purpose=LinkPurpose.SIGN_IN, now=now, actor=None)
    token, _secret = create_token(
        user=person, name="matrix", scopes=["accounts:read"], days=1, actor=None, now=now
    )
    user = {"user_id": person.pk}
    names = ("user", "user-edit", "user-deactivate", "user-activate", "user-link", "role-grant",
             "user-unlock", "user-reset-factor", "user-end-sessions")  # fmt: skip
    return {
        **{f"accounts-admin:{name}": user for name in names},
        "accounts-admin:role-end": {**user, "membership_id": person.memberships.get().pk},
        "accounts-admin:token-revoke": {**user, "token_id": token.pk},
        "accounts:link": {"secret": path.split("/")[-2]},
        "accounts:revoke-token": {"token_id": token.pk},
        "revoke_token": {"token_id": token.pk},
    }
