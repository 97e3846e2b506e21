"""Sharing a city target out: the list of rounds, and the workbench of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import Count, F, Q, QuerySet, Sum
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jingkai.core.accounts.public import CITY_WIDE, DEPARTMENT, OFFICIALS
from jingkai.core.errors import Conflict, DomainError, InvalidInput
from jingkai.core.http import AuthedRequest, page_of, page_or_fragment
from jingkai.core.register.public import FORMATS, Column, export
from jingkai.core.ui.public import localname
from jingkai.core.verdicts import require
from jingkai.core.workflow.public import history

from ..forms import LinesForm, OpenForm, ProposalForm, ReasonForm, show_problems, style
from ..models import Allocation, AllocationLine, AllocationState, Target
from ..queries.page_plan import WorkLine, parts_by, work_lines
from ..queries.visibility import visible_allocations, visible_lines
from ..rules import can_allocate, can_propose
from ..services import allocation as service
from ..states import ALLOCATION, EDITABLE
from .common import indicator_or_404

METHODS = {
    "base": gettext_lazy("in proportion to the bases"),
    "growth": gettext_lazy("one growth rate for all"),
    "proposed": gettext_lazy("as the zones propose"),
    "hand": gettext_lazy("by hand"),
}
_COLUMNS = (
    Column("indicator", gettext_lazy("indicator"), lambda a: localname(a.indicator), width=28),
    Column("horizon", gettext_lazy("horizon"), lambda a: a.horizon),
    Column("state", gettext_lazy("state"), lambda a: a.get_state_display()),
    Column("total", gettext_lazy("city target"), lambda a: a.total, numeric=True, decimals=2),
    Column("shared", gettext_lazy("shared out"), lambda a: a.shared, numeric=True, decimals=2),
    Column("gap", gettext_lazy("gap the city coordinates"), lambda a: a.gap, numeric=True, decimals=2),
    Column("zones", gettext_lazy("zones"), lambda a: a.zones),
    Column("proposed", gettext_lazy("zones that proposed"), lambda a: a.proposals),
    Column("issued_at", gettext_lazy("issued at"), lambda a: a.issued_at, width=18),
)


def _rounds(request: AuthedRequest) -> QuerySet[Allocation]:
    """Visible rounds with their sums. A zone's own sums are no gap of the city: it sees none."""
    return (
        visible_allocations(request.user)
        .select_related("indicator")
        .annotate(
            shared=Sum("lines__issued"),
            zones=Count("lines"),
            proposals=Count("lines", filter=Q(lines__proposed__isnull=False)),
        )
        .annotate(gap=F("total") - F("shared"))
        .order_by("indicator__position", "indicator__code", "horizon", "-pk")
    )


@require_safe
def allocation_list(request: AuthedRequest) -> HttpResponse:
    """Every round of sharing out the person may see. 3 queries beside the frame's."""
    user, query = request.user, request.GET
    if not user.has_role(*OFFICIALS):
        raise Http404
    rounds = _rounds(request)
    state = query.get("state", "")
    if state in AllocationState.values:
        rounds = rounds.filter(state=state)
    may_allocate = can_allocate(user)
    whole = _sees_all(request)
    if query.get("format") in FORMATS:
        columns = [c for c in _COLUMNS if whole or c.key not in {"shared", "gap", "proposed"}]
        return export(
            request, name="indicators.allocations", title=_("Allocation to zones"),
            columns=columns, rows=rounds, fmt=query["format"],
        )
    mine = _own_lines(request) if not whole else {}
    page = page_of(request, rounds)
    for row in page:
        row.own = mine.get(row.pk)
    return render(
        request, "indicators/allocations.html",
        {
            "page_obj": page, "state": state, "states": AllocationState.choices,
            "may_allocate": may_allocate, "whole": whole,
        },
    )


def _sees_all(request: AuthedRequest) -> bool:
    """Whether every zone's line is shown to this person, and so the gap."""
    return request.user.has_role(*CITY_WIDE, *DEPARTMENT)


def _own_lines(request: AuthedRequest) -> dict[int, AllocationLine]:
    return {line.allocation_id: line for line in visible_lines(request.user)}


