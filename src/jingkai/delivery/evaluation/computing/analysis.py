"""What a run says of itself as a whole: which conclusions survive, and which choice matters most.

Keys of `Run.analysis` (floats as JSON numbers; a figure that does not exist is null):

    statistics   {"zones", "ranked", "highest", "mean", "lowest"}
    notices      [{"step", "message", "unit", "element"}] of the engine
    assumed      the scheme varies nothing itself: the engine's own variation was used
    verdict      {"top": {"k", "safe": [zones]}, "neighbours": {"firm", "of"},
                  "pairs": {"firm", "of"} | null, "narrow": {"share", "limit"},
                  "cause": {"name", "total", "low", "high"} | null, "sure"}
    top          {"k", "chances": {zone: P(rank ≤ k)}}
    neighbours   [[zone, next zone, P(before)]]
    before       {"order": [zones], "chances": [[…]]} | null (fields of more than 60)
    sensitivity  {"method", "exact", "mean", "indices": [{"name", "first", …}]}
    single       [{"name", "mean_shift", "largest_shift", "largest_unit"}]
    without      [[node, mean shift]]
    reversals    [[zone taken out, pairs of others that turned round, leader changed]]
    blocks       the engine's audit: [{"name", "facts", "tables"}]; large fields: data, coherence
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any, Final

import numpy as np

from jingkai.engine.composite import (
    Block,
    CompositeError,
    Limits,
    Sensitivity,
    leave_one_out,
    rank_reversals,
    run_audit,
    run_sensitivity,
    single_changes,
)
from jingkai.engine.composite.arrays import AnyInts, Floats
from jingkai.engine.composite.audit_blocks import coherence_block, data_block
from jingkai.engine.composite.uncertainty import pairwise

from .outcome import Outcome, with_variation

SURE: Final = 0.95
"""Probability from which a statement about ranks is said to hold."""
MATRIX: Final = 60
"""Largest field whose pairs are kept."""
WHOLE_AUDIT: Final = 300
"""Largest field of which all pairs are worked out."""
_N_BASE: Final = 512
_REVERSALS: Final = 60


def analyse(
    outcome: Outcome, *, seed: int, step: Callable[[], None] = lambda: None
) -> dict[str, Any]:
    """The run as a whole. `step` is called five times on the way."""
    table, result = outcome.table, outcome.result
    method = with_variation(result.method, result.tree)
    order = ranked_order(outcome)
    draws = outcome.rank_draws
    k = top_size(len(order))
    limit: int = narrow_limit(len(order))
    chances = {
        unit: float(((draws[:, row] > 0) & (draws[:, row] <= k)).mean()) for unit, row in order
    }
    neighbours = [
        (a, b, _before(draws[:, i], draws[:, j])) for (a, i), (b, j) in itertools.pairwise(order)
    ]
    step()
    shares = run_sensitivity(
        table, result.tree, method, rng=np.random.default_rng(seed), n_base=_N_BASE
    )
    step()
    single = single_changes(table, result.tree, method, result)
    without = _without(outcome)
    step()
    turned = _turned(outcome)
    step()
    blocks = _blocks(outcome, seed, limit)
    step()
    rows = [row for _unit, row in order]
    matrix = pairwise(draws[:, rows]) if len(rows) <= WHOLE_AUDIT else None
    upper = None if matrix is None else matrix[np.triu_indices(len(rows), 1)]
    width: Floats = (outcome.high - outcome.low)[rows]
    narrow = float(np.mean(width <= limit)) if rows else None
    safe = [unit for unit, _row in order if chances[unit] >= SURE]
    scores = outcome.scores[~np.isnan(outcome.scores)]
    found = {
        "statistics": {
            "zones": len(outcome.units),
            "ranked": len(order),
            "highest": float(scores.max()) if scores.size else None,
            "mean": float(scores.mean()) if scores.size else None,
            "lowest": float(scores.min()) if scores.size else None,
        },
        "notices": [asdict(notice) for notice in result.notices],
        "assumed": outcome.assumed,
        "verdict": {
            "sure": SURE,
            "top": {"k": k, "safe": safe},
            "neighbours": {"firm": sum(p >= SURE for _a, _b, p in neighbours),
                           "of": len(neighbours)},
            "pairs": None if upper is None
            else {"firm": int((upper >= SURE).sum()), "of": len(upper)},
            "narrow": {"share": narrow, "limit": limit},
            "cause": _cause(shares),
        },
        "top": {"k": k, "chances": chances},
        "neighbours": neighbours,
        "before": None if matrix is None or len(rows) > MATRIX
        else {"order": [unit for unit, _row in order], "chances": matrix.tolist()},
        "sensitivity": {
            "method": shares.method,
            "exact": shares.exact,
            "mean": shares.mean,
            "indices": [asdict(index) for index in shares.indices],
        },
        "single": [
            {"name": w.name, "mean_shift": w.mean_shift, "largest_shift": w.largest_shift,
             "largest_unit": w.largest_unit}
            for w in single
        ],
        "without": without,
        "reversals": turned,
        "blocks": [block_data(block) for block in blocks],
    }  # fmt: skip
    plain: dict[str, Any] = finite(found)
    return plain


def ranked_order(outcome: Outcome) -> list[tuple[str, int]]:
    """Ranked zones with their rows, best first; equal ranks by code."""
    rows = np.flatnonzero(outcome.ranked).tolist()
    return sorted(
        ((outcome.units[row], row) for row in rows), key=lambda one: (outcome.ranks[one[1]], one[0])
    )


def top_size(field: int) -> int:
    """How many zones the top group has: a quarter, at least 1, at most 10."""
    return min(10, max(1, field // 4))


def narrow_limit(field: int) -> int:
    """A rank interval of so many places is called narrow: a fifth of the field, at most 10."""
    return min(10, max(1, round(field / 5)))


def finite(value: Any) -> Any:
    """The same with None for what JSON cannot say, and plain numbers for NumPy's."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def block_data(block: Block) -> dict[str, Any]:
    """One block of an audit as plain data."""
    return {
        "name": block.name,
        "facts": [asdict(fact) for fact in block.facts],
        "tables": [asdict(rows) for rows in block.tables],
    }


