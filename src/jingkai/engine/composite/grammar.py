"""Reading a method from plain data (a YAML or JSON mapping): every key known, every value checked.

An unknown key or value is refused with its place and the nearest known word, before anything runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from .errors import DesignError, InfeasibleError, MethodError
from .method import (
    POSITIVE_ONLY,
    SIGNED,
    ZERO_AT_WORST,
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
from .tree import nearest

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
    Scale.PERCENTILE_RANK: ("constant",),
    Scale.DISTANCE_TO_TARGET: ("target", "cap", "constant"),
    Scale.DISTANCE_TO_MAX: ("constant",),
    Scale.DISTANCE_TO_REFERENCE: ("unit", "at_worst"),
    Scale.GOALPOSTS: ("low", "high", "range", "clip", "constant"),
    Scale.FRACTION_OF_MAX: ("negative", "constant"),
}


class Reader:
    """A mapping that knows its place in the method, and which of its keys were asked for."""

    def __init__(self, data: object, path: str, known: Sequence[str]) -> None:
        if not isinstance(data, Mapping):
            raise _wrong(path, f"must be a mapping with some of {', '.join(known)}, not {data!r}")
        self.data: Mapping[str, Any] = data
        self.path = path
        for key in data:
            if key not in known:
                raise MethodError(
                    f"{_at(path, key)} is not a key of a method"
                    f"{nearest(str(key), known) or '; known here: ' + ', '.join(known)}",
                    code="unknown_key",
                    path=_at(path, key),
                )

    def __contains__(self, key: str) -> bool:
        return key in self.data

    def at(self, key: str) -> str:
        """Place of a key."""
        return _at(self.path, key)

    def number(
        self,
        key: str,
        default: float,
        *,
        least: float = float("-inf"),
        most: float = float("inf"),
        above: float = float("-inf"),
    ) -> float:
        """A finite number within bounds."""
        value = self.data.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            raise _wrong(self.at(key), f"must be a number, not {value!r}")
        if not least <= value <= most or not value > above or abs(value) == float("inf"):
            bounds = [f"at least {least:g}"] * (least > float("-inf"))
            bounds += [f"more than {above:g}"] * (above > float("-inf"))
            bounds += [f"at most {most:g}"] * (most < float("inf"))
            raise _wrong(
                self.at(key), f"is {value:g}; it must be {' and '.join(bounds) or 'finite'}"
            )
        return float(value)

    def optional_number(self, key: str, default: float | None) -> float | None:
        """A number, or none/null."""
        if key not in self.data:
            return default
        return None if self.data[key] in (None, "none") else self.number(key, 0.0)

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self.data.get(key, default)
        if not isinstance(value, bool):
            raise _wrong(self.at(key), f"must be true or false, not {value!r}")
        return value

    def text(self, key: str, default: str | None = None) -> str:
        """A text; required when there is no default."""
        value = self.data.get(key, default)
        if value is None:
            raise _wrong(self.at(key), "is missing")
        if not isinstance(value, str | int | float) or isinstance(value, bool) or value == "":
            raise _wrong(self.at(key), f"must be a text, not {value!r}")
        return str(value)

    def choice(self, key: str, known: Sequence[str], default: str | None = None) -> str:
        """One of the known words."""
        return _choice(self.text(key, default), known, self.at(key))

    def range(self, default: tuple[float, float]) -> tuple[float, float]:
        """`range: [low, high]`."""
        value = self.data.get("range", default)
        if (
            not isinstance(value, Sequence)
            or isinstance(value, str)
            or len(value) != 2
            or not all(isinstance(v, int | float) and abs(v) < float("inf") for v in value)
            or not value[0] < value[1]
        ):
            raise _wrong(self.at("range"), f"must be two ascending numbers, not {value!r}")
        return float(value[0]), float(value[1])


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
            raise _wrong("screen.min_coverage", "is missing")
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
                raise _wrong(inner.at(parent), "must be a square matrix of numbers above zero")
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
        raise _wrong(r.at("by"), f"has no meaning for {method}")
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
        winmax=_whole(r.data.get("winmax", 5), r.at("winmax")),
        skew=r.number("skew", 2.0, least=0.0),
        kurtosis=r.number("kurtosis", 3.5),
        log=r.choice("log", ("ct", "ct_plus", "none"), "ct"),
        log_from=r.choice("log_from", ("original", "winsorised"), "original"),
    )


def parse_normalise(data: object, path: str) -> Normalise:
    """A scale by name, or a mapping with `method` and that scale's own keys."""
    entry = {"method": data} if isinstance(data, str) else data
    every = sorted({key for keys in _SCALE_KEYS.values() for key in keys})
    r = Reader(entry, path, ("method", *every))
    scale = Scale(r.choice("method", [str(s) for s in Scale]))
    own = _SCALE_KEYS[scale]
    for key in r.data:
        if key not in ("method", *own):
            raise _wrong(
                r.at(key), f"has no meaning for {scale}; it takes {', '.join(own) or 'no keys'}"
            )
    default = (60.0, 100.0) if scale is Scale.EFFICACY else (0.0, 100.0)
    low, high = r.range(default)
    spec = Normalise(method=scale, low=low, high=high)
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
            raise _wrong(r.at("power"), "is missing: a generalised mean needs it")
        if r.number("power", 1.0) == 0:
            raise _wrong(r.at("power"), "is 0: that is the geometric mean; write geometric")
    elif "power" in r:
        raise _wrong(r.at("power"), f"has no meaning for {mean}")
    nonpositive = Policy(r.choice("nonpositive", ("error", "skip", "floor"), "error"))
    if nonpositive is Policy.FLOOR and "floor" not in r:
        raise _wrong(r.at("floor"), "is missing: nonpositive: floor needs it")
    return Rule(
        mean,
        power=r.number("power", 1.0),
        nonpositive=nonpositive,
        floor=r.number("floor", 0.0, above=0.0) if "floor" in r else 0.0,
        v=r.number("v", 0.5, least=0.0, most=1.0),
    )


