"""Statements about one quantity that cannot all hold, with the arithmetic that shows it.

Four tests, each on what documents really contain:

- *two values*: one quantity, one period, two levels (or two rates, two shares);
- *two measures*: one quantity bound both to a fixed reduction and to a benchmark's;
- *bases disagree*: each level with its growth rate implies a base, and the bases differ;
- *parts disagree*: part, share and whole (or numerator, quotient, denominator) do not fit.

Published rates and levels are rounded, so implied numbers are compared within a tolerance that
the caller hands in (reference data). Nothing is resolved here: a person decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import combinations

from .growth import grown, implied_base
from .periods import Period


class StatementForm(StrEnum):
    """What a statement gives a number for."""

    LEVEL = "level"
    GROWTH = "growth"
    """% a year from `base_period` (None: not stated) to `period`."""
    SHARE = "share"
    """`quantity` in % of `other`."""
    RATIO = "ratio"
    """`quantity` divided by `other`."""
    REDUCTION = "reduction"
    """% against the base."""
    RELATIVE = "relative"
    """At least as good as `other`; a value is not needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One thing a document says. All levels of a quantity are in one unit."""

    key: str
    """Where it stands; unique among the statements checked together."""
    quantity: str
    form: StatementForm
    period: Period
    value: Decimal | None = None
    base_period: Period | None = None
    other: str | None = None
    """Code of the whole, the denominator or the benchmark."""


class InconsistencyKind(StrEnum):
    TWO_VALUES = "two_values"
    TWO_MEASURES = "two_measures"
    BASES_DISAGREE = "bases_disagree"
    PARTS_DISAGREE = "parts_disagree"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of arithmetic: `operation` on named numbers gives `result`.

    Operations: `stated` (a number as written), `implied_base` (level, rate, years),
    `implied_part` (share or ratio, other), `difference_percent` (first, second),
    `reading` (level, rate, years → level under another reading of the rate; stated).
    """

    operation: str
    statements: tuple[str, ...]
    numbers: tuple[tuple[str, Decimal], ...]
    result: Decimal


@dataclass(frozen=True, slots=True)
class Inconsistency:
    """Statements that cannot all hold, and the steps that lead there."""

    kind: InconsistencyKind
    quantity: str
    statements: tuple[str, ...]
    steps: tuple[Step, ...] = ()
    difference_percent: Decimal | None = None
    """Distance of the two numbers in % of the smaller size, where there are two numbers."""
    readings: tuple[Step, ...] = ()
    """Other readings of an unclear rate under which the statements would agree."""


def check_consistency(
    statements: Iterable[Statement],
    *,
    tolerance_percent: Decimal,
    default_base: Period | None = None,
) -> list[Inconsistency]:
    """Every contradiction among the statements, ordered by quantity as first met.

    Parameters
    ----------
    tolerance_percent
        Numbers computed from rounded ones agree within this share of the smaller of them.
        Numbers stated twice must be equal.
    default_base
        Base of growth rates that do not state one; None leaves such rates untested.

    >>> said = [
    ...     Statement(key="text", quantity="trade", form=StatementForm.LEVEL,
    ...               period=Period.of(2030), value=Decimal(1400)),
    ...     Statement(key="annex", quantity="trade", form=StatementForm.LEVEL,
    ...               period=Period.of(2030), value=Decimal(1474))]
    >>> (found,) = check_consistency(said, tolerance_percent=Decimal(1))
    >>> str(found.kind), found.statements
    ('two_values', ('text', 'annex'))
    """
    groups: defaultdict[str, list[Statement]] = defaultdict(list)
    everything = list(statements)
    for statement in everything:
        groups[statement.quantity].append(statement)
    found: list[Inconsistency] = []
    for group in groups.values():
        found += _two_values(group)
        found += _two_measures(group)
        found += _bases(group, tolerance_percent, default_base)
        found += _parts(group, everything, tolerance_percent)
    return found


def _two_values(group: Sequence[Statement]) -> Iterator[Inconsistency]:
    for a, b in combinations(group, 2):
        same = (a.form, a.period, a.base_period, a.other) == (
            *(b.form, b.period),
            *(b.base_period, b.other),
        )
        if same and a.value is not None and b.value is not None and a.value != b.value:
            steps = tuple(Step("stated", (s.key,), (), v) for s, v in ((a, a.value), (b, b.value)))
            yield _compared(InconsistencyKind.TWO_VALUES, (a, b), steps)


def _two_measures(group: Sequence[Statement]) -> Iterator[Inconsistency]:
    measures = {StatementForm.REDUCTION, StatementForm.RELATIVE}
    for a, b in combinations(group, 2):
        if a.period == b.period and {a.form, b.form} == measures:
            yield Inconsistency(InconsistencyKind.TWO_MEASURES, a.quantity, (a.key, b.key))


