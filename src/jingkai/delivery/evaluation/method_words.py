"""The method of a scheme in words: how a figure becomes a score, and scores become one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from .definition import Definition, Node

SCALES: Final[Mapping[str, StrOrPromise]] = {
    "minmax": gettext_lazy("between the lowest and the highest zone"),
    "efficacy": gettext_lazy("efficacy coefficient (功效系数)"),
    "fraction_of_max": gettext_lazy("share of the best zone's figure"),
    "distance_to_target": gettext_lazy("how far the target is met"),
    "distance_to_max": gettext_lazy("distance to the best zone"),
    "rank": gettext_lazy("place in the order"),
    "percentile_rank": gettext_lazy("share of zones left behind"),
    "borda": gettext_lazy("points by place (Borda)"),
    "zscore": gettext_lazy("distance to the mean in standard deviations"),
}
AGGREGATIONS: Final[Mapping[str, StrOrPromise]] = {
    "arithmetic": gettext_lazy("weighted sum"),
    "geometric": gettext_lazy("weighted geometric mean"),
    "harmonic": gettext_lazy("weighted harmonic mean"),
    "generalised_mean": gettext_lazy("weighted power mean"),
    "copeland": gettext_lazy("wins in pairs (Copeland)"),
    "topsis": gettext_lazy("closeness to the ideal (TOPSIS)"),
    "vikor": gettext_lazy("compromise (VIKOR)"),
}
IMPUTATIONS: Final[Mapping[str, StrOrPromise]] = {
    "none": gettext_lazy("left out: the other parts share its points"),
    "mean": gettext_lazy("mean of the zones"),
    "median": gettext_lazy("median of the zones"),
    "group_mean": gettext_lazy("mean of the peer group"),
    "group_median": gettext_lazy("median of the peer group"),
    "row_within_parent": gettext_lazy("the zone's own mean inside the class"),
}
CONSTANTS: Final[Mapping[str, StrOrPromise]] = {
    "error": gettext_lazy("stop and say so"),
    "middle": gettext_lazy("everybody in the middle of the scale"),
    "skip": gettext_lazy("leave the indicator out"),
    "floor": gettext_lazy("everybody at the bottom of the scale"),
}
VETO_EFFECTS: Final[Mapping[str, StrOrPromise]] = {
    "zero": gettext_lazy("the score becomes 0"),
    "cap": gettext_lazy("the score is capped"),
    "exclude": gettext_lazy("no score and no rank"),
}


def method_lines(definition: Definition) -> tuple[str, ...]:
    """How the whole edition computes, one sentence for each step."""
    return tuple(_lines(definition))


def _lines(definition: Definition) -> Iterator[str]:
    method = definition.method
    yield _("A figure becomes a score: %(scale)s.") % {
        "scale": scale_words(method.get("normalise", "minmax"))
    }
    yield from _constant(method.get("normalise", "minmax"))
    yield _("Scores become one: %(rule)s.") % {
        "rule": aggregation_words(method.get("aggregate", "arithmetic"))
    }
    impute = method.get("impute", "none")
    name = _method_of(impute, "none")
    yield _("A missing figure is: %(way)s.") % {"way": IMPUTATIONS.get(name, name)}
    treat = method.get("treat", "none")
    if _method_of(treat, "winsorise_then_log") == "none":
        yield _("Outliers are taken as they are.")
    else:
        most = treat.get("winmax", 5) if isinstance(treat, Mapping) else 5
        yield _(
            "Outliers: up to %(most)s extreme figures of an indicator are drawn in to the next "
            "one; if it is still skewed, logarithms are taken."
        ) % {"most": most}
    yield from _groups(definition)
    yield from _adjust(definition.adjust)
    yield from _varied(method.get("uncertainty") or {})


def scale_words(entry: Any) -> str:
    """A scale in words, with its limits."""
    name = _method_of(entry, "minmax")
    own: Mapping[str, Any] = entry if isinstance(entry, Mapping) else {}
    words = str(SCALES.get(name, name))
    if name in ("minmax", "efficacy"):
        low, high = own.get("range", (60, 100) if name == "efficacy" else (0, 100))
        return _("%(scale)s, %(low)s to %(high)s") % {"scale": words, "low": low, "high": high}
    if name == "zscore":
        return _("%(scale)s, mean %(mean)s, deviation %(sd)s") % {
            "scale": words,
            "mean": own.get("mean", 0),
            "sd": own.get("sd", 1),
        }
    if name == "distance_to_target":
        cap = own.get("cap", 1)
        if cap is None or cap == "none":
            return _("%(scale)s, more than the target counts on") % {"scale": words}
        return _("%(scale)s, at most %(cap)s times") % {"scale": words, "cap": cap}
    return words


def aggregation_words(entry: Any) -> str:
    """An aggregation in words; with rules by level, each level."""
    if isinstance(entry, Mapping) and "levels" in entry:
        return "；".join(
            _("level %(level)s: %(rule)s") % {"level": level, "rule": aggregation_words(rule)}
            for level, rule in sorted(entry["levels"].items(), key=lambda item: int(item[0]))
        )
    name = _method_of(entry, "arithmetic")
    words = str(AGGREGATIONS.get(name, name))
    if isinstance(entry, Mapping) and name == "generalised_mean":
        return _("%(rule)s with power %(power)s") % {"rule": words, "power": entry.get("power")}
    return words


def node_method_words(node: Node) -> str:
    """The node's own method, "" when it follows the edition."""
    if not node.method:
        return ""
    return scale_words(node.method) if node.is_leaf else aggregation_words(node.method)


