"""The list of targets and indicators: one row per indicator for one scope, at one moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models.functions import TruncMonth

from jingkai.core.accounts.public import User
from jingkai.engine.periods import Frequency, Period, range_periods

from ..catalogue import CITY, EDZ, frequency_of
from ..labels import distance_text, has_level, period_label, silence, target_text, tone
from ..models import Agreement, CurrentValue, Indicator, Series, Target
from .board import Status, Statuses, statuses
from .figures import Figure, Line, Path
from .visibility import visible_indicators, visible_series

HORIZONS = ("2028", "2030")


@dataclass(frozen=True, slots=True)
class TargetCell:
    """What is asked by one horizon: the leading statement, and those that contradict it."""

    target: Target
    others: tuple[Target, ...] = ()

    @property
    def text(self) -> str:
        return target_text(self.target)

    @property
    def is_disputed(self) -> bool:
        return any(t.agreement == Agreement.DISPUTED for t in self.all)

    @property
    def all(self) -> tuple[Target, ...]:
        return (self.target, *self.others)

    @property
    def shows_unit(self) -> bool:
        return has_level(self.target)

    @property
    def both(self) -> str:
        """All statements with their places, for the tip on the warning sign."""
        return "；".join(f"{target_text(t)}（{t.place}）" for t in self.all)


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """One indicator on the list."""

    status: Status
    series: Series | None
    targets: Mapping[str, TargetCell]
    actual: Sequence[Decimal | None]
    planned: Sequence[Decimal | None]

    @property
    def indicator(self) -> Indicator:
        return self.status.indicator

    @property
    def figure(self) -> Figure | None:
        return self.status.figure

    @property
    def period_label(self) -> str:
        return "" if self.figure is None else period_label(self.figure.at, self.indicator)

    @property
    def light(self) -> str:
        return self.status.light.light.value

    @property
    def light_reason(self) -> str:
        return silence(self.status.light)

    @property
    def distance_text(self) -> str:
        return distance_text(self.status.distance)

    @property
    def distance_tone(self) -> str:
        return tone(self.light)

    @property
    def horizon_cells(self) -> list[TargetCell | None]:
        return [self.targets.get(horizon) for horizon in HORIZONS]

    @property
    def is_disputed(self) -> bool:
        return any(cell.is_disputed for cell in self.targets.values())


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """What the list is narrowed to; empty means everything."""

    light: str = ""
    body: str = ""
    kind: str = ""  # headline | benchmark | disputed
    text: str = ""

    def keeps(self, row: IndicatorRow) -> bool:
        indicator = row.indicator
        kinds = {
            "headline": indicator.is_headline,
            "benchmark": indicator.is_benchmark,
            "disputed": row.is_disputed,
        }
        body = indicator.responsible
        text = self.text.casefold()
        return (
            (not self.light or row.light == self.light)
            and (not self.body or (body is not None and body.code == self.body))
            and kinds.get(self.kind, True)
            and (
                not text
                or text in indicator.name.casefold()
                or text in indicator.code.casefold()
                or text in indicator.name_en.casefold()
                or indicator.initials.casefold().startswith(text)
            )
        )


def indicator_rows(
    *, user: User, scope: str, now: Period, as_of: datetime | None = None
) -> list[IndicatorRow]:
    """Every indicator the person may see, for one scope. 7 queries at any number of rows.

    A benchmark is measured for the whole city: in the view of all zones its city series is shown.
    """
    indicators = list(
        visible_indicators(user)
        .select_related("responsible", "compiler")
        .order_by("position", "code")
    )
    wanted = {scope, CITY} if scope == EDZ else {scope}
    by_indicator: dict[int, dict[str, Series]] = defaultdict(dict)
    for series in visible_series(user).filter(scope__in=wanted).select_related("zone"):
        by_indicator[series.indicator_id][series.scope] = series
    chosen: dict[int, Series] = {}
    for indicator in indicators:
        own = by_indicator[indicator.pk]
        found_series = own.get(scope) or (own.get(CITY) if indicator.is_benchmark else None)
        if found_series is not None:
            found_series.indicator = indicator
            chosen[indicator.pk] = found_series
    asked = targets_of([indicator.pk for indicator in indicators])
    found = statuses(list(chosen.values()), now, as_of=as_of, disputed=_disputed(asked))
    return [row_of(i, chosen.get(i.pk), found, asked.get(i.pk, {})) for i in indicators]


def row_of(
    indicator: Indicator,
    series: Series | None,
    found: Statuses,
    targets: Mapping[str, TargetCell],
) -> IndicatorRow:
    status = found.of(series) if series is not None else found.nothing(indicator)
    actual, planned = spark(indicator, found.line(series), found.path(series), found.now)
    return IndicatorRow(status, series, targets, actual, planned)


def _disputed(asked: Mapping[int, Mapping[str, TargetCell]]) -> set[int]:
    """Indicators whose leading statement is in conflict."""
    return {
        indicator_id
        for indicator_id, cells in asked.items()
        if any(
            c.target.is_leading and c.target.agreement == Agreement.DISPUTED for c in cells.values()
        )
    }


def spark(
    indicator: Indicator, line: Line, path: Path, now: Period
) -> tuple[list[Decimal | None], list[Decimal | None]]:
    """Actual and planned for the small line: the year of `now`, or all years to the horizon."""
    frequency = frequency_of(indicator)
    ends = sorted({*line, *path})
    if not ends:
        return [], []
    if frequency is Frequency.YEAR:
        periods = range_periods(Period.of(ends[0].year), Period.of(ends[-1].year))
    else:
        periods = Period.of(now.year).split(frequency)
    return (
        [line[p.end].value if p.end in line else None for p in periods],
        [path[p.end].planned if p.end in path else None for p in periods],
    )


def targets_of(indicator_ids: Collection[int]) -> dict[int, dict[str, TargetCell]]:
    """By indicator and horizon: what leads, or the first statement with a level. 1 query."""
    rows = (
        Target.objects.filter(indicator_id__in=indicator_ids)
        .exclude(agreement=Agreement.SET_ASIDE)
        .select_related("benchmark", "conflict")
        .order_by("position", "code")
    )
    grouped: dict[int, dict[str, list[Target]]] = defaultdict(lambda: defaultdict(list))
    for target in rows:
        grouped[target.indicator_id][target.horizon].append(target)
    return {
        indicator_id: {horizon: _cell(targets) for horizon, targets in horizons.items()}
        for indicator_id, horizons in grouped.items()
    }


def _cell(targets: Sequence[Target]) -> TargetCell:
    first = min(targets, key=lambda t: (not t.is_leading, not has_level(t), t.position, t.code))
    return TargetCell(
        first,
        tuple(t for t in targets if t.kind == first.kind and t.value != first.value),
    )


def data_periods(user: User, *, limit: int = 24) -> list[Period]:
    """The latest months that have figures, newest first. 1 query."""
    months = (
        CurrentValue.objects.filter(series__in=visible_series(user))
        .annotate(month=TruncMonth("period_end"))
        .order_by("-month")
        .values_list("month", flat=True)
        .distinct()[:limit]
    )
    return [Period.of(day.year, Frequency.MONTH, day.month) for day in months]


def data_period_or(user: User, today: date) -> tuple[Period, list[Period]]:
    """The latest month with figures (without any: last month) and all that can be chosen."""
    periods = data_periods(user)
    this_month = Period.of(today.year, Frequency.MONTH, today.month)
    return (periods[0] if periods else this_month.previous()), periods


def visible_scopes(user: User) -> list[Series]:
    """One series per scope the person may look at: totals first, then zones in order. 1 query."""
    rows = visible_series(user).select_related("zone").order_by("scope", "pk").distinct("scope")
    order = {EDZ: 0, CITY: 1}
    return sorted(
        rows, key=lambda s: (order.get(s.scope, 2), s.zone.position if s.zone else 0, s.scope)
    )
