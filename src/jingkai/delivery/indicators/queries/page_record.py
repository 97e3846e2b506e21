"""What a person may record, and what stands beside the form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q

from jingkai.core.accounts.public import Role, User
from jingkai.engine.periods import Period, range_periods
from jingkai.masterdata.organisations.public import Zone

from ..catalogue import CITY, EDZ, frequency_of
from ..models import Indicator, ScopeKind, Series, StatusVoice, Voice
from .figures import Figure, figures, paths, trajectories
from .visibility import visible_indicators

SHOWN = 12


@dataclass(frozen=True, slots=True)
class Recordable:
    """Indicators and scopes somebody may record. Ratios follow from their parts and are absent."""

    indicators: Sequence[Indicator]
    zones: Sequence[Zone]
    totals: bool
    """Also the whole city and all zones."""

    @property
    def scopes(self) -> list[str]:
        return [*([EDZ, CITY] if self.totals else []), *(zone.code for zone in self.zones)]


def recordable(user: User) -> Recordable:
    """The choices of the record form: the queryset side of `rules.can_record`. 2 queries."""
    entered = visible_indicators(user).exclude(versions__numerator__isnull=False)
    if user.has_role(Role.OFFICE):
        return Recordable(list(entered), list(Zone.objects.all()), True)
    if user.has_role(Role.ZONE_CLERK):
        own = Zone.objects.filter(committee_id__in=user.body_ids(Role.ZONE_CLERK))
        return Recordable(list(entered), list(own), False)
    if user.has_role(Role.DEPARTMENT_CLERK):
        bodies = user.body_ids(Role.DEPARTMENT_CLERK)
        own_body = Q(compiler_id__in=bodies) | Q(responsible_id__in=bodies)
        return Recordable(list(entered.filter(own_body)), [], True)
    return Recordable([], [], False)


@dataclass(frozen=True, slots=True)
class Beside:
    """One line beside the form: a period with its figure and its plan."""

    period: Period
    figure: Figure | None
    planned: Decimal | None


def beside_form(series: Series | None, indicator: Indicator, *, today: date) -> list[Beside]:
    """The latest periods up to today, newest first, with or without figures. 3 queries."""
    frequency = frequency_of(indicator)
    last = current_period(indicator, today)
    line = figures([series.pk]).get(series.pk, {}) if series is not None and series.pk else {}
    route = (
        paths(trajectories([series.pk])).get(series.pk, {})
        if series is not None and series.pk
        else {}
    )
    first = last.shift(1 - max(SHOWN, frequency.per_year))
    return [
        Beside(p, line.get(p.end), route[p.end].planned if p.end in route else None)
        for p in reversed(range_periods(first, last))
    ]


def current_period(indicator: Indicator, today: date) -> Period:
    """The period `today` lies in: its figure may be recorded as provisional."""
    month = Period(12 * today.year + today.month - 1, 1)
    return month.within(frequency_of(indicator))


def existing_series(indicator: Indicator, scope: str) -> Series:
    """The series, unsaved when nothing was recorded in it yet. 1 query."""
    kinds = {CITY: ScopeKind.CITY, EDZ: ScopeKind.ZONES}
    found = (
        Series.objects.filter(indicator=indicator, scope=scope)
        .select_related("zone__committee")
        .first()
    )
    if found is None:
        zone = Zone.objects.filter(code=scope).select_related("committee").first()
        found = Series(scope=scope, zone=zone, scope_kind=kinds.get(scope, ScopeKind.ZONE))
    found.indicator = indicator
    return found


def lights_before(voices: Sequence[StatusVoice]) -> Mapping[int, str]:
    """The rule light each of these voices replaced, by the voice's id. 1 query."""
    if not voices:
        return {}
    rows = (
        StatusVoice.objects.filter(
            voice=Voice.RULE,
            series_id__in={v.series_id for v in voices},
            pk__lt=min(v.pk for v in voices),
        )
        .order_by("series_id", "-period_end", "-id")
        .distinct("series_id")
        .values_list("series_id", "light")
    )
    before = dict(rows)
    return {voice.pk: before[voice.series_id] for voice in voices if voice.series_id in before}
