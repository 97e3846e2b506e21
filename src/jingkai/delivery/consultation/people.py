"""Whom to tell, and telling them in their own language."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from jingkai.core.accounts.public import Membership, Role, User
from jingkai.core.notices.public import Urgency, notify

from .models import Consultation
from .rules import BODY_PEOPLE


def people(
    roles: Iterable[str], today: date, body_ids: Collection[int] | None = None
) -> list[User]:
    """Active people who hold one of `roles` on `today`, for those bodies or for any. 1 query."""
    held = Membership.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=today),
        role__in=list(roles),
        valid_from__lte=today,
        ended_at__isnull=True,
    )
    if body_ids is not None:
        held = held.filter(body_id__in=body_ids)
    return list(User.objects.filter(is_active=True, pk__in=held.values("user_id")).order_by("pk"))


def tell(
    recipients: Iterable[User],
    *,
    kind: str,
    say: Callable[[], str],
    url: str,
    now: datetime,
    at_once: bool = False,
    dedupe_key: str = "",
) -> None:
    """Put a notice into each inbox; `say` runs once per language."""
    by_language: dict[str, list[User]] = {}
    for person in recipients:
        by_language.setdefault(person.language or "zh-hans", []).append(person)
    for language, group in by_language.items():
        with override(language):
            title = say()
        notify(
            recipients=group,
            kind=f"consultation.{kind}",
            title=title,
            url=url,
            urgency=Urgency.NOW if at_once else Urgency.DIGEST,
            dedupe_key=dedupe_key,
            now=now,
        )


def tell_bodies(
    consultation: Consultation,
    body_ids: Collection[int],
    *,
    kind: str,
    say: Callable[[], str],
    now: datetime,
    at_once: bool = False,
    dedupe_key: str = "",
    linked: bool = True,
) -> None:
    """Tell clerks and signers of those bodies, with a link to where the body writes."""
    if not body_ids:
        return
    url = reverse("consultation:opinion", args=[consultation.pk]) if linked else "/inbox/"
    tell(
        people(BODY_PEOPLE, timezone.localdate(now), body_ids),
        kind=kind, say=say, url=url, now=now, at_once=at_once, dedupe_key=dedupe_key,
    )  # fmt: skip


def tell_office(
    consultation: Consultation,
    *,
    kind: str,
    say: Callable[[], str],
    now: datetime,
    url: str = "",
    dedupe_key: str = "",
    but: User | None = None,
) -> None:
    """Tell the office, without the one who did it."""
    office = [p for p in people([Role.OFFICE], timezone.localdate(now)) if p != but]
    url = url or reverse("consultation:detail", args=[consultation.pk])
    tell(office, kind=kind, say=say, url=url, now=now, dedupe_key=dedupe_key)
