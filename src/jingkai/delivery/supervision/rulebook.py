"""Limits and light rules of supervision, read from reference tables; shown with their standing.

Tables by code: SUPERVISION_LIGHTS (whole cases: key is the reason; columns light, fact, op, value)
or else TASK_LIGHT_THRESHOLDS (numbers for the usual cases), FEEDBACK_INTERVALS, SUPERVISION_TERMS,
URGE_LIMITS, EXTENSION_LIMITS, REMINDER_DAYS. The unit of a row says which days count. A table that
is not loaded leaves the default, and a default counts as unverified: none of these numbers has an
official source for the city.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from .calendar import DayBasis
from .lights import Light, LightCase

Rows = Mapping[str, Mapping[str, Any]]
Lookup = Callable[[str, date], Rows | None]

D = Decimal
DEFAULT_CASES: Final = (
    LightCase("task-overdue", "red", "overdue_days", ">", D(0)),
    LightCase("rejected-often", "red", "rejections", ">=", D(2)),
    LightCase("report-very-late", "red", "report_late_days", ">", D(3)),
    LightCase("behind-schedule", "yellow", "schedule_gap_percent", ">", D(10)),
    LightCase("nearly-due", "yellow", "working_days_left", "<=", D(10)),
    LightCase("report-late", "yellow", "report_late_days", ">", D(0)),
    LightCase("not-signed", "yellow", "sign_late_days", ">", D(0)),
)


@dataclass(frozen=True, slots=True)
class Term:
    """A number of days of one kind."""

    days: int
    basis: DayBasis = "working"


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Everything about supervision that is data."""

    cases: tuple[LightCase, ...] = DEFAULT_CASES
    otherwise: Light = "green"
    intervals: Mapping[str, Term] = field(
        default_factory=lambda: {
            "green": Term(20),
            "yellow": Term(10),
            "red": Term(5),
            "grey": Term(20),
        }
    )
    late_basis: DayBasis = "calendar"
    sign_within: Term = Term(3)
    resubmit_within: Term = Term(3)
    urge_max: int = 3
    urge_window: Term = Term(90, "calendar")
    urge_gap: Term = Term(3)
    urge_answer: Term = Term(2)
    extension_max: int = 2
    extension_length: Term = Term(20)
    extension_notice: Term = Term(3)
    reminders: tuple[Term, ...] = (Term(10), Term(3), Term(1))

    @property
    def look_ahead(self) -> int:
        """Working days before the due date within which the rules look at the calendar."""
        near = [int(c.value) for c in self.cases if c.fact == "working_days_left"]
        return max([*near, *(t.days for t in self.reminders)], default=0)

    def interval(self, light: str) -> Term:
        return self.intervals.get(light) or self.intervals["green"]


def load_rulebook(today: date, lookup: Lookup) -> Rulebook:
    """The rules in force on `today`. `lookup(code, day)` gives the rows of a table by key, or None.

    Raises LightRuleError for a light rule that cannot be read.
    """
    book = Rulebook()
    if cases := lookup("SUPERVISION_LIGHTS", today):
        book = replace(
            book,
            cases=tuple(
                LightCase(
                    code=key,
                    light=row["light"],
                    fact=row["fact"],
                    op=row["op"],
                    value=Decimal(str(row["value"])),
                )
                for key, row in cases.items()
                if row["fact"] != "otherwise"
            ),
            otherwise=next(
                (r["light"] for r in cases.values() if r["fact"] == "otherwise"), "green"
            ),
        )
    elif rows := lookup("TASK_LIGHT_THRESHOLDS", today):
        book = replace(book, cases=tuple(_with_threshold(case, rows) for case in book.cases))
    if rows := lookup("FEEDBACK_INTERVALS", today):
        book = replace(book, intervals={key: _term(row) for key, row in rows.items()})
    if rows := lookup("SUPERVISION_TERMS", today):
        book = replace(
            book,
            late_basis=_term(rows["late_days"]).basis if "late_days" in rows else book.late_basis,
            sign_within=_pick(rows, "sign_within", book.sign_within),
            resubmit_within=_pick(rows, "resubmit_within", book.resubmit_within),
        )
    if rows := lookup("URGE_LIMITS", today):
        book = replace(
            book,
            urge_max=_count(rows, "max_count", book.urge_max),
            urge_window=_pick(rows, "window_days", book.urge_window),
            urge_gap=_pick(rows, "min_gap_working_days", book.urge_gap),
            urge_answer=_pick(rows, "answer_working_days", book.urge_answer),
        )
    if rows := lookup("EXTENSION_LIMITS", today):
        book = replace(
            book,
            extension_max=_count(rows, "max_count", book.extension_max),
            extension_length=_pick(rows, "max_working_days", book.extension_length),
            extension_notice=_pick(rows, "ask_before_working_days", book.extension_notice),
        )
    if rows := lookup("REMINDER_DAYS", today):
        terms = sorted((_term(row) for row in rows.values()), key=lambda term: -term.days)
        book = replace(book, reminders=tuple(terms))
    return book


_THRESHOLDS: Final = {
    "behind-schedule": "schedule_gap_percent",
    "nearly-due": "due_within_working_days",
    "report-very-late": "report_late_working_days",
    "rejected-often": "rejections",
}


def _with_threshold(case: LightCase, rows: Rows) -> LightCase:
    row = rows.get(_THRESHOLDS.get(case.code, ""))
    return replace(case, value=Decimal(str(row["value"]))) if row else case


def _term(row: Mapping[str, Any]) -> Term:
    working = row.get("unit", "工作日") == "工作日"
    return Term(int(Decimal(str(row["value"]))), "working" if working else "calendar")


def _pick(rows: Rows, key: str, default: Term) -> Term:
    return _term(rows[key]) if key in rows else default


def _count(rows: Rows, key: str, default: int) -> int:
    return int(Decimal(str(rows[key]["value"]))) if key in rows else default
