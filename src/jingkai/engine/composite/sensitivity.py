"""Which choice moves the ranks most: variance-based indices of the mean absolute rank shift.

Choices of a method are discrete, so their design can usually be enumerated and the indices are
exact. Where weights or data vary continuously, a Sobol' sequence with centred estimators is used,
and the indices come with bootstrap intervals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from .arrays import Floats, Ints, rank_scores
from .build import build, prepare
from .errors import DesignError
from .method import Method
from .quasi import sobol_points
from .replications import CHUNK_BYTES, Choices, Replicator, Runs, noisy_weights
from .table import Table
from .tree import Tree
from .uncertainty import rank_shift

EXACT_LIMIT: Final = 200_000
"""Designs up to this size are enumerated unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Index:
    """Indices of one input. Intervals are NaN where the indices are exact or replayed."""

    name: str
    first: float
    """Share of the variance that would go if the input were known (S1)."""
    total: float
    """Share that would stay if only the input were unknown (ST)."""
    first_low: float = float("nan")
    first_high: float = float("nan")
    total_low: float = float("nan")
    total_high: float = float("nan")


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """Result of a sensitivity analysis."""

    indices: tuple[Index, ...]
    evaluations: int
    exact: bool
    mean: float
    """Of the output: mean absolute rank shift against the nominal ranking, in ranks."""
    variance: float
    method: str
    """enumeration, sobol_sequence, or replay."""


@dataclass(frozen=True, slots=True)
class Factor:
    """One input: its name and number of alternatives; 0 = continuous."""

    name: str
    size: int


def factors_of(choices: Choices, method: Method, weight_sets: int = 0) -> tuple[Factor, ...]:
    """Inputs that vary, in the order imputation, treatment, normalisation, weights, aggregation,
    data."""
    i, t, n, a = choices.sizes
    one = choices.treat[0]
    only_winmax = all(
        (s.skew, s.kurtosis, s.log, s.log_from, s.method)
        == (one.skew, one.kurtosis, one.log, one.log_from, one.method)
        for s in choices.treat
    )
    weights = Factor("Weights", weight_sets if weight_sets else 0)
    found = [
        (Factor("Imputation", i), i > 1),
        (Factor("Winmax" if only_winmax else "Treatment", t), t > 1),
        (Factor("Normalisation", n), n > 1),
        (weights, weight_sets > 1 or (not weight_sets and bool(method.vary.weight_noise))),
        (Factor("Aggregation", a), a > 1),
        (Factor("Data", 0), bool(method.vary.data_noise)),
    ]
    return tuple(factor for factor, varies in found if varies)


def run_sensitivity(
    table: Table,
    tree: Tree,
    method: Method,
    *,
    rng: np.random.Generator,
    n_base: int = 1024,
    weight_sets: Floats | None = None,
    bootstrap: int = 200,
    exact_limit: int = EXACT_LIMIT,
    chunk_bytes: int = CHUNK_BYTES,
) -> Sensitivity:
    """Sensitivity of the mean absolute rank shift to the choices the method varies.

    Parameters
    ----------
    n_base
        Rows of the sampled design; it costs n_base · (inputs + 2) evaluations. A power of two keeps
        the sequence balanced.
    weight_sets : shape (sets, nodes), optional
        Weights to choose from, instead of noise around the nominal ones.
    exact_limit
        Largest number of combinations that is enumerated.

    Raises
    ------
    InfeasibleError
        Two alternatives that may meet cannot go together; before anything is run.
    DesignError
        Nothing varies.
    """
    choices = Choices.of(method)
    n_sets = 0 if weight_sets is None else len(weight_sets)
    factors = factors_of(choices, method, n_sets)
    if not factors:
        raise DesignError("the method has no uncertainty block with alternatives: nothing varies")
    nominal = build(table, tree, method)
    sets = nominal.weights[None, :] if weight_sets is None else weight_sets
    tree.check_weights(sets)
    replicator = Replicator(
        prepare(table, tree, method), tree, method, choices, chunk_bytes=chunk_bytes
    )
    shift = rank_shift(nominal.ranks)

    def evaluate(runs: Runs) -> Floats:
        y = np.empty(len(runs))
        for part, scores in replicator.scores(runs):
            y[part] = shift(rank_scores(scores))
        return y

    sizes = [factor.size for factor in factors]
    if all(sizes) and np.prod(sizes, dtype=float) <= exact_limit:
        grid = np.indices(sizes).reshape(len(sizes), -1)
        runs = _runs(factors, grid, sets, None)
        return exact_indices(evaluate(runs).reshape(sizes), [factor.name for factor in factors])
    return _sampled(factors, method, nominal.weights, sets, evaluate, rng, n_base, bootstrap)


