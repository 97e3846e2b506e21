"""The verifying department's desk: one indicator across all zones, side by side."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from jingkai.core.errors import DomainError, FieldProblem, InvalidInput
from jingkai.core.http import AuthedRequest
from jingkai.core.register.public import FORMATS, Column, export

from .. import rules, services
from ..models import FormItem, ReturnReason
from ..queries import visible_campaigns, visible_cells
from ..queries.verification import Line, verification
from ..queries.work import return_work


@require_safe
def verify_index(request: AuthedRequest) -> HttpResponse:
    """What waits for this person's verification, by indicator."""
    if not rules.can_follow(request.user):
        raise Http404
    today = timezone.localdate()
    work = [w for w in return_work(request.user, today) if w.kind == "return-verify"]
    return render(request, "reporting/verify_index.html", {"work": work})


def verify_page(request: AuthedRequest, campaign_id: int, code: str) -> HttpResponse:
    """Look at all zones' figures of one indicator; verify or return the chosen ones."""
    campaign = get_object_or_404(
        visible_campaigns(request.user).select_related("form", "version"), pk=campaign_id
    )
    item = get_object_or_404(
        FormItem.objects.select_related("indicator__compiler", "verifier"),
        version=campaign.version_id,
        indicator__code=code,
    )
    error: DomainError | None = None
    if request.method == "POST":
        try:
            messages.success(request, _act(request, campaign.pk, item))
        except DomainError as refused:
            error = refused
        else:
            return HttpResponseRedirect(
                reverse("reporting:verify", args=[campaign.pk, item.indicator.code])
            )
    found = verification(request.user, campaign, item.indicator, page=request.GET.get("page"))
    if not found.lines:
        raise Http404
    fmt = request.GET.get("format")
    if fmt in FORMATS:
        return export(
            request,
            name="reporting.verification",
            title=f"{item.indicator.name} {campaign.period}",
            columns=_columns(item.indicator.decimals),
            rows=found.lines,
            fmt=fmt,
        )
    context = {
        "campaign": campaign,
        "item": item,
        "indicator": item.indicator,
        "verification": found,
        "page_obj": found.page,
        "verdict": rules.can_verify(request.user, item, timezone.localdate()),
        "verifier": item.verifier or item.indicator.compiler,
        "reasons": ReturnReason.choices,
        "error": error,
        "chosen": set(request.POST.getlist("cells")),
        "text": request.POST.get("text", ""),
        "code": request.POST.get("code", ""),
    }
    return render(request, "reporting/verify.html", context, status=error.status if error else 200)


def _act(request: AuthedRequest, campaign_id: int, item: FormItem) -> str:
    now = timezone.now()
    action = request.POST.get("action", "")
    chosen = [int(pk) for pk in request.POST.getlist("cells") if pk.isdigit()]
    # Only what stands on this page: the month's own figures follow their cells.
    known = visible_cells(request.user).filter(
        in_return__campaign=campaign_id, indicator=item.indicator_id
    )
    cells = list(known.filter(pk__in=chosen, part=""))
    if not cells:
        message = _("Choose at least one figure.")
        raise InvalidInput(message, problems=[FieldProblem("cells", message, "required")])
    returns = [cell.in_return_id for cell in cells]
    if action == "return":
        rows = services.return_cells(
            cell_ids=[cell.pk for cell in cells],
            code=request.POST.get("code", ""),
            text=request.POST.get("text", ""),
            actor=request.user,
            now=now,
        )
        return ngettext(
            "%(n)d figure returned. Its clerk has been told what to mend.",
            "%(n)d figures returned. Their clerks have been told what to mend.",
            len(rows),
        ) % {"n": len(rows)}
    if action not in ("verify", "verify-clean"):
        raise Http404
    months = known.filter(part="month", in_return__in=returns, state="signed")
    ids = [*(cell.pk for cell in cells), *months.values_list("pk", flat=True)]
    result = services.verify_cells(
        cell_ids=ids, actor=request.user, now=now, bulk=action == "verify-clean"
    )
    return ngettext(
        "%(n)d figure verified: it is official now, lights and totals have moved.",
        "%(n)d figures verified: they are official now, lights and totals have moved.",
        len(cells),
    ) % {"n": len(cells), "events": result.events}


def _columns(decimals: int) -> list[Column]:
    def figure(name: str) -> Column:
        labels = {
            "month": _("Of the month"),
            "previous": _("Period before"),
            "year_ago": _("A year ago"),
            "planned": _("Planned"),
            "source": _("Department's own"),
        }
        return Column(name, labels[name], lambda row: getattr(row, name), True, decimals)

    return [
        Column("scope", _("Place"), lambda row: row.name, width=20),
        Column("value", _("Reported"), lambda row: row.cell.value, True, decimals),
        *(figure(n) for n in ("month", "previous", "year_ago", "planned", "source")),
        Column("growth", _("Year on year (%)"), lambda row: row.growth, True, 1),
        Column("doubts", _("Doubts"), _doubts, width=50),
        Column("said", _("Explanations"), _said, width=50),
        Column("state", _("State"), lambda row: row.cell.get_state_display()),
    ]


def _doubts(row: Line) -> str:
    return "；".join(alarm.message for alarm in row.alarms)


def _said(row: Line) -> str:
    return "；".join(explanation.text for explanation in row.explanations)
