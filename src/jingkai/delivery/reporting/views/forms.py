"""Forms: what is asked, of whom, by when; a new version is drafted, checked and published."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.db.models import Max, Prefetch
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jingkai.core.errors import DomainError, FieldProblem, InvalidInput
from jingkai.core.http import AuthedRequest
from jingkai.delivery.indicators.public import Frequency, Indicator
from jingkai.masterdata.organisations.public import Body

from .. import rules, services
from ..models import (
    Coverage,
    EvidenceRule,
    FilledBy,
    Form,
    FormItem,
    FormVersion,
    Prefill,
    Purpose,
    VersionState,
)

_NEW_FIELDS = ("code", "name", "name_en", "frequency", "filled_by", "body", "joins_january")
_BODY_KINDS = ("department", "central", "office")
BLANK_ROWS = 4
MAX_ITEMS = 300


def _officials_only(request: AuthedRequest) -> None:
    if not rules.can_follow(request.user):
        raise Http404


@require_safe
def form_list(request: AuthedRequest) -> HttpResponse:
    """Every form with its versions. 6 queries at any number of forms."""
    _officials_only(request)
    forms = Form.objects.select_related("body").prefetch_related(
        Prefetch("versions", FormVersion.objects.prefetch_related("items"))
    )
    lines = []
    for form in forms:
        versions = list(form.versions.all())
        published = next((v for v in versions if v.state == VersionState.PUBLISHED), None)
        draft = next((v for v in versions if v.state == VersionState.DRAFT), None)
        lines.append((form, published, draft))
    return render(
        request,
        "reporting/forms.html",
        {"lines": lines, "may_administer": bool(rules.can_administer(request.user))},
    )


def form_new(request: AuthedRequest) -> HttpResponse:
    """Name a new form; what it asks is said in its first draft."""
    _officials_only(request)
    if not rules.can_administer(request.user):
        raise Http404
    sent = {name: request.POST.get(name, "").strip() for name in _NEW_FIELDS}
    error: DomainError | None = None
    if request.method == "POST":
        try:
            form = _create(request, sent)
        except DomainError as refused:
            error = refused
        else:
            return HttpResponseRedirect(reverse("reporting:form-edit", args=[form.code]))
    return render(
        request,
        "reporting/form_new.html",
        {
            "sent": sent,
            "error": error,
            "fillers": FilledBy.choices,
            "frequencies": Frequency.choices,
            "bodies": Body.objects.filter(kind__in=_BODY_KINDS),
        },
        status=error.status if error else 200,
    )


@transaction.atomic
def _create(request: AuthedRequest, sent: dict[str, str]) -> Form:
    now = timezone.now()
    form = services.create_form(
        code=sent["code"],
        name=sent["name"],
        name_en=sent["name_en"],
        frequency=sent["frequency"],
        filled_by=sent["filled_by"],
        body=Body.objects.filter(kind__in=_BODY_KINDS, code=sent["body"]).first(),
        joins_january=bool(sent["joins_january"]),
        position=(Form.objects.aggregate(last=Max("position"))["last"] or 0) + 1,
        actor=request.user,
        now=now,
    )
    services.start_draft(form_id=form.pk, actor=request.user, now=now)
    return form


@require_safe
def form_page(request: AuthedRequest, code: str) -> HttpResponse:
    """One form: its newest version in force, its items, its history."""
    _officials_only(request)
    form = get_object_or_404(Form.objects.select_related("body"), code=code)
    versions = list(form.versions.select_related("published_by", "created_by"))
    asked = request.GET.get("version", "")
    shown = next((v for v in versions if str(v.number) == asked), None) or next(
        (v for v in versions if v.state == VersionState.PUBLISHED),
        versions[0] if versions else None,
    )
    items = shown.items.select_related("indicator__compiler", "verifier") if shown else []
    return render(
        request,
        "reporting/form.html",
        {
            "form_row": form,
            "versions": versions,
            "shown": shown,
            "items": items,
            "draft": next((v for v in versions if v.state == VersionState.DRAFT), None),
            "may_administer": bool(rules.can_administer(request.user)),
        },
    )


@require_POST
def form_draft(request: AuthedRequest, code: str) -> HttpResponse:
    """Begin a new version, or go on with the one begun."""
    _officials_only(request)
    form = get_object_or_404(Form, code=code)
    services.start_draft(form_id=form.pk, actor=request.user, now=timezone.now())
    return HttpResponseRedirect(reverse("reporting:form-edit", args=[form.code]))


def form_edit(request: AuthedRequest, code: str) -> HttpResponse:
    """Edit the draft of a form; publish it from the same page."""
    _officials_only(request)
    if not rules.can_administer(request.user):
        raise Http404
    draft = get_object_or_404(
        FormVersion.objects.select_related("form"), form__code=code, state=VersionState.DRAFT
    )
    error: DomainError | None = None
    rows = [_sent(item) for item in draft.items.select_related("indicator", "verifier")]
    head = {
        "effective_from": draft.effective_from.isoformat(),
        "due_working_days": str(draft.due_working_days),
        "reminder_days": "、".join(map(str, draft.reminder_days)),
        "reason": draft.reason,
        "burden_note": draft.burden_note,
    }
    if request.method == "POST":
        rows = _rows(request)
        head = {key: request.POST.get(key, "") for key in head}
        try:
            _save(request, draft, rows, head)
        except DomainError as refused:
            error = refused
        else:
            if request.POST.get("publish"):
                try:
                    services.publish_version(
                        version_id=draft.pk,
                        reason=head["reason"],
                        actor=request.user,
                        now=timezone.now(),
                    )
                except DomainError as refused:
                    error = refused
                else:
                    messages.success(
                        request,
                        _("Version %(n)d is published. Collections opened from now on use it.")
                        % {"n": draft.number},
                    )
                    return HttpResponseRedirect(reverse("reporting:form", args=[code]))
            if error is None:
                messages.success(request, _("The draft is saved."))
                return HttpResponseRedirect(request.path)
    return render(
        request,
        "reporting/form_edit.html",
        {
            "draft": draft,
            "rows": [*rows, *({} for _n in range(BLANK_ROWS))],
            "head": head,
            "error": error,
            "marks": _marks(error),
            "indicators": Indicator.objects.filter(frequency=draft.form.frequency),
            "bodies": Body.objects.filter(kind__in=_BODY_KINDS),
            "coverages": [
                (value, label)
                for value, label in Coverage.choices
                if (value == Coverage.OWN) == (draft.form.filled_by == FilledBy.ZONE)
            ],
            "purposes": Purpose.choices,
            "prefills": Prefill.choices,
            "evidences": EvidenceRule.choices,
        },
        status=error.status if error else 200,
    )


def _marks(error: DomainError | None) -> dict[int, str]:
    """Row number → what is wrong with it."""
    if not isinstance(error, InvalidInput):
        return {}
    found: dict[int, str] = {}
    for problem in error.problems:
        place = problem.field.split(".")
        if place[0] == "items" and len(place) > 1 and place[1].isdigit():
            found[int(place[1]) + 1] = problem.message
    return found


def _sent(item: FormItem) -> dict[str, str]:
    return {
        "indicator": item.indicator.code,
        "coverage": item.coverage,
        "purpose": item.purpose,
        "with_month": "1" if item.with_month else "",
        "required": "1" if item.required else "",
        "prefill": item.prefill,
        "evidence": item.evidence,
        "verifier": item.verifier.code if item.verifier else "",
        "note": item.note,
    }


_FIELDS = ("indicator", "coverage", "purpose", "prefill", "evidence", "verifier", "note")
_BOXES = ("with_month", "required")


def _rows(request: AuthedRequest) -> list[dict[str, str]]:
    """The rows that name an indicator, by the numbers put before them; without one, as sent."""
    count = request.POST.get("count", "0")
    rows = []
    for index in range(min(int(count) if count.isdigit() else 0, MAX_ITEMS)):
        row = {name: request.POST.get(f"{name}-{index}", "") for name in (*_FIELDS, *_BOXES)}
        if row["indicator"] and not request.POST.get(f"remove-{index}"):
            order = request.POST.get(f"order-{index}", "")[:6]
            rows.append((int(order) if order.isdecimal() else index + 1, index, row))
    return [row for _order, _index, row in sorted(rows, key=lambda line: line[:2])]


def _save(
    request: AuthedRequest, draft: FormVersion, rows: list[dict[str, str]], head: dict[str, str]
) -> None:
    try:
        effective_from = parse_date(head["effective_from"])
    except ValueError:
        effective_from = None
    words = head["reminder_days"].replace("，", "、").replace(",", "、").split("、")
    days = [word.strip() for word in words if word.strip()]
    if (
        effective_from is None
        or not head["due_working_days"].isdigit()
        or not all(day.isdigit() for day in days)
    ):
        message = _("Write a date like 2026-11-20, and days as numbers.")
        raise InvalidInput(message, problems=[FieldProblem("effective_from", message)])
    services.save_version(
        version_id=draft.pk,
        items=[
            services.ItemDraft(
                **{name: row[name] for name in _FIELDS},
                with_month=bool(row["with_month"]),
                required=bool(row["required"]),
            )
            for row in rows
        ],
        effective_from=effective_from,
        due_working_days=int(head["due_working_days"][:4]),
        reminder_days=[int(day[:4]) for day in days],
        reason=head["reason"],
        burden_note=head["burden_note"],
        actor=request.user,
        now=timezone.now(),
    )
