"""API tokens: keys for programs that act for a person."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import DateTimeField, Q, TextField
from django.urls import URLResolver, get_resolver
from django.utils.translation import gettext as _

from jingkai.core.audit import public as audit
from jingkai.core.errors import FieldProblem, InvalidInput, NotPermitted
from jingkai.core.statements import Given, Statement
from jingkai.core.verdicts import require

from ..models import ApiToken, User
from ..policy import sign_in_policy
from ..rules import can_secure

_API_ROOT = "/api/v1/"
_PREFIX_LENGTH = 10
_USED_EVERY = timedelta(seconds=60)


@lru_cache(maxsize=1)
def areas() -> tuple[str, ...]:
    """Areas of the API in alphabetical order: first parts of its paths, as mounted."""
    found: set[str] = set()
    for entry in get_resolver().url_patterns:
        if isinstance(entry, URLResolver) and entry.namespace == "api":
            for operation in entry.url_patterns:
                first = str(operation.pattern).split("/", 1)[0]
                if first.isidentifier():
                    found.add(first)
    return tuple(sorted(found))


def known_scopes() -> tuple[str, ...]:
    """Every scope a token can have."""
    return tuple(f"{area}:{verb}" for area in areas() for verb in ("read", "write"))


def required_scope(method: str, path: str) -> str:
    """The scope a request needs; "" (which nobody has) outside the API."""
    if not path.startswith(_API_ROOT):
        return ""
    area = path.removeprefix(_API_ROOT).split("/", 1)[0]
    return f"{area}:{'read' if method in {'GET', 'HEAD'} else 'write'}"


@transaction.atomic
def create_token(
    *, user: User, name: str, scopes: Sequence[str], days: int, actor: User | None, now: datetime
) -> tuple[ApiToken, str]:
    """Make a token of `user`; return it with its secret, which is never to be had again.

    People make tokens only for themselves; `actor` None is the console of the machine. Raises
    NotPermitted, InvalidInput.
    """
    if actor is not None and actor.pk != user.pk:
        raise NotPermitted(_("A token is made by the person it acts for."))
    problems = []
    if not name.strip():
        problems.append(FieldProblem("name", _("Say what the token is for.")))
    if unknown := sorted(set(scopes) - set(known_scopes())):
        problems.append(
            FieldProblem("scopes", _("Unknown scope: %(s)s.") % {"s": ", ".join(unknown)})
        )
    if not scopes:
        problems.append(FieldProblem("scopes", _("Choose at least one scope.")))
    most = sign_in_policy().token_days_at_most
    if not 1 <= days <= most:
        problems.append(
            FieldProblem("days", _("A token lives between 1 and %(n)d days.") % {"n": most})
        )
    if problems:
        raise InvalidInput(problems=problems)
    secret = f"jk_{secrets.token_urlsafe(32)}"
    token = ApiToken(
        user=user,
        name=name.strip(),
        prefix=secret[:_PREFIX_LENGTH],
        digest=audit.digest_of(secret.encode()),
        scopes=sorted(set(scopes)),
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    token.full_clean()
    token.save()
    audit.record(
        "accounts.token.created",
        actor=actor,
        target=user,
        at=now,
        details={"token": token.prefix, "name": token.name, "scopes": token.scopes, "days": days},
    )
    return token, secret


@transaction.atomic
def revoke_token(*, token_id: int, actor: User, now: datetime) -> ApiToken:
    """Make a token useless at once: one's own, or another's by the security administrator."""
    token = ApiToken.objects.select_for_update(of=("self",)).select_related("user").get(pk=token_id)
    if token.user_id != actor.pk:
        require(can_secure(actor, token.user))
    if token.revoked_at is None:
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
        audit.record(
            "accounts.token.revoked",
            actor=actor,
            target=token.user,
            at=now,
            details={"token": token.prefix, "name": token.name},
        )
    return token


_GOOD: Final = Statement(
    lambda: (
        ApiToken.objects.select_related("user")
        .filter(
            digest=Given("digest", TextField()),
            revoked_at__isnull=True,
            expires_at__gt=Given("now", DateTimeField()),
            user__is_active=True,
        )
        .exclude(user__locked_until__gt=Given("now", DateTimeField()))
        .order_by("pk")
    )
)


def user_of_token(*, secret: str, now: datetime) -> ApiToken | None:
    """The token of `secret` with its person when both are good, else None. 1 query, at times 2."""
    found = _GOOD(digest=audit.digest_of(secret.encode()), now=now)
    token = found[0] if found else None
    if token is None or (token.user.is_demo and not settings.DEMO):
        return None
    if token.last_used_at is None or token.last_used_at < now - _USED_EVERY:
        ApiToken.objects.filter(
            Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - _USED_EVERY), pk=token.pk
        ).update(last_used_at=now)
    return token
