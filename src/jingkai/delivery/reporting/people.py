"""Whom to tell about a return, and telling them in their own language."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from django.urls import reverse
from django.utils.translation import override

from jingkai.core.accounts.public import User, people_of
from jingkai.core.notices.public import Urgency, notify

from .models import Return
from .rules import CLERKS, SIGNERS


def clerks_of(*body_ids: int) -> list[User]:
    """People who fill in returns for these bodies. 1 query."""
    return people_of(body_ids, *CLERKS)


def signers_of(*body_ids: int) -> list[User]:
    """People who sign for these bodies, without deputies. 1 query."""
    return people_of(body_ids, *SIGNERS)


def tell(
    recipients: Iterable[User],
    *,
    kind: str,
    say: Callable[[], str],
    now: datetime,
    in_return: Return | None = None,
    url: str = "",
    body: str = "",
    at_once: bool = False,
    dedupe_key: str = "",
) -> int:
    """Put a notice linking to the return (or `url`) into each inbox; `say` runs per language."""
    if in_return is not None:
        url = reverse("reporting:return", args=[in_return.pk])
    told = 0
    for language, group in _by_language(list(recipients)).items():
        with override(language):
            title = say()
        told += notify(
            recipients=group,
            kind=f"reporting.{kind}",
            title=title,
            body=body,
            url=url,
            urgency=Urgency.NOW if at_once else Urgency.DIGEST,
            dedupe_key=dedupe_key,
            now=now,
        )
    return told


def _by_language(people: Collection[User]) -> dict[str, list[User]]:
    grouped: dict[str, list[User]] = {}
    for person in people:
        grouped.setdefault(person.language or "zh-hans", []).append(person)
    return grouped
