"""Reading a method from plain data (a YAML or JSON mapping): every key known, every value checked.

An unknown key or value is refused with its place and the nearest known word, before anything runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from .feasibility import check_feasible
from .method import (
    UNIT_SCALES,
    Adjust,
    Aggregate,
    Impute,
    Mean,
    Method,
    Normalise,
    Policy,
    Rule,
    Scale,
    Split,
    Treat,
    Vary,
    WeightRule,
)
from .reader import Reader, whole, wrong

IMPUTE_METHODS: Final = (
    "none", "mean", "median", "group_mean", "group_median", "row_within_parent",
)  # fmt: skip
WEIGHT_METHODS: Final = (
    "given", "equal", "entropy", "critic", "std", "gini", "merec", "coefficient_of_variation",
    "pca", "ahp", "optimised",
)  # fmt: skip
_SCALE_KEYS: Final[Mapping[Scale, tuple[str, ...]]] = {
    Scale.MINMAX: ("range", "constant"),
    Scale.EFFICACY: ("range", "constant"),
    Scale.ZSCORE: ("mean", "sd", "constant"),
    Scale.RANK: (),
    Scale.BORDA: (),
    Scale.PERCENTILE_RANK: ("range", "constant"),
    Scale.DISTANCE_TO_TARGET: ("target", "cap", "range", "constant"),
    Scale.DISTANCE_TO_MAX: ("range", "constant"),
    Scale.DISTANCE_TO_REFERENCE: ("unit", "range", "at_worst"),
    Scale.GOALPOSTS: ("low", "high", "range", "clip", "constant"),
    Scale.FRACTION_OF_MAX: ("negative", "range", "constant"),
}


def parse_method(data: object) -> Method:
    """Read a whole method.

    Parameters
    ----------
    data
        What a YAML reader gives for METHOD.yaml.

    Raises
    ------
    MethodError
        A key or value is unknown, missing or out of range; names the place.
    InfeasibleError
        Two choices cannot go together, also inside the uncertainty block.

    >>> parse_method({"normalise": {"method": "minmax", "rnage": [0, 1]}})
    Traceback (most recent call last):
    ...
    jingkai.engine.composite.errors.MethodError: normalise.rnage is not a key of a method; did you \