def _runs(factors: Sequence[Factor], picks: Ints, sets: Floats, seeds: Ints | None) -> Runs:
    count = picks.shape[1]
    named = {factor.name: picks[k] for k, factor in enumerate(factors)}
    none = np.zeros(count, dtype=np.int64)
    return Runs(
        impute=named.get("Imputation", none),
        treat=named.get("Winmax", named.get("Treatment", none)),
        normalise=named.get("Normalisation", none),
        aggregate=named.get("Aggregation", none),
        weight_set=named.get("Weights", none),
        weight_sets=sets,
        noise_seed=None if seeds is None else seeds[named["Data"]],
    )


def _sampled(
    factors: tuple[Factor, ...],
    method: Method,
    nominal: Floats,
    sets: Floats,
    evaluate: Callable[[Runs], Floats],
    rng: np.random.Generator,
    n_base: int,
    bootstrap: int,
) -> Sensitivity:
    d = len(factors)
    points = sobol_points(n_base, 2 * d, rng)
    a, b = np.empty((d, n_base), dtype=np.int64), np.empty((d, n_base), dtype=np.int64)
    seeds = None
    for k, factor in enumerate(factors):
        if factor.size:
            a[k] = (points[:, k] * factor.size).astype(np.int64)
            b[k] = (points[:, d + k] * factor.size).astype(np.int64)
            continue
        # A continuous input is a group of many numbers: each row of A and of B draws its own.
        a[k], b[k] = np.arange(n_base), np.arange(n_base, 2 * n_base)
        if factor.name == "Weights":
            sets = noisy_weights(nominal, method.vary.weight_noise or 0.0, 2 * n_base, rng)
        else:
            seeds = rng.integers(0, 2**63 - 1, 2 * n_base)
    picks = [a, b]
    for k in range(d):
        mixed = a.copy()
        mixed[k] = b[k]
        picks.append(mixed)
    y = evaluate(_runs(factors, np.concatenate(picks, axis=1), sets, seeds))
    blocks = y.reshape(d + 2, n_base)
    return sampled_indices(
        blocks[0], blocks[1], blocks[2:], [f.name for f in factors], rng=rng, bootstrap=bootstrap
    )


def exact_indices(outputs: Floats, names: Sequence[str]) -> Sensitivity:
    """Indices of a fully enumerated uniform design.

    S1 = Var(E[y | xᵢ])/Var(y), ST = E[Var(y | all but xᵢ)]/Var(y), population variances.

    Parameters
    ----------
    outputs : shape (size of input 1, size of input 2, …)

    Returns
    -------
    Sensitivity
        Indices are 0 when the output never changes.

    References
    ----------
    Sobol' (1993); Homma & Saltelli (1996), Reliability Engineering & System Safety 52, 1-17.
    """
    variance = float(outputs.var())
    found = []
    for k, name in enumerate(names):
        others = tuple(axis for axis in range(outputs.ndim) if axis != k)
        first = float(outputs.mean(axis=others).var())
        total = float(outputs.var(axis=k).mean())
        scale = 1.0 / variance if variance > 0 else 0.0
        found.append(Index(name, first * scale, total * scale))
    return Sensitivity(
        tuple(found), outputs.size, True, float(outputs.mean()), variance, "enumeration"
    )


