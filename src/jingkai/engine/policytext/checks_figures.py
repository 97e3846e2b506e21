"""Findings about figures: what is said twice, what cannot all hold, what is not said."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from ..consistency import (
    Inconsistency,
    InconsistencyKind,
    Statement,
    StatementForm,
    Step,
    check_consistency,
)
from ..periods import Period
from .checks_promises import check_annexes, check_implied, check_past, check_promises, check_units
from .figures import FIRST, MOST, brief, key_of_quantity, say, scaled, spot, unit_of
from .model import Finding, Severity
from .reading import Read
from .target import Kind, Target

TOLERANCE: Final = Decimal("1.2")
"""Percent. Rates are printed with one or two digits, levels to three or four; numbers computed
from them agree within about this much (0.05 point over five years is 0.25 %, both ends rounded
and 左右 make the rest)."""
_FORMS: Final = {
    Kind.LEVEL: StatementForm.LEVEL,
    Kind.FLOOR: StatementForm.LEVEL,
    Kind.CAP: StatementForm.LEVEL,
    Kind.AVERAGE_GROWTH: StatementForm.GROWTH,
    Kind.SHARE: StatementForm.SHARE,
    Kind.REDUCTION: StatementForm.REDUCTION,
    Kind.RELATIVE: StatementForm.RELATIVE,
    Kind.INTENSITY_RATIO: StatementForm.LEVEL,
}


def check_figures(read: Read, reference_year: int | None) -> Iterator[Finding]:
    """Every finding that needs numbers."""
    targets = read.reading.targets
    groups: dict[str, list[Target]] = defaultdict(list)
    for target in targets:
        if target.kind is not Kind.QUALITATIVE:
            groups[key_of_quantity(target)].append(target)
    yield from _assume_years(read, groups)
    yield from _contradictions(read, groups)
    yield from _horizons(read, groups)
    yield from _modalities(read, groups)
    yield from _bases_unstated(read, groups)
    yield from check_implied(read, groups)
    yield from check_units(read)
    yield from check_annexes(read, groups)
    yield from check_promises(read)
    yield from check_past(read, reference_year)


def _assume_years(read: Read, groups: Mapping[str, Sequence[Target]]) -> Iterator[Finding]:
    """A goal without a year takes the only year its quantity has elsewhere; and that is said."""
    unsaid = []
    for group in groups.values():
        dated = [t for t in group if t.year is not None and t.place.startswith("text")]
        years = {t.year for t in dated} or {t.year for t in group if t.year is not None}
        for target in group:
            if target.year is None and target.kind is not Kind.CAP:
                target.year_stated = False
                if len(years) == 1:
                    target.year = next(iter(years))
                unsaid.append(target)
    if unsaid:
        yield Finding(
            "year_unstated",
            Severity.LOW,
            {
                "count": len(unsaid),
                "indicators": "、".join(dict.fromkeys(t.indicator for t in unsaid)),
            },
            tuple(spot(read, t) for t in unsaid[:FIRST]),
        )


def _contradictions(read: Read, groups: Mapping[str, list[Target]]) -> Iterator[Finding]:
    statements: list[Statement] = []
    by_key: dict[str, Target] = {}
    seen: set[tuple[object, ...]] = set()
    for quantity, group in groups.items():
        for place, target in enumerate(group[:MOST]):
            form = _FORMS.get(target.kind)
            if form is None or target.year is None or target.annual or target.high is not None:
                continue
            about = "" if form is not StatementForm.SHARE else target.benchmark or "全部"
            unit = re.sub(r"^(?:万亿|千亿|百亿|亿|千万|百万|万)", "", target.unit)
            if form is StatementForm.LEVEL and not target.unit:
                unit = unit_of(group)
            base = (
                target.base_year
                if form in (StatementForm.GROWTH, StatementForm.REDUCTION)
                else None
            )
            value = scaled(target)
            sort = (quantity, form, target.year, base, about, value, unit)
            if sort in seen and target.kind is not Kind.RELATIVE:
                continue
            seen.add(sort)
            if form is StatementForm.LEVEL and not _comparable(unit, group):
                continue
            key = f"{quantity}#{place}"
            by_key[key] = target
            statements.append(
                Statement(
                    key=key,
                    quantity=quantity,
                    form=form,
                    period=Period.of(target.year),
                    value=None if form is StatementForm.RELATIVE else value,
                    base_period=Period.of(base) if base else None,
                    other=about or None,
                )
            )
    base_year = _default_base(read)
    default = Period.of(base_year) if base_year else None
    for found in check_consistency(statements, tolerance_percent=TOLERANCE, default_base=default):
        involved = [by_key[k] for k in found.statements]
        if _only_about(found, involved):
            continue
        yield _finding(read, found, involved, base_year)


def _comparable(unit: str, group: Sequence[Target]) -> bool:
    """Levels in one unit only: an amount of money and a number of projects are two quantities."""
    return unit == unit_of(group) or not unit_of(group)


def _only_about(found: Inconsistency, involved: Sequence[Target]) -> bool:
    """5 %左右 beside 5.2 %: stated as approximate, so no contradiction by itself."""
    if found.kind is not InconsistencyKind.TWO_VALUES:
        return False
    values = [t.value for t in involved if t.value is not None]
    rough = any(str(t.comparator) == "about" for t in involved)
    return rough and len(values) == 2 and abs(values[0] - values[1]) * 10 <= min(map(abs, values))


def _default_base(read: Read) -> int | None:
    """The year before the plan period the document speaks of (“十五五”: 2025); else unknown."""
    firsts = {t.first_year for t in read.reading.targets if t.first_year}
    if len(firsts) == 1:
        return next(iter(firsts)) - 1
    found = re.findall(r"十([三四五六])五", read.text.plain)
    if found:
        most = max(set(found), key=found.count)
        return {"三": 2015, "四": 2020, "五": 2025, "六": 2030}[most]
    return None


_SEVERITY: Final = {
    InconsistencyKind.TWO_VALUES: Severity.HIGH,
    InconsistencyKind.TWO_MEASURES: Severity.HIGH,
    InconsistencyKind.BASES_DISAGREE: Severity.HIGH,
    InconsistencyKind.PARTS_DISAGREE: Severity.HIGH,
}


def _finding(
    read: Read, found: Inconsistency, involved: Sequence[Target], base: int | None
) -> Finding:
    params: dict[str, object] = {"indicator": involved[0].indicator, "year": involved[0].year or ""}
    params["values"] = " / ".join(say(t) for t in involved)
    params["base"] = base or ""
    if found.difference_percent is not None and found.difference_percent.is_finite():
        params["difference"] = str(round(found.difference_percent, 1))
    if len(found.steps) >= 2:
        params["first"], params["second"] = (brief(step.result) for step in found.steps[:2])
    return Finding(
        str(found.kind),
        _SEVERITY[found.kind],
        params,
        tuple(spot(read, t) for t in involved),
        tuple(_step(step) for step in (*found.steps, *found.readings)),
    )


def _step(step: Step) -> tuple[str, Mapping[str, Decimal], Decimal]:
    return step.operation, {name: Decimal(value) for name, value in step.numbers}, step.result


def _horizons(read: Read, groups: Mapping[str, Sequence[Target]]) -> Iterator[Finding]:
    """One number for one quantity, due in two years."""
    for group in groups.values():
        by: dict[tuple[Kind, Decimal], list[Target]] = defaultdict(list)
        for target in group:
            if (
                target.value is not None
                and target.year
                and target.kind in (Kind.LEVEL, Kind.FLOOR, Kind.SHARE)
            ):
                by[target.kind, target.value].append(target)
        for (_kind, _value), same in by.items():
            years = sorted({t.year for t in same if t.year})
            if len(years) > 1:
                yield Finding(
                    "one_value_two_years",
                    Severity.HIGH,
                    {
                        "indicator": same[0].indicator,
                        "value": say(same[0]),
                        "years": "、".join(map(str, years)),
                    },
                    tuple(spot(read, t) for t in same),
                )


def _modalities(read: Read, groups: Mapping[str, Sequence[Target]]) -> Iterator[Finding]:
    """力争 here, a plain promise there, of the same number."""
    for group in groups.values():
        by: dict[tuple[object, ...], list[Target]] = defaultdict(list)
        for target in group:
            kind = Kind.LEVEL if target.kind is Kind.FLOOR else target.kind
            by[kind, target.value, target.year].append(target)
        for same in by.values():
            said = {str(t.modality) for t in same}
            if len(said) > 1 and same[0].value is not None:
                yield Finding(
                    "modality_differs",
                    Severity.LOW,
                    {
                        "indicator": same[0].indicator,
                        "value": say(same[0]),
                        "modalities": "、".join(sorted(said)),
                    },
                    tuple(spot(read, t) for t in same),
                )


def _bases_unstated(read: Read, groups: Mapping[str, Sequence[Target]]) -> Iterator[Finding]:
    for group in groups.values():
        loose = [
            t
            for t in group
            if t.base_year is None
            and (
                t.kind is Kind.AVERAGE_GROWTH
                or (t.kind in (Kind.GROWTH, Kind.REDUCTION) and not t.annual)
            )
        ]
        if loose:
            yield Finding(
                "base_unstated",
                Severity.MEDIUM,
                {
                    "indicator": loose[0].indicator,
                    "rates": " / ".join(dict.fromkeys(say(t) for t in loose)),
                },
                tuple(spot(read, t) for t in loose),
            )
