"""What several pages share: columns, reasons of lights, and the obligation page itself."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jingkai.core.errors import DomainError, InvalidInput
from jingkai.core.http import AuthedRequest, page_or_fragment
from jingkai.core.register.public import Column

from .. import queries, rules
from ..actions import offers
from ..models import Obligation
from ..queries.lists import Row

LIGHT_REASONS: Final = {
    "task-overdue": _("past its due date"),
    "rejected-often": _("rejected twice in a row"),
    "report-very-late": _("report more than 3 days late"),
    "behind-schedule": _("more than 10 points behind even progress"),
    "nearly-due": _("due within 10 working days"),
    "report-late": _("report late"),
    "not-signed": _("not signed for in time"),
    "done": _("done"),
}

COLUMNS: Final = (
    Column("number", _("task no."), lambda r: r.item.task.number, numeric=True, width=8),
    Column("task", _("task"), lambda r: r.item.task.title, width=36),
    Column("kind", _("kind"), lambda r: r.item.get_kind_display(), width=12),
    Column("body", _("body"), lambda r: r.item.body or "", width=24),
    Column("role", _("role"), lambda r: role_words(r), width=16),
    Column("state", _("state"), lambda r: r.item.get_state_display(), width=14),
    Column("light", _("light"), lambda r: light_words(r.item.light), width=8),
    Column("reason", _("reason of the light"), lambda r: LIGHT_REASONS.get(
        r.item.light_reason, r.item.light_reason), width=20),
    Column("claimed", _("claimed progress (%)"), lambda r: r.item.claimed_progress, numeric=True),
    Column("accepted", _("accepted progress (%)"), lambda r: r.item.progress, numeric=True),
    Column("files", _("evidence (files)"), lambda r: r.files, numeric=True),
    Column("expected", _("even progress by now (%)"), lambda r: r.expected, numeric=True,
           decimals=1),
    Column("original", _("original due date"), lambda r: r.item.original_due_on),
    Column("due", _("due date"), lambda r: r.item.due_on),
    Column("late", _("late days of the task"), lambda r: r.item.late_days, numeric=True),
    Column("report_late", _("late days of reporting"), lambda r: r.item.report_late_days,
           numeric=True),
    Column("claim", _("what the body says"), lambda r: r.item.claim, width=50),
)

_LIGHTS: Final = {
    "green": _("green light"), "yellow": _("yellow light"), "red": _("red light"),
    "grey": _("no light"),
}


LIGHT_CHOICES: Final = tuple(_LIGHTS.items())


def light_words(light: str) -> str:
    return str(_LIGHTS.get(light, light))


def role_words(row: Row) -> str:
    """Lead, assist or nothing, and who said so."""
    held = row.item.responsibility
    if held is None or held.role == "unspecified":
        return ""
    return f"{held.get_role_display()}（{held.get_assigned_by_display()}）"


def visible_or_404(request: AuthedRequest, obligation_id: int) -> Obligation:
    return get_object_or_404(
        queries.visible_obligations(request.user).select_related(
            "task", "body", "parent", "responsibility", "exempted_by"
        ),
        pk=obligation_id,
    )


def obligation_page(
    request: AuthedRequest,
    obligation: Obligation,
    *,
    bound: tuple[str, forms.Form] | None = None,
    error: DomainError | None = None,
    after_post: str | None = None,
) -> HttpResponse:
    """The card of one obligation, whole or as a fragment."""
    now = timezone.now()
    today = timezone.localdate(now)
    status = error.status if error else 422 if bound is not None else 200
    context: dict[str, Any] = {
        "obligation": obligation,
        "card": queries.obligation_card(obligation, user=request.user, today=today),
        "offers": offers(request.user, obligation, now, bound=bound),
        "can_answer": rules.can_answer_urge(request.user, obligation),
        "can_administer": rules.can_administer(request.user),
        "error": error,
        "today": today,
        "reasons": LIGHT_REASONS,
    }
    return page_or_fragment(
        request, page="supervision/obligation.html", fragment="supervision/_obligation.html",
        context=context, status=status, after_post=after_post,
    )


def show_problems(form: forms.Form, error: DomainError) -> None:
    """Put each problem of `error` beside its field where the form has one."""
    if not isinstance(error, InvalidInput):
        return
    for problem in error.problems:
        if problem.field in form.fields:
            form.add_error(problem.field, problem.message)
