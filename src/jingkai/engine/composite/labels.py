"""Short names of scales and means, as designs to be replayed write them."""

from __future__ import annotations

from typing import Any

from .errors import DesignError
from .grammar import parse_normalise, parse_rule
from .method import Mean, Normalise, Rule, Scale
from .tree import nearest


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
