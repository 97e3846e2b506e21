"""Sharing a city target out: the list of rounds, and the workbench of one."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, F, Q, QuerySet, Sum
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from jingkai.core.accounts.public import OFFICIALS
from jingkai.core.errors import Conflict, InvalidInput
from jingkai.core.http import AuthedRequest, page_of
from jingkai.core.register.public import FORMATS, Column, export
from jingkai.core.ui.public import localname
from jingkai.core.verdicts import require

from ..forms import OpenForm, show_problems, style
from ..models import Allocation, AllocationLine, AllocationState, Target
from ..queries.page_plan import WorkLine, parts_by, work_lines
from ..queries.visibility import visible_allocations, visible_lines
from ..rules import can_allocate
from ..services import allocation as service
from ..states import EDITABLE
from .common import indicator_or_404
from .workbench import METHODS, round_or_404, sees_all, workbench

_COLUMNS = (
    Column("indicator", gettext_lazy("indicator"), lambda a: localname(a.indicator), width=28),
    Column("horizon", gettext_lazy("horizon"), lambda a: a.horizon),
    Column("state", gettext_lazy("state"), lambda a: a.get_state_display()),
    Column("total", gettext_lazy("city target"), lambda a: a.total, numeric=True, decimals=2),
    Column("shared", gettext_lazy("shared out"), lambda a: a.shared, numeric=True, decimals=2),
    Column(
        "gap", gettext_lazy("gap the city coordinates"), lambda a: a.gap, numeric=True, decimals=2
    ),
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
    whole = sees_all(request)
    if query.get("format") in FORMATS:
        columns = [c for c in _COLUMNS if whole or c.key not in {"shared", "gap", "proposed"}]
        return export(
            request,
            name="indicators.allocations",
            title=_("Allocation to zones"),
            columns=columns,
            rows=rounds,
            fmt=query["format"],
        )
    mine = _own_lines(request) if not whole else {}
    page = page_of(request, rounds)
    for row in page:
        row.own = mine.get(row.pk)
    return render(
        request,
        "indicators/allocations.html",
        {
            "page_obj": page,
            "state": state,
            "states": AllocationState.choices,
            "may_allocate": may_allocate,
            "whole": whole,
        },
    )


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
                    indicator=indicator,
                    horizon=data["horizon"],
                    method=data["method"],
                    base_period=data["base_period"],
                    total=data["total"],
                    actor=request.user,
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
                    _("The shares are computed: check them, then ask the zones or issue."),
                )
                return HttpResponseRedirect(reverse("indicators:allocation", args=[opened.pk]))
    style(form)
    return render(
        request,
        "indicators/allocation_open.html",
        {"indicator": indicator, "form": form},
        status=status,
    )


@require_safe
def allocation(request: AuthedRequest, pk: int) -> HttpResponse:
    """The workbench of one round: base, computed, proposed, issued, share, growth, and the gap."""
    row, lines = round_or_404(request, pk)
    if request.GET.get("format") in FORMATS:
        return _export(request, row, work_lines(row, lines))
    method, shown, error = request.GET.get("method", ""), None, ""
    if method in METHODS and can_allocate(request.user) and row.state in EDITABLE:
        try:
            shown = parts_by(row, lines, method)
        except InvalidInput as problem:
            error = str(problem)
    return workbench(request, row, lines, shown=shown, method=method, error=error)


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
        request,
        name="indicators.allocation",
        title=title,
        columns=columns,
        rows=rows,
        fmt=request.GET["format"],
    )
