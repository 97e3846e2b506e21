"""Which figure of a year counts for a leaf, as it was known at a moment; and why there is none.

A constant number of queries at any number of zones and leaves. Nothing here writes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from cryptography.hazmat.primitives.hashes import SM3, Hash
from django.db.models import Q

from jingkai.delivery.indicators.public import (
    Aggregation,
    Frequency,
    Indicator,
    Series,
    ValueEvent,
    ValueMode,
)
from jingkai.masterdata.organisations.public import Zone, active_zones

from .computing import Unit
from .definition import Definition, Node, canonical
from .models import PeriodRule

FIRST_YEAR: Final = 1990
"""No evaluation looks further back."""
NO_INDICATOR: Final = "no_indicator"
NO_FIGURE: Final = "no_figure"
INCOMPLETE: Final = "incomplete"
WITHDRAWN: Final = "withdrawn"
VOIDED: Final = "voided"

_STEP: Final = Decimal("0.000001")
_PER_YEAR: Final = {
    Frequency.MONTH: 12,
    Frequency.QUARTER: 4,
    Frequency.HALF: 2,
    Frequency.YEAR: 1,
}


@dataclass(frozen=True, slots=True)
class Input:
    """One frozen figure. `value` None says why in `absence`."""

    zone: str
    node: str
    year: int
    value: Decimal | None
    event: int | None = None
    period: str = ""
    absence: str = ""

    def line(self) -> str:
        """The row as it enters the digest: fields by tabs, six decimals, empty where there is none.

        >>> Input("z", "GDP", 2025, Decimal("1.5"), 7, "2025-12").line()
        'z\\tGDP\\t2025\\t1.500000\\t7\\t2025-12\\t'
        """
        value = "" if self.value is None else f"{self.value:.6f}"
        event = "" if self.event is None else str(self.event)
        return "\t".join(
            (self.zone, self.node, str(self.year), value, event, self.period, self.absence)
        )


@dataclass(frozen=True, slots=True)
class _Said:
    """The last word on one period by the moment."""

    value: Decimal | None
    event: int
    period: str


_Line = dict[date, _Said]


def zones_of_year(year: int) -> list[tuple[Zone, Unit]]:
    """Zones that are evaluated for a data year: in force on its last day. 1 query."""
    zones = active_zones(date(year, 12, 31)).order_by("position", "code")
    return [(zone, Unit(zone.code, zone.name, zone.name_en, zone.level)) for zone in zones]


def read_inputs(
    definition: Definition,
    *,
    zones: Collection[Zone],
    year: int,
    as_of: datetime,
    voided: Collection[tuple[str, str]] = (),
) -> list[Input]:
    """The figures of `year` and of the year before for every zone × leaf, zones outermost.

    Only what was recorded by `as_of` counts. 4 queries.

    Parameters
    ----------
    voided
        (zone code, node) whose figure of the year does not count.
    """
    indicators = {
        one.code: one
        for one in Indicator.objects.filter(
            code__in={leaf.indicator for leaf in definition.leaves if leaf.indicator}
        )
    }
    years = (year, year - 1)
    wanted = {zone.pk: zone.code for zone in zones}
    series = {
        (indicator, wanted[zone]): pk
        for pk, indicator, zone in Series.objects.filter(
            indicator__in=[one.pk for one in indicators.values()], zone__in=list(wanted)
        )
        .order_by()
        .values_list("pk", "indicator_id", "zone_id")
    }
    lines, begun = _lines(definition, indicators, series, years, as_of)
    gone = frozenset(voided)
    return [
        _void(one) if one.year == year and (one.zone, one.node) in gone else one
        for one in _inputs(definition, indicators, list(wanted.values()), series, lines, begun,
                           years)
    ]  # fmt: skip


def _void(one: Input) -> Input:
    return Input(one.zone, one.node, one.year, None, one.event, one.period, VOIDED)


def _inputs(
    definition: Definition,
    indicators: Mapping[str, Indicator],
    zones: Sequence[str],
    series: Mapping[tuple[int, str], int],
    lines: Mapping[int, _Line],
    begun: Collection[tuple[int, int]],
    years: Sequence[int],
) -> Iterator[Input]:
    nothing: _Line = {}
    for zone in zones:
        for leaf in definition.leaves:
            indicator = indicators.get(leaf.indicator)
            for year in years:
                if indicator is None:
                    yield Input(zone, leaf.code, year, None, absence=NO_INDICATOR)
                    continue
                number = series.get((indicator.pk, zone), 0)
                found = _figure(leaf, indicator, lines.get(number, nothing), year)
                if isinstance(found, str):
                    if found == NO_FIGURE and (number, year) in begun:
                        found = INCOMPLETE
                    yield Input(zone, leaf.code, year, None, absence=found)
                else:
                    value = (found.value or Decimal(0)).quantize(_STEP, ROUND_HALF_EVEN)
                    yield Input(zone, leaf.code, year, value, found.event, found.period)


def _is_whole_line(leaf: Node, indicator: Indicator) -> bool:
    """Whether the rule needs every figure of the year, not its last one alone."""
    if leaf.period_rule != PeriodRule.YEAR:
        return indicator.frequency != Frequency.YEAR
    return (
        indicator.value_mode == ValueMode.PERIOD
        and indicator.frequency != Frequency.YEAR
        and indicator.time_aggregation in (Aggregation.SUM, Aggregation.MEAN)
    )


def _lines(
    definition: Definition,
    indicators: Mapping[str, Indicator],
    series: Mapping[tuple[int, str], int],
    years: Sequence[int],
    as_of: datetime,
) -> tuple[dict[int, _Line], set[tuple[int, int]]]:
    """The last word on each period by series; and (series, year) that have any figure at all.

    2 queries: the words; then, for series that are silent at the end of a year, whether the year
    was begun.
    """
    whole = {
        indicators[leaf.indicator].pk
        for leaf in definition.leaves
        if leaf.indicator in indicators and _is_whole_line(leaf, indicators[leaf.indicator])
    }
    all_of = [pk for (indicator, _zone), pk in series.items() if indicator in whole]
    end_of = [pk for (indicator, _zone), pk in series.items() if indicator not in whole]
    ends = [date(year, 12, 31) for year in years]
    span = (date(min(years), 1, 1), max(ends))
    known = ValueEvent.objects.filter(recorded_at__lte=as_of)
    rows = (
        known.filter(
            Q(series__in=end_of, period_end__in=ends) | Q(series__in=all_of, period_end__range=span)
        )
        .order_by("series_id", "period_end", "-id")
        .distinct("series_id", "period_end")
        .values_list("series_id", "period_end", "value", "id", "period")
    )
    lines: defaultdict[int, _Line] = defaultdict(dict)
    for number, end, value, event, period in rows.iterator(chunk_size=20_000):
        lines[number][end] = _Said(value, event, period)
    silent = [pk for pk in end_of if any(end not in lines.get(pk, {}) for end in ends)]
    begun: set[tuple[int, int]] = set()
    if silent:
        found = (
            known.filter(series__in=silent, period_end__range=span, value__isnull=False)
            .order_by()
            .values_list("series_id", "period_end__year")
            .distinct()
        )
        begun = set(found)
    return dict(lines), begun


def _figure(leaf: Node, indicator: Indicator, line: _Line, year: int) -> _Said | str:
    """The figure of the year under the leaf's rule, or why there is none."""
    said = sorted((end, one) for end, one in line.items() if end.year == year)
    there = [one for _end, one in said if one.value is not None]
    if leaf.period_rule == PeriodRule.LAST:
        return there[-1] if there else (WITHDRAWN if said else NO_FIGURE)
    takes_mean = leaf.period_rule == PeriodRule.MEAN
    if takes_mean or _is_whole_line(leaf, indicator):
        if not there:
            return WITHDRAWN if said else NO_FIGURE
        if not _is_complete([one.period for one in there], Frequency(indicator.frequency)):
            return INCOMPLETE
        values = [one.value for one in there if one.value is not None]
        total = sum(values, Decimal(0))
        mean = takes_mean or indicator.time_aggregation == Aggregation.MEAN
        return _Said(total / len(values) if mean else total, there[-1].event, there[-1].period)
    last = line.get(date(year, 12, 31))
    if last is None:
        return INCOMPLETE if there else NO_FIGURE
    return last if last.value is not None else WITHDRAWN


