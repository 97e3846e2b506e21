"""One-time links: a door that opens once."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from jingkai.core.audit import public as audit
from jingkai.core.errors import DomainError, FieldProblem, InvalidInput
from jingkai.core.verdicts import require

from ..models import LinkPurpose, OneTimeLink, User
from ..policy import sign_in_policy
from ..rules import can_create_link
from .passwords import set_password


class LinkNotValid(DomainError):
    """The link opens nothing: it is forged, used or expired. `reason` says which."""

    code: ClassVar[str] = "link-not-valid"
    status: ClassVar[int] = 410

    def __init__(self, reason: str, message: StrOrPromise) -> None:
        super().__init__(message, reason=reason)
        self.reason = reason


def create_link(
    *,
    user: User,
    purpose: LinkPurpose,
    now: datetime,
    actor: User | None,
    minutes: int | None = None,
) -> tuple[OneTimeLink, str]:
    """Make a link for `user`; return it with its path, which is never to be had again.

    `actor` None is the system itself (start of the installation, demonstration). Earlier links of
    the same person for choosing a password stop working. Raises NotPermitted, InvalidInput.
    """
    policy = sign_in_policy()
    minutes = policy.link_minutes if minutes is None else minutes
    most = policy.link_minutes_at_most
    if not 1 <= minutes <= most:
        message = _("A link lives between 1 and %(n)d minutes.") % {
            "n": policy.link_minutes_at_most
        }
        raise InvalidInput(message, problems=[FieldProblem("minutes", message)])
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        if actor is not None:
            require(can_create_link(actor, user))
        if purpose == LinkPurpose.SET_PASSWORD:
            OneTimeLink.objects.filter(
                user=user, purpose=purpose, used_at__isnull=True, expires_at__gt=now
            ).update(expires_at=now)
        secret = secrets.token_urlsafe(32)
        link = OneTimeLink.objects.create(
            user=user,
            purpose=purpose,
            digest=audit.digest_of(secret.encode()),
            created_at=now,
            expires_at=now + timedelta(minutes=minutes),
        )
        audit.record(
            "accounts.link.created",
            actor=actor,
            target=user,
            at=now,
            details={"purpose": purpose, "link": link.pk, "minutes": minutes},
        )
    return link, reverse("accounts:link", args=[secret])


def find_link(*, secret: str, now: datetime, lock: bool = False) -> OneTimeLink:
    """Return the link of `secret` when it still opens. Raises LinkNotValid."""
    links = OneTimeLink.objects.select_related("user")
    if lock:
        links = links.select_for_update()
    link = links.filter(digest=audit.digest_of(secret.encode())).first()
    if link is None:
        raise LinkNotValid(
            "unknown", _("This link is not one of ours. Check that it was copied whole.")
        )
    if link.used_at is not None:
        raise LinkNotValid("used", _("This link was used already; each opens only once."))
    if link.expires_at <= now:
        raise LinkNotValid("expired", _("This link has expired."))
    if not link.user.is_active or (link.user.is_demo and not settings.DEMO):
        raise LinkNotValid("inactive", _("This link no longer works."))
    return link


@transaction.atomic
def redeem_link(*, secret: str, now: datetime, new_password: str | None = None) -> OneTimeLink:
    """Use the link up; with purpose "set password", `new_password` becomes the person's own.

    The rows are locked: of two clicks at once one wins, the other hears "used already". A password
    that the rules forbid raises InvalidInput and leaves the link unused. Raises LinkNotValid.
    """
    link = find_link(secret=secret, now=now, lock=True)
    if link.purpose == LinkPurpose.SET_PASSWORD:
        set_password(link.user, new_password or "", now=now)
    link.used_at = now
    link.save(update_fields=["used_at"])
    audit.record(
        "accounts.link.used",
        actor=link.user,
        target=link.user,
        at=now,
        details={"purpose": link.purpose, "link": link.pk},
    )
    return link
