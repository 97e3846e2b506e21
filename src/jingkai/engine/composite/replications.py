"""Running a method many times with some choices changed: the common ground of uncertainty and
sensitivity analysis.

Each distinct imputation × treatment × normalisation is computed once; replications that share it,
and an aggregation, go through one `Kernel` in chunks whose size bounds the memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from .adjustments import adjust
from .arrays import AnyInts, Floats, Ints, rank_scores
from .build import Prepared, impute_stage, normalise_stage
from .errors import DesignError
from .feasibility import check_pair
from .imputation import impute
from .kernel import Kernel, without_skipped
from .labels import parse_label, parse_mean_label
from .method import Aggregate, Impute, Method, Normalise, Treat
from .scaling import normalise_indicators
from .treatment import treat
from .tree import Tree

CHUNK_BYTES: Final = 8 * 2**20
"""Default bound on the scores held at once; about six arrays of that size live at the peak."""


@dataclass(frozen=True, slots=True)
class Choices:
    """The alternatives of each step. One entry = the step does not vary."""

    impute: tuple[Impute, ...]
    treat: tuple[Treat, ...]
    normalise: tuple[Normalise, ...]
    aggregate: tuple[Aggregate, ...]

    @staticmethod
    def of(method: Method) -> Choices:
        """What the method's uncertainty block varies; elsewhere the method's own choice."""
        vary = method.vary
        return Choices(
            vary.impute or (method.impute,),
            vary.treat or (method.treat,),
            vary.normalise or (method.normalise,),
            vary.aggregate or (method.aggregate,),
        )

    @property
    def sizes(self) -> tuple[int, int, int, int]:
        """Number of alternatives of each step."""
        return len(self.impute), len(self.treat), len(self.normalise), len(self.aggregate)


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """What each replication chooses. Arrays have shape (runs,)."""

    impute: Ints
    treat: Ints
    normalise: Ints
    aggregate: Ints
    weight_set: Ints
    weight_sets: Floats
    """Shape (sets, nodes)."""
    noise_seed: Ints | None = None
    """Seed of each run's data noise; None: no noise."""

    def __len__(self) -> int:
        return len(self.impute)