def _is_complete(periods: Collection[str], frequency: Frequency) -> bool:
    """Every period of the year is there; January may stand inside February (joint reporting)."""
    missing = _PER_YEAR[frequency] - len(periods)
    if missing == 1 and frequency == Frequency.MONTH:
        return not any(period.endswith("-01") for period in periods)
    return missing == 0


def inputs_digest(
    definition: Mapping[str, object],
    units: Iterable[Mapping[str, str]],
    inputs: Iterable[Input],
    lines: Iterable[tuple[str, str, str, Decimal]],
    *,
    seed: int,
    replications: int,
) -> str:
    """SM3 over everything a run computes from, in hexadecimal.

    One text, lines by newline: the canonical definition; the canonical list of zones; each input
    (`Input.line`) sorted by zone, node, year; each ledger line (zone, kind, rule, points with four
    decimals, by tabs) sorted; seed; replications.
    """
    digest = Hash(SM3())

    def say(text: str) -> None:
        digest.update(text.encode() + b"\n")

    say(canonical(definition))
    say(canonical(list(units)))
    ordered = sorted(inputs, key=lambda one: (one.zone, one.node, one.year))
    digest.update("".join(f"{one.line()}\n" for one in ordered).encode())
    for zone, kind, rule, points in sorted(lines):
        say("\t".join((zone, kind, rule, f"{points:.4f}")))
    say(str(seed))
    say(str(replications))
    return digest.finalize().hex()
