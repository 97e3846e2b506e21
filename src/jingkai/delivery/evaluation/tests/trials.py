"""Lifts the slow way: one figure of one zone at a time, each trial a whole build."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from jingkai.delivery.evaluation.computing import Outcome
from jingkai.delivery.evaluation.computing.lifts import Lift
from jingkai.delivery.evaluation.definition import Node, base_column
from jingkai.engine.composite import CompositeError, Table, build, rank_scores


def lifts_one_by_one(outcome: Outcome, unit: str) -> tuple[Lift, ...]:
    row = outcome.row(unit)
    if outcome.ranks[row] < 2:
        return ()
    found = [_lift(outcome, row, leaf) for leaf in outcome.definition.leaves]
    there = [one for one in found if one is not None]
    return tuple(sorted(there, key=lambda one: abs(one.change) / max(abs(one.start), 1e-12)))


def _limits(table: Table, row: int, leaf: Node) -> tuple[float, float]:
    nothing = float("nan")
    now, before = table.column(leaf.code), table.column(base_column(leaf.code))
    start = float(now[row])
    if start != start:
        return nothing, nothing
    sign = leaf.direction or 1
    best = float(np.nanmax(now) if sign > 0 else np.nanmin(now))
    grows = (now > 0) & (before > 0)
    grown = nothing
    if start > 0 and grows.any():
        rates = now[grows] / before[grows]
        grown = start * float(rates.max() if sign > 0 else rates.min())
    return (
        grown if sign * (grown - start) > 0 else nothing,
        best if sign * (best - start) > 0 else nothing,
    )


def _lift(outcome: Outcome, row: int, leaf: Node) -> Lift | None:
    grown, best = _limits(outcome.table, row, leaf)
    if grown != grown and best != best:
        return None
    sign = leaf.direction or 1
    end = float(np.fmax(grown, best) if sign > 0 else np.fmin(grown, best))
    start = float(outcome.table.column(leaf.code)[row])
    rank = int(outcome.ranks[row])

    def gap(value: float) -> tuple[float, int]:
        return _tried(outcome, row, leaf.code, value, rank)

    try:
        far, rank_far = gap(end)
        if rank_far == 0 or rank_far >= rank:
            return None
        value = _smallest(lambda x: gap(x)[0], start, end, far)
        value, rank_after = _told(gap, start, value, end, rank_far, rank)
    except CompositeError:
        return None
    within = sign * (grown - value) >= 0
    return Lift(leaf.code, start, value, rank_after, "growth" if within else "reached")


def _tried(outcome: Outcome, row: int, code: str, value: float, rank: int) -> tuple[float, int]:
    table = outcome.table
    column = table.column(code).copy()
    column[row] = value
    changed = build(
        Table(table.units, {**table.numbers, code: column}, table.texts),
        outcome.result.tree,
        replace(outcome.result.method, groups=""),
    )
    place = {unit: k for k, unit in enumerate(changed.units)}
    scores = np.full(len(table.units), np.nan)
    for k in np.flatnonzero(outcome.ranked):
        scores[k] = changed.index[place[table.units[k]]]
    others = np.delete(scores, row)
    wanted = np.sort(others[~np.isnan(others)])[::-1][rank - 2]
    return float(scores[row] - wanted), int(rank_scores(scores)[row])


def _smallest(f: Callable[[float], float], start: float, end: float, far: float) -> float:
    low, high, at_low, at_high = start, end, f(start), far
    if at_low >= 0:
        return start
    side = 0
    for _step in range(12):
        if at_high <= 1e-9 or abs(high - low) <= 1e-6 * abs(end - start):
            break
        middle = high - at_high * (high - low) / (at_high - at_low)
        value = f(middle)
        if value >= 0:
            high, at_high = middle, value
            at_low = at_low / 2 if side > 0 else at_low
            side = 1
        else:
            low, at_low = middle, value
            at_high = at_high / 2 if side < 0 else at_high
            side = -1
    return high


def _told(
    gap: Callable[[float], tuple[float, int]],
    start: float,
    value: float,
    end: float,
    rank_far: int,
    rank: int,
) -> tuple[float, int]:
    change = value - start
    if change == 0:
        return end, rank_far
    scale = 10.0 ** (np.floor(np.log10(abs(change))) - 2)
    rounded = start + np.sign(change) * np.ceil(abs(change) / scale - 1e-9) * scale
    for candidate in (float(rounded), float(rounded + np.sign(change) * scale)):
        if abs(candidate - start) > abs(end - start):
            break
        reached = gap(candidate)[1]
        if 0 < reached < rank:
            return candidate, reached
    return end, rank_far