def _method_of(entry: Any, default: str) -> str:
    if isinstance(entry, Mapping):
        return str(entry.get("method", default))
    return str(entry) if entry else "none" if default == "winsorise_then_log" else default


def _constant(entry: Any) -> Iterator[str]:
    way = entry.get("constant") if isinstance(entry, Mapping) else None
    if way:
        yield _("Where all zones have the same figure: %(way)s.") % {"way": CONSTANTS.get(way, way)}


def _groups(definition: Definition) -> Iterator[str]:
    if definition.group_by == "level":
        yield _(
            "National and provincial zones are also ranked apart; a group of fewer than %(least)s "
            "zones is told, not ranked."
        ) % {"least": definition.min_group}
    yield _("A zone with less than %(share)s%% of the points observed is not ranked.") % {
        "share": f"{(definition.min_coverage * 100).normalize():f}"
    }


def _adjust(adjust: Mapping[str, Any]) -> Iterator[str]:
    if adjust.get("bonus_cap") is not None:
        yield _("Bonus points count up to %(cap)s.") % {"cap": adjust["bonus_cap"]}
    if adjust.get("deduction_cap") is not None:
        yield _("Deductions count up to %(cap)s.") % {"cap": adjust["deduction_cap"]}
    effect = adjust.get("veto_effect")
    if effect == "cap":
        yield _("After a veto the score is at most %(cap)s.") % {"cap": adjust.get("veto_cap", 0)}
    elif effect:
        yield _("After a veto: %(effect)s.") % {"effect": VETO_EFFECTS.get(effect, effect)}


def _varied(vary: Mapping[str, Any]) -> Iterator[str]:
    parts = []
    if isinstance(vary.get("weights"), Mapping):
        share = vary["weights"].get("noise", 0)
        parts.append(_("points by ±%(share)s%%") % {"share": f"{float(share) * 100:g}"})
    if isinstance(vary.get("data"), Mapping):
        share = vary["data"].get("noise", 0)
        parts.append(
            _("figures by noise of %(share)s standard deviations") % {"share": f"{float(share):g}"}
        )
    for key, words in (("normalise", scale_words), ("aggregate", aggregation_words)):
        entries = vary.get(key) or ()
        parts += [words(each) for each in (entries if isinstance(entries, list) else [entries])]
    imputes = vary.get("impute") or ()
    for each in imputes if isinstance(imputes, list) else [imputes]:
        name = _method_of(each, "none")
        parts.append(str(IMPUTATIONS.get(name, name)))
    if parts:
        yield _("To see how firm a rank is, these are varied: %(parts)s.") % {
            "parts": "；".join(parts)
        }
