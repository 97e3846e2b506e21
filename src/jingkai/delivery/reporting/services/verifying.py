"""Matrix approval: the compiling department verifies its indicator across all zones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.errors import FieldProblem, InvalidInput, TransitionNotAllowed
from jingkai.core.verdicts import require

from .. import rules
from ..models import (
    Alarm,
    AlarmOutcome,
    Cell,
    CellReturn,
    CellState,
    Delegation,
    Level,
    Return,
    ReturnReason,
    ReturnState,
    Signature,
    SignatureKind,
)
from ..people import clerks_of, signers_of, tell
from ..queries import with_parts
from ..recording import Recorded, record_cells
from ..snapshots import ALGORITHM, snapshot_of
from ..states import CELL_MOVES
from ._steps import (
    lock_returns,
    must_be_open,
    needs_text,
    place_of,
    step,
    with_siblings,
    write_cells,
)
from .releases import remember_releases


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """`lights` counts the rule lights that spoke anew."""

    verified: tuple[Cell, ...]
    events: int
    lights: int


def _locked_cells(ids: Collection[int]) -> tuple[list[Return], list[Cell]]:
    """The cells with their returns locked. Raises Http404 when one does not exist."""
    owners = Cell.objects.filter(pk__in=ids).values_list("in_return_id", flat=True)
    returns = {row.pk: row for row in lock_returns(set(owners))}
    cells = list(with_parts(Cell.objects.filter(pk__in=ids)))
    if len(cells) != len(set(ids)) or not cells:
        raise Http404
    for cell in cells:
        cell.in_return = returns[cell.in_return_id]
    return list(returns.values()), cells


def _require_verifier(
    actor: User, cells: Sequence[Cell], now: datetime
) -> dict[int, Delegation | None]:
    """Raise unless `actor` verifies every item; else the delegation used per indicator."""
    used: dict[int, Delegation | None] = {}
    today = timezone.localdate(now)
    for cell in cells:
        if cell.indicator_id in used:
            continue
        require(rules.can_verify(actor, cell.item, today))
        body_id = rules.verifier_id(cell.item)
        standing = rules.signing_for(actor, body_id or 0, today)
        used[cell.indicator_id] = standing if isinstance(standing, Delegation) else None
    return used


@transaction.atomic
def verify_cells(
    *, cell_ids: Collection[int], actor: User, now: datetime, bulk: bool = False
) -> VerifyResult:
    """Verify signed cells: in the same transaction they become official figures.

    `bulk` refuses cells with a warning that was not settled by a change: those are looked at one
    by one. Raises InvalidInput, TransitionNotAllowed when a cell is not signed (somebody was
    faster, or it was unlocked), NotPermitted for another body's indicator or own figures.
    """
    returns, cells = _locked_cells(cell_ids)
    delegations = _require_verifier(actor, cells, now)
    for row in returns:
        must_be_open(row.campaign, _("Verify"))
    for cell in cells:
        if cell.state != CellState.SIGNED:
            raise TransitionNotAllowed(
                action=_("Verify"),
                state=cell.get_state_display(),
                message=_("%(place)s cannot be verified now: it is %(state)s.")
                % {"place": place_of(cell), "state": cell.get_state_display()},
            )
    require(rules.can_verify_cells(actor, cells))
    if bulk:
        _refuse_doubtful(cells)
    recorded = _settle(cells, actor=actor, now=now, verified_by=actor)
    for signature, group in _sign_for_indicators(cells, delegations, actor=actor, now=now):
        _remember(group, recorded, signature)
    audit.record(
        "reporting.cells.verified",
        actor=actor,
        target=returns[0].campaign,
        at=now,
        details={"cells": sorted(cell.pk for cell in cells), "bulk": bulk},
        row_count=len(cells),
    )
    for row in returns:
        complete(row, actor=actor, now=now)
    return VerifyResult(tuple(cells), recorded.events, recorded.lights)


def _refuse_doubtful(cells: Sequence[Cell]) -> None:
    doubts = (
        Alarm.objects.filter(
            cell__in=cells,
            level__in=[Level.FIX, Level.EXPLAIN],
            outcome__in=[AlarmOutcome.OPEN, AlarmOutcome.EXPLAINED],
        )
        .select_related("cell__indicator", "cell__item")
        .order_by("cell_id", "pk")
    )
    problems = [
        FieldProblem(f"cells.{alarm.cell_id}", f"{place_of(alarm.cell)}：{alarm.message}", "doubt")
        for alarm in doubts
        if alarm.cell_revision <= alarm.cell.revision
    ]
    if problems:
        count = len({problem.field for problem in problems})
        raise InvalidInput(
            ngettext(
                "%(n)d cell has a warning and must be looked at by itself. Nothing was verified.",
                "%(n)d cells have warnings and must be looked at one by one. Nothing was verified.",
                count,
            )
            % {"n": count},
            problems=problems,
        )


def _settle(
    cells: Sequence[Cell], *, actor: User, now: datetime, verified_by: User | None
) -> Recorded:
    """Record the figures and mark the cells as verified."""
    recorded = record_cells(cells, actor=actor, now=now)
    for cell in cells:
        cell.state = CELL_MOVES.next_state(cell.state, "verify")
        cell.verified_by, cell.verified_at = verified_by, now
        cell.verified_value = cell.value
        cell.event_id = recorded.event_of.get(cell.pk, cell.event_id)
    write_cells(cells)
    return recorded


def _sign_for_indicators(
    cells: Sequence[Cell],
    delegations: dict[int, Delegation | None],
    *,
    actor: User,
    now: datetime,
) -> list[tuple[Signature, list[Cell]]]:
    groups: defaultdict[tuple[int, int, int], list[Cell]] = defaultdict(list)
    for cell in cells:
        body_id = rules.verifier_id(cell.item)
        assert body_id is not None  # can_verify has seen to it
        groups[cell.in_return.campaign_id, cell.indicator_id, body_id].append(cell)
    rows = []
    for (campaign_id, indicator_id, body_id), group in sorted(groups.items()):
        snapshot = snapshot_of(group)
        rows.append(
            Signature(
                kind=SignatureKind.VERIFY,
                campaign_id=campaign_id,
                indicator_id=indicator_id,
                body_id=body_id,
                actor=actor,
                delegation=delegations[indicator_id],
                at=now,
                algorithm=ALGORITHM,
                digest=snapshot.digest,
                snapshot=snapshot.rows,
            )
        )
    Signature.objects.bulk_create(rows)
    return list(zip(rows, (group for _key, group in sorted(groups.items())), strict=True))


def _remember(cells: Sequence[Cell], recorded: Recorded, signature: Signature) -> None:
    remember_releases(
        [(cell, recorded.event_of[cell.pk]) for cell in cells if cell.pk in recorded.event_of],
        signature=signature,
    )


def complete(in_return: Return, *, actor: User | None, now: datetime) -> None:
    """Move the locked return to verified once every cell is, and tell its people."""
    if in_return.state != ReturnState.SIGNED:
        return
    if Cell.objects.filter(in_return=in_return).exclude(state=CellState.VERIFIED).exists():
        return
    step(in_return, "verify", actor=actor, now=now)
    in_return.verified_at = now
    in_return.save()
    tell(
        clerks_of(in_return.body_id),
        kind="verified",
        in_return=in_return,
        now=now,
        say=partial(_say_verified, in_return.campaign.form.name, in_return.campaign.period),
    )


def _say_verified(form: str, period: str) -> str:
    return _("Wholly verified: %(form)s %(period)s") % {"form": form, "period": period}


def settle_own(
    in_return: Return, cells: Sequence[Cell], signature: Signature, *, actor: User, now: datetime
) -> None:
    """What the signing body verifies itself: its signature is the verification."""
    own = [
        cell
        for cell in cells
        if cell.state == CellState.SIGNED
        and rules.verifier_id(cell.item) in (in_return.body_id, None)
    ]
    if own:
        for cell in own:
            cell.in_return = in_return
        recorded = _settle(own, actor=actor, now=now, verified_by=None)
        _remember(own, recorded, signature)
        audit.record(
            "reporting.cells.verified",
            actor=actor,
            target=in_return.campaign,
            at=now,
            details={"cells": sorted(cell.pk for cell in own), "own": True},
            row_count=len(own),
        )
    complete(in_return, actor=actor, now=now)


def tell_verifiers(in_return: Return, cells: Iterable[Cell], now: datetime) -> None:
    """Ask the reviewers of every body that verifies something of this return, once a day."""
    bodies = {rules.verifier_id(cell.item) for cell in cells} - {None}
    if not bodies:
        return
    tell(
        signers_of(*(body for body in bodies if body is not None)),
        kind="to-verify",
        in_return=in_return,
        now=now,
        dedupe_key=f"rep-verify-{in_return.campaign_id}-{timezone.localdate(now)}",
        say=partial(_say_to_verify, in_return.campaign.form.name, in_return.campaign.period),
    )


def _say_to_verify(form: str, period: str) -> str:
    return _("To verify: %(form)s %(period)s") % {"form": form, "period": period}


@transaction.atomic
def return_cells(
    *, cell_ids: Collection[int], code: str, text: str, actor: User, now: datetime
) -> tuple[CellReturn, ...]:
    """Send single cells back to their clerks, with reason and text; the rest stays as it is.

    A total and its month's own figure go back together.

    Raises InvalidInput without a known reason and a text, TransitionNotAllowed for a cell that is
    neither signed nor verified, NotPermitted.
    """
    returns, cells = _locked_cells(cell_ids)
    _require_verifier(actor, cells, now)
    text = needs_text("text", text)
    if code not in ReturnReason.values:
        message = _("Choose a reason from the list.")
        raise InvalidInput(message, problems=[FieldProblem("code", message, "unknown")])
    for row in returns:
        must_be_open(row.campaign, _("Return cells"))
    cells = with_siblings(cells)
    rows = []
    for cell in cells:
        cell.state = CELL_MOVES.next_state(cell.state, "return")
        body_id = rules.verifier_id(cell.item)
        assert body_id is not None
        rows.append(
            CellReturn(
                cell=cell,
                code=code,
                text=text,
                value=cell.value,
                body_id=body_id,
                actor=actor,
                at=now,
            )
        )
    CellReturn.objects.bulk_create(rows)
    write_cells(cells)
    for row in returns:
        own = [cell for cell in cells if cell.in_return_id == row.pk]
        step(
            row,
            "open_cells",
            actor=actor,
            now=now,
            reason=text,
            details={"cells": [cell.pk for cell in own], "code": code},
        )
        row.save(update_fields=["state"])
        tell(
            [*clerks_of(row.body_id), *signers_of(row.body_id)],
            kind="cells-returned",
            in_return=row,
            now=now,
            at_once=True,
            body=text,
            say=partial(_say_returned, row.campaign.form.name, row.campaign.period, len(own)),
        )
    audit.record(
        "reporting.cells.returned",
        actor=actor,
        target=returns[0].campaign,
        at=now,
        summary=text,
        details={"cells": sorted(cell.pk for cell in cells), "code": code},
        row_count=len(cells),
    )
    return tuple(rows)


def _say_returned(form: str, period: str, count: int) -> str:
    return ngettext(
        "%(n)d cell returned: %(form)s %(period)s",
        "%(n)d cells returned: %(form)s %(period)s",
        count,
    ) % {"n": count, "form": form, "period": period}
