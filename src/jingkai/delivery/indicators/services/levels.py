"""Targets in the terms of the engine: the level they ask for, and what they state."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from django.utils.translation import gettext as _

from jingkai.engine.consistency import Statement, StatementForm
from jingkai.engine.errors import PeriodError, TargetError, UnitError
from jingkai.engine.periods import Period
from jingkai.engine.rounding import round_to
from jingkai.engine.targets import Evidence, Modality, TargetSpec, required_level
from jingkai.engine.targets import TargetKind as Kind
from jingkai.engine.units import convert

from ..catalogue import direction_of, is_percentage
from ..models import Agreement, Target, TargetKind

_KINDS = {
    TargetKind.LEVEL: Kind.LEVEL,
    TargetKind.AVERAGE_GROWTH: Kind.AVERAGE_GROWTH,
    TargetKind.SHARE: Kind.SHARE,
    TargetKind.FLOOR: Kind.FLOOR,
    TargetKind.CAP: Kind.CAP,
    TargetKind.RELATIVE: Kind.RELATIVE,
    TargetKind.REDUCTION: Kind.REDUCTION,
    TargetKind.INTENSITY: Kind.INTENSITY_RATIO,
    TargetKind.QUALITATIVE: Kind.QUALITATIVE,
}
_FORMS = {
    TargetKind.LEVEL: StatementForm.LEVEL,
    TargetKind.FLOOR: StatementForm.LEVEL,
    TargetKind.CAP: StatementForm.LEVEL,
    TargetKind.INTENSITY: StatementForm.LEVEL,
    TargetKind.AVERAGE_GROWTH: StatementForm.GROWTH,
    TargetKind.SHARE: StatementForm.SHARE,
    TargetKind.REDUCTION: StatementForm.REDUCTION,
    TargetKind.RELATIVE: StatementForm.RELATIVE,
}


class TargetLevelUnknown(Exception):
    """No level follows from the target; the text says why."""


def parsed(code: str) -> Period | None:
    """The period, or None for an empty or unusable code."""
    try:
        return Period.parse(code) if code else None
    except PeriodError:
        return None


def spec_of(target: Target) -> TargetSpec | None:
    """The target as the engine judges it; None while it has no usable horizon."""
    horizon = parsed(target.horizon)
    if horizon is None:
        return None
    return TargetSpec(
        kind=_KINDS[TargetKind(target.kind)],
        direction=direction_of(target.indicator),
        horizon=horizon,
        value=target.value,
        unit=target.unit,
        modality=Modality(target.modality),
        base_period=parsed(target.base_year),
        base_value=target.base_value,
        benchmark=target.benchmark.code if target.benchmark_id and target.benchmark else None,
        disputed=target.agreement == Agreement.DISPUTED,
    )


def level_of(target: Target, base_at: Callable[[Period], Decimal | None]) -> Decimal:
    """The level the indicator must have at the horizon, in the indicator's unit.

    Raises TargetLevelUnknown, with the reason for people.
    """
    kind = TargetKind(target.kind)
    if kind in (TargetKind.QUALITATIVE, TargetKind.RELATIVE):
        raise TargetLevelUnknown(
            _("Target %(code)s names no level of its own.") % {"code": target.code}
        )
    if kind in (TargetKind.AVERAGE_GROWTH, TargetKind.REDUCTION):
        return _from_base(target, base_at)
    if kind is TargetKind.SHARE and not is_percentage(target.indicator):
        raise TargetLevelUnknown(
            _("Target %(code)s is a share of a whole that is not known.") % {"code": target.code}
        )
    if target.value is None:
        raise TargetLevelUnknown(_("Target %(code)s has no number.") % {"code": target.code})
    if not target.unit or target.unit == target.indicator.unit:
        return target.value
    try:
        return round_to(convert(target.value, target.unit, target.indicator.unit), 6)
    except UnitError:
        raise TargetLevelUnknown(
            _("Target %(code)s is in %(unit)s, its indicator in %(own)s.")
            % {"code": target.code, "unit": target.unit, "own": target.indicator.unit}
        ) from None


def _from_base(target: Target, base_at: Callable[[Period], Decimal | None]) -> Decimal:
    spec = spec_of(target)
    if spec is None or spec.base_period is None:
        raise TargetLevelUnknown(
            _("Target %(code)s does not say from which year it counts.") % {"code": target.code}
        )
    try:
        level = required_level(spec, Evidence(base=base_at(spec.base_period)))
    except TargetError:
        raise TargetLevelUnknown(
            _("Target %(code)s counts from %(year)s, for which there is no value.")
            % {"code": target.code, "year": spec.base_period}
        ) from None
    return round_to(level, 6)


def statement_of(target: Target) -> Statement | None:
    """What the target states, for the test of consistency; None when it states no number."""
    horizon, form = parsed(target.horizon), _FORMS.get(TargetKind(target.kind))
    if horizon is None or form is None:
        return None
    value = target.value
    if form is StatementForm.LEVEL and value is not None and target.unit:
        try:
            value = convert(value, target.unit, target.indicator.unit)
        except UnitError:
            return None
    benchmark = target.benchmark.code if target.benchmark_id and target.benchmark else None
    return Statement(
        key=target.code,
        quantity=target.indicator.code,
        form=form,
        period=horizon,
        value=value,
        base_period=parsed(target.base_year),
        other=benchmark,
    )