@require_http_methods(["GET", "HEAD", "POST"])
def open_allocation(request: AuthedRequest, code: str) -> HttpResponse:
    """Begin to share a target out."""
    require(can_allocate(request.user))
    indicator = indicator_or_404(request.user, code)
    horizons = sorted(
        set(
            Target.objects.filter(indicator=indicator)
            .exclude(horizon="")
            .values_list("horizon", flat=True)
        )
    )
    year = timezone.localdate().year
    form = OpenForm(
        request.POST if request.method == "POST" else None,
        horizons=list(dict.fromkeys([*horizons, str(year + 1), str(year)])),
        bases=[str(y) for y in range(year, year - 5, -1)],
        initial={"base_period": str(year - 1)},
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                opened = service.open_allocation(
                    indicator=indicator, horizon=data["horizon"], method=data["method"],
                    base_period=data["base_period"], total=data["total"], actor=request.user,
                    now=timezone.now(),
                )
            except (InvalidInput, Conflict) as error:
                status = error.status
                if isinstance(error, InvalidInput):
                    show_problems(form, error)
                else:
                    form.add_error(None, str(error))
            else:
                messages.success(
                    request,
                    _("The shares are computed. Look at them, then let the zones propose or issue."),
                )
                return HttpResponseRedirect(reverse("indicators:allocation", args=[opened.pk]))
    style(form)
    return render(
        request, "indicators/allocation_open.html",
        {"indicator": indicator, "form": form}, status=status,
    )


@require_safe
def allocation(request: AuthedRequest, pk: int) -> HttpResponse:
    """The workbench of one round: base, computed, proposed, issued, share, growth, and the gap."""
    row, lines = _round_or_404(request, pk)
    if request.GET.get("format") in FORMATS:
        return _export(request, row, work_lines(row, lines))
    method, shown, error = request.GET.get("method", ""), None, ""
    if method in METHODS and can_allocate(request.user) and row.state in EDITABLE:
        try:
            shown = parts_by(row, lines, method)
        except InvalidInput as problem:
            error = str(problem)
    return _workbench(request, row, lines, shown=shown, method=method, error=error)


def _round_or_404(
    request: AuthedRequest, pk: int
) -> tuple[Allocation, list[AllocationLine]]:
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


def _workbench(
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
    whole = _sees_all(request)
    editable = bool(can_allocate(request.user)) and row.state in EDITABLE
    rows = work_lines(row, lines, shown)
    if editable and form is None:
        form = _lines_form(lines, {w.line.zone.code: w.shown for w in rows})
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
            "a": row, "indicator": row.indicator, "rows": _cells(rows, form), "form": form,
            "sums": sums, "whole": whole, "editable": editable, "method": method,
            "methods": METHODS, "is_preview": shown is not None, "error": error, "own": own,
            "forms": given, "actions": actions, "moves": history(row) if whole else [],
            "steps": _steps(row.state),
        },
        status=status,
    )


def _lines_form(
    lines: Sequence[AllocationLine], values: Mapping[str, Decimal | None], data: Any = None
) -> LinesForm:
    zones = [(line.zone.code, localname(line.zone)) for line in lines]
    return LinesForm(data, zones=zones, values=values)


def _cells(rows: Sequence[WorkLine], form: LinesForm | None) -> list[dict[str, Any]]:
    return [{"work": w, "line": w.line, "field": form[w.line.zone.code] if form else None}
            for w in rows]


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


@require_POST
def allocation_action(request: AuthedRequest, pk: int, action: str) -> HttpResponse:
    """One step of a round: save shares, collect, propose, issue, withdraw."""
    row, lines = _round_or_404(request, pk)
    do = {
        "save": _save, "collect": _collect, "propose": _propose,
        "issue": _issue, "withdraw": _withdraw,
    }.get(action)
    if do is None:
        raise Http404
    return do(request, row, lines)


def _done(request: AuthedRequest, row: Allocation, text: str) -> HttpResponse:
    messages.success(request, text)
    return HttpResponseRedirect(reverse("indicators:allocation", args=[row.pk]))


