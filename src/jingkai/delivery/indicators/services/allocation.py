"""Sharing a city target out: computed, proposed by the zones (上报), issued to them (下达).

What the zones do not take is never hidden: it stays as the gap the city coordinates (统筹缺口).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.errors import Conflict, FieldProblem, InvalidInput
from jingkai.core.verdicts import require
from jingkai.core.workflow.public import move
from jingkai.engine.rounding import round_to

from ..catalogue import zones_counted
from ..models import (
    Allocation,
    AllocationLine,
    AllocationState,
    Indicator,
)
from ..periods import any_period, invalid
from ..rules import can_allocate, can_propose
from ..states import ALLOCATION, EDITABLE
from .issuing import plan_zones, tell_zones, withdraw_paths
from .sharing import METHODS, agreed_target, bases_of, city_base, parts_of, target_level
from .store import lock_indicators

_AUDIT = "indicators.allocation"


@dataclass(frozen=True, slots=True)
class Shares:
    """Where a round stands. `gap` is positive while the zones together take too little."""

    total: Decimal
    allocated: Decimal
    proposed: Decimal
    unset: tuple[str, ...]
    """Codes of zones without an issued or computed share."""

    @property
    def gap(self) -> Decimal:
        return self.total - self.allocated

    @property
    def proposal_gap(self) -> Decimal:
        """The gap if every proposal were accepted as it is."""
        return self.total - self.proposed


@transaction.atomic
def open_allocation(
    *,
    indicator: Indicator,
    horizon: str,
    method: str,
    base_period: str,
    actor: User,
    now: datetime,
    total: Decimal | None = None,
) -> Allocation:
    """Begin to share out: one line per zone with its base and its computed share.

    `total` None takes the agreed leading target of the horizon. `method`: "base" (in proportion
    to the bases), "growth" (one rate for all), "hand" (empty).

    Raises
    ------
    NotPermitted
    Conflict
        A round for this indicator and horizon is open already.
    InvalidInput
        The indicator does not add up over zones, no number to share, or bases are missing.
    """
    require(can_allocate(actor))
    if indicator.place_aggregation != "sum":
        raise invalid(
            "indicator",
            _("“%(indicator)s” does not add up over zones: it cannot be shared out.")
            % {"indicator": indicator.name},
            "not_additive",
        )
    if method not in METHODS:
        raise invalid("method", _("Choose base, growth or hand."), "unknown")
    end, start = any_period(horizon, "horizon"), any_period(base_period, "base_period")
    if start.last_month >= end.last_month:
        message = _("The base lies before the horizon.")
        raise invalid("base_period", message, "base_not_before_horizon")
    lock_indicators([indicator.pk])
    open_states = [AllocationState.DRAFT, AllocationState.COLLECTING, AllocationState.ISSUED]
    if Allocation.objects.filter(
        indicator=indicator, horizon=end.code, state__in=open_states
    ).exists():
        raise Conflict(_("This target is already being allocated."))
    target = agreed_target(indicator, end)
    if total is None:
        if target is None:
            raise invalid(
                "total",
                _(
                    "There is no agreed leading target for %(horizon)s: decide it, or give the "
                    "total."
                )
                % {"horizon": end},
                "total_missing",
            )
        total = target_level(target)
    zones = zones_counted()
    bases = bases_of(indicator, zones, start)
    city = city_base(indicator, start)
    parts = parts_of(indicator, method, total, bases, city, start.years_until(end))
    allocation = Allocation.objects.create(
        indicator=indicator,
        target=target,
        horizon=end.code,
        method=method,
        base_period=start.code,
        total=total,
        created_by=actor,
        created_at=now,
    )
    AllocationLine.objects.bulk_create(
        [
            AllocationLine(
                allocation=allocation,
                zone=zone,
                base=bases[zone.code],
                computed=parts.get(zone.code),
                issued=parts.get(zone.code),
            )
            for zone in zones
        ]
    )
    audit.record(
        f"{_AUDIT}.opened",
        actor=actor,
        target=allocation,
        at=now,
        details={
            "method": method,
            "total": str(total),
            "base_period": start.code,
            "zones": len(zones),
            "gap": str(shares(allocation).gap),
        },
    )
    return allocation


def shares(allocation: Allocation) -> Shares:
    """Sum and gap of a round, before and after issuing. 1 query."""
    lines = list(allocation.lines.select_related("zone"))
    issued = [line.issued for line in lines if line.issued is not None]
    proposed = [
        line.proposed if line.proposed is not None else line.issued
        for line in lines
        if line.proposed is not None or line.issued is not None
    ]
    return Shares(
        allocation.total,
        sum(issued, Decimal(0)),
        sum((value for value in proposed if value is not None), Decimal(0)),
        tuple(line.zone.code for line in lines if line.issued is None),
    )


@transaction.atomic
def collect_proposals(*, allocation_id: int, actor: User, now: datetime) -> Allocation:
    """Ask the zones for proposals and tell them. Raises NotPermitted, TransitionNotAllowed."""
    allocation = _locked(allocation_id)
    require(can_allocate(actor))
    move(
        allocation,
        "collect",
        table=ALLOCATION,
        actor=actor,
        at=now,
        audit_action=f"{_AUDIT}.collecting",
    )
    allocation.save(update_fields=["state"])
    transaction.on_commit(partial(tell_zones, allocation.pk, "collect", now))
    return allocation


@transaction.atomic
def propose_share(
    *, line_id: int, value: Decimal, reason: str = "", actor: User, now: datetime
) -> AllocationLine:
    """A zone's own proposal. Below the computed share it needs a reason.

    Raises NotPermitted; Conflict when the round does not collect; InvalidInput.
    """
    line = AllocationLine.objects.select_related("allocation__indicator", "zone").get(pk=line_id)
    allocation = _locked(line.allocation_id)
    require(can_propose(actor, line))
    if allocation.state != AllocationState.COLLECTING:
        raise Conflict(_("Proposals are taken only while the round collects them."))
    _check_share(allocation, value, "value")
    if line.computed is not None and value < line.computed and not reason.strip():
        raise invalid(
            "reason", _("Say why the zone takes less than its computed share."), "required"
        )
    before = line.proposed
    line.proposed, line.proposed_reason = value, reason.strip()
    line.proposed_by, line.proposed_at = actor, now
    line.save(update_fields=["proposed", "proposed_reason", "proposed_by", "proposed_at"])
    audit.record(
        f"{_AUDIT}.proposed",
        actor=actor,
        target=allocation,
        at=now,
        summary=reason.strip(),
        details={"zone": line.zone.code, "before": str(before), "after": str(value)},
    )
    return line


@transaction.atomic
def adjust_shares(
    *,
    allocation_id: int,
    issued: Mapping[str, Decimal | None],
    actor: User,
    now: datetime,
    reason: str = "",
) -> Shares:
    """Set what each named zone will be issued; None leaves it open. Returns sum and gap.

    Raises NotPermitted; Conflict once issued; InvalidInput naming each wrong zone.
    """
    allocation = _locked(allocation_id)
    require(can_allocate(actor))
    if allocation.state not in EDITABLE:
        raise Conflict(_("The shares are issued: withdraw the round to change them."))
    lines = {line.zone.code: line for line in allocation.lines.select_related("zone")}
    problems: list[FieldProblem] = []
    for code, value in issued.items():
        if code not in lines:
            message = _("“%(zone)s” takes no part in this round.") % {"zone": code}
            problems.append(FieldProblem(code, message, "unknown"))
            continue
        try:
            if value is not None:
                _check_share(allocation, value, code)
        except InvalidInput as error:
            problems += error.problems
    if problems:
        raise InvalidInput(problems=problems)
    before = {code: str(lines[code].issued) for code in issued}
    for code, value in issued.items():
        lines[code].issued, lines[code].issued_reason = value, reason.strip()
    AllocationLine.objects.bulk_update(
        [lines[code] for code in issued], ["issued", "issued_reason"]
    )
    audit.record(
        f"{_AUDIT}.adjusted",
        actor=actor,
        target=allocation,
        at=now,
        summary=reason.strip(),
        details={"before": before, "after": {code: str(v) for code, v in issued.items()}},
    )
    return shares(allocation)


def _check_share(allocation: Allocation, value: Decimal, field: str) -> None:
    if not value.is_finite() or abs(value) >= Decimal(10) ** 18:
        raise invalid(field, _("This is not a usable number."), "not_a_number")
    if value < 0:
        raise invalid(field, _("A share is not negative."), "negative")
    if allocation.indicator.decimals == 0 and value != value.to_integral_value():
        message = _("“%(indicator)s” is counted in whole numbers.") % {
            "indicator": allocation.indicator.name
        }
        raise invalid(field, message, "digits")
    if value != round_to(value, 6):
        raise invalid(
            field, _("Too many digits: at most %(n)d after the decimal point.") % {"n": 6}, "digits"
        )


@transaction.atomic
def issue_allocation(*, allocation_id: int, reason: str, actor: User, now: datetime) -> Allocation:
    """Hand the shares down: every zone with a share gets its own path, and is told.

    The gap is issued too, as what it is: it stands in the audit trail and on the page. A zone's
    path goes from its recorded base through the horizons issued to it so far.

    Raises NotPermitted, TransitionNotAllowed; InvalidInput without a reason or without any share.
    """
    allocation = _locked(allocation_id)
    require(can_allocate(actor))
    lines = list(allocation.lines.select_related("zone").order_by("zone__code"))
    if not any(line.issued is not None for line in lines):
        raise invalid("lines", _("No zone has a share yet: set at least one."), "no_share")
    state = shares(allocation)
    move(
        allocation,
        "issue",
        table=ALLOCATION,
        actor=actor,
        at=now,
        reason=reason,
        audit_action=f"{_AUDIT}.issued",
        details={
            "total": str(state.total),
            "allocated": str(state.allocated),
            "gap": str(state.gap),
            "unset": list(state.unset),
        },
    )
    allocation.issued_at = now
    allocation.save(update_fields=["state", "issued_at"])
    plan_zones(allocation, lines, reason=reason, actor=actor, now=now)
    transaction.on_commit(partial(tell_zones, allocation.pk, "issue", now))
    return allocation


@transaction.atomic
def withdraw_allocation(
    *, allocation_id: int, reason: str, actor: User, now: datetime
) -> Allocation:
    """End a round so that another can be opened; the paths it issued end with it.

    Raises NotPermitted, TransitionNotAllowed; InvalidInput without a reason.
    """
    allocation = _locked(allocation_id)
    require(can_allocate(actor))
    was_issued = allocation.state == AllocationState.ISSUED
    move(
        allocation,
        "withdraw",
        table=ALLOCATION,
        actor=actor,
        at=now,
        reason=reason,
        audit_action=f"{_AUDIT}.withdrawn",
    )
    allocation.save(update_fields=["state"])
    if was_issued:
        lines = list(allocation.lines.select_related("zone").order_by("zone__code"))
        withdraw_paths(allocation, lines, reason=reason, actor=actor, now=now)
    return allocation


def _locked(allocation_id: int) -> Allocation:
    return (
        Allocation.objects.select_for_update(of=("self",))
        .select_related("indicator")
        .get(pk=allocation_id)
    )
