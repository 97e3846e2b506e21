"""Whom to tell, and telling them in their own language."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import override

from jingkai.core.accounts.public import Membership, Role, User
from jingkai.core.notices.public import Urgency, notify

from .models import Obligation


def in_force(held: QuerySet[Membership], today: date) -> QuerySet[Membership]:
    """Those of `held` that hold on `today`."""
    return held.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=today), valid_from__lte=today)


def people(roles: Iterable[Role], today: date, body_id: int | None = None) -> QuerySet[User]:
    """Active people who hold one of `roles` on `today`, for `body_id` or for any body. 1 query."""
    held = in_force(Membership.objects.filter(role__in=roles), today)
    if body_id is not None:
        held = held.filter(body_id=body_id)
    return User.objects.filter(is_active=True, pk__in=held.values("user_id")).order_by("pk")


def tell(
    recipients: Iterable[User],
    *,
    kind: str,
    say: Callable[[], str],
    now: datetime,
    obligation: Obligation | None = None,
    url: str = "",
    body: str = "",
    at_once: bool = False,
    dedupe_key: str = "",
) -> None:
    """Put a notice linking to `obligation` (or `url`) into each inbox; `say` runs per language."""
    if obligation is not None:
        url = reverse("supervision:obligation", args=[obligation.pk])
    by_language: dict[str, list[User]] = {}
    for person in recipients:
        by_language.setdefault(person.language or "zh-hans", []).append(person)
    for language, group in by_language.items():
        with override(language):
            title = say()
        notify(
            recipients=group,
            kind=f"supervision.{kind}",
            title=title,
            body=body,
            url=url,
            urgency=Urgency.NOW if at_once else Urgency.DIGEST,
            dedupe_key=dedupe_key,
            now=now,
        )