mean “range”?
    """
    known = (
        "weights", "screen", "denominate", "impute", "treat", "normalise", "aggregate", "split",
        "adjust", "groups", "uncertainty",
    )  # fmt: skip
    top = Reader(data, "", known)
    screen = None
    if top.data.get("screen") not in (None, "none"):
        inner = Reader(top.data["screen"], "screen", ("min_coverage",))
        if "min_coverage" not in inner:
            raise wrong("screen.min_coverage", "is missing")
        screen = inner.number("min_coverage", 0.0, least=0.0, most=1.0)
    method = Method(
        weights=parse_weights(top.data.get("weights", "weight"), "weights"),
        min_coverage=screen,
        denominate=top.flag("denominate", False),
        impute=parse_impute(top.data.get("impute"), "impute"),
        treat=parse_treat(top.data.get("treat"), "treat"),
        normalise=parse_normalise(top.data.get("normalise", "minmax"), "normalise"),
        aggregate=parse_aggregate(top.data.get("aggregate", "arithmetic"), "aggregate"),
        split=_parse_split(top.data.get("split")),
        adjust=_parse_adjust(top.data.get("adjust")),
        groups=top.text("groups") if "groups" in top else "",
    )
    method = replace(method, vary=_parse_vary(top.data.get("uncertainty"), method))
    check_feasible(method)
    return method


def parse_weights(data: object, path: str) -> WeightRule:
    """`weights: COLUMN`, `weights: equal`, or a mapping with a weight method."""
    if isinstance(data, str):
        return WeightRule(method="equal") if data == "equal" else WeightRule(column=data)
    r = Reader(data, path, ("method", "column", "matrices", "rule", "max_ratio", "sums_to"))
    method = r.choice("method", WEIGHT_METHODS, "given")
    matrices: dict[str, tuple[tuple[float, ...], ...]] = {}
    if method == "ahp":
        inner = Reader(
            r.data.get("matrices"), r.at("matrices"), tuple((r.data.get("matrices") or {}).keys())
        )
        for parent, rows in inner.data.items():
            if not isinstance(rows, Sequence) or not all(
                isinstance(row, Sequence)
                and len(row) == len(rows)
                and all(isinstance(v, int | float) and v > 0 for v in row)
                for row in rows
            ):
                raise wrong(inner.at(parent), "must be a square matrix of numbers above zero")
            matrices[str(parent)] = tuple(tuple(float(v) for v in row) for row in rows)
    return WeightRule(
        column=r.text("column", "weight"),
        method=method,
        matrices=matrices,
        rule=r.choice("rule", ("eigenvector", "geometric_mean"), "eigenvector"),
        max_ratio=r.number("max_ratio", 0.1, least=0.0),
        sums_to=r.optional_number("sums_to", None),
    )


def parse_impute(data: object, path: str) -> Impute:
    """`impute: none`, or a mapping."""
    if data in (None, "none"):
        return Impute()
    r = Reader({"method": data} if isinstance(data, str) else data, path, ("method", "by"))
    method = r.choice("method", IMPUTE_METHODS)
    grouped = method.startswith("group_")
    if "by" in r and not grouped:
        raise wrong(r.at("by"), f"has no meaning for {method}")
    return Impute(method, r.text("by") if grouped else "")


def parse_treat(data: object, path: str) -> Treat:
    """`treat: none`, or a mapping."""
    if data in (None, "none"):
        return Treat()
    known = ("method", "winmax", "skew", "kurtosis", "log", "log_from")
    r = Reader({"method": data} if isinstance(data, str) else data, path, known)
    if r.choice("method", ("none", "winsorise_then_log"), "winsorise_then_log") == "none":
        return Treat()
    return Treat(
        "winsorise_then_log",
        winmax=whole(r.data.get("winmax", 5), r.at("winmax")),
        skew=r.number("skew", 2.0, least=0.0),
        kurtosis=r.number("kurtosis", 3.5),
        log=r.choice("log", ("ct", "ct_plus", "none"), "ct"),
        log_from=r.choice("log_from", ("original", "winsorised"), "original"),
    )


def parse_normalise(data: object, path: str) -> Normalise:
    """A scale; as a mapping also with `indicators: {CODE: scale}` for single indicators."""
    if not isinstance(data, Mapping):
        return parse_scale(data, path)
    rest = {key: value for key, value in data.items() if key != "indicators"}
    spec = parse_scale(rest, path, extra=("indicators",))
    own = _by_code(data.get("indicators", {}), f"{path}.indicators", "indicators to scales")
    return replace(
        spec,
        indicators={
            code: parse_scale(entry, f"{path}.indicators.{code}") for code, entry in own.items()
        },
    )


def parse_scale(data: object, path: str, *, extra: Sequence[str] = ()) -> Normalise:
    """A scale by name, or a mapping with `method` and that scale's own keys."""
    entry = {"method": data} if isinstance(data, str) else data
    every = sorted({key for keys in _SCALE_KEYS.values() for key in keys})
    r = Reader(entry, path, ("method", *every, *extra))
    scale = Scale(r.choice("method", [str(s) for s in Scale]))
    own = _SCALE_KEYS[scale]
    for key in r.data:
        if key not in ("method", *own):
            raise wrong(
                r.at(key), f"has no meaning for {scale}; it takes {', '.join(own) or 'no keys'}"
            )
    default = (60.0, 100.0) if scale is Scale.EFFICACY else (0.0, 100.0)
    low, high = r.range(default)
    onto = (low, high) if scale in UNIT_SCALES and "range" in r else None
    low, high = default if onto else (low, high)
    spec = Normalise(method=scale, low=low, high=high, onto=onto)
    policies = ("error", "skip", "floor", "middle")
    return replace(
        spec,
        mean=r.number("mean", 0.0),
        sd=r.number("sd", 1.0, above=0.0),
        target=r.text("target", "target"),
        cap=r.optional_number("cap", 1.0),
        unit=r.text("unit") if scale is Scale.DISTANCE_TO_REFERENCE else "",
        low_column=r.text("low", "goal_low"),
        high_column=r.text("high", "goal_high"),
        clip=r.flag("clip", True),
        negative=r.choice("negative", ("sign", "inverse"), "sign"),
        constant=Policy(r.choice("constant", policies, "error")),
        at_worst=Policy(r.choice("at_worst", ("infinite", "skip", "error"), "infinite")),
    )


