"""Findings about what figures imply, and what is missing beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from ..growth import implied_growth
from .figures import FIRST, MOST, brief, say, spot
from .model import Finding, Location, Severity
from .reading import Read
from .target import Kind, Target


def check_implied(read: Read, groups: Mapping[str, Sequence[Target]]) -> Iterator[Finding]:
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
                        "results": " / ".join(dict.fromkeys(brief(w[2]) for w in wholes)),
                    },
                    (spot(read, share),),
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
                    (spot(read, horizons[early]), spot(read, horizons[late])),
                    (
                        (
                            "rate_between",
                            {"from": one, "to": two, "years": Decimal(late - early)},
                            pace,
                        ),
                    ),
                )
    yield from check_denominators(read, groups)


def check_denominators(read: Read, groups: Mapping[str, Sequence[Target]]) -> Iterator[Finding]:
    seen = 0
    for group in groups.values():
        ratios = [t for t in group if t.kind is Kind.INTENSITY_RATIO and t.value and t.year]
        left = MOST - seen
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
                            "numerator": say(level),
                            "ratio": say(ratio),
                            "result": brief(result),
                            "unit": ratio.unit.partition("/")[2],
                        },
                        (spot(read, ratio), spot(read, level)),
                        (
                            (
                                "denominator_from_ratio",
                                {"numerator": level.value, "ratio": ratio.value},
                                result,
                            ),
                        ),
                    )
                    break


def check_units(read: Read) -> Iterator[Finding]:
    for table in read.tables:
        loose = [t for t in table.unitless if t.kind is not Kind.AVERAGE_GROWTH]
        if loose and table.rows > 1:
            yield Finding(
                "unit_missing",
                Severity.LOW,
                {"indicators": "、".join(dict.fromkeys(t.indicator for t in loose))},
                tuple(spot(read, t) for t in loose[:FIRST]),
            )


def check_annexes(read: Read, groups: Mapping[str, Sequence[Target]]) -> Iterator[Finding]:
    """Quantities of the goals that the table of targets leaves out, and the reverse."""
    if not any(t.rows for t in read.tables):
        return
    tabled = {id(t) for table in read.tables if table.rows for t in table.targets}
    in_table = {k for k, group in groups.items() if any(id(t) in tabled for t in group)}
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
                tuple(spot(read, groups[k][0]) for k in missing[:FIRST]),
            )


def check_promises(read: Read) -> Iterator[Finding]:
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
            tuple(spots[:FIRST]),
        )


def check_past(read: Read, reference_year: int | None) -> Iterator[Finding]:
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
            tuple(spot(read, t) for t in over[:FIRST]),
        )
