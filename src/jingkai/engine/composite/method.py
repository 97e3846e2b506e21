"""The method as data: frozen, comparable, checked. `grammar.parse_method` reads it from a mapping.

A result is a function of three inputs: table, tree and method. Two equal methods on equal data give
equal results; nothing else has an influence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final


class Scale(StrEnum):
    """How an indicator becomes comparable with others (normalisation)."""

    MINMAX = "minmax"
    ZSCORE = "zscore"
    RANK = "rank"
    BORDA = "borda"
    PERCENTILE_RANK = "percentile_rank"
    DISTANCE_TO_TARGET = "distance_to_target"
    DISTANCE_TO_MAX = "distance_to_max"
    DISTANCE_TO_REFERENCE = "distance_to_reference"
    GOALPOSTS = "goalposts"
    FRACTION_OF_MAX = "fraction_of_max"
    EFFICACY = "efficacy"


class Mean(StrEnum):
    """How the children of a node become one score."""

    ARITHMETIC = "arithmetic"
    GEOMETRIC = "geometric"
    HARMONIC = "harmonic"
    GENERALISED = "generalised_mean"
    COPELAND = "copeland"
    TOPSIS = "topsis"
    VIKOR = "vikor"


UNIT_SCALES: Final = frozenset(
    {
        Scale.PERCENTILE_RANK,
        Scale.DISTANCE_TO_TARGET,
        Scale.DISTANCE_TO_MAX,
        Scale.DISTANCE_TO_REFERENCE,
        Scale.FRACTION_OF_MAX,
    }
)
"""Scales with 0 and 1 as their marks, which `range` can put elsewhere."""
OMIT_EMPTY: Final = {"omit_empty": True}
"""A field that a record leaves out while it is empty, so that older records stay as they were."""


class Policy(StrEnum):
    """What a step does with a value it has no number for."""

    ERROR = "error"
    SKIP = "skip"
    """Leave it missing: the other children share its weight."""
    FLOOR = "floor"
    """Use the stated floor (or, for a constant indicator, the bottom of the scale)."""
    MIDDLE = "middle"
    """A constant indicator stands in the middle of the scale for every unit."""
    INFINITE = "infinite"
    """Keep ±infinity, as the reference implementation does, and say so."""


@dataclass(frozen=True, slots=True)
class Impute:
    """Filling of missing cells."""

    method: str = "none"
    """none, mean, median, group_mean, group_median, row_within_parent."""
    by: str = ""
    """Grouping column of group_mean and group_median."""


@dataclass(frozen=True, slots=True)
class Treat:
    """Outlier treatment; `method` is none or winsorise_then_log."""

    method: str = "none"
    winmax: int = 5
    skew: float = 2.0
    kurtosis: float = 3.5
    log: str = "ct"
    """ct, ct_plus (follows the sign of the skew), or none: winsorise only."""
    log_from: str = "original"


@dataclass(frozen=True, slots=True)
class Normalise:
    """Normalisation. Limits, targets and goalposts are given in the indicator's own unit."""

    method: Scale = Scale.MINMAX
    low: float = 0.0
    high: float = 100.0
    mean: float = 0.0
    sd: float = 1.0
    target: str = "target"
    cap: float | None = 1.0
    unit: str = ""
    low_column: str = "goal_low"
    high_column: str = "goal_high"
    clip: bool = True
    negative: str = "sign"
    """fraction_of_max of a less-is-better indicator: sign (−x / max −x) or inverse (min x / x)."""
    constant: Policy = Policy.ERROR
    at_worst: Policy = Policy.INFINITE
    """distance_to_reference when the reference unit itself has the worst value."""
    onto: tuple[float, float] | None = field(default=None, metadata=OMIT_EMPTY)
    """Where a scale of `UNIT_SCALES` puts its 0 and its 1; None leaves them as they are."""
    indicators: Mapping[str, Normalise] = field(default_factory=dict, metadata=OMIT_EMPTY)
    """Other scales for single indicators, by code. They hold no `indicators` themselves."""

    def of(self, code: str) -> Normalise:
        """The scale of one indicator."""
        return self.indicators.get(code) or self.plain

    @property
    def plain(self) -> Normalise:
        """The scale of the indicators that have none of their own."""
        return replace(self, indicators={}) if self.indicators else self

    @property
    def every(self) -> tuple[Normalise, ...]:
        """All scales in use: the common one, then those of single indicators."""
        return (self.plain, *self.indicators.values())

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Score of the worst and of the best unit where the scale itself fixes both, else None."""
        if self.method in (Scale.MINMAX, Scale.EFFICACY, Scale.GOALPOSTS):
            return self.low, self.high
        return (self.onto or (0.0, 1.0)) if self.method in UNIT_SCALES else None

    @property
    def label(self) -> str:
        """Short name, as designs to be replayed write it.

        >>> Normalise(Scale.ZSCORE, mean=100, sd=10).label, Normalise(Scale.RANK).label
        ('zscore_100_10', 'rank_min')
        >>> Normalise(indicators={"GDP": Normalise(Scale.RANK)}).label
        'minmax_0_100+GDP:rank_min'
        """
        if self.indicators:
            own = [f"+{code}:{spec.label}" for code, spec in sorted(self.indicators.items())]
            return self.plain.label + "".join(own)
        if self.onto is not None:
            return f"{replace(self, onto=None).label}_{self.onto[0]:g}_{self.onto[1]:g}"
        match self.method:
            case Scale.MINMAX | Scale.EFFICACY | Scale.GOALPOSTS:
                return f"{self.method}_{self.low:g}_{self.high:g}"
            case Scale.ZSCORE:
                return f"{self.method}_{self.mean:g}_{self.sd:g}"
            case Scale.RANK:
                return "rank_min"
            case Scale.DISTANCE_TO_REFERENCE:
                return f"{self.method}_{self.unit}"
            case _:
                return str(self.method)


@dataclass(frozen=True, slots=True)
class Rule:
    """How one level is aggregated."""

    mean: Mean = Mean.ARITHMETIC
    power: float = 1.0
    nonpositive: Policy = Policy.ERROR
    """Zero or negative values under a geometric, harmonic or generalised mean."""
    floor: float = 0.0
    v: float = 0.5
    """VIKOR: weight of the group's utility against the largest regret."""

    @property
    def label(self) -> str:
        """Short name, as designs to be replayed write it."""
        return f"{self.mean}_{self.power:g}" if self.mean is Mean.GENERALISED else str(self.mean)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """Rules by level (the level being computed), and how many children must be there."""

    rule: Rule = Rule()
    """For levels not named in `levels`."""
    levels: Mapping[int, Rule] = field(default_factory=dict)
    min_available: float = 0.0
    """Share of the direct children, counted, not weighted."""
    min_available_by_level: Mapping[int, float] = field(default_factory=dict)
    nodes: Mapping[str, Rule] = field(default_factory=dict, metadata=OMIT_EMPTY)
    """Other rules for single aggregates, by code; thresholds stay those of the level."""

    def at(self, level: int) -> Rule:
        """The rule of a level, for aggregates without one of their own."""
        return self.levels.get(level, self.rule)

    def of(self, code: str, level: int) -> Rule:
        """The rule for computing one aggregate."""
        return self.nodes.get(code) or self.at(level)

    def threshold(self, level: int) -> float:
        """Share of children that must be available at a level."""
        return self.min_available_by_level.get(level, self.min_available)

    @property
    def label(self) -> str:
        """Short name, as designs to be replayed write it."""
        parts = [f"{n}:{rule.label}" for n, rule in sorted(self.levels.items())]
        own = [f"{code}:{rule.label}" for code, rule in sorted(self.nodes.items())]
        return "+".join([*(parts or [self.rule.label]), *own])

    def with_rule(self, rule: Rule) -> Aggregate:
        """The same thresholds and single aggregates, one rule for every level."""
        return replace(self, rule=rule, levels={})


