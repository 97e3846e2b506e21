"""The trail for the audit administrator: search, details, verification, export."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from jingkai.core.http import AuthedRequest, page_or_fragment
from jingkai.core.register.public import FORMATS, Column, export
from jingkai.core.verdicts import require

from .actions import action_label, registered_actions
from .models import AuditEvent
from .queries import EventFilter, find_events, keyset_page, seal_of, visible_events
from .rules import can_read_trail
from .services import record, verify_chain

EXPORT_LIMIT = 100_000

COLUMNS = (
    Column("id", _("event"), lambda e: e.pk, numeric=True),
    Column("at", _("time"), lambda e: e.at, width=18),
    Column("actor", _("actor"), lambda e: e.actor_label, width=24),
    Column("action", _("action"), lambda e: action_label(e.action), width=24),
    Column("code", _("action code"), lambda e: e.action, width=28),
    Column("type", _("object type"), lambda e: e.target_type, width=20),
    Column("target", _("object"), lambda e: e.target_id),
    Column("label", _("object name"), lambda e: e.target_label, width=36),
    Column("summary", _("summary"), lambda e: e.summary, width=48),
    Column("rows", _("rows"), lambda e: e.row_count, numeric=True),
    Column("address", _("network address"), lambda e: e.address),
    Column("details", _("details"), lambda e: json.dumps(e.details, ensure_ascii=False), width=60),
)


class EventFilterForm(forms.Form):
    """Shape of the search; what does not parse filters nothing and is marked."""

    since = forms.DateField(required=False)
    until = forms.DateField(required=False)
    actor = forms.CharField(required=False, max_length=120)
    action = forms.CharField(required=False, max_length=80)
    target = forms.CharField(required=False, max_length=130)
    q = forms.CharField(required=False, max_length=200)
    before = forms.IntegerField(required=False, min_value=0)
    after = forms.IntegerField(required=False, min_value=0)


@require_safe
def events(request: AuthedRequest) -> HttpResponse:
    require(can_read_trail(request.user))
    form = EventFilterForm(request.GET)
    form.is_valid()
    data = form.cleaned_data
    before, after = data.pop("before", None), data.pop("after", None)
    found = find_events(user=request.user, wanted=EventFilter(**data))
    if (fmt := request.GET.get("format")) in FORMATS:
        return export(
            request,
            name="audit.events",
            title=str(_("Audit trail")),
            columns=COLUMNS,
            rows=found[:EXPORT_LIMIT].iterator(),
            fmt=fmt,
        )
    page = keyset_page(found, before=before, after=after)
    context = {
        "page": page,
        "rows": [_shown(event) for event in page.rows],
        "form": form,
        "actions": registered_actions(),
        "rooms": sorted({name.split(".", 1)[0] + "." for name in registered_actions()}),
        "query": request.GET,
        "filtered": any(data.values()),
    }
    return render(request, "audit/events.html", context)


def _shown(event: AuditEvent) -> dict[str, Any]:
    return {"event": event, "action": action_label(event.action)}


@require_safe
def event(request: AuthedRequest, event_id: int) -> HttpResponse:
    """One event: a drawer for htmx, a page by its address."""
    require(can_read_trail(request.user))
    found = get_object_or_404(visible_events(request.user), pk=event_id)
    details = dict(found.details)
    before, after = details.pop("before", None), details.pop("after", None)
    changes = []
    if isinstance(before, dict) and isinstance(after, dict):
        changes = [
            {"field": key, "before": _pretty(before.get(key)), "after": _pretty(after.get(key))}
            for key in sorted(before.keys() | after.keys())
        ]
    elif before is not None or after is not None:
        changes = [{"field": "", "before": _pretty(before), "after": _pretty(after)}]
    context = {
        **_shown(found),
        "seal": seal_of(found.pk),
        "changes": changes,
        "details": _pretty(details) if details else "",
    }
    return page_or_fragment(
        request, page="audit/event.html", fragment="audit/_event.html", context=context
    )


def _pretty(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or "—"
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True)


@require_POST
def verify(request: AuthedRequest) -> HttpResponse:
    """Walk the chain and show what does not hold. The walk itself is written into the trail."""
    require(can_read_trail(request.user))
    report = verify_chain()
    now = timezone.now()
    record(
        "audit.verified",
        actor=request.user,
        at=now,
        row_count=report.checked,
        details={"head": report.head, "problems": len(report.problems)},
    )
    context = {"report": report, "at": now}
    return page_or_fragment(
        request,
        page="audit/verification.html",
        fragment="audit/_verification.html",
        context=context,
    )
