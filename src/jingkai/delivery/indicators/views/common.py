"""What the room's pages read from the address: scope, data period, and the day it was known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.http import QueryDict
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.errors import FieldProblem, InvalidInput
from jingkai.core.http import AuthedRequest, wants_fragment
from jingkai.engine.errors import PeriodError
from jingkai.engine.periods import Period

from ..catalogue import CITY, EDZ
from ..labels import as_params
from ..models import Indicator
from ..queries.indicator import IndicatorPage, indicator_page
from ..queries.pages import data_period_or
from ..queries.visibility import visible_indicators


@dataclass(frozen=True, slots=True)
class Lens:
    """What a page looks at: scope asked for, data period, the day up to which it was known."""

    scope: str
    period: Period
    periods: Sequence[Period]
    asked: str
    day: date | None

    @property
    def as_of(self) -> datetime | None:
        """The last instant of `day`; None: now."""
        if self.day is None:
            return None
        midnight = timezone.make_aware(datetime.combine(self.day, time.min))
        return midnight + timedelta(days=1, microseconds=-1)

    @property
    def query(self) -> str:
        """What carries the lens to the next page."""
        carried = QueryDict(mutable=True)
        carried.update(as_params({"scope": self.scope, "period": self.asked, "as_of": self.day}))
        return f"?{carried.urlencode()}" if carried else ""


def lens_of(request: AuthedRequest) -> Lens:
    """The lens in the address. Raises InvalidInput where it cannot be read. At most 1 query."""
    query = request.GET
    asked, day = _period(query), _day(query)
    scope = query.get("scope", "").strip()
    if asked and wants_fragment(request):  # a part of a page has no picker
        return Lens(scope, asked, (), asked.code, day)
    latest, periods = data_period_or(request.user, timezone.localdate())
    return Lens(scope, asked or latest, periods, asked.code if asked else "", day)


def _period(query: Mapping[str, str]) -> Period | None:
    text = query.get("period", "").strip()
    if not text:
        return None
    try:
        return Period.parse(text)
    except PeriodError as error:
        message = _("“%(text)s” is not a period. Write 2026, 2026-S1, 2026-Q3 or 2026-09.") % {
            "text": text
        }
        raise InvalidInput(message, problems=[FieldProblem("period", message)]) from error


def _day(query: Mapping[str, str]) -> date | None:
    text = query.get("as_of", "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        message = _("“%(text)s” is not a day. Write it as 2026-11-22.") % {"text": text}
        raise InvalidInput(message, problems=[FieldProblem("as_of", message)]) from error


def indicator_or_404(user: User, code: str) -> Indicator:
    """The indicator `code`, if the person may see it."""
    return get_object_or_404(
        visible_indicators(user).select_related("responsible", "compiler"), code=code
    )


def page_of_indicator(user: User, code: str, lens: Lens) -> IndicatorPage:
    """The indicator in the scope asked for; without one all zones, or what there is."""
    page = indicator_page(
        user=user, code=code, period=lens.period.code, scope=lens.scope or EDZ, as_of=lens.as_of
    )
    if page.series is None and not lens.scope and page.scopes:
        city = next((s for s in page.scopes if s.scope == CITY), page.scopes[0])
        return indicator_page(
            user=user, code=code, period=lens.period.code, scope=city.scope, as_of=lens.as_of
        )
    return page