def parse_aggregate(data: object, path: str) -> Aggregate:
    """One rule for all levels, or `levels:`; with `min_available`, a number or one per level."""
    if isinstance(data, str):
        return Aggregate(parse_rule(data, path))
    keys = ("method", "levels", "min_available", "power", "nonpositive", "floor", "v")
    r = Reader(data, path, keys)
    if ("levels" in r) == ("method" in r):
        raise _wrong(path, "needs either method or levels")
    rest = {k: v for k, v in r.data.items() if k not in ("min_available", "levels")}
    levels: dict[int, Rule] = {}
    rule = Rule()
    if "levels" in r:
        if rest:
            raise _wrong(r.at(next(iter(rest))), "belongs inside a level")
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
    return Aggregate(rule, levels, share, shares)


def _by_level(data: object, path: str) -> dict[int, Any]:
    if not isinstance(data, Mapping) or not data:
        raise _wrong(path, "must map levels (2, 3, …) to rules")
    found = {}
    for key, value in data.items():
        if isinstance(key, bool) or not str(key).isdigit() or int(key) < 2:
            raise _wrong(f"{path}.{key}", "is not a level: levels being computed begin with 2")
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
            raise _wrong(r.at("floor"), "is missing: the policy floor needs it")
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
            raise _wrong(r.at(key), "is an empty list: leave the key out")
        return tuple(parse(entry, f"{r.at(key)}[{n}]") for n, entry in enumerate(entries))

    treat: tuple[Treat, ...]
    if isinstance(r.data.get("treat"), Mapping):
        inner = Reader(r.data["treat"], r.at("treat"), ("winmax",))
        counts = inner.data.get("winmax")
        if not isinstance(counts, list | tuple) or not counts:
            raise _wrong(inner.at("winmax"), "must be a list of whole numbers")
        if method.treat.method == "none":
            raise _wrong(inner.at("winmax"), "varies a treatment, but the method's treat is none")
        treat = tuple(
            replace(method.treat, winmax=_whole(c, f"{inner.at('winmax')}[{n}]"))
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
        found = parse_aggregate(entry, path)
        if isinstance(entry, Mapping) and "min_available" in entry:
            return found
        own = method.aggregate
        return replace(
            found,
            min_available=own.min_available,
            min_available_by_level=own.min_available_by_level,
        )

    return Vary(
        impute=alternatives("impute", parse_impute),
        treat=treat,
        normalise=alternatives("normalise", parse_normalise),
        aggregate=alternatives("aggregate", aggregate),
        weight_noise=noise("weights", 1.0),
        data_noise=noise("data", float("1e6")),
    )


def check_feasible(method: Method) -> None:
    """Raise InfeasibleError for combinations that cannot give a number, before any run.

    Every normalisation that may occur is held against every aggregation that may occur. What only
    the data can show (a fraction of the maximum that is negative) is refused when it is met.
    """
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
    if not aggregate.levels and aggregate.rule.mean in SIGNED:
        return ""
    return ""


def _choice(value: str, known: Sequence[str], path: str) -> str:
    if value in known:
        return value
    raise MethodError(
        f"{path}: “{value}” is not known{nearest(value, known) or '; known: ' + ', '.join(known)}",
        code="unknown_value",
        path=path,
    )


def _whole(value: object, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _wrong(path, f"must be a whole number, zero or more, not {value!r}")
    return value


def _at(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)


def _wrong(path: str, said: str) -> MethodError:
    return MethodError(f"{path or 'the method'} {said}", code="bad_value", path=path)


def parse_label(label: str) -> Normalise:
    """A scale from the short name that designs use: `minmax_1_100`, `zscore_100_10`, `rank_min`.

    Raises DesignError for an unknown one.

    >>> parse_label("minmax_1_100").low
    1.0
    """
    name = {"rank_min": "rank", "prank": "percentile_rank"}.get(label, label)
    for scale in sorted(Scale, key=lambda s: -len(s)):
        if name != scale and not name.startswith(f"{scale}_"):
            continue
        rest = name[len(scale) + 1 :]
        if not rest:
            return parse_normalise(str(scale), "normalisation")
        if scale is Scale.DISTANCE_TO_REFERENCE:
            return Normalise(scale, unit=rest)
        try:
            first, second = (float(part) for part in rest.split("_"))
        except ValueError:
            break
        keys = ("mean", "sd") if scale is Scale.ZSCORE else ("range", "")
        entry: dict[str, Any] = {"method": str(scale)}
        entry |= {"mean": first, "sd": second} if keys[1] else {"range": [first, second]}
        return parse_normalise(entry, "normalisation")
    raise DesignError(
        f"normalisation “{label}” is not known; write a method with its numbers, such as "
        "minmax_1_100, zscore_100_10 or rank_min"
    )


def parse_mean_label(label: str) -> Rule:
    """An aggregation from its short name: `arithmetic`, `generalised_mean_0.5`.

    Raises DesignError for an unknown one.
    """
    name, _, rest = label.rpartition("_")
    if name == Mean.GENERALISED:
        try:
            return parse_rule({"method": name, "power": float(rest)}, "aggregation")
        except ValueError as problem:
            raise DesignError(f"aggregation “{label}”: {rest} is not a power") from problem
    if label not in [str(mean) for mean in Mean]:
        raise DesignError(
            f"aggregation “{label}” is not known{nearest(label, [str(m) for m in Mean])}"
        )
    return parse_rule(label, "aggregation")
