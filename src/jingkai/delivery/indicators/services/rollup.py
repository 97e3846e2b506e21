"""Values that follow from other values: all zones from its zones, ratios from their parts.

Pure: reads a `Book` of what is known, returns what should stand. Nothing observed is never zero:
a zone that has not reported is carried (and named) or left out (and counted).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from jingkai.engine.aggregate import MissingPolicy, over_places, ratio_over
from jingkai.engine.periods import Period
from jingkai.engine.rounding import round_to
from jingkai.engine.semantics import PlaceAggregation, ValueMode
from jingkai.masterdata.organisations.public import Zone

from ..catalogue import CITY, EDZ, Catalogue, counts_on, frequency_of, mode_of
from ..models import Indicator, IndicatorVersion, Origin, Release
from .entries import PLACES, Known, SeriesKey

_ORDER = [Release.FLASH.value, Release.REVISED.value, Release.FINAL.value]


@dataclass(slots=True)
class Book:
    """What is known: by series and period end, and each stock's last value before the window."""

    values: dict[SeriesKey, dict[date, Known]] = field(default_factory=dict)
    earlier: dict[SeriesKey, Known] = field(default_factory=dict)

    def at(self, key: SeriesKey, end: date) -> Known | None:
        return self.values.get(key, {}).get(end)

    def put(self, key: SeriesKey, end: date, known: Known | None) -> None:
        if known is None:
            self.values.get(key, {}).pop(end, None)
        else:
            self.values.setdefault(key, {})[end] = known

    def upto(self, key: SeriesKey, end: date, mode: ValueMode) -> Known | None:
        """The value at `end`, or the earlier one that stands for it.

        A running total stands until the year ends, a stock until the next one; a single period's
        flow never stands for another.
        """
        line = self.values.get(key, {})
        if (exact := line.get(end)) is not None or mode is ValueMode.MONTH:
            return exact
        ends = sorted(line)
        place = bisect_right(ends, end)
        found = line[ends[place - 1]] if place else None
        if mode is ValueMode.YTD:
            return found if found is not None and found.end.year == end.year else None
        return found or self.earlier.get(key)


@dataclass(frozen=True, slots=True)
class Derived:
    """What should stand in one computed cell; value None: nothing can be said."""

    indicator: Indicator
    definition: IndicatorVersion
    scope: str
    period: Period
    value: Decimal | None
    release: str = Release.FLASH
    formula: str = ""
    events: tuple[int, ...] = ()
    observed: int | None = None
    expected: int | None = None
    carried: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def key(self) -> SeriesKey:
        return self.indicator.pk, self.scope

    @property
    def inputs(self) -> dict[str, object]:
        return {
            "formula": self.formula,
            "events": list(self.events),
            "observed": self.observed,
            "expected": self.expected,
            "carried": list(self.carried),
            "missing": list(self.missing),
        }

    def says_new(self, known: Known | None) -> bool:
        """Whether it differs from what stands now."""
        if known is None:
            return self.value is not None
        return (
            known.value != self.value
            or known.release != self.release
            or dict(known.inputs or {}) != self.inputs
        )