def _before(a: AnyInts, b: AnyInts) -> float:
    both = (a > 0) & (b > 0)
    if not both.any():
        return float("nan")
    return float(((a < b)[both].sum() + 0.5 * (a == b)[both].sum()) / both.sum())


def _cause(shares: Sensitivity) -> dict[str, Any] | None:
    if not shares.variance > 0:
        return None
    most = max(shares.indices, key=lambda index: index.total)
    return {
        "name": most.name, "total": most.total, "low": most.total_low, "high": most.total_high
    }  # fmt: skip


def _without(outcome: Outcome) -> list[list[Any]]:
    try:
        found = leave_one_out(outcome.result)
    except CompositeError:
        return []
    return [[code, float(s)] for code, s in zip(found.codes, found.shift, strict=True)]


def _turned(outcome: Outcome) -> list[list[Any]]:
    if len(outcome.units) < 3:
        return []
    units = [unit for unit, _row in ranked_order(outcome)][:_REVERSALS]
    try:
        found = rank_reversals(
            outcome.table, outcome.result.tree, outcome.result.method, outcome.result, units
        )
    except CompositeError:
        return []  # without one of the zones the scheme cannot be computed
    return [[one.removed, one.pairs, one.leader_changed] for one in found]


def _blocks(outcome: Outcome, seed: int, limit: int) -> tuple[Block, ...]:
    result, limits = outcome.result, replace(Limits(), wide=limit, sure=SURE)
    if len(outcome.units) > WHOLE_AUDIT:
        return (
            data_block(result, limits.coverage),
            coherence_block(result, limits.alpha, limits.weak, limits.redundant, limits.wide),
        )
    return run_audit(
        outcome.table,
        result.tree,
        result.method,
        rng=np.random.default_rng(seed),
        replications=len(outcome.rank_draws),
        n_base=_N_BASE,
        limits=limits,
        reversal_units=_REVERSALS,
    ).blocks
