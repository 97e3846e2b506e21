"""What every use case shares: locking a return, stepping it, checking rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.errors import Conflict, FieldProblem, InvalidInput, TransitionNotAllowed
from jingkai.core.statements import Given, Statement, one_of, update_rows
from jingkai.core.workflow.public import history, move

from ..models import Campaign, CampaignState, Cell, CellState, Coverage, Return
from ..queries.cells import with_parts
from ..states import RETURN_MOVES


def _locking(which: Any) -> QuerySet[Return]:
    rows = Return.objects.select_for_update(of=("self",)).filter(which)
    return rows.select_related("body", "zone").order_by("pk")


def _campaigns(which: Any) -> QuerySet[Campaign]:
    return Campaign.objects.filter(which).select_related("form", "version").order_by("pk")


_LOCK: Final = Statement(lambda: _locking(Q(pk=Given("pk"))))
_LOCK_ALL: Final = Statement(lambda: _locking(one_of("pk", "ids")))
_CAMPAIGN: Final = Statement(lambda: _campaigns(Q(pk=Given("pk"))))
_CAMPAIGNS: Final = Statement(lambda: _campaigns(one_of("pk", "ids")))
CELL_FIELDS: Final = (
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
    """The row, locked: whoever writes its cells holds this lock. Raises Http404. 2 queries."""
    found = _LOCK(pk=return_id)
    if not found:
        raise Http404
    # Read after the lock: the campaign may have been published while we waited.
    (found[0].campaign,) = _CAMPAIGN(pk=found[0].campaign_id)
    return found[0]


def lock_returns(ids: Collection[int]) -> list[Return]:
    """Rows locked in one order, so that two people at work never wait for each other. 2 queries."""
    rows = _LOCK_ALL(ids=ids)
    campaigns = {row.pk: row for row in _CAMPAIGNS(ids={row.campaign_id for row in rows})}
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


def write_cells(cells: Sequence[Cell], fields: Iterable[str] = CELL_FIELDS) -> None:
    """Save changed cells in one statement. The caller holds the locks of their returns."""
    update_rows(cells, fields)


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
