"""What every use case shares: locking a return, stepping it, checking rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.errors import Conflict, FieldProblem, InvalidInput, TransitionNotAllowed
from jingkai.core.workflow.public import history, move

from ..models import Campaign, CampaignState, Cell, CellState, Coverage, Return
from ..queries.cells import with_parts
from ..states import RETURN_MOVES

CELL_FIELDS = (
    "state",
    "value",
    "absence",
    "entered_as",
    "note",
    "origin",
    "prefill_source",
    "revision",
    "entered_by",
    "entered_at",
    "signed_by",
    "verified_by",
    "verified_value",
    "verified_at",
    "event",
)


def lock_return(return_id: int) -> Return:
    """The row, locked: whoever writes its cells holds this lock. Raises Http404."""
    found = lock_returns([return_id])
    if not found:
        raise Http404
    return found[0]


def lock_returns(ids: Collection[int]) -> list[Return]:
    """Rows locked in one order, so that two people at work never wait for each other."""
    rows = list(
        Return.objects.select_for_update(of=("self",))
        .filter(pk__in=ids)
        .select_related("body", "zone")
        .order_by("pk")
    )
    # Read after the lock: the campaign may have been published while we waited.
    campaigns = {
        campaign.pk: campaign
        for campaign in Campaign.objects.filter(
            pk__in={row.campaign_id for row in rows}
        ).select_related("form", "version")
    }
    for row in rows:
        row.campaign = campaigns[row.campaign_id]
    return rows


def must_be_open(campaign: Campaign, doing: str) -> None:
    """Raise TransitionNotAllowed when figures of this campaign do not change any more."""
    if campaign.state == CampaignState.OPEN:
        return
    message = (
        _("These figures are published: they change by correction slip only.")
        if campaign.state == CampaignState.PUBLISHED
        else _("This collection was cancelled.")
    )
    raise TransitionNotAllowed(action=doing, state=campaign.get_state_display(), message=message)


def step(
    in_return: Return,
    action: str,
    *,
    actor: User | None,
    now: datetime,
    reason: str = "",
    details: dict[str, Any] | None = None,
) -> None:
    """Move a return and save its state. Too late, the error says who did what instead."""
    try:
        move(
            in_return,
            action,
            table=RETURN_MOVES,
            actor=actor,
            at=now,
            reason=reason,
            audit_action=f"reporting.return.{action}",
            details=details,
        )
    except TransitionNotAllowed as error:
        raise _explained(in_return, action, error) from None


def _explained(in_return: Return, action: str, error: TransitionNotAllowed) -> Conflict:
    last = history(in_return).first()
    if last is None:
        return error
    done = RETURN_MOVES.transitions.get(last.action)
    label = str(RETURN_MOVES.transitions[action].label)
    message = _(
        "“%(action)s” is not possible any more: %(who)s did “%(done)s” at %(time)s. "
        "It is now “%(state)s”."
    ) % {
        "action": label,
        "who": last.actor.name if last.actor else _("the system"),
        "done": done.label if done else last.action,
        "time": timezone.localtime(last.at).strftime("%Y-%m-%d %H:%M"),
        "state": in_return.get_state_display(),
    }
    return TransitionNotAllowed(action=label, state=in_return.get_state_display(), message=message)


def write_cells(cells: Sequence[Cell]) -> None:
    """Save changed cells in one statement. The caller holds the locks of their returns."""
    Cell.objects.bulk_create(
        cells,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=CELL_FIELDS,
        batch_size=5000,
    )


def check(row: Any) -> None:
    """Validate a row; raises InvalidInput naming each field, Conflict for a broken constraint."""
    try:
        row.clean_fields()
        row.clean()
    except ValidationError as error:
        raise InvalidInput(
            problems=[
                FieldProblem(field, " ".join(messages))
                for field, messages in error.message_dict.items()
            ]
        ) from None
    try:
        row.validate_unique()
        row.validate_constraints()
    except ValidationError as error:
        raise Conflict(" ".join(error.messages)) from None


def needs_text(field: str, value: str, limit: int = 500) -> str:
    """`value` without outer blanks; raises InvalidInput when nothing is left or it is too long."""
    value = value.strip()
    if not value:
        message = _("Give a reason: others will read it.")
        raise InvalidInput(message, problems=[FieldProblem(field, message, "required")])
    if len(value) > limit:
        message = _("The text has %(length)d characters; at most %(limit)d fit. Shorten it.") % {
            "length": len(value),
            "limit": limit,
        }
        raise InvalidInput(message, problems=[FieldProblem(field, message, "too-long")])
    return value


def with_siblings(cells: Sequence[Cell]) -> list[Cell]:
    """`cells`, and the other part of each: a total and its month's own figure open together.

    One without the other could not be mended, for the two are checked against each other.
    2 queries at most; each cell keeps its `in_return`.
    """
    owners = {cell.in_return_id: cell.in_return for cell in cells}
    places = {(cell.in_return_id, cell.item_id, cell.scope) for cell in cells}
    known = {cell.pk for cell in cells}
    found = list(cells)
    for other in with_parts(
        Cell.objects.filter(in_return__in=owners, item__with_month=True).exclude(pk__in=known)
    ):
        if (other.in_return_id, other.item_id, other.scope) in places and other.state in (
            CellState.SIGNED,
            CellState.VERIFIED,
        ):
            other.in_return = owners[other.in_return_id]
            found.append(other)
    return found


def place_of(cell: Cell) -> str:
    """Where a cell stands, for people: indicator, part, and the place unless it is the own zone."""
    words = [cell.indicator.name]
    if cell.part:
        words.append(_("of the month"))
    if cell.item.coverage != Coverage.OWN:
        words.append(cell.scope)
    return "·".join(words)
