"""Order among zones, and who makes the city's gap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from .errors import RankingError
from .semantics import Direction


@dataclass(frozen=True, slots=True)
class Ranked:
    """One unit in the order. Without a value it is shown and not ranked."""

    key: str
    value: Decimal | None
    rank: int | None


def rank(values: Mapping[str, Decimal | None], direction: Direction) -> list[Ranked]:
    """Best first; equals share a rank and the next rank is skipped (1, 2, 2, 4).

    Units without a value come last with rank None. Inside a rank: by key.

    Raises
    ------
    RankingError
        The indicator has no direction: there is no best.

    >>> [(r.key, r.rank) for r in rank(
    ...     {"a": Decimal(5), "b": None, "c": Decimal(7), "d": Decimal(5)}, Direction.HIGHER)]
    [('c', 1), ('a', 2), ('d', 2), ('b', None)]
    """
    if direction is Direction.NONE:
        raise RankingError("neither more nor less is better: nothing to rank", code="no_direction")
    sign = -direction.sign
    known = [(sign * value, key) for key, value in values.items() if value is not None]
    known.sort()
    ranked: list[Ranked] = []
    for place, (turned, key) in enumerate(known, start=1):
        tie = place > 1 and known[place - 2][0] == turned
        ranked.append(Ranked(key, values[key], ranked[-1].rank if tie else place))
    missing = sorted(key for key, value in values.items() if value is None)
    return ranked + [Ranked(key, None, None) for key in missing]


@dataclass(frozen=True, slots=True)
class GapShare:
    """A zone's distance to its own plan, negative when bad, in the indicator's unit."""

    key: str
    gap: Decimal
    percent_of_gap: Decimal | None
    """Of the city's gap; None when that is zero. Negative: it pulls the other way."""


@dataclass(frozen=True, slots=True)
class GapBreakdown:
    """gap == sum of the zones' gaps + rest, exactly."""

    gap: Decimal
    zones: tuple[GapShare, ...]
    """Worst first."""
    rest: Decimal
    """What no zone answers for: the part of the plan not handed down, and city figures above the
    zones' sum."""
    missing: tuple[str, ...]
    """Zones with no value or no plan: they are in no sum above unless the city's figures hold
    them, and then in the rest."""


def gap_contributions(
    actual: Mapping[str, Decimal | None],
    planned: Mapping[str, Decimal | None],
    direction: Direction,
    *,
    city_actual: Decimal | None = None,
    city_planned: Decimal | None = None,
) -> GapBreakdown:
    """Split the city's distance to its plan by zone. Only for indicators that add up.

    With the city's own figures, the gap is theirs and the rest closes the sum. Without, it is the
    gap of the zones that have both a value and a plan, and the rest is zero.

    Raises
    ------
    RankingError
        The indicator has no direction, or only one of the two city figures is given.

    >>> b = gap_contributions({"a": Decimal(90), "b": Decimal(52)},
    ...     {"a": Decimal(100), "b": Decimal(50)}, Direction.HIGHER,
    ...     city_actual=Decimal(142), city_planned=Decimal(155))
    >>> b.gap, [(z.key, z.gap) for z in b.zones], b.rest
    (Decimal('-13'), [('a', Decimal('-10')), ('b', Decimal('2'))], Decimal('-5'))
    """
    if direction is Direction.NONE:
        raise RankingError("neither more nor less is better: no gap", code="no_direction")
    if (city_actual is None) != (city_planned is None):
        raise RankingError("the city's value and plan come together", code="city_half")
    sign = direction.sign
    gaps: dict[str, Decimal] = {}
    for key in {**actual, **planned}:
        value, aim = actual.get(key), planned.get(key)
        if value is not None and aim is not None:
            gaps[key] = sign * (value - aim)
    summed = sum(gaps.values(), Decimal(0))
    if city_actual is None or city_planned is None:
        gap = summed
    else:
        gap = sign * (city_actual - city_planned)
    shares = tuple(
        GapShare(key, own, own / gap * 100 if gap else None)
        for key, own in sorted(gaps.items(), key=lambda item: (item[1], item[0]))
    )
    missing = tuple(sorted({*actual, *planned} - set(gaps)))
    return GapBreakdown(gap, shares, gap - summed, missing)
