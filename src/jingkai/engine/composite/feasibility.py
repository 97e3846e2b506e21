"""Choices that cannot give a number together are refused before anything is computed."""

from __future__ import annotations

from .errors import InfeasibleError, MethodError
from .method import (
    POSITIVE_ONLY,
    SIGNED,
    ZERO_AT_WORST,
    Aggregate,
    Mean,
    Method,
    Normalise,
    Policy,
    Scale,
)


def check_feasible(method: Method) -> None:
    """Raise InfeasibleError for combinations that cannot give a number, before any run.

    Every normalisation that may occur is held against every aggregation that may occur. What only
    the data can show (a fraction of the maximum that is negative) is refused when it is met.
    """
    if method.vary.data_noise and method.split:
        raise InfeasibleError(
            "uncertainty.data cannot go with split: growth would need noise in two periods at once",
            code="infeasible",
            path="uncertainty.data",
        )
    normalisations = method.vary.normalise or (method.normalise,)
    aggregations = method.vary.aggregate or (method.aggregate,)
    pairs = [(method.normalise, method.aggregate)]
    pairs += [(n, a) for n in normalisations for a in aggregations]
    for normalise, aggregate in pairs:
        if said := why_infeasible(normalise, aggregate):
            raise InfeasibleError(
                f"normalise: {normalise.label} cannot go with aggregate: {aggregate.label}: {said}",
                code="infeasible",
                path="aggregate" if method.vary.is_empty else "uncertainty.aggregate",
            )


def why_infeasible(normalise: Normalise, aggregate: Aggregate) -> str:
    """The reason why a scale and an aggregation cannot go together; empty when they can."""
    rules = sorted(aggregate.levels.items()) or [(2, aggregate.rule)]
    lowest, signed = rules[0][0], False
    for level, rule in rules:
        needs = rule.mean in POSITIVE_ONLY or (rule.mean is Mean.GENERALISED and rule.power < 0)
        if rule.nonpositive is not Policy.ERROR:
            needs = False
        if needs and signed:
            return f"Copeland scores below level {level} sum to zero, {rule.label} needs them above"
        if needs and normalise.method is Scale.ZSCORE and normalise.mean <= 0:
            return f"z-scores around {normalise.mean:g} are negative; use a mean above zero"
        if needs and level == lowest:
            if normalise.method in ZERO_AT_WORST:
                return "the worst unit gets 0, and that mean needs values above zero"
            if normalise.method in (Scale.MINMAX, Scale.EFFICACY) and normalise.low <= 0:
                return (
                    f"the worst unit gets {normalise.low:g}, and that mean needs values above "
                    "zero; use range: [1, 100]"
                )
        signed = signed or rule.mean in SIGNED
    return ""


def check_levels(aggregate: Aggregate, levels: tuple[int, ...]) -> None:
    """Raise MethodError unless a map of levels names exactly the levels that are computed."""
    known = ", ".join(map(str, levels))
    if aggregate.levels:
        for level in levels:
            if level not in aggregate.levels:
                raise MethodError(
                    f"aggregate.levels says nothing of level {level}; the tree computes {known}",
                    code="level",
                    path="aggregate.levels",
                )
    for name, keys in (
        ("levels", aggregate.levels),
        ("min_available", aggregate.min_available_by_level),
    ):
        for level in keys:
            if level not in levels:
                raise MethodError(
                    f"aggregate.{name} names level {level}, but the tree computes {known}",
                    code="level",
                    path=f"aggregate.{name}",
                )
