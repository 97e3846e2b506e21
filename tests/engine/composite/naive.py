"""The same definitions once more, cell by cell in plain Python: slow, short, and independent."""

from __future__ import annotations

import math
import statistics as st
from collections.abc import Mapping, Sequence
from typing import Any

Cell = float | None
Column = list[Cell]


def known(column: Sequence[Cell]) -> list[float]:
    return [x for x in column if x is not None]


def skew_kurtosis(column: Column) -> tuple[float, float] | None:
    x = known(column)
    n = len(x)
    if n < 4 or min(x) == max(x):
        return None
    m = sum(x) / n
    s2, s3, s4 = (sum((v - m) ** p for v in x) for p in (2, 3, 4))
    g1 = math.sqrt(n) * s3 / s2**1.5 * math.sqrt(n * (n - 1)) / (n - 2)
    g2 = ((n + 1) * (n * s4 / s2**2 - 3) + 6) * (n - 1) / ((n - 2) * (n - 3))
    return g1, g2


def fails(column: Column, spec: Mapping[str, Any]) -> bool:
    found = skew_kurtosis(column)
    if found is None:
        return False
    return abs(found[0]) >= spec.get("skew", 2.0) and found[1] >= spec.get("kurtosis", 3.5)


def treated(column: Column, spec: Mapping[str, Any]) -> Column:
    if not fails(column, spec):
        return list(column)
    x, high, low = list(column), set(), set()
    while fails(x, spec) and len(high) + len(low) < spec.get("winmax", 5):
        found = skew_kurtosis(x)
        assert found is not None
        if found[0] >= 0:
            top = max(known(x))
            high = {k for k, v in enumerate(x) if v == top}
            new = max(v for v in known(x) if v != top)
            x = [new if k in high else v for k, v in enumerate(x)]
        else:
            bottom = min(known(x))
            low = {k for k, v in enumerate(x) if v == bottom}
            new = min(v for v in known(x) if v != bottom)
            x = [new if k in low else v for k, v in enumerate(x)]
    if not fails(x, spec):
        return x
    source = x if spec.get("log_from") == "winsorised" else list(column)
    found = skew_kurtosis(source)
    mirrored = spec.get("log") == "ct_plus" and found is not None and found[0] < 0
    sign = -1.0 if mirrored else 1.0
    y = [None if v is None else sign * v for v in source]
    a, b = min(known(y)), max(known(y))
    return [None if v is None else sign * math.log(v - a + 0.01 * (b - a)) for v in y]


def imputed(
    columns: dict[str, Column],
    spec: Mapping[str, Any],
    directions: Mapping[str, int],
    parents: Mapping[str, str],
    groups: Sequence[str],
) -> dict[str, Column]:
    method = spec["method"]
    if method == "row_within_parent":
        return _row_within_parent(columns, directions, parents)
    middle = st.median if method.endswith("median") else st.fmean
    result = {}
    for code, column in columns.items():
        new = list(column)
        for k, value in enumerate(column):
            if value is not None:
                continue
            peers = [
                v
                for j, v in enumerate(column)
                if v is not None and (not method.startswith("group") or groups[j] == groups[k])
            ]
            if peers and not (method.startswith("group") and not groups[k]):
                new[k] = middle(peers)
        result[code] = new
    return result


def _row_within_parent(
    columns: dict[str, Column], directions: Mapping[str, int], parents: Mapping[str, str]
) -> dict[str, Column]:
    scale = {}
    for code, column in columns.items():
        x = [v * directions[code] for v in known(column)]
        scale[code] = (min(x), max(x))
    result = {code: list(column) for code, column in columns.items()}
    for code, column in columns.items():
        for k, value in enumerate(column):
            if value is not None:
                continue
            others = [
                (columns[c][k] * directions[c] - scale[c][0]) / (scale[c][1] - scale[c][0])
                for c in columns
                if parents[c] == parents[code] and columns[c][k] is not None
            ]
            if others:
                low, high = scale[code]
                result[code][k] = (st.fmean(others) * (high - low) + low) * directions[code]
    return result


def normalised(
    column: Column,
    spec: Mapping[str, Any],
    direction: int,
    numbers: Mapping[str, float],
    reference: int | None,
) -> Column:
    x = [None if v is None else v * direction for v in column]
    v = known(x)
    low, high = min(v), max(v)
    n = len(v)

    def rank(y: float) -> int:
        return 1 + sum(z < y for z in v)

    def one(y: float) -> float:
        match spec["method"]:
            case "minmax" | "efficacy":
                a, b = spec.get("range", [60, 100] if spec["method"] == "efficacy" else [0, 100])
                return a + (b - a) * (y - low) / (high - low)
            case "zscore":
                return spec.get("mean", 0) + spec.get("sd", 1) * (y - st.fmean(v)) / st.stdev(v)
            case "rank":
                return rank(y)
            case "borda":
                return rank(y) - 1
            case "percentile_rank":
                return (rank(y) - 1) / (n - 1)
            case "distance_to_max":
                return 1 - (high - y) / (high - low)
            case "fraction_of_max":
                return y / high
            case "distance_to_target":
                goal = numbers["target"] * direction
                found = (y - low) / (goal - low)
                cap = spec.get("cap", 1)
                return found if cap in (None, "none") else min(found, cap)
            case "distance_to_reference":
                assert reference is not None
                at = x[reference]
                assert at is not None
                return 1 - (at - y) / (at - low)
            case "goalposts":
                a, b = spec.get("range", [0, 100])
                worst, best = numbers["goal_low"], numbers["goal_high"]
                if direction < 0:
                    worst, best = best, worst
                part = (y * direction - worst) / (best - worst)
                if spec.get("clip", True):
                    part = min(max(part, 0), 1)
                return a + (b - a) * part
        raise AssertionError(spec)

    return [None if y is None else one(y) for y in x]


def aggregated(
    children: Sequence[Column], weights: Sequence[float], rule: Mapping[str, Any], least: float
) -> Column:
    if rule["method"] == "copeland":
        scores = _copeland(children, weights)
    else:
        scores = [_mean([c[k] for c in children], weights, rule) for k in range(len(children[0]))]
    return [
        None if sum(c[k] is not None for c in children) / len(children) < least - 1e-12 else score
        for k, score in enumerate(scores)
    ]


def _mean(row: Sequence[Cell], weights: Sequence[float], rule: Mapping[str, Any]) -> Cell:
    pairs = [(x, w) for x, w in zip(row, weights, strict=True) if x is not None]
    total = sum(w for _x, w in pairs)
    if not pairs:
        return None
    match rule["method"]:
        case "arithmetic":
            return sum(w * x for x, w in pairs) / total
        case "geometric":
            return math.exp(sum(w * math.log(x) for x, w in pairs) / total)
        case "harmonic":
            return total / sum(w / x for x, w in pairs)
        case "generalised_mean":
            p = rule["power"]
            return (sum(w * x**p for x, w in pairs) / total) ** (1 / p)
    raise AssertionError(rule)


def _copeland(children: Sequence[Column], weights: Sequence[float]) -> Column:
    n = len(children[0])
    scores: Column = []
    for i in range(n):
        score = 0
        for j in range(n):
            margin = 0.0
            for column, w in zip(children, weights, strict=True):
                a, b = column[i], column[j]
                if a is not None and b is not None:
                    margin += w * ((a > b) - (a < b))
            score += (margin > 1e-9) - (margin < -1e-9)
        scores.append(None if all(c[i] is None for c in children) else score)
    return scores