def _bases(
    group: Sequence[Statement], tolerance: Decimal, default_base: Period | None
) -> Iterator[Inconsistency]:
    """Compare the bases implied by each pair (level, rate), and a stated base."""
    implied: list[tuple[Period, tuple[Statement, ...], Step]] = []
    levels = [s for s in group if s.form is StatementForm.LEVEL and s.value is not None]
    for level in levels:
        assert level.value is not None
        implied.append((level.period, (level,), Step("stated", (level.key,), (), level.value)))
        for rate in group:
            base_period = rate.base_period or default_base
            if (
                rate.form is not StatementForm.GROWTH
                or rate.period != level.period
                or rate.value is None
                or base_period is None
                or base_period.last_month >= level.period.last_month
            ):
                continue
            years = base_period.years_until(level.period)
            step = Step(
                "implied_base",
                (level.key, rate.key),
                (("level", level.value), ("rate", rate.value), ("years", years)),
                implied_base(level.value, rate.value, years),
            )
            implied.append((base_period, (level, rate), step))
    for (base_a, from_a, a), (base_b, from_b, b) in combinations(implied, 2):
        if base_a.last_month != base_b.last_month or len(from_a) == len(from_b) == 1:
            continue  # two stated levels are the first test's
        if from_a[0].period == from_b[0].period and from_a[0] is not from_b[0]:
            continue  # two levels for one period: already said
        if _apart(a.result, b.result) > tolerance:
            readings = tuple(_readings(from_a, from_b, tolerance))
            yield _compared(InconsistencyKind.BASES_DISAGREE, (*from_a, *from_b), (a, b), readings)


def _readings(
    one: tuple[Statement, ...], two: tuple[Statement, ...], tolerance: Decimal
) -> Iterator[Step]:
    """Would the later rate fit if it were counted from the earlier level?"""
    if len(one) < 2 or len(two) < 2 or one[0].period == two[0].period:
        return
    (early, _), (late, rate) = sorted((one, two), key=lambda pair: pair[0].period)
    if rate.base_period is not None:
        return  # the document says from when: there is nothing to read into it
    assert early.value is not None
    assert late.value is not None
    assert rate.value is not None
    years = early.period.years_until(late.period)
    reached = grown(early.value, rate.value, years)
    if _apart(reached, late.value) <= tolerance:
        numbers = (("level", early.value), ("rate", rate.value), ("years", years))
        yield Step(
            "reading", (early.key, rate.key, late.key), (*numbers, ("stated", late.value)), reached
        )


def _parts(
    group: Sequence[Statement], everything: Sequence[Statement], tolerance: Decimal
) -> Iterator[Inconsistency]:
    """Compare a stated level with share · whole, or quotient · denominator."""
    for link in group:
        scale = {StatementForm.SHARE: 100, StatementForm.RATIO: 1}.get(link.form)
        if scale is None or link.value is None:
            continue
        parts = [s for s in group if _is_level(s, link.quantity, link.period)]
        others = [s for s in everything if _is_level(s, link.other, link.period)]
        for part in parts:
            for other in others:
                assert part.value is not None
                assert other.value is not None
                step = Step(
                    "implied_part",
                    (link.key, other.key),
                    ((link.form.value, link.value), ("other", other.value)),
                    link.value * other.value / scale,
                )
                if _apart(part.value, step.result) > tolerance:
                    stated = Step("stated", (part.key,), (), part.value)
                    yield _compared(
                        InconsistencyKind.PARTS_DISAGREE, (part, link, other), (stated, step)
                    )


def _is_level(statement: Statement, quantity: str | None, period: Period) -> bool:
    return (
        statement.form is StatementForm.LEVEL
        and statement.quantity == quantity
        and statement.period == period
        and statement.value is not None
    )


def _apart(a: Decimal, b: Decimal) -> Decimal:
    """Distance in % of the smaller size; infinite when one of two different numbers is zero."""
    if a == b:
        return Decimal(0)
    smaller = min(abs(a), abs(b))
    return abs(a - b) / smaller * 100 if smaller else Decimal("Infinity")


def _compared(
    kind: InconsistencyKind,
    involved: Sequence[Statement],
    steps: tuple[Step, ...],
    readings: tuple[Step, ...] = (),
) -> Inconsistency:
    first, second = steps[0].result, steps[1].result
    apart = _apart(first, second)
    keys = tuple(dict.fromkeys(statement.key for statement in involved))
    line = Step("difference_percent", keys, (("first", first), ("second", second)), apart)
    return Inconsistency(kind, involved[0].quantity, keys, (*steps, line), apart, readings)