@dataclass(frozen=True, slots=True)
class WeightRule:
    """Where weights come from: a column, or derived from the data by `method`."""

    column: str = "weight"
    method: str = "given"
    """given, equal, entropy, critic, std, gini, merec, coefficient_of_variation, pca, ahp,
    optimised."""
    matrices: Mapping[str, tuple[tuple[float, ...], ...]] = field(default_factory=dict)
    """AHP: parent code -> pairwise comparisons of its children, in the order of the tree."""
    rule: str = "eigenvector"
    max_ratio: float = 0.1
    """AHP: largest consistency ratio that is accepted."""
    sums_to: float | None = None
    """Refuse the given weights unless those of each group's children sum to this."""


@dataclass(frozen=True, slots=True)
class Split:
    """Level and growth scored separately inside one indicator (总量、增速)."""

    base: str
    """Column with the base period's value, in the indicator's unit."""
    growth_share: float
    rule: str = "percent"
    """percent, difference, symmetric (midpoint), log."""
    zero_base: Policy = Policy.SKIP
    negative_base: Policy = Policy.SKIP
    floor: float = 0.0
    """Base used instead, under Policy.FLOOR."""


@dataclass(frozen=True, slots=True)
class Adjust:
    """Bonus, deduction and veto on the index (加分、扣分、一票否决)."""

    bonus: str = ""
    bonus_cap: float | None = None
    deduction: str = ""
    deduction_cap: float | None = None
    veto: str = ""
    """Column: anything but 0 or missing vetoes."""
    veto_effect: str = "zero"
    """zero (score 0), cap (score at most `veto_cap`), exclude (no score, no rank)."""
    veto_cap: float = 0.0
    floor: float | None = None
    """No score falls below this by deductions."""


@dataclass(frozen=True, slots=True)
class Vary:
    """What an uncertainty or sensitivity analysis varies; alternatives are equally likely."""

    impute: tuple[Impute, ...] = ()
    treat: tuple[Treat, ...] = ()
    normalise: tuple[Normalise, ...] = ()
    aggregate: tuple[Aggregate, ...] = ()
    weight_noise: float | None = None
    """Each nominal weight times U[1 − noise, 1 + noise]."""
    data_noise: float | None = None
    """Each observed cell plus N(0, noise · standard deviation of its indicator)."""

    @property
    def is_empty(self) -> bool:
        """Nothing varies."""
        return self == Vary()


@dataclass(frozen=True, slots=True)
class Method:
    """All choices of one build."""

    weights: WeightRule = WeightRule()
    min_coverage: float | None = None
    """Units with a smaller share of available indicators are dropped, after denomination."""
    denominate: bool = False
    impute: Impute = Impute()
    treat: Treat = Treat()
    normalise: Normalise = Normalise()
    aggregate: Aggregate = Aggregate()
    split: Mapping[str, Split] = field(default_factory=dict)
    adjust: Adjust | None = None
    groups: str = ""
    """Column of peer groups; ranks are also given inside each."""
    vary: Vary = Vary()


POSITIVE_ONLY: Final = frozenset({Mean.GEOMETRIC, Mean.HARMONIC})
ZERO_AT_WORST: Final = frozenset(
    {
        Scale.BORDA,
        Scale.PERCENTILE_RANK,
        Scale.DISTANCE_TO_MAX,
        Scale.DISTANCE_TO_TARGET,
        Scale.DISTANCE_TO_REFERENCE,
    }
)
"""Scales on which the worst unit always gets exactly 0."""
SIGNED: Final = frozenset({Mean.COPELAND})
"""Aggregations whose scores sum to zero over the units."""
