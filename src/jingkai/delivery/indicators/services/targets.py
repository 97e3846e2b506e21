"""Stating targets. Statements that contradict each other need a conflict a person decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.errors import Conflict as Clash
from jingkai.core.errors import FieldProblem, InvalidInput
from jingkai.core.verdicts import require
from jingkai.delivery.policy.public import Conflict
from jingkai.engine.consistency import Inconsistency, check_consistency
from jingkai.engine.errors import UnitError
from jingkai.engine.units import convert

from ..models import Agreement, Direction, Indicator, Modality, Target, TargetKind
from ..rules import can_set_target_agreement
from .default_paths import plan_default_trajectories
from .levels import parsed, statement_of
from .status import relight

ROUNDED: Final = Decimal("0.5")
"""Published numbers are rounded: implied ones are compared within this many percent."""
_FIELDS: Final = (
    "scope",
    "kind",
    "modality",
    "value",
    "unit",
    "horizon",
    "base_year",
    "base_value",
    "stated_rate",
    "benchmark",
    "text",
    "text_en",
    "place",
    "clause",
    "statement_group",
    "is_leading",
    "position",
)
_PERCENT_KINDS = (TargetKind.SHARE, TargetKind.AVERAGE_GROWTH, TargetKind.REDUCTION)
_LEVEL_KINDS = (TargetKind.LEVEL, TargetKind.FLOOR, TargetKind.CAP, TargetKind.INTENSITY)


@transaction.atomic
def create_target(
    *,
    code: str,
    indicator: Indicator,
    fields: Mapping[str, Any],
    actor: User,
    now: datetime,
    conflict: Conflict | None = None,
) -> Target:
    """State a target. `fields` are those of the model beside code, indicator and agreement.

    Raises NotPermitted; InvalidInput for a statement that is incomplete for its kind; Conflict
    (409) when it contradicts another statement of its group and no open `conflict` is named.
    """
    require(can_set_target_agreement(actor))
    target = Target(code=code, indicator=indicator)
    return _save(target, fields, actor=actor, now=now, conflict=conflict, verb="created")


@transaction.atomic
def change_target(
    *,
    target_id: int,
    fields: Mapping[str, Any],
    actor: User,
    now: datetime,
    conflict: Conflict | None = None,
) -> Target:
    """Correct a statement. Raises as `create_target`."""
    target = Target.objects.select_for_update(of=("self",)).get(pk=target_id)
    require(can_set_target_agreement(actor))
    named = conflict or target.conflict
    return _save(target, fields, actor=actor, now=now, conflict=named, verb="changed")


def _save(
    target: Target,
    fields: Mapping[str, Any],
    *,
    actor: User,
    now: datetime,
    conflict: Conflict | None,
    verb: str,
) -> Target:
    if strangers := sorted(set(fields) - set(_FIELDS)):
        raise InvalidInput(
            _("A target has no field “%(name)s”.") % {"name": strangers[0]},
            problems=[FieldProblem(name, _("Unknown field."), "unknown") for name in strangers],
        )
    before = {name: str(getattr(target, name)) for name in fields if target.pk}
    for name, value in fields.items():
        setattr(target, name, value)
    if problems := target_problems(target):
        raise InvalidInput(problems=problems)
    clash = [found for found in contradictions(target) if _inside_group(found, target)]
    if clash and (conflict is None or conflict.state != "open"):
        others = sorted({key for found in clash for key in found.statements} - {target.code})
        raise Clash(
            _(
                "It contradicts %(others)s. Name the open conflict in which both stand, or correct "
                "one of them."
            )
            % {"others": "、".join(others)},
            statements=others,
        )
    if clash:
        target.agreement, target.conflict = Agreement.DISPUTED, conflict
    # Codes of a document have dots (T2.TRADE): they are names, not addresses.
    target.full_clean(
        exclude=["code", "statement_group", "indicator", "clause", "conflict"],
        validate_unique=False,
    )
    if target.pk is None and Target.objects.filter(code=target.code).exists():
        message = _("There is a target “%(code)s” already.") % {"code": target.code}
        raise InvalidInput(message, problems=[FieldProblem("code", message, "unique")])
    if target.is_leading:
        _lead_alone(target)
    target.save()
    if clash:
        keys = {key for found in clash for key in found.statements}
        Target.objects.filter(code__in=keys).exclude(agreement=Agreement.SET_ASIDE).update(
            agreement=Agreement.DISPUTED, conflict=conflict
        )
    after = {name: str(getattr(target, name)) for name in fields}
    audit.record(
        f"indicators.target.{verb}",
        actor=actor,
        target=target,
        at=now,
        details={"before": before, "after": after, "agreement": target.agreement},
    )
    relight(target.indicator.series.filter(scope=target.scope), now=now)
    return target


def _lead_alone(target: Target) -> None:
    """One statement leads per indicator, scope and horizon."""
    Target.objects.filter(
        indicator=target.indicator, scope=target.scope, horizon=target.horizon, is_leading=True
    ).exclude(pk=target.pk).update(is_leading=False)


def target_problems(target: Target) -> list[FieldProblem]:
    """What is missing or impossible in a statement of its kind."""
    kind, found = TargetKind(target.kind), []

    def wrong(field: str, message: str, code: str) -> None:
        found.append(FieldProblem(field, message, code))

    horizon, base = parsed(target.horizon), parsed(target.base_year)
    if target.modality not in Modality.values:
        wrong("modality", _("Choose how binding the wording is."), "unknown")
    if horizon is None and kind not in (TargetKind.CAP, TargetKind.QUALITATIVE):
        wrong("horizon", _("Say by when, for example 2030."), "horizon_missing")
    if target.base_year and base is None:
        wrong("base_year", _("The base is a period, for example 2025."), "period_form")
    if base and horizon and base.last_month >= horizon.last_month:
        wrong("base_year", _("The base lies before the horizon."), "base_not_before_horizon")
    if target.value is None and kind not in (TargetKind.QUALITATIVE, TargetKind.RELATIVE):
        wrong("value", _("A target of this kind needs a number."), "value_missing")
    if kind in _PERCENT_KINDS and target.unit != "%":
        wrong("unit", _("A share, a growth rate and a reduction are in %%.") % {}, "unit_percent")
    if kind is TargetKind.SHARE and target.value is not None and not 0 < target.value <= 100:
        wrong("value", _("A share lies between 0 and 100."), "share_range")
    if kind is TargetKind.REDUCTION:
        if target.value is not None and not 0 < target.value < 100:
            wrong("value", _("A reduction lies between 0 and 100."), "reduction_range")
        if base is None:
            wrong("base_year", _("Say against which year it falls."), "base_period_missing")
        if target.indicator.direction == Direction.HIGHER:
            wrong(
                "kind",
                _("This indicator should grow: a reduction points the wrong way."),
                "reduction_wrong_way",
            )
    if kind is TargetKind.RELATIVE and target.benchmark_id is None:
        wrong(
            "benchmark", _("Name the benchmark this target is compared with."), "benchmark_missing"
        )
    if kind is TargetKind.QUALITATIVE and not target.text:
        wrong("text", _("Say in words what shall be reached."), "text_missing")
    if kind in _LEVEL_KINDS and target.unit and target.unit != target.indicator.unit:
        try:
            convert(Decimal(1), target.unit, target.indicator.unit)
        except UnitError:
            wrong(
                "unit",
                _("%(unit)s does not fit the indicator's unit %(own)s.")
                % {"unit": target.unit, "own": target.indicator.unit},
                "unit_mismatch",
            )
    return found


def contradictions(target: Target, *, tolerance_percent: Decimal = ROUNDED) -> list[Inconsistency]:
    """Statements that cannot all hold together with `target`, with the arithmetic. 1 query.

    Compares all statements about the indicator that are not set aside; `statements` of the result
    are target codes.
    """
    rows = (
        Target.objects.filter(indicator_id=target.indicator_id, scope=target.scope)
        .exclude(agreement=Agreement.SET_ASIDE)
        .exclude(code=target.code)
        .select_related("indicator", "benchmark")
    )
    said = [statement_of(row) for row in (target, *rows)]
    found = check_consistency(
        [statement for statement in said if statement is not None],
        tolerance_percent=tolerance_percent,
    )
    return [item for item in found if target.code in item.statements]


def _inside_group(found: Inconsistency, target: Target) -> bool:
    if not target.statement_group:
        return False
    others = [code for code in found.statements if code != target.code]
    return Target.objects.filter(
        code__in=others, statement_group=target.statement_group
    ).count() == len(others)


@dataclass(frozen=True, slots=True)
class DecisionEffect:
    """What a decided (or reopened) conflict changed, by target code."""

    agreed: tuple[str, ...]
    set_aside: tuple[str, ...]
    disputed: tuple[str, ...]
    replanned: tuple[str, ...]


@transaction.atomic
def apply_conflict_decision(
    *, conflict: Conflict, chosen: str | None = None, actor: User, now: datetime
) -> DecisionEffect:
    """Let the targets follow the decision: the chosen statement's target leads, others step back.

    `chosen` is the key of the statement (None: `conflict.chosen`). Targets of the same indicator
    that say the same stay as agreed; those that say otherwise are set aside; those of other
    indicators are left as they are. A target that stands in another open conflict stays disputed.
    Called for a conflict that is open again, it makes its targets disputed again. Paths of the
    indicators are planned anew. A decision without a chosen statement changes no target.

    Raises InvalidInput when the conflict has no such statement.
    """
    involved = {row.code: row for row in _targets_of(conflict)}
    if conflict.state == "open" and chosen is None:
        return _reopen(conflict, involved, actor=actor, now=now)
    key = chosen or conflict.chosen
    if not key:
        # Decided by its reason alone: no statement won, so no target may be changed on its behalf.
        return DecisionEffect((), (), (), ())
    statement = next((s for s in conflict.statements if s.get("key") == key), None)
    if statement is None:
        message = _("The conflict has no statement “%(key)s”.") % {"key": key}
        raise InvalidInput(message, problems=[FieldProblem("chosen", message, "unknown")])
    winner = involved.get(statement.get("target") or "")
    if winner is None:
        return DecisionEffect((), (), (), ())  # a conflict about something that is no target
    elsewhere = _in_other_conflicts(conflict)
    agreed, aside, disputed = [], [], []
    for row in involved.values():
        if row.indicator_id != winner.indicator_id:
            continue
        same = row is winner or _says_the_same(row, winner)
        if not same:
            row.agreement, row.is_leading = Agreement.SET_ASIDE, False
            aside.append(row.code)
        elif row.code in elsewhere:
            row.agreement = Agreement.DISPUTED
            disputed.append(row.code)
        else:
            row.agreement = Agreement.AGREED
            agreed.append(row.code)
        if row is winner:
            row.is_leading = True
            _lead_alone(row)
        elif same:
            row.is_leading = False
        row.save(update_fields=["agreement", "is_leading"])
    return _finish(conflict, winner, agreed, aside, disputed, actor=actor, now=now)


def _reopen(
    conflict: Conflict, involved: Mapping[str, Target], *, actor: User, now: datetime
) -> DecisionEffect:
    for row in involved.values():
        row.agreement = Agreement.DISPUTED
        row.save(update_fields=["agreement"])
    first = next(iter(involved.values()), None)
    if first is None:
        return DecisionEffect((), (), (), ())
    return _finish(conflict, first, [], [], list(involved), actor=actor, now=now)


def _finish(
    conflict: Conflict,
    winner: Target,
    agreed: list[str],
    aside: list[str],
    disputed: list[str],
    *,
    actor: User,
    now: datetime,
) -> DecisionEffect:
    indicator = winner.indicator
    reason = _("Conflict %(code)s: %(title)s") % {"code": conflict.code, "title": conflict.title}
    plans = plan_default_trajectories(now=now, indicators=[indicator.code], reason=reason)
    relight(indicator.series.all().select_related("indicator"), now=now)
    effect = DecisionEffect(
        tuple(agreed), tuple(aside), tuple(disputed), tuple(indicator.code for _ in plans.planned)
    )
    audit.record(
        "indicators.targets.follow_decision",
        actor=actor,
        target=conflict,
        at=now,
        summary=conflict.reason[:500],
        details={
            "agreed": agreed,
            "set_aside": aside,
            "disputed": disputed,
            "replanned": list(effect.replanned),
        },
    )
    return effect


def _targets_of(conflict: Conflict) -> list[Target]:
    named = [s.get("target") for s in conflict.statements if s.get("target")]
    rows = Target.objects.filter(code__in=named) | Target.objects.filter(conflict=conflict)
    ids = list(rows.order_by().values_list("pk", flat=True))
    return list(
        Target.objects.select_for_update(of=("self",))
        .filter(pk__in=ids)
        .select_related("indicator")
        .order_by("pk")
    )


def _in_other_conflicts(conflict: Conflict) -> set[str]:
    others = Conflict.objects.filter(state="open").exclude(pk=conflict.pk)
    return {
        statement.get("target", "")
        for statements in others.values_list("statements", flat=True)
        for statement in statements
    }


def _says_the_same(one: Target, other: Target) -> bool:
    return (
        one.kind == other.kind
        and one.value == other.value
        and one.unit == other.unit
        and one.horizon == other.horizon
        and one.benchmark_id == other.benchmark_id
    )


def follow_conflict(conflict: Conflict, actor: User, now: datetime) -> None:
    """What this room does when a conflict is decided or opened again."""
    apply_conflict_decision(conflict=conflict, actor=actor, now=now)
