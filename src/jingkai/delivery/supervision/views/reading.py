"""Pages that show: list, board, cards, review queue, meetings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Count, Min
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.errors import DomainError
from jingkai.core.http import AuthedRequest, page_of, page_or_fragment
from jingkai.core.register.public import FORMATS, export
from jingkai.delivery.policy.public import Document, KeyTask, ResponsibilityRole
from jingkai.masterdata.organisations.public import Body

from .. import queries, rules, services
from ..columns import COLUMNS, LIGHT_CHOICES, LIGHT_REASONS
from ..forms import FilterForm, MeetingForm, RolesForm
from ..models import Meeting, Obligation, ObligationKind, ObligationState
from ..panels import indicator_lines
from ..queries.cards import obligation_card
from ..states import OPEN_STATES
from .shared import obligation_page, officials_or_404, visible_or_404


def filters_from(request: AuthedRequest) -> queries.Filters:
    """Filters of the address; what is not understood is left out."""
    form = FilterForm(request.GET)
    form.is_valid()
    given = {name: value for name, value in form.cleaned_data.items() if value not in ("", None)}
    given.setdefault(
        "kind",
        ObligationKind.TASK if rules.can_see_all(request.user) else ObligationKind.SHARE,
    )
    return queries.Filters(**given)


def obligation_list(request: AuthedRequest) -> HttpResponse:
    """Whole tasks or shares, the worst first. 15 queries at any length."""
    officials_or_404(request)
    today = timezone.localdate()
    filters = filters_from(request)
    found = queries.obligations_for_list(user=request.user, filters=filters, today=today)
    fmt = request.GET.get("format", "")
    if fmt in FORMATS:
        return export(
            request,
            name="supervision.obligations",
            title=_("Supervision list"),
            columns=COLUMNS,
            rows=queries.rows_of(found, user=request.user, today=today),
            fmt=fmt,
        )
    page = page_of(request, found)
    visible = queries.visible_obligations(request.user)
    documents = Document.objects.filter(pk__in=visible.values("task__document")).order_by("pk")
    grouped = KeyTask.objects.filter(pk__in=visible.values("task"))
    if filters.document:
        grouped = grouped.filter(document__code=filters.document)
    context = {
        "filters": filters,
        "page_obj": page,
        "rows": queries.rows_of(page.object_list, user=request.user, today=today),
        "totals": queries.totals(user=request.user, kind=filters.kind),
        "documents": list(documents),
        "groups": grouped.order_by("group").values("group").annotate(title=Min("group_title")),
        "bodies": Body.objects.filter(pk__in=visible.values("body")),
        "states": ObligationState.choices,
        "light_choices": LIGHT_CHOICES,
        "today": today,
        "reasons": LIGHT_REASONS,
        "may_administer": rules.can_administer(request.user),
        "sees_all": rules.can_see_all(request.user),
        "to_issue": visible.filter(
            state=ObligationState.REGISTERED, kind=ObligationKind.SHARE
        ).count(),
    }
    return page_or_fragment(
        request, page="supervision/list.html", fragment="supervision/_list.html", context=context
    )


def board(request: AuthedRequest) -> HttpResponse:
    """Bodies by light and late days."""
    officials_or_404(request)
    lines = queries.body_board(user=request.user)
    return page_or_fragment(
        request,
        page="supervision/board.html",
        fragment="supervision/_board.html",
        context={"lines": lines},
    )


def task_card(
    request: AuthedRequest,
    number: int,
    *,
    roles_form: RolesForm | None = None,
    error: DomainError | None = None,
) -> HttpResponse:
    """The task as a whole: goal, clauses, figures, shares by body, trail."""
    today = timezone.localdate()
    found = (
        queries.visible_obligations(request.user)
        .filter(task__number=number, kind=ObligationKind.TASK, **of_named_document(request))
        .select_related("task__document", "body", "responsibility", "parent", "exempted_by")
    )
    # Of the document that came first, unless another is named; of one task, what is not withdrawn.
    obligation = min(
        found,
        key=lambda row: (row.task.document_id, row.state == ObligationState.WITHDRAWN, -row.pk),
        default=None,
    )
    if obligation is None:
        raise Http404
    task = obligation.task
    shares = list(queries.shares_of(obligation, user=request.user))
    context = {
        "task": task,
        "obligation": obligation,
        "card": obligation_card(obligation, user=request.user, today=today),
        "rows": queries.rows_of(shares, user=request.user, today=today),
        "clauses": task.clauses.select_related("measure").order_by("measure__number", "position"),
        "indicators": indicator_lines(task.pk),
        "document_lead": _document_lead(task),
        "may_administer": rules.can_administer(request.user),
        "roles_form": roles_form
        or (
            RolesForm(task=task, initial={"lead_body": obligation.body_id})
            if rules.can_administer(request.user)
            else None
        ),
        "error": error,
        "today": today,
        "reasons": LIGHT_REASONS,
    }
    return page_or_fragment(
        request,
        page="supervision/task.html",
        fragment="supervision/_task.html",
        context=context,
        status=error.status if error else 422 if roles_form is not None else 200,
    )


def of_named_document(request: AuthedRequest) -> dict[str, str]:
    """The filter that `?document=` makes: numbers of tasks begin anew in each document."""
    named = request.GET.get("document", "")
    return {"task__document__code": named} if named else {}


def _document_lead(task: KeyTask) -> Body | None:
    """Who leads by the document's own word, whatever the office assigned since."""
    duties = task.responsibilities.select_related("body")
    return next((d.body for d in duties if d.stated_role == ResponsibilityRole.LEAD), None)


