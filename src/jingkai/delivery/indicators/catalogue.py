"""The declared indicators with their definitions, read once per call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from jingkai.engine import semantics
from jingkai.engine.errors import UnitError
from jingkai.engine.periods import Frequency as Step
from jingkai.engine.units import UnitKind, unit
from jingkai.masterdata.organisations.public import Zone

from .models import Indicator, IndicatorVersion

CITY, EDZ = "CITY", "EDZ"

_MODES = {
    "ytd": semantics.ValueMode.YTD,
    "period": semantics.ValueMode.MONTH,
    "stock": semantics.ValueMode.POINT,
}


def frequency_of(indicator: Indicator) -> Step:
    return Step(indicator.frequency)


def mode_of(indicator: Indicator) -> semantics.ValueMode:
    return _MODES[indicator.value_mode]


def direction_of(indicator: Indicator) -> semantics.Direction:
    return semantics.Direction(indicator.direction)


def is_percentage(indicator: Indicator) -> bool:
    """Whether its distances are percentage points, not percent of a percentage."""
    try:
        return unit(indicator.unit).kind in (UnitKind.RATIO, UnitKind.POINTS)
    except UnitError:
        return False


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Indicators and their definitions, oldest definition first."""

    by_code: Mapping[str, Indicator]
    by_id: Mapping[int, Indicator]
    versions: Mapping[int, Sequence[IndicatorVersion]]

    @classmethod
    def read(cls) -> Catalogue:
        """All of it: 2 queries."""
        indicators = list(Indicator.objects.select_related("responsible", "compiler"))
        versions: defaultdict[int, list[IndicatorVersion]] = defaultdict(list)
        for version in IndicatorVersion.objects.order_by("indicator", "effective_from", "number"):
            versions[version.indicator_id].append(version)
        return cls({i.code: i for i in indicators}, {i.pk: i for i in indicators}, versions)

    def definition_on(self, indicator_id: int, day: date) -> IndicatorVersion | None:
        """The definition in force on `day`; before the first one, the first."""
        versions = self.versions.get(indicator_id, ())
        in_force = [version for version in versions if version.effective_from <= day]
        return in_force[-1] if in_force else next(iter(versions), None)

    def ratios_of(self, parts: Iterable[int]) -> list[Indicator]:
        """Indicators that some definition computes from one of `parts`."""
        wanted = set(parts)
        return [
            self.by_id[indicator_id]
            for indicator_id, versions in self.versions.items()
            if any(v.numerator_id in wanted or v.denominator_id in wanted for v in versions)
        ]

    def parts_of(self, ratios: Iterable[Indicator]) -> set[int]:
        """Ids of all indicators the given ones are computed from."""
        versions = [v for ratio in ratios for v in self.versions.get(ratio.pk, ())]
        found = {v.numerator_id for v in versions} | {v.denominator_id for v in versions}
        found |= {term.pk for version in versions for term in self.terms_of(version)}
        return {part for part in found if part is not None}

    def terms_of(self, version: IndicatorVersion) -> list[Indicator]:
        """The indicators a definition adds up; none for one that is not a sum."""
        return [self.by_code[code] for code in version.terms if code in self.by_code]

    def sums_of(self, parts: Iterable[int]) -> list[Indicator]:
        """Indicators that some definition adds up from one of `parts`."""
        codes = {self.by_id[part].code for part in parts}
        return [
            self.by_id[indicator_id]
            for indicator_id, versions in self.versions.items()
            if any(not codes.isdisjoint(version.terms) for version in versions)
        ]

    def affected_by(self, touched: Iterable[int]) -> set[int]:
        """Ids of the touched indicators and of all that are computed from them."""
        found = set(touched)
        found |= {indicator.pk for indicator in self.sums_of(found)}
        return found | {indicator.pk for indicator in self.ratios_of(found)}

    def is_ratio(self, indicator_id: int) -> bool:
        return any(v.numerator_id for v in self.versions.get(indicator_id, ()))


def zones_counted() -> list[Zone]:
    """Zones that add up to the total of all zones, in their order. 1 query.

    A part of another zone is inside that zone's figures already.
    """
    return list(Zone.objects.filter(evaluated=True, parent__isnull=True))


def counts_on(zone: Zone, day: date) -> bool:
    """Whether the zone exists on `day`."""
    return (zone.valid_from is None or zone.valid_from <= day) and (
        zone.valid_to is None or zone.valid_to >= day
    )
