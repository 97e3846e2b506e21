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
from ..growth import implied_growth
from ..periods import Period
from .model import Finding, Location, Severity
from .reading import Read
from .targets import Kind, Target

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
_MONEY: Final = {
    "万亿": Decimal(10_000),
    "千亿": Decimal(1000),
    "百亿": Decimal(100),
    "亿": Decimal(1),
    "万": Decimal("0.0001"),
}
_FIRST: Final = 12
_MOST: Final = 40
"""Statements of one quantity that are compared pairwise; no document has so many, noise may."""


def key_of_quantity(target: Target) -> str:
    """What quantity a target speaks of, whatever its wording.

    >>> from .targets import Kind, Target
    >>> key_of_quantity(Target("固定资产投资额", Kind.LEVEL, 0, 0, ""))
    '固定资产投资'
    """
    name = re.sub(r"\([^()]*\)|[“”的]", "", target.indicator)
    name = (
        re.sub(r"^(?:全市|全省|全区|全县|全国|经开区|开发区|规模)", "", name)
        if len(name) > 5
        else name
    )
    name = name.replace("规模以上", "规上").replace("使用外资", "利用外资")
    name = re.sub(r"(?:年均)?(?:增速|增长率|增幅)$", "", name)
    return (
        re.sub(r"(?:总额|总量|总数|总值(?<!生产总值)|数量|个数|户数|规模|额|数)$", "", name) or name
    )


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
    yield from _implied(read, groups)
    yield from _units(read)
    yield from _annexes(read, groups)
    yield from _promises(read)
    yield from _past(read, reference_year)


def _at(read: Read, target: Target) -> Location:
    span = read.text.span(target.start, target.end)
    return Location(*span, read.text.plain[target.start : target.end][:60], target.place)


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
            tuple(_at(read, t) for t in unsaid[:_FIRST]),
        )


def _scaled(target: Target) -> Decimal | None:
    if target.value is None:
        return None
    for scale, factor in _MONEY.items():
        if target.unit.startswith(scale) and target.unit[len(scale) :] in ("元", "美元", ""):
            return target.value * factor
    if target.unit.startswith("万") and len(target.unit) <= 3 and "元" not in target.unit:
        return target.value * 10_000
    return target.value


def _contradictions(read: Read, groups: Mapping[str, list[Target]]) -> Iterator[Finding]:
    statements: list[Statement] = []
    by_key: dict[str, Target] = {}
    seen: set[tuple[object, ...]] = set()
    for quantity, group in groups.items():
        for place, target in enumerate(group[:_MOST]):
            form = _FORMS.get(target.kind)
            if form is None or target.year is None or target.annual or target.high is not None:
                continue
            about = "" if form is not StatementForm.SHARE else target.benchmark or "全部"
            unit = re.sub(r"^(?:万亿|千亿|百亿|亿|千万|百万|万)", "", target.unit)
            if form is StatementForm.LEVEL and not target.unit:
                unit = _unit_of(group)
            name = quantity if form is not StatementForm.LEVEL or not unit else quantity
            base = (
                target.base_year
                if form in (StatementForm.GROWTH, StatementForm.REDUCTION)
                else None
            )
            value = _scaled(target)
            sort = (name, form, target.year, base, about, value, unit)
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
                    quantity=name,
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


def _unit_of(group: Sequence[Target]) -> str:
    for target in group:
        if target.unit and not target.unit.endswith(("%", "点")):
            return re.sub(r"^(?:万亿|千亿|百亿|亿|千万|百万|万)", "", target.unit)
    return ""


def _comparable(unit: str, group: Sequence[Target]) -> bool:
    """Levels in one unit only: an amount of money and a number of projects are two quantities."""
    return unit == _unit_of(group) or not _unit_of(group)


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
    params["values"] = " / ".join(_said(t) for t in involved)
    params["base"] = base or ""
    if found.difference_percent is not None and found.difference_percent.is_finite():
        params["difference"] = str(round(found.difference_percent, 1))
    if len(found.steps) >= 2:
        params["first"], params["second"] = (_short(step.result) for step in found.steps[:2])
    return Finding(
        str(found.kind),
        _SEVERITY[found.kind],
        params,
        tuple(_at(read, t) for t in involved),
        tuple(_step(step) for step in (*found.steps, *found.readings)),
    )


def _step(step: Step) -> tuple[str, Mapping[str, Decimal], Decimal]:
    return step.operation, {name: Decimal(value) for name, value in step.numbers}, step.result


def _short(value: Decimal) -> str:
    digits = format(round(value, 1 if abs(value) >= 100 else 2), "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def _said(target: Target) -> str:
    if target.value is None:
        return {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}.get(
            target.comparator, ""
        ) + target.benchmark
    high = f"–{target.high}" if target.high is not None else ""
    return f"{target.value}{high}{target.unit}"


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
                        "value": _said(same[0]),
                        "years": "、".join(map(str, years)),
                    },
                    tuple(_at(read, t) for t in same),
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
                        "value": _said(same[0]),
                        "modalities": "、".join(sorted(said)),
                    },
                    tuple(_at(read, t) for t in same),
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
                    "rates": " / ".join(dict.fromkeys(_said(t) for t in loose)),
                },
                tuple(_at(read, t) for t in loose),
            )