def parse_rule(data: object, path: str, *, extra: Sequence[str] = ()) -> Rule:
    """One aggregation rule: its name, or a mapping with `method`."""
    entry = {"method": data} if isinstance(data, str) else data
    r = Reader(entry, path, ("method", "power", "nonpositive", "floor", "v", *extra))
    mean = Mean(r.choice("method", [str(m) for m in Mean]))
    if mean is Mean.GENERALISED:
        if "power" not in r:
            raise wrong(r.at("power"), "is missing: a generalised mean needs it")
        if r.number("power", 1.0) == 0:
            raise wrong(r.at("power"), "is 0: that is the geometric mean; write geometric")
    elif "power" in r:
        raise wrong(r.at("power"), f"has no meaning for {mean}")
    nonpositive = Policy(r.choice("nonpositive", ("error", "skip", "floor"), "error"))
    if nonpositive is Policy.FLOOR and "floor" not in r:
        raise wrong(r.at("floor"), "is missing: nonpositive: floor needs it")
    return Rule(
        mean,
        power=r.number("power", 1.0),
        nonpositive=nonpositive,
        floor=r.number("floor", 0.0, above=0.0) if "floor" in r else 0.0,
        v=r.number("v", 0.5, least=0.0, most=1.0),
    )


def parse_aggregate(data: object, path: str) -> Aggregate:
    """One rule for all levels, or `levels:`; `min_available`; `nodes:` for single aggregates."""
    if isinstance(data, str):
        return Aggregate(parse_rule(data, path))
    keys = ("method", "levels", "nodes", "min_available", "power", "nonpositive", "floor", "v")
    r = Reader(data, path, keys)
    if ("levels" in r) == ("method" in r):
        raise wrong(path, "needs either method or levels")
    rest = {k: v for k, v in r.data.items() if k not in ("min_available", "levels", "nodes")}
    levels: dict[int, Rule] = {}
    rule = Rule()
    if "levels" in r:
        if rest:
            raise wrong(r.at(next(iter(rest))), "belongs inside a level")
        by_level = _by_level(r.data["levels"], r.at("levels"))
        levels = {n: parse_rule(v, f"{r.at('levels')}.{n}") for n, v in by_level.items()}
    else:
        rule = parse_rule(rest, path)
    share, shares = 0.0, {}
    if isinstance(r.data.get("min_available"), Mapping):
        place = r.at("min_available")
        for n, value in _by_level(r.data["min_available"], place).items():
            holder = Reader({str(n): value}, place, (str(n),))
            shares[n] = holder.number(str(n), 0.0, least=0.0, most=1.0)
    else:
        share = r.number("min_available", 0.0, least=0.0, most=1.0)
    own = _by_code(r.data.get("nodes", {}), r.at("nodes"), "aggregates to rules")
    nodes = {code: parse_rule(entry, f"{r.at('nodes')}.{code}") for code, entry in own.items()}
    return Aggregate(rule, levels, share, shares, nodes)


def _by_code(data: object, path: str, said: str) -> dict[str, Any]:
    if not isinstance(data, Mapping):
        raise wrong(path, f"must map codes of {said}, not {data!r}")
    return {str(code): entry for code, entry in data.items()}


def _by_level(data: object, path: str) -> dict[int, Any]:
    if not isinstance(data, Mapping) or not data:
        raise wrong(path, "must map levels (2, 3, …) to rules")
    found = {}
    for key, value in data.items():
        if isinstance(key, bool) or not str(key).isdigit() or int(key) < 2:
            raise wrong(f"{path}.{key}", "is not a level: levels being computed begin with 2")
        found[int(key)] = value
    return found


