"""One topic: its opinions, the decision of two people, and what the changed words do."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jingkai.core.errors import DomainError
from jingkai.core.http import AuthedRequest
from jingkai.core.verdicts import require

from .. import queries, rules, services
from ..anchors import like
from ..forms import DecisionForm, TopicForm, show_problems
from ..models import DecisionState, Outcome, Topic
from ..rewriting import wording_of
from ..states import DESK_STATES
from ..words import effect_words, inline_diff
from .common import clauses_of, did, topic_or_404


def _page(
    request: AuthedRequest,
    topic: Topic,
    *,
    form: DecisionForm | None = None,
    name_form: TopicForm | None = None,
    error: DomainError | None = None,
    previewed: dict[str, Any] | None = None,
) -> HttpResponse:
    row = topic.consultation
    comments = list(topic.comments.select_related("anchor", "invitation__body"))
    decisions = list(topic.decisions.select_related("proposed_by", "settled_by"))
    live = next(
        (d for d in decisions if d.state in (DecisionState.PROPOSED, DecisionState.CONFIRMED)), None
    )
    base = wording_of(row, topic.anchor) if topic.anchor is not None else ""
    shown = base.replace("\t", "")
    clauses = clauses_of(row)
    if form is None:
        form = DecisionForm(
            initial={"wording": shown, "seen": ",".join(str(c.pk) for c in comments)}
        )
    context: dict[str, Any] = {
        "topic": topic,
        "round": row,
        "comments": comments,
        "live": live,
        "live_diff": inline_diff(live.base, live.wording) if live and live.wording else [],
        "live_effect": effect_words(live.effect) if live and live.effect else None,
        "earlier": [d for d in decisions if d is not live],
        "can_confirm": rules.can_confirm(request.user, live) if live else None,
        "form": form,
        "name_form": name_form
        or TopicForm(
            clauses=clauses,
            initial={
                "title": topic.title,
                "clause": topic.anchor.key if topic.anchor is not None else "",
            },
        ),
        "base": shown,
        "previewed": effect_words(previewed) if previewed else None,
        "error": error,
        "may": rules.can_administer(request.user),
        "at_desk": row.state in DESK_STATES,
    }
    failed = form.is_bound and previewed is None
    status = error.status if error else 422 if failed or name_form is not None else 200
    return render(request, "consultation/topic.html", context, status=status)


@require_safe
def topic_page(request: AuthedRequest, topic_id: int) -> HttpResponse:
    """A topic beside its decision. 12 queries at any length."""
    return _page(request, topic_or_404(request, topic_id))


@require_POST
def topic_act(request: AuthedRequest, topic_id: int, name: str) -> HttpResponse:
    """Name the topic, try changed words, or propose a decision."""
    topic = topic_or_404(request, topic_id)
    require(rules.can_administer(request.user))
    if name == "name":
        return _rename(request, topic)
    if name not in ("preview", "propose"):
        raise Http404
    form = DecisionForm(request.POST)
    if name == "preview":
        form.is_valid()
        wording = form.cleaned_data.get("wording", "")
        tried = services.preview(topic, wording)
        return _page(request, topic, form=form, previewed=tried or {"empty": True})
    if not form.is_valid():
        return _page(request, topic, form=form)
    data = form.cleaned_data
    try:
        services.propose(
            topic_id=topic.pk,
            outcome=data["outcome"],
            reason=data["reason"],
            wording=_changed(topic, data["outcome"], data["wording"]),
            seen=[int(v) for v in data["seen"].split(",") if v.isdigit()] or None,
            actor=request.user,
            now=timezone.now(),
        )
    except DomainError as refused:
        show_problems(form, refused)
        return _page(request, topic, form=form, error=refused)
    messages.success(request, _("Proposed. Another person confirms it next."))
    return HttpResponseRedirect(reverse("consultation:topic", args=[topic.pk]))


def _changed(topic: Topic, outcome: str, wording: str) -> str:
    """The words if they differ: the form shows the present ones for a start."""
    if topic.anchor is None or outcome not in (Outcome.ADOPTED, Outcome.PARTLY):
        return ""
    base = wording_of(topic.consultation, topic.anchor)
    return "" if like(base, wording) == like(base, base.replace("\t", "")) else wording


def _rename(request: AuthedRequest, topic: Topic) -> HttpResponse:
    form = TopicForm(request.POST, clauses=clauses_of(topic.consultation))
    if not form.is_valid():
        return _page(request, topic, name_form=form)
    try:
        services.name_topic(
            topic_id=topic.pk,
            title=form.cleaned_data["title"],
            anchor_key=form.cleaned_data["clause"],
            actor=request.user,
            now=timezone.now(),
        )
    except DomainError as refused:
        show_problems(form, refused)
        return _page(request, topic, name_form=form, error=refused)
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(reverse("consultation:topic", args=[topic.pk]))


@require_POST
def decision_act(request: AuthedRequest, decision_id: int, name: str) -> HttpResponse:
    """Confirm, send back or withdraw a decision."""
    found = get_object_or_404(queries.visible_decisions(request.user), pk=decision_id)
    now, note = timezone.now(), request.POST.get("note", "")
    url = reverse("consultation:topic", args=[found.topic_id])
    require(
        rules.can_administer(request.user)
        if name == "withdraw"
        else rules.can_confirm(request.user, found)
    )
    if name == "confirm":
        return did(
            request, _("Confirmed. Every opinion of the topic is answered."), url,
            lambda: services.confirm(decision_id=found.pk, actor=request.user, now=now),
        )  # fmt: skip
    if name == "return":
        return did(
            request, _("Sent back. Who proposed it has been told."), url,
            lambda: services.send_back(
                decision_id=found.pk, note=note, actor=request.user, now=now
            ),
        )  # fmt: skip
    if name == "withdraw":
        return did(
            request, _("Withdrawn. The topic can be decided anew."), url,
            lambda: services.withdraw(
                decision_id=found.pk, note=note, actor=request.user, now=now
            ),
        )  # fmt: skip
    raise Http404
