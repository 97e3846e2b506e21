"""How long zones may object and the office may take, from the reference table EVALUATION_TERMS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from typing import Final

from jingkai.masterdata.reference.public import add_working_days, table_on

TABLE: Final = "EVALUATION_TERMS"


@dataclass(frozen=True, slots=True)
class Terms:
    """All in working days."""

    objection: int
    again: int
    """The window of a run that repeats another."""
    answer: int
    remind: int
    """A zone is reminded of a draft when so many days are left."""
    unverified: bool = True

    def window_ends(self, day: date, *, repeated: bool) -> date:
        """Last day on which zones may object to what they were given on `day`.

        Raises CalendarNotLoaded.
        """
        return add_working_days(day, self.again if repeated else self.objection)

    def answer_due(self, day: date) -> date:
        """Last day for the answer to what was filed on `day`. Raises CalendarNotLoaded."""
        return add_working_days(day, self.answer)


_fixed: ContextVar[Terms | None] = ContextVar("evaluation_terms", default=None)


@contextmanager
def terms_from(terms: Terms) -> Iterator[None]:
    """Use `terms` instead of the table; for trying out and for tests."""
    token = _fixed.set(terms)
    try:
        yield
    finally:
        _fixed.reset(token)


def terms_on(day: date) -> Terms:
    """The terms in force on `day`. Raises TableNotLoaded, KeyNotInTable."""
    if (fixed := _fixed.get()) is not None:
        return fixed
    table = table_on(TABLE, day)
    return Terms(
        objection=int(table.row("objection").decimal()),
        again=int(table.row("objection_again").decimal()),
        answer=int(table.row("answer").decimal()),
        remind=int(table.row("remind").decimal()),
        unverified=table.unverified,
    )