def _parse_split(data: object) -> dict[str, Split]:
    if data in (None, "none"):
        return {}
    outer = Reader(data, "split", tuple(data) if isinstance(data, Mapping) else ())
    found = {}
    for code, entry in outer.data.items():
        keys = ("base", "growth_share", "rule", "zero_base", "negative_base", "floor")
        r = Reader(entry, outer.at(code), keys)
        policies = ("skip", "error", "floor")
        split = Split(
            base=r.text("base"),
            growth_share=r.number("growth_share", 0.5, least=0.0, most=1.0),
            rule=r.choice("rule", ("percent", "difference", "symmetric", "log"), "percent"),
            zero_base=Policy(r.choice("zero_base", policies, "skip")),
            negative_base=Policy(r.choice("negative_base", policies, "skip")),
            floor=r.number("floor", 0.0, above=0.0) if "floor" in r else 0.0,
        )
        if Policy.FLOOR in (split.zero_base, split.negative_base) and "floor" not in r:
            raise wrong(r.at("floor"), "is missing: the policy floor needs it")
        found[str(code)] = split
    return found


def _parse_adjust(data: object) -> Adjust | None:
    if data in (None, "none"):
        return None
    keys = (
        "bonus", "bonus_cap", "deduction", "deduction_cap", "veto", "veto_effect", "veto_cap",
        "floor",
    )  # fmt: skip
    r = Reader(data, "adjust", keys)
    return Adjust(
        bonus=r.text("bonus") if "bonus" in r else "",
        bonus_cap=r.optional_number("bonus_cap", None),
        deduction=r.text("deduction") if "deduction" in r else "",
        deduction_cap=r.optional_number("deduction_cap", None),
        veto=r.text("veto") if "veto" in r else "",
        veto_effect=r.choice("veto_effect", ("zero", "cap", "exclude"), "zero"),
        veto_cap=r.number("veto_cap", 0.0),
        floor=r.optional_number("floor", None),
    )


def _parse_vary(data: object, method: Method) -> Vary:
    if data in (None, "none"):
        return Vary()
    keys = ("impute", "treat", "normalise", "aggregate", "weights", "data")
    r = Reader(data, "uncertainty", keys)

    def alternatives(key: str, parse: Callable[[object, str], Any]) -> tuple[Any, ...]:
        value = r.data.get(key, [])
        entries = value if isinstance(value, list | tuple) else [value]
        if key in r and not entries:
            raise wrong(r.at(key), "is an empty list: leave the key out")
        return tuple(parse(entry, f"{r.at(key)}[{n}]") for n, entry in enumerate(entries))

    treat: tuple[Treat, ...]
    if isinstance(r.data.get("treat"), Mapping):
        inner = Reader(r.data["treat"], r.at("treat"), ("winmax",))
        counts = inner.data.get("winmax")
        if not isinstance(counts, list | tuple) or not counts:
            raise wrong(inner.at("winmax"), "must be a list of whole numbers")
        if method.treat.method == "none":
            raise wrong(inner.at("winmax"), "varies a treatment, but the method's treat is none")
        treat = tuple(
            replace(method.treat, winmax=whole(c, f"{inner.at('winmax')}[{n}]"))
            for n, c in enumerate(counts)
        )
    else:
        treat = alternatives("treat", parse_treat)

    def noise(key: str, most: float) -> float | None:
        if key not in r:
            return None
        inner = Reader(r.data[key], r.at(key), ("noise",))
        return inner.number("noise", 0.0, least=0.0, most=most)

    def aggregate(entry: object, path: str) -> Aggregate:
        found, own = parse_aggregate(entry, path), method.aggregate
        named = entry if isinstance(entry, Mapping) else {}
        if "min_available" not in named:
            found = replace(
                found,
                min_available=own.min_available,
                min_available_by_level=own.min_available_by_level,
            )
        return found if "nodes" in named else replace(found, nodes=own.nodes)

    def scale(entry: object, path: str) -> Normalise:
        found = parse_normalise(entry, path)
        if isinstance(entry, Mapping) and "indicators" in entry:
            return found
        return replace(found, indicators=method.normalise.indicators)

    return Vary(
        impute=alternatives("impute", parse_impute),
        treat=treat,
        normalise=alternatives("normalise", scale),
        aggregate=alternatives("aggregate", aggregate),
        weight_noise=noise("weights", 1.0),
        data_noise=noise("data", float("1e6")),
    )
