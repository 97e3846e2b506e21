"""Period codes as people send them, with the form that fits when one does not."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

from jingkai.core.errors import FieldProblem, InvalidInput
from jingkai.engine.errors import PeriodError
from jingkai.engine.periods import Frequency, Period

from .catalogue import frequency_of
from .models import Indicator

_FORMS: Final = {
    Frequency.MONTH: "2026-09",
    Frequency.QUARTER: "2026-Q3",
    Frequency.HALF: "2026-S1",
    Frequency.YEAR: "2026",
}


def invalid(field: str, message: str, code: str = "invalid") -> InvalidInput:
    """One problem in one field."""
    return InvalidInput(message, problems=[FieldProblem(field, message, code)])


def any_period(code: str, field: str = "period") -> Period:
    """The period `code`; raises InvalidInput, naming the four forms, when it is none."""
    try:
        return Period.parse(code)
    except PeriodError:
        message = _("“%(period)s” is not a period: write 2026, 2026-S1, 2026-Q3 or 2026-09.") % {
            "period": code
        }
        raise invalid(field, message, "period_form") from None


def fitting_period(indicator: Indicator, code: str, field: str = "period") -> Period:
    """The period `code`; raises InvalidInput, saying which form fits, when it does not fit."""
    frequency = frequency_of(indicator)
    params = {
        "period": code,
        "indicator": indicator.name,
        "frequency": indicator.get_frequency_display(),
        "form": _FORMS[frequency],
    }
    try:
        period = Period.parse(code)
    except PeriodError:
        message = _(
            "“%(period)s” is not a period. “%(indicator)s” is %(frequency)s: write for example "
            "%(form)s."
        )
        raise invalid(field, message % params, "period_form") from None
    if period.frequency is not frequency:
        message = _(
            "“%(indicator)s” is %(frequency)s: %(period)s does not fit, write for example %(form)s."
        )
        raise invalid(field, message % params, "period_frequency")
    return period


def own_period(indicator: Indicator, now: Period) -> Period:
    """The indicator's own last whole period at a data period: in 2026-10 a quarterly's is Q3."""
    length = frequency_of(indicator).length
    return Period((now.last_month + 1) // length * length - 1, length)
