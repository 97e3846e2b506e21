"""How far ranks depend on the choices made: Monte-Carlo runs, or replay of a given design."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .arrays import AnyInts, Floats, Ints, rank_scores
from .build import Result, build, prepare
from .errors import DesignError
from .method import Method
from .replications import CHUNK_BYTES, Choices, Replicator, Runs, noisy_weights
from .table import Table
from .tree import Tree


@dataclass(frozen=True, slots=True, eq=False)
class RankStatistics:
    """Distribution of each unit's rank. Arrays have shape (units,)."""

    mean: Floats
    median: Floats
    q05: Floats
    q95: Floats
    best: Ints
    worst: Ints
    runs: Ints
    """Replications in which the unit had a score."""


@dataclass(frozen=True, slots=True, eq=False)
class Uncertainty:
    """Result of an uncertainty analysis."""

    nominal: Result
    runs: Runs
    choices: Choices
    ranks: AnyInts | None
    """Shape (runs, units), 0 = no score; None when they were not kept."""
    scores: Floats | None
    """Shape (runs, units), when asked for."""
    frequencies: Ints
    """Shape (units, units + 1): how often unit i had rank r; column 0 counts no score."""
    group_frequencies: Ints | None
    """The same inside peer groups, when the method names some."""

    @property
    def statistics(self) -> RankStatistics:
        """Mean, median, 5 % and 95 % quantiles (type 7) of each unit's rank."""
        return rank_statistics(self.frequencies)

    @property
    def group_statistics(self) -> RankStatistics | None:
        """The same of ranks inside peer groups."""
        return None if self.group_frequencies is None else rank_statistics(self.group_frequencies)

    def top(self, k: int) -> Floats:
        """P(rank ≤ k) of each unit, over all replications; shape (units,)."""
        chances: Floats = self.frequencies[:, 1 : k + 1].sum(axis=1) / max(len(self.runs), 1)
        return chances

    def before(self) -> Floats:
        """P(unit i comes before unit j), over the replications where both have a score.

        Returns
        -------
        chances : shape (units, units)
            Ties count half; chances[i, j] + chances[j, i] = 1; the diagonal is 0.5. NaN where two
            never had a score together.

        Raises DesignError when the ranks were not kept.
        """
        if self.ranks is None:
            raise DesignError("pairwise chances need the ranks: run with keep_ranks")
        return pairwise(self.ranks)


def run_uncertainty(
    table: Table,
    tree: Tree,
    method: Method,
    *,
    replications: int,
    rng: np.random.Generator,
    keep_ranks: bool = True,
    keep_scores: bool = False,
    chunk_bytes: int = CHUNK_BYTES,
) -> Uncertainty:
    """Vary what the method's uncertainty block names, each alternative equally likely.

    Weights derived from data are those of the nominal build, times the noise.

    Parameters
    ----------
    replications
        Cost and memory of the kept ranks are linear in it; working memory is not.
    rng
        The only source of chance: one seed, one result.
    chunk_bytes
        Bound on the scores held at once; about six arrays of that size live at the peak.

    Raises
    ------
    InfeasibleError
        Two alternatives that may meet cannot go together; before anything is run.
    DesignError
        Nothing varies, or no replication is asked for.
    """
    if method.vary.is_empty:
        raise DesignError("the method has no uncertainty block: nothing varies")
    if replications < 1:
        raise DesignError("at least one replication is needed")
    nominal = build(table, tree, method)
    runs = draw(method, nominal.weights, replications, rng)
    return replicate(
        table, tree, method, Choices.of(method), runs, nominal,
        keep_ranks=keep_ranks, keep_scores=keep_scores, chunk_bytes=chunk_bytes,
    )  # fmt: skip


def draw(method: Method, nominal: Floats, replications: int, rng: np.random.Generator) -> Runs:
    """Random replications of the method's uncertainty block."""
    sizes = Choices.of(method).sizes
    impute, treat, normalise, aggregate = [
        rng.integers(0, size, replications) if size > 1 else np.zeros(replications, dtype=np.int64)
        for size in sizes
    ]
    if method.vary.weight_noise:
        sets = noisy_weights(nominal, method.vary.weight_noise, replications, rng)
        which = np.arange(replications)
    else:
        sets, which = nominal[None, :], np.zeros(replications, dtype=np.int64)
    seeds = rng.integers(0, 2**63 - 1, replications) if method.vary.data_noise else None
    return Runs(impute, treat, normalise, aggregate, which, sets, seeds)