def sampled_indices(
    y_a: Floats,
    y_b: Floats,
    y_mixed: Floats,
    names: Sequence[str],
    *,
    rng: np.random.Generator,
    bootstrap: int = 200,
) -> Sensitivity:
    """Indices of a sampled design, with 95 % bootstrap intervals.

    S1 = mean(y_B (y_ABi − y_A))/V with y centred first, so that its error does not grow with the
    mean of the output; ST = mean((y_A − y_ABi)²)/(2V).

    Parameters
    ----------
    y_a, y_b : shape (n,)
    y_mixed : shape (inputs, n)
        Rows of A with one input taken from B.

    References
    ----------
    Saltelli et al. (2010), Computer Physics Communications 181(2), 259-270; Jansen (1999) for ST.
    """
    n = len(y_a)
    pool = np.concatenate([y_a, y_b])
    mean, variance = float(pool.mean()), float(pool.var())
    counts = rng.multinomial(n, np.full(n, 1.0 / n), size=bootstrap).astype(float)
    weights = np.vstack([np.ones(n), counts]) / n
    centred_b = y_b - mean
    m1 = weights @ ((y_a - mean) + centred_b) / 2
    m2 = weights @ ((y_a - mean) ** 2 + centred_b**2) / 2
    v = m2 - m1**2
    found = []
    for k, name in enumerate(names):
        change = y_mixed[k] - y_a
        with np.errstate(invalid="ignore", divide="ignore"):
            first = np.where(
                v > 0, (weights @ (centred_b * change) - m1 * (weights @ change)) / v, 0
            )
            total = np.where(v > 0, (weights @ change**2) / (2 * v), 0.0)
        low, high = (0.025, 0.975)
        bands = [
            float(np.quantile(values[1:], p)) if bootstrap else float("nan")
            for values in (first, total)
            for p in (low, high)
        ]
        found.append(Index(name, float(first[0]), float(total[0]), *bands))
    return Sensitivity(tuple(found), n * (len(names) + 2), False, mean, variance, "sobol_sequence")


def replayed_indices(outputs: Floats, names: Sequence[str]) -> Sensitivity:
    """Indices of a given design by the reference engine's own, uncentred estimator.

    For comparison with published numbers only: rows 1..N are A, N+1..2N are B, then A with input i
    from B. S1 = mean(y_B (y_ABi − y_A))/V, ST = Σ(y_A − y_ABi)²/(2NV), V over A and B with n − 1.

    Raises
    ------
    DesignError
        The number of outputs is not a multiple of inputs + 2.
    """
    d = len(names)
    if d < 1 or len(outputs) % (d + 2):
        raise DesignError(
            f"{len(outputs)} outputs cannot be {d + 2} blocks of equal length: a design of {d} "
            "inputs has A, B, and one block per input"
        )
    blocks = outputs.reshape(d + 2, -1)
    n = blocks.shape[1]
    variance = float(blocks[:2].var(ddof=1))
    if variance <= 0:
        raise DesignError("the outputs of the design never change: there is no variance to explain")
    found = []
    for k, name in enumerate(names):
        change = blocks[2 + k] - blocks[0]
        first = float((blocks[1] * change).mean() / variance)
        found.append(Index(name, first, float((change**2).sum() / (2 * n * variance))))
    return Sensitivity(
        tuple(found), len(outputs), False, float(blocks[:2].mean()), variance, "replay"
    )


def check_design(columns: Sequence[Sequence[str]], names: Sequence[str]) -> None:
    """Raise DesignError unless the rows are A, B, and A with one column at a time from B."""
    d, count = len(names), len(columns[0]) if columns else 0
    if not d or count % (d + 2):
        raise DesignError(
            f"{count} runs cannot be {d + 2} blocks of equal length: a design of {d} inputs has A, "
            "B, and one block per input"
        )
    n = count // (d + 2)
    for k in range(d):
        for j, column in enumerate(columns):
            source = column[n : 2 * n] if j == k else column[:n]
            block = column[(2 + k) * n : (3 + k) * n]
            if list(block) != list(source):
                row = next(r for r in range(n) if block[r] != source[r])
                raise DesignError(
                    f"run {(2 + k) * n + row + 1} should have {names[j]} “{source[row]}”, not "
                    f"“{block[row]}”: block {k + 1} after A and B is A with {names[k]} from B"
                )