class Rollup:
    """Derives cells from a book. The caller puts them into the book before deriving further."""

    def __init__(self, catalogue: Catalogue, zones: Sequence[Zone], book: Book) -> None:
        self.catalogue, self.zones, self.book = catalogue, zones, book

    def sums(self, touched: Mapping[int, date]) -> list[Derived]:
        """Cells that add up other indicators of the same scope, from a period end on."""
        found: list[Derived] = []
        for total in self.catalogue.sums_of(touched):
            parts = self.catalogue.parts_of([total])
            first = min(touched[part] for part in parts if part in touched)
            scopes = [zone.code for zone in self.zones]
            for scope in (*scopes, CITY):
                for end in self._ratio_ends(total, parts, scope, first):
                    found += self._sum(total, scope, end)
        return found

    def _sum(self, total: Indicator, scope: str, end: date) -> list[Derived]:
        definition = self.catalogue.definition_on(total.pk, end)
        standing = self.book.at((total.pk, scope), end)
        computed = standing is not None and standing.origin == Origin.COMPUTED
        if definition is None or not definition.terms or (standing and not computed):
            return []
        terms = self.catalogue.terms_of(definition)
        parts = [self.book.upto((t.pk, scope), end, mode_of(t)) for t in terms]
        known = [part for part in parts if part is not None]
        whole = len(known) == len(definition.terms)
        if not whole and not computed:
            return []
        exact = sum(part.end == end for part in known)
        value = sum((part.value for part in known), Decimal(0)) if whole and exact else None
        return [
            Derived(
                total,
                definition,
                scope,
                _period(total, end),
                None if value is None else round_to(value, PLACES),
                _weakest(known, whole=exact == len(definition.terms)),
                "sum_of_indicators",
                tuple(part.event_id for part in known) if value is not None else (),
            )
        ]

    def totals(self, touched: Mapping[int, date]) -> list[Derived]:
        """All-zones cells of indicators whose zone values changed from a period end on."""
        found: list[Derived] = []
        for indicator_id, first in touched.items():
            indicator = self.catalogue.by_id[indicator_id]
            rule = indicator.place_aggregation
            if rule in ("sum", "mean") and not self.catalogue.is_ratio(indicator_id):
                sources = [(indicator_id, zone.code) for zone in self.zones]
                for end in self._ends(sources, indicator, first):
                    found += self._total(indicator, PlaceAggregation(rule), end)
        return found

    def _ends(self, sources: Iterable[SeriesKey], indicator: Indicator, first: date) -> list[date]:
        ends = {end for key in sources for end in self.book.values.get(key, {}) if end >= first}
        own = self.book.values.get((indicator.pk, EDZ), {})
        ends |= {e for e, known in own.items() if e >= first and known.origin == Origin.COMPUTED}
        return sorted(ends)

    def _total(self, indicator: Indicator, rule: PlaceAggregation, end: date) -> list[Derived]:
        mode, definition = mode_of(indicator), self.catalogue.definition_on(indicator.pk, end)
        if definition is None:
            return []
        expected = [zone.code for zone in self.zones if counts_on(zone, end)]
        exact = {code: self.book.at((indicator.pk, code), end) for code in expected}
        used = {code: self.book.upto((indicator.pk, code), end, mode) for code in expected}
        observed = sum(known is not None for known in exact.values())
        standing = self.book.at((indicator.pk, EDZ), end)
        stated = standing is not None and standing.origin != Origin.COMPUTED
        if stated and observed < len(expected):
            return []  # a total somebody stated holds until every zone has said its part
        result = over_places(
            {code: known.value if known else None for code, known in used.items()},
            rule,
            missing=MissingPolicy.OBSERVED_ONLY,
        )
        value = result.value if observed else None
        parts = [known for known in used.values() if known is not None]
        return [
            Derived(
                indicator,
                definition,
                EDZ,
                _period(indicator, end),
                None if value is None else round_to(value, PLACES),
                _weakest(parts, whole=observed == len(expected)),
                rule.value,
                tuple(known.event_id for known in parts) if value is not None else (),
                observed,
                len(expected),
                tuple(code for code in expected if exact[code] is None and used[code] is not None),
                result.missing,
            )
        ]

    def ratios(self, touched: Mapping[int, date]) -> list[Derived]:
        """Ratio cells whose numerator or denominator changed from a period end on."""
        found: list[Derived] = []
        for ratio in self.catalogue.ratios_of(touched):
            parts = self.catalogue.parts_of([ratio])
            first = min(touched[part] for part in parts if part in touched)
            for scope in (*(zone.code for zone in self.zones), CITY, EDZ):
                for end in self._ratio_ends(ratio, parts, scope, first):
                    found += self._ratio(ratio, scope, end)
        return found

    def _ratio_ends(
        self, ratio: Indicator, parts: Iterable[int], scope: str, first: date
    ) -> list[date]:
        step = frequency_of(ratio).length
        ends = {
            end
            for part in parts
            for end in self.book.values.get((part, scope), {})
            if end >= first and end.month % step == 0
        }
        own = self.book.values.get((ratio.pk, scope), {})
        ends |= {e for e, known in own.items() if e >= first and known.origin == Origin.COMPUTED}
        return sorted(ends)

    def _ratio(self, ratio: Indicator, scope: str, end: date) -> list[Derived]:
        definition = self.catalogue.definition_on(ratio.pk, end)
        if definition is None or definition.numerator_id is None:
            return []
        if scope == EDZ:
            if ratio.place_aggregation == "never":
                return []
            derived = self._ratio_of_zones(ratio, definition, end)
        else:
            derived = self._ratio_of_parts(ratio, definition, scope, end)
        standing = self.book.at((ratio.pk, scope), end)
        if derived.value is None and (standing is None or standing.origin != Origin.COMPUTED):
            return []
        return [derived]

    def _ratio_of_parts(
        self, ratio: Indicator, definition: IndicatorVersion, scope: str, end: date
    ) -> Derived:
        top = self.book.at((definition.numerator_id or 0, scope), end)
        bottom = self._denominator(definition, scope, end)
        value = (
            top.value / bottom.value * definition.multiplier
            if top is not None and bottom is not None and bottom.value
            else None
        )
        parts = [known for known in (top, bottom) if known is not None]
        computed = top if top is not None and top.expected is not None else None
        return Derived(
            ratio,
            definition,
            scope,
            _period(ratio, end),
            None if value is None else round_to(value, PLACES),
            _weakest(parts, whole=len(parts) == 2),
            "ratio",
            tuple(known.event_id for known in parts) if value is not None else (),
            computed.observed if computed else None,
            computed.expected if computed else None,
        )

    def _denominator(self, definition: IndicatorVersion, scope: str, end: date) -> Known | None:
        part = definition.denominator_id or 0
        where = CITY if definition.denominator_scope == "city" else scope
        stock = mode_of(self.catalogue.by_id[part]) is ValueMode.POINT
        if stock:
            return self.book.upto((part, where), end, ValueMode.POINT)
        return self.book.at((part, where), end)

    def _ratio_of_zones(self, ratio: Indicator, definition: IndicatorVersion, end: date) -> Derived:
        """Sum of numerators over sum of denominators, both of the same zones."""
        numerator, denominator = definition.numerator_id or 0, definition.denominator_id or 0
        top = self.book.at((numerator, EDZ), end)
        summed = top is not None and top.origin == Origin.COMPUTED
        if definition.denominator_scope == "city" or not summed:
            return self._ratio_of_parts(ratio, definition, EDZ, end)
        above, below = (mode_of(self.catalogue.by_id[part]) for part in (numerator, denominator))
        expected = [zone.code for zone in self.zones if counts_on(zone, end)]
        used = {
            code: (
                self.book.upto((numerator, code), end, above),
                self.book.upto((denominator, code), end, below),
            )
            for code in expected
        }
        result = ratio_over(
            {
                code: (top.value if top else None, bottom.value if bottom else None)
                for code, (top, bottom) in used.items()
            },
            missing=MissingPolicy.OBSERVED_ONLY,
            scale=definition.multiplier,
        )
        both = [code for code in expected if None not in used[code]]
        observed = [code for code in both if self.book.at((numerator, code), end) is not None]
        parts = [known for code in both for known in used[code] if known is not None]
        value = result.value if observed else None
        return Derived(
            ratio,
            definition,
            EDZ,
            _period(ratio, end),
            None if value is None else round_to(value, PLACES),
            _weakest(parts, whole=len(observed) == len(expected)),
            "weighted_ratio",
            tuple(known.event_id for known in parts) if value is not None else (),
            len(observed),
            len(expected),
            tuple(code for code in both if code not in observed),
            result.missing,
        )


def _weakest(parts: Sequence[Known], *, whole: bool) -> str:
    """A computed figure is as firm as its weakest part, and flash while parts are outstanding."""
    if not whole or not parts:
        return Release.FLASH.value
    return min((known.release for known in parts), key=_ORDER.index)


def _period(indicator: Indicator, end: date) -> Period:
    return Period(12 * end.year + end.month - 1, frequency_of(indicator).length)
