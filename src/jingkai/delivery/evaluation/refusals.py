"""What the engine and a scheme refuse, in words that name the node and the zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from jingkai.core.errors import FieldProblem, InvalidInput
from jingkai.core.ui.public import is_english, local_name
from jingkai.engine.composite import CompositeError

from .computing import Unit
from .definition import Definition


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a run cannot be computed. `node`, `zone`: codes, "" where it is about the whole."""

    code: str
    message: str
    node: str = ""
    zone: str = ""

    def as_data(self) -> dict[str, str]:
        return {
            "code": self.code, "message": self.message, "node": self.node, "zone": self.zone
        }  # fmt: skip

    def as_error(self) -> InvalidInput:
        """The same as an error whose problem stands beside the node."""
        field = f"nodes.{self.node}" if self.node else "version"
        return InvalidInput(
            self.message, problems=[FieldProblem(field, self.message, self.code)],
            node=self.node, zone=self.zone,
        )  # fmt: skip


def refusal_of(error: CompositeError, definition: Definition, units: Mapping[str, Unit]) -> Refusal:
    """An engine's refusal in the current language; what has no sentence yet keeps the engine's."""
    node = str(error.params.get("element", ""))
    node = next((code for code in (node, node.removesuffix(" (growth)"))
                 if code in definition.by_code), node)  # fmt: skip
    zone = str(error.params.get("unit", ""))
    named = {
        "node": local_name(definition.by_code[node]) if node in definition.by_code else node,
        "zone": local_name(units[zone]) if zone in units else zone,
        "message": str(error),
    }
    match error.code:
        case "nonpositive":
            text = _(
                "“%(node)s” of %(zone)s is zero or below, but the mean above it needs scores above "
                "zero. Let the scale begin above zero (for example at 60), or say in the method "
                "what happens to such scores."
            )
        case "growth_base":
            text = _(
                "“%(node)s” of %(zone)s has no growth: last year's figure is zero or below. Use "
                "growth as a difference, or leave such growth out."
            )
        case "constant":
            text = _(
                "“%(node)s” is the same in every zone: it cannot tell them apart. Say in the "
                "method what happens then, or check the figures."
            )
        case "infinite":
            text = _("“%(node)s” of %(zone)s is not a number.")
        case _ if named["node"] and named["zone"]:
            text = _("“%(node)s” of %(zone)s: %(message)s")
        case _ if named["node"]:
            text = _("“%(node)s”: %(message)s")
        case _:
            text = _("The scheme cannot be computed on these figures: %(message)s")
    return Refusal(error.code or "engine", text % named, node, zone)


def missing_year(definition: Definition, absent: list[str], year: int) -> Refusal:
    """The data year has no figures of `absent` leaves from any zone."""
    names = (", " if is_english() else "、").join(
        local_name(definition.by_code[code]) for code in absent[:6]
    )
    text = (
        _("No zone has a figure of %(year)s for %(nodes)s and %(count)s more.")
        if len(absent) > 6
        else _("No zone has a figure of %(year)s for %(nodes)s.")
    )
    advice = _("Have the figures reported, choose another year, or make a trial run.")
    said = text % {"year": year, "nodes": names, "count": len(absent) - 6}
    return Refusal("missing_period", f"{said} {advice}", absent[0])
