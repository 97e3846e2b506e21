"""The workbench of one round: its context, whatever was done to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy

from jingkai.core.accounts.public import CITY_WIDE, DEPARTMENT
from jingkai.core.http import AuthedRequest, page_or_fragment
from jingkai.core.ui.public import localname
from jingkai.core.workflow.public import history

from ..forms import LinesForm, ProposalForm, ReasonForm, style
from ..models import Allocation, AllocationLine, AllocationState
from ..queries.page_plan import WorkLine, work_lines
from ..queries.visibility import visible_allocations, visible_lines
from ..rules import can_allocate, can_propose
from ..states import ALLOCATION, EDITABLE

METHODS = {
    "base": gettext_lazy("in proportion to the bases"),
    "growth": gettext_lazy("one growth rate for all"),
    "proposed": gettext_lazy("as the zones propose"),
    "hand": gettext_lazy("by hand"),
}


def sees_all(request: AuthedRequest) -> bool:
    """Whether every zone's line is shown to this person, and so the gap."""
    return request.user.has_role(*CITY_WIDE, *DEPARTMENT)


def round_or_404(request: AuthedRequest, pk: int) -> tuple[Allocation, list[AllocationLine]]:
    row = get_object_or_404(
        visible_allocations(request.user).select_related("indicator", "target", "created_by"), pk=pk
    )
    lines = list(
        visible_lines(request.user)
        .filter(allocation=row)
        .select_related("zone", "proposed_by")
        .order_by("zone__position", "pk")
    )
    for line in lines:
        line.allocation = row
    return row, lines


def workbench(
    request: AuthedRequest,
    row: Allocation,
    lines: Sequence[AllocationLine],
    *,
    shown: Mapping[str, Decimal | None] | None = None,
    method: str = "",
    error: str = "",
    form: LinesForm | None = None,
    forms: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    whole = sees_all(request)
    editable = bool(can_allocate(request.user)) and row.state in EDITABLE
    rows = work_lines(row, lines, shown)
    if editable and form is None:
        form = lines_form(lines, {w.line.zone.code: w.shown for w in rows})
    own = next((line for line in lines if can_propose(request.user, line)), None)
    given = dict(forms or {})
    if own is not None and row.state == AllocationState.COLLECTING and "propose" not in given:
        value = own.proposed if own.proposed is not None else own.computed
        given["propose"] = ProposalForm(initial={"value": value, "reason": own.proposed_reason})
    actions = list(ALLOCATION.open_actions(row.state)) if can_allocate(request.user) else []
    for name in ("issue", "withdraw"):
        given.setdefault(name, ReasonForm(prefix=name))
    for one in (form, *given.values()):
        if one is not None:
            style(one)
    sums = _sums(row, rows, lines) if whole else None
    return page_or_fragment(
        request,
        page="indicators/allocation.html",
        fragment="indicators/_allocation.html",
        context={
            "a": row,
            "indicator": row.indicator,
            "rows": _cells(rows, form),
            "form": form,
            "sums": sums,
            "whole": whole,
            "editable": editable,
            "method": method,
            "methods": METHODS,
            "is_preview": shown is not None,
            "error": error,
            "own": own,
            "forms": given,
            "actions": actions,
            "moves": history(row) if whole else [],
            "steps": _steps(row.state),
        },
        status=status,
    )


def lines_form(
    lines: Sequence[AllocationLine], values: Mapping[str, Decimal | None], data: Any = None
) -> LinesForm:
    zones = [(line.zone.code, localname(line.zone)) for line in lines]
    return LinesForm(data, zones=zones, values=values)


def _cells(rows: Sequence[WorkLine], form: LinesForm | None) -> list[dict[str, Any]]:
    return [
        {"work": w, "line": w.line, "field": form[w.line.zone.code] if form else None} for w in rows
    ]


def _sums(
    row: Allocation, rows: Sequence[WorkLine], lines: Sequence[AllocationLine]
) -> dict[str, Any]:
    """The sum row and the gap of what is shown, which may be a method not saved yet."""

    def total(values: Sequence[Decimal | None]) -> Decimal:
        return sum((value for value in values if value is not None), Decimal(0))

    shared = total([work.shown for work in rows])
    gap = row.total - shared
    return {
        "base": total([line.base for line in lines]),
        "computed": total([line.computed for line in lines]),
        "proposed": total([line.proposed for line in lines]),
        "has_proposals": any(line.proposed is not None for line in lines),
        "missing_proposals": sum(line.proposed is None for line in lines),
        "shared": shared,
        "share": shared / row.total * 100 if row.total else None,
        "gap": gap,
        "tone": "closed" if gap == 0 else "open" if gap > 0 else "over",
        "size": abs(gap),
        "unset": [localname(w.line.zone, "short_name") for w in rows if w.shown is None],
    }


def _steps(state: str) -> list[tuple[str, bool, bool]]:
    """The states of a round in order: label, reached, current."""
    order = [AllocationState.DRAFT, AllocationState.COLLECTING, AllocationState.ISSUED]
    if state == AllocationState.WITHDRAWN:
        return [(str(AllocationState.WITHDRAWN.label), True, True)]
    at = order.index(AllocationState(state))
    return [(str(step.label), index <= at, index == at) for index, step in enumerate(order)]
