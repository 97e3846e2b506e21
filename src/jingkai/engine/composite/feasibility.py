"""Choices that cannot give a number together are refused before anything is computed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .errors import InfeasibleError, MethodError
from .method import (
    POSITIVE_ONLY,
    SIGNED,
    UNIT_SCALES,
    ZERO_AT_WORST,
    Aggregate,
    Mean,
    Method,
    Normalise,
    Policy,
    Rule,
    Scale,
)
from .tree import Tree, nearest


def check_feasible(method: Method) -> None:
    """Raise InfeasibleError for combinations that cannot give a number, before any run.

    Every normalisation that may occur is held against every aggregation that may occur. What only
    the tree can show (a scale of one indicator, a rule of one aggregate) is left to `check_method`;
    what only the data can show (a fraction of the maximum that is negative) is refused when it is
    met.
    """
    if method.vary.data_noise and method.split:
        raise InfeasibleError(
            "uncertainty.data cannot go with split: growth would need noise in two periods at once",
            code="infeasible",
            path="uncertainty.data",
        )
    for normalise, aggregate, path in _pairs(method):
        if said := why_infeasible(normalise, aggregate):
            raise _refusal(normalise, aggregate, said, path)


def check_method(method: Method, tree: Tree) -> None:
    """Raise MethodError unless a method fits a tree: levels, codes, and scales under their means.

    Raises
    ------
    MethodError
        `normalise.indicators` names no indicator, `aggregate.nodes` no aggregate, or a map of
        levels not the levels of the tree. `params["path"]` is the place.
    InfeasibleError
        A scale that cannot go under the mean of its aggregate; names the aggregate.
    """
    vary = method.vary
    aggregates = (method.aggregate, *vary.aggregate)
    for aggregate, path in zip(aggregates, _places("aggregate", vary.aggregate), strict=True):
        check_levels(aggregate, tree.levels)
        _check_codes(
            aggregate.nodes, f"{path}.nodes", tree.aggregates, tree.indicators, "indicator"
        )
    scales = (method.normalise, *vary.normalise)
    for normalise, path in zip(scales, _places("normalise", vary.normalise), strict=True):
        place = f"{path}.indicators"
        _check_codes(normalise.indicators, place, tree.indicators, tree.aggregates, "aggregate")
    for normalise, aggregate, path in _pairs(method):
        check_pair(normalise, aggregate, tree, path)


def check_pair(normalise: Normalise, aggregate: Aggregate, tree: Tree, path: str) -> None:
    """Raise InfeasibleError when a scale cannot go under the mean of its aggregate in this tree.

    Refused is what must fail: a child whose worst score is zero or below, or a subtree whose
    scores sum to zero (z-scores around zero, Copeland), under a mean that needs values above zero.
    """
    scales = [normalise.of(code) for code in tree.indicators]
    signed = [s.method is Scale.ZSCORE and s.mean <= 0 for s in scales]
    signed += [False] * len(tree.aggregates)
    for group in tree.groups:
        rule = aggregate.of(group.code, group.level)
        for child in group.children if needs_positive(rule) else ():
            said = why_not(scales[child], rule) if child < tree.n_indicators else ""
            if not said and signed[child]:
                said = "its scores sum to zero, and that mean needs values above zero"
            if said:
                own = group.code in aggregate.nodes
                raise InfeasibleError(
                    f"“{tree.codes[child]}” cannot go into “{group.code}” by {rule.label}: {said}",
                    code="infeasible",
                    path=f"{path}.nodes.{group.code}" if own else path,
                    element=group.code,
                )
        centred = all(signed[child] for child in group.children)
        signed[group.node] = rule.mean in SIGNED or (centred and rule.mean is Mean.ARITHMETIC)


def needs_positive(rule: Rule) -> bool:
    """Whether a mean refuses zero and negative values."""
    strict = rule.mean in POSITIVE_ONLY or (rule.mean is Mean.GENERALISED and rule.power < 0)
    return strict and rule.nonpositive is Policy.ERROR


def why_not(normalise: Normalise, rule: Rule) -> str:
    """Why indicators on a scale cannot go straight under a mean; empty when they can."""
    if not needs_positive(rule):
        return ""
    if normalise.method is Scale.ZSCORE and normalise.mean <= 0:
        return f"z-scores around {normalise.mean:g} are negative; use a mean above zero"
    low = 0.0 if normalise.onto is None else normalise.onto[0]
    if normalise.method in ZERO_AT_WORST and low <= 0:
        more = "; use range: [1, 100]" if normalise.method in UNIT_SCALES else ""
        return f"the worst unit gets {low:g}, and that mean needs values above zero{more}"
    if normalise.method in (Scale.MINMAX, Scale.EFFICACY) and normalise.low <= 0:
        return (
            f"the worst unit gets {normalise.low:g}, and that mean needs values above zero; "
            "use range: [1, 100]"
        )
    return ""


def why_infeasible(normalise: Normalise, aggregate: Aggregate) -> str:
    """The reason why a scale and an aggregation cannot go together on any tree; empty when they
    can, or when it depends on the tree."""
    common = normalise.plain
    if normalise.indicators or aggregate.nodes:
        if normalise.indicators or common.method is not Scale.ZSCORE:
            return ""
        reasons = ((code, why_not(common, rule)) for code, rule in sorted(aggregate.nodes.items()))
        return next((f"“{code}”: {said}" for code, said in reasons if said), "")
    rules = sorted(aggregate.levels.items()) or [(2, aggregate.rule)]
    lowest, signed = rules[0][0], False
    for level, rule in rules:
        if needs_positive(rule) and signed:
            return f"Copeland scores below level {level} sum to zero, {rule.label} needs them above"
        meets = level == lowest or common.method is Scale.ZSCORE
        if meets and (said := why_not(common, rule)):
            return said
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


def _check_codes(
    codes: Iterable[str], path: str, known: Sequence[str], others: Sequence[str], kind: str
) -> None:
    for code in codes:
        if code in known:
            continue
        said = f"is an {kind}" if code in others else f"is not in the tree{nearest(code, known)}"
        raise MethodError(
            f"{path}.{code}: “{code}” {said}", code="unknown_code", path=f"{path}.{code}"
        )


def _places(key: str, others: Sequence[object]) -> list[str]:
    """Where the method's own choice stands, and each alternative to it."""
    return [key, *(f"uncertainty.{key}[{n}]" for n in range(len(others)))]


def _pairs(method: Method) -> list[tuple[Normalise, Aggregate, str]]:
    """Every scale and aggregation that may meet, and where the aggregation stands."""
    vary = method.vary
    path = "aggregate" if vary.is_empty else "uncertainty.aggregate"
    pairs = [(method.normalise, method.aggregate, path)]
    pairs += [
        (n, a, path)
        for n in vary.normalise or (method.normalise,)
        for a in vary.aggregate or (method.aggregate,)
    ]
    return pairs


def _refusal(normalise: Normalise, aggregate: Aggregate, said: str, path: str) -> InfeasibleError:
    return InfeasibleError(
        f"normalise: {normalise.label} cannot go with aggregate: {aggregate.label}: {said}",
        code="infeasible",
        path=path,
    )