def replicate(
    table: Table,
    tree: Tree,
    method: Method,
    choices: Choices,
    runs: Runs,
    nominal: Result,
    *,
    keep_ranks: bool = True,
    keep_scores: bool = False,
    chunk_bytes: int = CHUNK_BYTES,
) -> Uncertainty:
    """Carry out given replications; parameters as `run_uncertainty`."""
    tree.check_weights(runs.weight_sets)
    prepared = prepare(table, tree, method)
    replicator = Replicator(prepared, tree, method, choices, chunk_bytes=chunk_bytes)
    n, count = len(prepared.table.units), len(runs)
    kind = np.int16 if n < 2**15 else np.int32
    ranks = np.zeros((count, n), dtype=kind) if keep_ranks else None
    kept = np.zeros((count, n)) if keep_scores else None
    frequencies = np.zeros((n, n + 1), dtype=np.int64)
    groups = _members(prepared.table, method.groups)
    group_frequencies = np.zeros((n, n + 1), dtype=np.int64) if groups else None
    for part, scores in replicator.scores(runs):
        found = rank_scores(scores)
        if ranks is not None:
            ranks[part] = found
        else:
            _count(found, frequencies)
        if kept is not None:
            kept[part] = scores
        if group_frequencies is not None:
            inside = np.zeros_like(found)
            for members in groups:
                inside[:, members] = rank_scores(scores[:, members])
            _count(inside, group_frequencies)
    if ranks is not None:
        _count(ranks, frequencies)
    return Uncertainty(nominal, runs, choices, ranks, kept, frequencies, group_frequencies)


def _members(table: Table, column: str) -> list[Ints]:
    if not column:
        return []
    labels = np.array(table.group(column), dtype=object)
    return [np.flatnonzero(labels == label) for label in dict.fromkeys(labels.tolist())]


def _count(ranks: AnyInts, frequencies: Ints, *, block: int = 64) -> None:
    """Add how often each unit (column) had each rank; blocks keep the counters in the cache."""
    n = ranks.shape[1]
    for start in range(0, n, block):
        part = ranks[:, start : start + block]
        width = part.shape[1]
        cells = part + np.arange(width, dtype=np.int32) * np.int32(n + 1)
        counts = np.bincount(cells.ravel(), minlength=width * (n + 1))
        frequencies[start : start + block] += counts.reshape(width, n + 1)


def rank_statistics(frequencies: Ints) -> RankStatistics:
    """Statistics of ranks from how often each occurred: exact, whatever the number of runs.

    Parameters
    ----------
    frequencies : shape (units, ranks + 1)
        Column 0 counts runs without score; they are left out.

    Returns
    -------
    RankStatistics
        NaN (and rank 0) for a unit that never had a score.

    References
    ----------
    Hyndman & Fan (1996), The American Statistician 50(4), 361-365: quantile type 7.
    """
    counts = frequencies[:, 1:]
    runs = counts.sum(axis=1)
    place = np.arange(1, counts.shape[1] + 1)
    cumulative = np.cumsum(counts, axis=1)

    def quantile(p: float) -> Floats:
        h = (runs - 1) * p
        low, part = np.floor(h), h - np.floor(h)
        first = np.argmax(cumulative > low[:, None], axis=1) + 1
        second = np.argmax(cumulative > np.minimum(low + 1, runs - 1)[:, None], axis=1) + 1
        return np.where(runs > 0, first + part * (second - first), np.nan)

    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (counts @ place) / runs
    best = np.where(runs > 0, np.argmax(counts > 0, axis=1) + 1, 0)
    worst = np.where(runs > 0, counts.shape[1] - np.argmax(counts[:, ::-1] > 0, axis=1), 0)
    return RankStatistics(
        mean, quantile(0.5), quantile(0.05), quantile(0.95), best, worst, runs
    )  # fmt: skip


def pairwise(ranks: AnyInts, *, chunk: int = 256) -> Floats:
    """P(unit i comes before j) from ranks of shape (runs, units); see `Uncertainty.before`."""
    n = ranks.shape[1]
    wins, met = np.zeros((n, n)), np.zeros((n, n))
    for start in range(0, len(ranks), chunk):
        part = ranks[start : start + chunk]
        scored = (part > 0).astype(float)
        met += scored.T @ scored
        for unit in range(n):
            mine = part[:, [unit]]
            both = (mine > 0) & (part > 0)
            wins[unit] += ((mine < part) & both).sum(axis=0)
            wins[unit] += 0.5 * ((mine == part) & both).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        chances = wins / met
    return np.where(met > 0, chances, np.nan)


def rank_shift(nominal: AnyInts) -> Callable[[AnyInts], Floats]:
    """A function from ranks (runs, units) to the mean absolute shift against `nominal`; (runs,)."""
    scored = nominal > 0

    def shift(ranks: AnyInts) -> Floats:
        both = scored & (ranks > 0)
        moved = np.where(both, np.abs(ranks - nominal), 0).sum(axis=1)
        mean: Floats = moved / np.maximum(both.sum(axis=1), 1)
        return mean

    return shift


def labels(choices: Choices, runs: Runs) -> dict[str, Sequence[object]]:
    """The runs as a design that can be replayed: columns of labels."""
    return {
        "winmax": [choices.treat[k].winmax for k in runs.treat.tolist()],
        "normalisation": [choices.normalise[k].label for k in runs.normalise.tolist()],
        "weight_set": [int(k) + 1 for k in runs.weight_set.tolist()],
        "aggregation": [choices.aggregate[k].label for k in runs.aggregate.tolist()],
    }