def _implied(read: Read, groups: Mapping[str, Sequence[Target]]) -> Iterator[Finding]:
    """Wholes and denominators the figures imply, and the pace between two horizons."""
    for group in groups.values():
        levels = [
            t
            for t in group
            if t.kind in (Kind.LEVEL, Kind.FLOOR) and t.value and t.year and t.unit != "%"
        ]
        for share in (t for t in group if t.kind is Kind.SHARE and t.value and t.year):
            wholes = []
            for level in levels:
                if level.year == share.year and level.value and share.value:
                    numbers = {"level": level.value, "share": share.value}
                    result = level.value * 100 / share.value
                    if ("total_from_share", numbers, result) not in wholes:
                        wholes.append(("total_from_share", numbers, result))
            if wholes and not share.place.startswith("annex2"):
                yield Finding(
                    "implied_whole",
                    Severity.INFO,
                    {
                        "indicator": share.indicator,
                        "year": share.year or "",
                        "of": share.benchmark,
                        "results": " / ".join(dict.fromkeys(_short(w[2]) for w in wholes)),
                    },
                    (_at(read, share),),
                    tuple(wholes),
                )
        horizons = {t.year: t for t in levels if t.year is not None}
        for early, late in zip(sorted(horizons), sorted(horizons)[1:], strict=False):
            one, two = horizons[early].value, horizons[late].value
            if one and two and one != two and horizons[early].unit == horizons[late].unit:
                pace = implied_growth(one, two, late - early)
                yield Finding(
                    "implied_pace",
                    Severity.INFO,
                    {
                        "indicator": horizons[late].indicator,
                        "from": early,
                        "to": late,
                        "rate": str(round(pace, 2)),
                    },
                    (_at(read, horizons[early]), _at(read, horizons[late])),
                    (
                        (
                            "rate_between",
                            {"from": one, "to": two, "years": Decimal(late - early)},
                            pace,
                        ),
                    ),
                )
    yield from _denominators(read, groups)


def _denominators(read: Read, groups: Mapping[str, Sequence[Target]]) -> Iterator[Finding]:
    seen = 0
    for group in groups.values():
        ratios = [t for t in group if t.kind is Kind.INTENSITY_RATIO and t.value and t.year]
        left = _MOST - seen
        seen += len(ratios)
        for ratio in ratios[: max(0, left)]:
            for name, others in groups.items():
                if name not in ratio.indicator or name == ratio.indicator or len(name) < 3:
                    continue
                for level in others:
                    if level.kind is not Kind.LEVEL or level.year != ratio.year or not level.value:
                        continue
                    assert ratio.value is not None
                    result = level.value / ratio.value
                    yield Finding(
                        "implied_denominator",
                        Severity.MEDIUM,
                        {
                            "indicator": ratio.indicator,
                            "numerator": _said(level),
                            "ratio": _said(ratio),
                            "result": _short(result),
                            "unit": ratio.unit.partition("/")[2],
                        },
                        (_at(read, ratio), _at(read, level)),
                        (
                            (
                                "denominator_from_ratio",
                                {"numerator": level.value, "ratio": ratio.value},
                                result,
                            ),
                        ),
                    )
                    break


def _units(read: Read) -> Iterator[Finding]:
    for table in read.tables:
        loose = [t for t in table.unitless if t.kind is not Kind.AVERAGE_GROWTH]
        if loose and table.rows > 1:
            yield Finding(
                "unit_missing",
                Severity.LOW,
                {"indicators": "、".join(dict.fromkeys(t.indicator for t in loose))},
                tuple(_at(read, t) for t in loose[:_FIRST]),
            )


def _annexes(read: Read, groups: Mapping[str, Sequence[Target]]) -> Iterator[Finding]:
    """Quantities of the goals that the table of targets leaves out, and the reverse."""
    if not any(t.rows for t in read.tables):
        return
    in_table = {
        k
        for k, g in groups.items()
        for t in g
        if any(t in table.targets and table.rows for table in read.tables)
    }
    in_text = {
        k
        for k, g in groups.items()
        if any(t.place.startswith(("text", "part", "preamble")) for t in g)
    }
    for kind, missing in (
        ("missing_in_annex", [k for k in groups if k in in_text and k not in in_table]),
        ("missing_in_text", [k for k in groups if k in in_table and k not in in_text]),
    ):
        if missing:
            yield Finding(
                kind,
                Severity.LOW,
                {
                    "count": len(missing),
                    "indicators": "、".join(groups[k][0].indicator for k in missing),
                },
                tuple(_at(read, groups[k][0]) for k in missing[:_FIRST]),
            )


def _promises(read: Read) -> Iterator[Finding]:
    """Goals nobody could measure."""
    spots = [
        Location(*read.text.span(a, b), read.text.plain[a:b][:60], place)
        for place, a, b, measured in read.goals
        if not measured
    ]
    goals = {(t.annex, t.goal): t for t in reversed(read.reading.tasks) if t.goal}
    for task in sorted(goals.values(), key=lambda t: t.start):
        if not re.search(r"[0-9]|高于|低于|不少于|翻番|分之|一半", task.goal):
            spots.append(Location(task.start, task.end, task.goal[:60], task.place))
    if spots:
        yield Finding(
            "promise_without_indicator",
            Severity.MEDIUM,
            {"count": len(spots), "goals": "、".join(s.text[:24] for s in spots[:6])},
            tuple(spots[:_FIRST]),
        )


def _past(read: Read, reference_year: int | None) -> Iterator[Finding]:
    if reference_year is None:
        return
    over = [t for t in read.reading.targets if t.year is not None and t.year < reference_year]
    if over:
        yield Finding(
            "year_past",
            Severity.LOW,
            {
                "count": len(over),
                "years": "、".join(sorted({str(t.year) for t in over})),
                "now": reference_year,
            },
            tuple(_at(read, t) for t in over[:_FIRST]),
        )