def obligation_detail(request: AuthedRequest, obligation_id: int) -> HttpResponse:
    return obligation_page(request, visible_or_404(request, obligation_id))


def review_queue(request: AuthedRequest) -> HttpResponse:
    """What waits for this person's decision."""
    officials_or_404(request)
    lines = queries.reports_to_review(request.user)
    work = [
        item
        for item in queries.my_work(request.user, timezone.localdate())
        if item.kind in ("dispute", "extension", "close", "escalation")
    ]
    return page_or_fragment(
        request,
        page="supervision/review.html",
        fragment="supervision/_review.html",
        context={"lines": lines, "work": work},
    )


def _tell_difference(
    request: AuthedRequest, since: datetime | None, until: datetime
) -> dict[str, Any]:
    visible = queries.visible_obligations(request.user).filter(kind=ObligationKind.SHARE)
    return {
        "changes": queries.changes_since(since, user=request.user, until=until),
        "reasons": LIGHT_REASONS,
        "open_count": visible.filter(state__in=OPEN_STATES).count(),
        "lights": visible.filter(state__in=OPEN_STATES)
        .order_by()
        .values("light")
        .annotate(n=Count("pk")),
    }


def meetings(request: AuthedRequest) -> HttpResponse:
    """What changed since the last meeting, the meetings held, and "held now"."""
    officials_or_404(request)
    now = timezone.now()
    form = MeetingForm(request.POST or None)
    error: DomainError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            meeting = services.record_meeting(
                title=form.cleaned_data["title"],
                note=form.cleaned_data["note"],
                held_at=now,
                actor=request.user,
                now=now,
            )
        except DomainError as refused:
            error = refused
        else:
            messages.success(
                request, _("Recorded. From now on, changes are told since this meeting.")
            )
            return HttpResponseRedirect(reverse("supervision:meeting", args=[meeting.pk]))
    last = queries.last_meeting()
    context = {
        "form": form,
        "error": error,
        "last": last,
        "page_obj": page_of(request, Meeting.objects.all(), size=20),
        "may_administer": rules.can_administer(request.user),
        **_tell_difference(request, last.held_at if last else None, now),
    }
    status = error.status if error else 422 if request.method == "POST" else 200
    return render(request, "supervision/meetings.html", context, status=status)


def meeting_detail(request: AuthedRequest, meeting_id: int) -> HttpResponse:
    """What had changed when this meeting was held, against the one before."""
    meeting = get_object_or_404(Meeting, pk=meeting_id)
    if not rules.can_see_all(request.user) and not _has_bodies(request):
        raise Http404
    before = queries.last_meeting(before=meeting.held_at)
    return render(
        request,
        "supervision/meeting.html",
        {
            "meeting": meeting,
            "before": before,
            **_tell_difference(request, before.held_at if before else None, meeting.held_at),
        },
    )


def _has_bodies(request: AuthedRequest) -> bool:
    return Obligation.objects.filter(
        pk__in=queries.visible_obligations(request.user).values("pk")
    ).exists()