def _save(request: AuthedRequest, row: Allocation, lines: list[AllocationLine]) -> HttpResponse:
    require(can_allocate(request.user))
    form = _lines_form(lines, {line.zone.code: line.issued for line in lines}, request.POST)
    status = 422
    if form.is_valid():
        changed = {code: form.values[code] for code in form.changed_data}
        if not changed:
            return _done(request, row, _("Nothing was changed."))
        try:
            state = service.adjust_shares(
                allocation_id=row.pk, issued=changed, actor=request.user, now=timezone.now(),
                reason=request.POST.get("reason", ""),
            )
        except DomainError as error:
            status = error.status
            if isinstance(error, InvalidInput):
                show_problems(form, error)
            else:
                form.add_error(None, str(error))
        else:
            if not state.gap:
                return _done(request, row, _("Saved. The shares add up to the city target."))
            return _done(
                request, row,
                _("Saved. A gap of %(gap)s stays for the city to coordinate.")
                % {"gap": f"{state.gap.normalize():f}"},
            )
    return _workbench(request, row, lines, form=form, status=status)


def _collect(request: AuthedRequest, row: Allocation, lines: list[AllocationLine]) -> HttpResponse:
    service.collect_proposals(allocation_id=row.pk, actor=request.user, now=timezone.now())
    return _done(
        request, row, _("The zones are asked for their proposals; each is told in its inbox.")
    )


def _propose(request: AuthedRequest, row: Allocation, lines: list[AllocationLine]) -> HttpResponse:
    own = next((line for line in lines if can_propose(request.user, line)), None)
    if own is None:
        require(can_propose(request.user, lines[0]))
        raise Http404
    form, status = ProposalForm(request.POST), 422
    if form.is_valid():
        try:
            service.propose_share(
                line_id=own.pk, value=form.cleaned_data["value"],
                reason=form.cleaned_data["reason"], actor=request.user, now=timezone.now(),
            )
        except (InvalidInput, Conflict) as error:
            status = error.status
            if isinstance(error, InvalidInput):
                show_problems(form, error)
            else:
                form.add_error(None, str(error))
        else:
            return _done(
                request, row, _("Your proposal is recorded; it can be changed until the round is issued.")
            )
    return _workbench(request, row, lines, forms={"propose": form}, status=status)


def _issue(request: AuthedRequest, row: Allocation, lines: list[AllocationLine]) -> HttpResponse:
    return _with_reason(
        request, row, lines, "issue", service.issue_allocation,
        _("Issued. Every zone has its path now and is told."),
    )


def _withdraw(request: AuthedRequest, row: Allocation, lines: list[AllocationLine]) -> HttpResponse:
    return _with_reason(
        request, row, lines, "withdraw", service.withdraw_allocation,
        _("Withdrawn. Another round can be opened; paths already issued stay until replaced."),
    )


def _with_reason(
    request: AuthedRequest, row: Allocation, lines: list[AllocationLine], name: str, act: Any,
    said: str,
) -> HttpResponse:
    require(can_allocate(request.user))
    form, status = ReasonForm(request.POST, prefix=name), 422
    if form.is_valid():
        try:
            act(
                allocation_id=row.pk, reason=form.cleaned_data["reason"], actor=request.user,
                now=timezone.now(),
            )
        except (InvalidInput, Conflict) as error:
            status = error.status
            form.add_error(None, str(error))
        else:
            return _done(request, row, said)
    return _workbench(request, row, lines, forms={name: form}, status=status)


def _export(request: AuthedRequest, row: Allocation, rows: list[WorkLine]) -> HttpResponse:
    decimals = row.indicator.decimals
    figures = [
        ("base", _("base"), lambda w: w.line.base),
        ("computed", _("computed"), lambda w: w.line.computed),
        ("proposed", _("proposed"), lambda w: w.line.proposed),
        ("issued", _("issued"), lambda w: w.line.issued),
    ]
    columns = [
        Column("zone", _("zone"), lambda w: localname(w.line.zone), width=28),
        *(Column(k, label, read, numeric=True, decimals=decimals) for k, label, read in figures),
        Column("share", _("share of the target (%)"), lambda w: w.share, numeric=True, decimals=1),
        Column("growth", _("growth a year (%)"), lambda w: w.growth, numeric=True, decimals=1),
        Column("reason", _("reason of the proposal"), lambda w: w.line.proposed_reason, width=40),
    ]
    title = f"{localname(row.indicator)} {row.horizon}"
    return export(
        request, name="indicators.allocation", title=title, columns=columns, rows=rows,
        fmt=request.GET["format"],
    )
