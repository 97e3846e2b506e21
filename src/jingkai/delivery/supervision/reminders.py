"""Reminders before something is due. Said once per person, obligation and date."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import partial

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from jingkai.core.errors import DomainError

from .calendar import add_days
from .ground import Ground
from .models import Obligation, ObligationState
from .people import people, tell
from .rules import BODY_PEOPLE, SIGNERS


def remind(rows: Iterable[Obligation], *, today: date, now: datetime, ground: Ground) -> int:
    """Tell the bodies of `rows` what is due soon or late; return how many obligations were told."""
    horizons = _horizons(today, ground)
    if not horizons:
        return 0
    reminded = 0
    rows = list(rows)
    prefetch_related_objects(rows, "task", "body")
    for row in rows:
        said = False
        if row.state == ObligationState.ISSUED and row.sign_by is not None and row.sign_by < today:
            tell(
                people(SIGNERS, today, row.body_id),
                kind="sign-late",
                obligation=row,
                now=now,
                say=partial(_sentence, row, "sign", row.sign_by, today),
                dedupe_key=f"sup-sign-{row.pk}-{row.sign_by}",
            )
            said = True
        for name, due in (("task", row.due_on), ("report", row.next_report_due)):
            if due is None or row.state not in (ObligationState.ISSUED, ObligationState.ACTIVE):
                continue
            stage = _stage(due, today, horizons)
            if stage is None:
                continue
            tell(
                people(BODY_PEOPLE, today, row.body_id),
                kind=f"{name}-due",
                obligation=row,
                now=now,
                say=partial(_sentence, row, name, due, today),
                dedupe_key=f"sup-{name}-{row.pk}-{due}-{stage}",
            )
            said = True
        reminded += said
    return reminded


def _horizons(today: date, ground: Ground) -> list[tuple[int, date]]:
    """(days before, last date reminded of), the furthest first; none without a calendar."""
    try:
        return [
            (term.days, add_days(ground.calendar, today, term.days, term.basis))
            for term in ground.book.reminders
        ]
    except DomainError:
        return []


def _stage(due: date, today: date, horizons: list[tuple[int, date]]) -> str | None:
    if due < today:
        return "late"
    return next((str(days) for days, until in reversed(horizons) if due <= until), None)


def _sentence(row: Obligation, name: str, due: date, today: date) -> str:
    words = {"n": row.task.number, "title": row.task.title, "due": due.isoformat()}
    if name == "sign":
        return _("Please sign for: task %(n)d %(title)s") % words
    if name == "task":
        if due < today:
            return _("Overdue since %(due)s: task %(n)d %(title)s") % words
        return _("Due %(due)s: task %(n)d %(title)s") % words
    if due < today:
        return _("Report overdue since %(due)s: task %(n)d %(title)s") % words
    return _("Report due %(due)s: task %(n)d %(title)s") % words
