"""Problems of a scheme in words for people, each naming its node and what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from jingkai.core.ui.public import local_name
from jingkai.engine.composite import CompositeError

from .definition import Definition, Problem
from .method_words import SCALES

SENTENCES: Final[Mapping[str, StrOrPromise]] = {
    "roots": gettext_lazy("There must be exactly one root, the whole; there are %(number)s."),
    "twice": gettext_lazy("The code “%(code)s” stands twice: every node needs its own."),
    "unknown_parent": gettext_lazy(
        "“%(node)s” stands under “%(parent)s”, which is not in the scheme."
    ),
    "cycle": gettext_lazy(
        "“%(node)s” stands under itself, by way of “%(through)s”: give it another parent."
    ),
    "not_hundred": gettext_lazy("The whole has %(points)s points: it must have 100."),
    "sum": gettext_lazy(
        "“%(node)s” has %(points)s points, but what stands below it adds up to %(sum)s: "
        "%(difference)s."
    ),
    "leaf_with_children": gettext_lazy(
        "“%(node)s” is measured by an indicator and cannot have anything below it."
    ),
    "no_direction": gettext_lazy(
        "“%(node)s” has no direction: say whether more or less is better."
    ),
    "childless": gettext_lazy(
        "“%(node)s” has nothing below it: add what measures it, or remove it."
    ),
    "no_points": gettext_lazy("Nothing below “%(node)s” has points: it could not be computed."),
    "unknown_indicator": gettext_lazy(
        "“%(node)s” names the indicator “%(indicator)s”, which does not exist."
    ),
    "whole_city_only": gettext_lazy(
        "“%(node)s” cannot be evaluated by zone: “%(indicator)s” is a figure of the whole city."
    ),
    "judged_only": gettext_lazy(
        "“%(node)s” cannot be evaluated: “%(indicator)s” is judged by people and has no figures."
    ),
    "no_year_figure": gettext_lazy(
        "“%(node)s”: “%(indicator)s” is not added up over time, so there is no figure of the whole "
        "year: take the last figure of the year."
    ),
    "mean_of_running_total": gettext_lazy(
        "“%(node)s”: “%(indicator)s” runs from January on, and a mean of running totals says "
        "nothing: take the whole year."
    ),
    "no_target": gettext_lazy(
        "“%(node)s” is scored by how far a target is met, but has no target: enter one."
    ),
    "other_scale": gettext_lazy(
        "“%(node)s” is scored on “%(scale)s”, whose best score is not that of the other parts: "
        "give it a range that ends where theirs does."
    ),
    "method_key": gettext_lazy(
        "The method says “%(key)s”, which has no place in a scheme: weights, growth shares, points "
        "and groups follow from the tree and the settings."
    ),
    "scale_needs_columns": gettext_lazy(
        "The scale “%(scale)s” needs columns that a scheme does not have: choose another."
    ),
    "no_groups": gettext_lazy(
        "Missing figures are filled by peer groups, but this edition has none: choose peer groups, "
        "or fill another way."
    ),
    "rule_without_name": gettext_lazy("The rule “%(rule)s” needs a code, a name and a kind."),
    "rule_twice": gettext_lazy("The rule “%(rule)s” stands twice: every rule needs its own code."),
    "rule_kind": gettext_lazy("The rule “%(rule)s” is neither bonus nor deduction nor veto."),
    "rule_points": gettext_lazy("The rule “%(rule)s” needs points above zero."),
    "rule_cap": gettext_lazy(
        "The cap of the rule “%(rule)s” is below one case: one case is worth more."
    ),
    "exit_rule": gettext_lazy("Warning and exit rules, %(place)s: %(said)s."),
    # Hints
    "no_indicator": gettext_lazy(
        "“%(node)s” (%(points)s points) has no indicator yet: nobody supplies it, and it counts as "
        "not observed."
    ),
    "measured_twice": gettext_lazy("“%(node)s” counts the same indicator as “%(other)s”."),
    "against_direction": gettext_lazy(
        "“%(node)s” is scored against the direction that “%(indicator)s” declares."
    ),
}


def sentence(problem: Problem, definition: Definition) -> str:
    """What is wrong, in the current language."""
    node = definition.by_code.get(problem.node)
    params = {**problem.params, "node": local_name(node) if node else problem.node}
    match problem.code:
        case "twice":
            params["code"] = problem.node
        case "cycle" | "unknown_parent":
            key = "through" if problem.code == "cycle" else "parent"
            other = definition.by_code.get(params[key])
            params[key] = local_name(other) if other else params[key]
        case "sum":
            params["difference"] = _difference(params["points"], params["sum"])
        case "scale_needs_columns" | "other_scale":
            params["scale"] = str(SCALES.get(params["scale"], params["scale"]))
        case "method":
            return _method(problem, params)
    return str(SENTENCES[problem.code]) % params


def _difference(points: str, total: str) -> str:
    gap = Decimal(points) - Decimal(total)
    if gap > 0:
        return _("%(points)s points are missing") % {"points": f"{gap.normalize():f}"}
    return _("%(points)s points are too many") % {"points": f"{(-gap).normalize():f}"}


def _method(problem: Problem, params: Mapping[str, str]) -> str:
    """A refusal of the engine: our words for its code, its own words where we have none."""
    words = _METHOD.get(problem.params.get("code", ""))
    place = problem.params.get("path", "")
    said = words(place) if words else problem.params.get("message", "")
    if problem.node:
        return _("“%(node)s”: %(said)s") % {"node": params["node"], "said": said}
    return said


def engine_sentence(error: CompositeError, *definitions: Definition) -> str:
    """What the engine refused while computing, with the node it names."""
    code = str(error.params.get("element", ""))
    place = {"code": error.code, "path": str(error.params.get("path", ""))}
    found = next((d for d in definitions if code in d.by_code), definitions[0])
    return sentence(Problem("method", code, {"message": str(error), **place}), found)


def _infeasible(path: str) -> str:
    if path.startswith("uncertainty.data"):
        return _(
            "Noise on the data cannot go with growth shares: growth would need noise in two years "
            "at once. Leave the noise out."
        )
    varied = path.startswith("uncertainty")
    told = _(
        "This scale and this aggregation cannot go together: the worst zone gets 0, and a "
        "geometric or harmonic mean needs scores above zero. Let the scale begin at 1, or "
        "aggregate by weighted sum."
    )
    return _("Among what is varied: %(said)s") % {"said": told} if varied else told


def _place(path: str) -> str:
    first, __, rest = path.partition(".")
    names: dict[str, StrOrPromise] = {
        "normalise": gettext_lazy("scale"),
        "aggregate": gettext_lazy("aggregation"),
        "impute": gettext_lazy("filling of missing figures"),
        "treat": gettext_lazy("treatment of outliers"),
        "uncertainty": gettext_lazy("what is varied"),
        "split": gettext_lazy("growth share"),
        "adjust": gettext_lazy("bonus, deduction and veto"),
    }
    name = str(names.get(first, first or gettext_lazy("method")))
    return f"{name} ({rest})" if rest else name


_METHOD: Final[Mapping[str, Callable[[str], str]]] = {
    "infeasible": _infeasible,
    "bad_value": lambda path: (
        _("%(place)s: this value is missing, out of range or of the wrong kind.")
        % {"place": _place(path)}
    ),
    "unknown_key": lambda path: (
        _("%(place)s: this setting is not known.") % {"place": _place(path)}
    ),
    "unknown_value": lambda path: _("%(place)s: this word is not known.") % {"place": _place(path)},
    "level": lambda path: (
        _("%(place)s: the levels named are not those of the tree.") % {"place": _place(path)}
    ),
}
