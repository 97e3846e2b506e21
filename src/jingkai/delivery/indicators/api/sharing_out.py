"""Sharing a target out to the zones: open, propose, adjust, issue, withdraw."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router

from jingkai.core.api import cursor_page
from jingkai.core.http import AuthedRequest

from .. import schemas as s
from ..models import Allocation
from ..payloads import (
    allocation_payload,
)
from ..queries.visibility import (
    visible_allocations,
    visible_indicators,
    visible_lines,
)
from ..services import allocation as sharing
from .base import READ, WRITE, officials_only

router = Router()


@router.get(
    "/allocations", response={200: s.AllocationPageOut, **READ}, operation_id="list_allocations"
)
def list_allocations(
    request: AuthedRequest, indicator: str = "", state: str = "", cursor: str = "", limit: int = 50
) -> dict[str, Any]:
    """Rounds of sharing out; a zone sees its own line of each."""
    officials_only(request)
    rows = visible_allocations(request.user).select_related("indicator")
    if indicator:
        rows = rows.filter(indicator__code=indicator)
    if state:
        rows = rows.filter(state=state)
    found, following = cursor_page(rows, order=["-pk"], cursor=cursor, limit=limit)
    return {
        "items": [allocation_payload(row, request.user) for row in found],
        "next_cursor": following,
    }


@router.post(
    "/allocations", response={200: s.AllocationOut, **WRITE}, operation_id="open_allocation"
)
def post_allocation(request: AuthedRequest, payload: s.AllocationIn) -> dict[str, Any]:
    """Begin to share a target out over the zones."""
    indicator = get_object_or_404(visible_indicators(request.user), code=payload.indicator)
    allocation = sharing.open_allocation(
        indicator=indicator,
        horizon=payload.horizon,
        method=payload.method,
        base_period=payload.base_period,
        total=payload.total,
        actor=request.user,
        now=timezone.now(),
    )
    return allocation_payload(allocation, request.user)


@router.post(
    "/allocations/lines/{line_id}/propose",
    response={200: s.AllocationOut, **WRITE},
    operation_id="propose_share",
)
def post_proposal(request: AuthedRequest, line_id: int, payload: s.ProposalIn) -> dict[str, Any]:
    """A zone's proposal for its own share."""
    line = get_object_or_404(visible_lines(request.user), pk=line_id)
    sharing.propose_share(
        line_id=line.pk,
        value=payload.value,
        reason=payload.reason,
        actor=request.user,
        now=timezone.now(),
    )
    return _round(request, line.allocation_id)


@router.post(
    "/allocations/{allocation_id}/collect",
    response={200: s.AllocationOut, **WRITE},
    operation_id="collect_proposals",
)
def post_collect(request: AuthedRequest, allocation_id: int) -> dict[str, Any]:
    """Ask the zones for their proposals."""
    allocation = _visible_round(request, allocation_id)
    sharing.collect_proposals(allocation_id=allocation.pk, actor=request.user, now=timezone.now())
    return _round(request, allocation.pk)


@router.post(
    "/allocations/{allocation_id}/shares",
    response={200: s.AllocationOut, **WRITE},
    operation_id="adjust_shares",
)
def post_shares(request: AuthedRequest, allocation_id: int, payload: s.SharesIn) -> dict[str, Any]:
    """Set what each zone will be issued; the gap is part of the answer."""
    allocation = _visible_round(request, allocation_id)
    sharing.adjust_shares(
        allocation_id=allocation.pk,
        issued=payload.issued,
        reason=payload.reason,
        actor=request.user,
        now=timezone.now(),
    )
    return _round(request, allocation.pk)


@router.post(
    "/allocations/{allocation_id}/issue",
    response={200: s.AllocationOut, **WRITE},
    operation_id="issue_allocation",
)
def post_issue(request: AuthedRequest, allocation_id: int, payload: s.ReasonIn) -> dict[str, Any]:
    """Hand the shares down to the zones."""
    allocation = _visible_round(request, allocation_id)
    sharing.issue_allocation(
        allocation_id=allocation.pk,
        reason=payload.reason,
        actor=request.user,
        now=timezone.now(),
    )
    return _round(request, allocation.pk)


@router.post(
    "/allocations/{allocation_id}/withdraw",
    response={200: s.AllocationOut, **WRITE},
    operation_id="withdraw_allocation",
)
def post_withdraw(
    request: AuthedRequest, allocation_id: int, payload: s.ReasonIn
) -> dict[str, Any]:
    """End a round so that another can be opened."""
    allocation = _visible_round(request, allocation_id)
    sharing.withdraw_allocation(
        allocation_id=allocation.pk,
        reason=payload.reason,
        actor=request.user,
        now=timezone.now(),
    )
    return _round(request, allocation.pk)


def _visible_round(request: AuthedRequest, allocation_id: int) -> Allocation:
    return get_object_or_404(visible_allocations(request.user), pk=allocation_id)


def _round(request: AuthedRequest, allocation_id: int) -> dict[str, Any]:
    allocation = Allocation.objects.select_related("indicator").get(pk=allocation_id)
    return allocation_payload(allocation, request.user)
