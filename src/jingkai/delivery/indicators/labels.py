"""How periods, targets, distances and silences are put into words."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from jingkai.core.ui.public import localname
from jingkai.core.ui.templatetags.jingkai import number, signed
from jingkai.delivery.policy.public import place_label
from jingkai.engine.lights import LightResult
from jingkai.engine.periods import Period

from .models import Indicator, Modality, Target, TargetKind, ValueMode

if TYPE_CHECKING:
    from jingkai.masterdata.organisations.public import Zone

    from .queries.figures import Gap

SILENCE: Final[Mapping[str, StrOrPromise]] = {
    "no_target": gettext_lazy(
        "No path is planned for this period, so there is nothing to compare."
    ),
    "no_rule": gettext_lazy("No rule says when the light of this indicator turns."),
    "disputed_definition": gettext_lazy(
        "The leading target is in conflict; it is judged once somebody has decided."
    ),
    "no_value": gettext_lazy("There is no figure for this period yet."),
    "stale": gettext_lazy("The latest figure is too old to be judged."),
    "too_early": gettext_lazy("Too early in the year to judge."),
    "zero_plan": gettext_lazy("The plan is zero: only reached or not reached can be said."),
}

_BOUND: Final = {
    TargetKind.FLOOR: "≥",
    TargetKind.CAP: "≤",
}
_BOUND_BY_WORD: Final = {Modality.AT_LEAST: "≥", Modality.MORE_THAN: ">", Modality.AT_MOST: "≤"}


def silence(result: LightResult) -> str:
    """Why there is no colour, in a sentence; empty for a light that was judged by its band."""
    return str(SILENCE.get(str(result.params.get("why", result.reason.value)), ""))


def period_label(period: Period, indicator: Indicator | None = None) -> str:
    """Official name of the period in the reader's language; the year so far for running totals."""
    cumulative = indicator is not None and indicator.value_mode == ValueMode.YTD
    if (get_language() or "").startswith("en"):
        return period.en_label(cumulative=cumulative)
    return period.zh_label(cumulative=cumulative)


def part_label(period: Period) -> str:
    """The period without its year, for an axis: 10月, Q3, S1; a year is itself."""
    if period.length == 1:
        return _("%(month)d.") % {"month": period.part}
    return period.code.partition("-")[2] or period.code


def scope_label(scope: str, zones: Mapping[str, Zone]) -> str:
    """City, all zones, or the zone's short name."""
    if scope == "CITY":
        return _("whole city")
    if scope == "EDZ":
        return _("all zones")
    zone = zones.get(scope)
    return scope if zone is None else localname(zone, "short_name")


def trimmed(value: Decimal | None) -> str:
    """Grouped, with the decimals it has and no more: 5250.000000 reads 5,250."""
    if value is None:
        return "—"
    places = max(0, -int(value.normalize().as_tuple().exponent))
    return number(value, places)


def target_text(target: Target) -> str:
    """What a target asks, without its unit where the figure's own unit stands beside it."""
    kind = TargetKind(target.kind)
    value = trimmed(target.value)
    if kind is TargetKind.QUALITATIVE:
        return localname(target, "text") or _("in words")
    if kind is TargetKind.RELATIVE:
        return _("%(bound)s%(benchmark)s") % {
            "bound": _BOUND_BY_WORD.get(Modality(target.modality), "≥"),
            "benchmark": localname(target.benchmark),
        }
    if kind is TargetKind.AVERAGE_GROWTH:
        return _("%(rate)s%% a year") % {"rate": value}
    if kind is TargetKind.REDUCTION:
        return _("−%(rate)s%% against %(base)s") % {"rate": value, "base": target.base_year or "?"}
    bound = _BOUND.get(kind) or _BOUND_BY_WORD.get(Modality(target.modality), "")
    return f"{bound}{value}"


def has_level(target: Target) -> bool:
    """Whether its value is on the indicator's own scale, and can be drawn beside its figures."""
    return target.value is not None and target.kind in {
        TargetKind.LEVEL,
        TargetKind.FLOOR,
        TargetKind.CAP,
        TargetKind.SHARE,
        TargetKind.INTENSITY,
    }


def distance_text(distance: Gap | None) -> str:
    """A signed distance: percent of the plan, or points where the figure is itself a percentage."""
    if distance is None:
        return "—"
    return signed(distance.amount, 1) + (_(" pt") if distance.in_points else "%")


def tone(light: str) -> str:
    """The class a distance is coloured with."""
    return {"green": "dist-good", "yellow": "dist-warn", "red": "dist-bad"}.get(light, "")


def place_text(place: str) -> str:
    """Where the document says it: `annex1:5` is row 5 of annex 1."""
    return place_label(place)


def as_params(values: Mapping[str, Any]) -> dict[str, str]:
    """Query parameters that are set, as text."""
    return {name: str(value) for name, value in values.items() if value not in (None, "")}