class Replicator:
    """A prepared table, a tree and alternatives, ready to run.

    Raises
    ------
    InfeasibleError
        Two alternatives that may meet cannot go together. Nothing was computed.
    """

    def __init__(
        self,
        prepared: Prepared,
        tree: Tree,
        method: Method,
        choices: Choices,
        *,
        chunk_bytes: int = CHUNK_BYTES,
    ) -> None:
        for scale in choices.normalise:
            for spec in choices.aggregate:
                check_pair(scale, spec, tree, "uncertainty.aggregate")
        self.prepared, self.tree, self.method, self.choices = prepared, tree, method, choices
        self.chunk = max(1, chunk_bytes // (8 * len(prepared.table.units)))
        self._imputed: dict[int, Floats] = {}
        self._treated: dict[tuple[int, int], Floats] = {}
        self._normalised: dict[tuple[int, int, int], Floats] = {}

    def normalised(self, impute_: int, treat_: int, normalise_: int) -> Floats:
        """Normalised data of one alternative, computed once; shape (units, indicators)."""
        key = (impute_, treat_, normalise_)
        if key not in self._normalised:
            self._normalised[key], _notices = normalise_stage(
                self._treat(impute_, treat_),
                self.prepared,
                self.tree,
                self.method,
                self.choices.normalise[normalise_],
            )
        return self._normalised[key]

    def _treat(self, impute_: int, treat_: int) -> Floats:
        if impute_ not in self._imputed:
            spec = self.choices.impute[impute_]
            self._imputed[impute_] = impute_stage(self.prepared, self.tree, spec)
        if (impute_, treat_) not in self._treated:
            found = treat(self._imputed[impute_], self.choices.treat[treat_])
            self._treated[impute_, treat_] = found.values
        return self._treated[impute_, treat_]

    def scores(self, runs: Runs) -> Iterator[tuple[Ints, Floats]]:
        """Index scores in chunks: numbers of the runs, and scores of shape (chunk, units).

        Runs that share all discrete choices come together; every run comes once.
        """
        _i, t, n, a = self.choices.sizes
        code = ((runs.impute * t + runs.treat) * n + runs.normalise) * a + runs.aggregate
        order = np.argsort(code, kind="stable")
        bounds = np.flatnonzero(np.diff(code[order])) + 1
        for members in np.split(order, bounds):
            if not members.size:
                continue
            first = members[0]
            picked = (int(runs.impute[first]), int(runs.treat[first]), int(runs.normalise[first]))
            spec = self.choices.aggregate[int(runs.aggregate[first])]
            kernel = None
            if runs.noise_seed is None:
                kernel = self._kernel(self.normalised(*picked), spec)
            chunk = self.chunk if kernel else max(1, self.chunk // (8 * self.tree.n_indicators))
            for start in range(0, len(members), chunk):
                part = members[start : start + chunk]
                weights = runs.weight_sets[runs.weight_set[part]]
                if runs.noise_seed is None:
                    assert kernel is not None
                    scores = kernel.scores(weights)
                else:
                    noisy = self._noisy(picked, runs.noise_seed[part])
                    scores = self._kernel(noisy, spec).scores(weights)
                if self.method.adjust is not None:
                    scores = adjust(scores, self.prepared.table, self.method.adjust).score
                yield part, scores

    def ranks(self, runs: Runs) -> Iterator[tuple[Ints, AnyInts]]:
        """As `scores`, ranked: 1 = best, 0 = no score."""
        for part, scores in self.scores(runs):
            yield part, rank_scores(scores)

    def _kernel(self, normalised: Floats, spec: Aggregate) -> Kernel:
        data = without_skipped(normalised, self.tree, spec)
        return Kernel(data, self.tree, spec, self.prepared.table.units)

    def _noisy(self, picked: tuple[int, int, int], seeds: Ints) -> Floats:
        """Normalised data of runs with noise in the raw cells; shape (runs, units, indicators)."""
        raw = self.prepared.denominated
        n, p = raw.shape
        with np.errstate(invalid="ignore"):
            known = np.sum(~np.isnan(raw), axis=0)
            centred = raw - np.nansum(raw, axis=0) / np.maximum(known, 1)
            sd = np.sqrt(np.nansum(centred**2, axis=0) / np.maximum(known - 1, 1))
        size = (self.method.vary.data_noise or 0.0) * sd
        blocks = []
        spec = self.choices.impute[picked[0]]
        groups = self.prepared.table.group(spec.by) if spec.by else ()
        for seed in seeds.tolist():
            draw = np.random.default_rng(seed).standard_normal((n, p))
            blocks.append(impute(raw + size * draw, spec, tree=self.tree, groups=groups))
        tall = np.concatenate(blocks, axis=1)
        treated = treat(tall, self.choices.treat[picked[1]]).values
        scale = self.choices.normalise[picked[2]]
        scaled, _notices = normalise_indicators(treated, scale, self.tree, self.prepared.table)
        return np.ascontiguousarray(scaled.reshape(n, len(seeds), p).transpose(1, 0, 2))


def noisy_weights(nominal: Floats, noise: float, runs: int, rng: np.random.Generator) -> Floats:
    """Weight vectors: each nominal weight times U[1 − noise, 1 + noise].

    Parameters
    ----------
    nominal : shape (nodes,)

    Returns
    -------
    weights : shape (runs, nodes)
    """
    weights = rng.random((runs, len(nominal)))
    weights *= 2.0 * noise
    weights += 1.0 - noise
    weights *= nominal
    return weights


def runs_from_design(
    design: Mapping[str, Sequence[str]],
    method: Method,
    weight_sets: Mapping[str, Floats],
    nominal_weights: Floats,
) -> tuple[Choices, Runs]:
    """Replications exactly as a design lists them.

    Parameters
    ----------
    design
        Columns of texts, one entry per run: any of `winmax`, `normalisation`, `weight_set`,
        `aggregation`; others are ignored. A step without column is as the method says.
    weight_sets
        Name of the set -> shape (nodes,).

    Raises
    ------
    DesignError
        No known column, an unknown label or weight set. Names run and column.
    """
    known = {"winmax", "normalisation", "weight_set", "aggregation"}
    used = [name for name in design if name in known]
    if not used:
        raise DesignError(f"the design has none of the columns {', '.join(sorted(known))}")
    n = len(design[used[0]])

    def coded(name: str) -> tuple[list[str], Ints]:
        labels = design.get(name)
        if labels is None:
            return [], np.zeros(n, dtype=np.int64)
        distinct = list(dict.fromkeys(labels))
        return distinct, np.array([distinct.index(label) for label in labels], dtype=np.int64)

    treats, treat_of = coded("winmax")
    scales, scale_of = coded("normalisation")
    means, mean_of = coded("aggregation")
    sets, set_of = coded("weight_set")
    base = method.treat if method.treat.method != "none" else Treat("winsorise_then_log")
    choices = Choices(
        (method.impute,),
        tuple(_treat(base, text) for text in treats) or (method.treat,),
        tuple(_scale(method, text) for text in scales) or (method.normalise,),
        tuple(_mean(method, text) for text in means) or (method.aggregate,),
    )
    if missing := [name for name in sets if name not in weight_sets]:
        raise DesignError(f"weight set “{missing[0]}” of the design is not among the weight sets")
    table = np.stack([weight_sets[name] for name in sets]) if sets else nominal_weights[None, :]
    runs = Runs(np.zeros(n, dtype=np.int64), treat_of, scale_of, mean_of, set_of, table)
    return choices, runs


def _treat(base: Treat, text: str) -> Treat:
    if not text.isdigit():
        raise DesignError(f"winmax “{text}” of the design is not a whole number")
    return replace(base, winmax=int(text))


def _scale(method: Method, label: str) -> Normalise:
    for own in (*method.vary.normalise, method.normalise):
        if own.label == label:
            return own
    return replace(parse_label(label), indicators=method.normalise.indicators)


def _mean(method: Method, label: str) -> Aggregate:
    for own in (*method.vary.aggregate, method.aggregate):
        if own.label == label:
            return own
    return method.aggregate.with_rule(parse_mean_label(label))
