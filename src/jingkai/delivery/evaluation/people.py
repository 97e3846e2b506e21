"""Whom to tell about an evaluation, and telling them in their own language."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from django.utils.translation import override

from jingkai.core.accounts.public import ZONE, Role, User, users_with_role
from jingkai.core.notices.public import Urgency, notify


def office() -> list[User]:
    """1 query."""
    return list(users_with_role(Role.OFFICE))


def office_and_leaders() -> list[User]:
    """1 query."""
    return list(users_with_role(Role.OFFICE, Role.LEADER))


def people_of_zone(committee_id: int) -> list[User]:
    """Clerks and leaders of a zone. 1 query."""
    return list(users_with_role(*ZONE, body_ids=[committee_id]))


def tell(
    recipients: Iterable[User],
    *,
    kind: str,
    say: Callable[[], str],
    url: str,
    now: datetime,
    dedupe_key: str,
    but: User | None = None,
    body: str = "",
    at_once: bool = False,
) -> int:
    """A notice in each reader's language, except to `but`, who did it; return how many are new.

    `say` runs once per language.
    """
    by_language: dict[str, list[User]] = {}
    for person in recipients:
        if but is None or person.pk != but.pk:
            by_language.setdefault(person.language or "zh-hans", []).append(person)
    told = 0
    for language, group in by_language.items():
        with override(language):
            title = say()
        told += notify(
            recipients=group,
            kind=f"evaluation.{kind}",
            title=title,
            body=body,
            url=url,
            urgency=Urgency.NOW if at_once else Urgency.DIGEST,
            dedupe_key=dedupe_key,
            now=now,
        )
    return told
