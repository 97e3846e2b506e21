"""Which data period the reader is in: asked for, remembered, or the last complete month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jingkai.core.errors import FieldProblem, InvalidInput
from jingkai.engine.errors import PeriodError
from jingkai.engine.periods import Frequency, Period

_SESSION_KEY = "data_period"


@dataclass(frozen=True, slots=True)
class DataPeriod:
    """The period, the moment it is seen from (None: now), and what the picker offers."""

    period: Period
    as_of: datetime | None
    choices: tuple[tuple[str, str], ...]

    @property
    def label(self) -> str:
        return label_of(self.period)


def label_of(period: Period, *, cumulative: bool = True) -> str:
    """The period's name in the reader's language."""
    if (get_language() or "").startswith("en"):
        return period.en_label(cumulative=cumulative)
    return period.zh_label(cumulative=cumulative)


def data_period(request: HttpRequest) -> DataPeriod:
    """Read `?period=` (remembered in the session) and `?as_of=` (a day; never remembered).

    Raises InvalidInput for a code that is no month, or a day that is none.
    """
    last = Period.of(timezone.localdate().year, Frequency.MONTH, timezone.localdate().month)
    last = last.previous()
    asked = request.GET.get("period")
    code = asked or request.session.get(_SESSION_KEY) or last.code
    try:
        period = Period.parse(code)
    except PeriodError as error:
        if not asked:
            request.session.pop(_SESSION_KEY, None)
        raise _invalid("period", str(error)) from error
    if asked and request.session.get(_SESSION_KEY) != code:
        request.session[_SESSION_KEY] = code
    months = tuple(last.shift(-back) for back in range(24))
    choices = tuple((month.code, month.code) for month in months)
    if period not in months:
        choices = ((period.code, period.code), *choices)
    return DataPeriod(period, _as_of(request), choices)


def _as_of(request: HttpRequest) -> datetime | None:
    text = request.GET.get("as_of", "")
    if not text:
        return None
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise _invalid("as_of", _("Write the day as YYYY-MM-DD."))
    end_of_day = datetime.combine(day, time.min) + timedelta(days=1)
    return timezone.make_aware(end_of_day)


def _invalid(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, problems=[FieldProblem(field, message)])
