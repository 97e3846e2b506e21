"""The page of a body that was asked: write by clause, sign, send, or declare "no opinion"."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from jingkai.core.errors import DomainError
from jingkai.core.http import AuthedRequest
from jingkai.core.verdicts import require

from .. import queries, rules, services
from ..forms import OpinionForm, show_problems
from ..models import CommentState, ConsultationState, InvitationState, InvitedBody
from ..states import ARRIVING_STATES
from .common import clauses_of, did, round_or_404


def _invitation(request: AuthedRequest, consultation_id: int) -> InvitedBody:
    row = round_or_404(request, consultation_id)
    found = queries.own_invitations(request.user).filter(consultation=row).order_by("pk").first()
    if found is None:
        raise Http404
    return found


def _page(
    request: AuthedRequest,
    invitation: InvitedBody,
    *,
    form: OpinionForm | None = None,
    editing: int | None = None,
    error: DomainError | None = None,
) -> HttpResponse:
    row = invitation.consultation
    written = list(invitation.comments.select_related("anchor", "written_by", "topic"))
    writers = frozenset(
        c.written_by_id for c in written
        if c.state == CommentState.DRAFT and c.written_by_id is not None
    )  # fmt: skip
    clauses = clauses_of(row)
    if form is None:
        changing = next((c for c in written if c.pk == editing), None)
        initial = {"clause": request.GET.get("clause", "")}
        if changing is not None:
            initial = {
                "clause": changing.anchor.key if changing.anchor is not None else "",
                "text": changing.text,
                "proposal": changing.proposal,
            }
        form = OpinionForm(clauses=clauses, initial=initial)
    published = row.state == ConsultationState.PUBLISHED
    context = {
        "round": row,
        "invitation": invitation,
        "written": written,
        "form": form,
        "editing": editing,
        "blocks": queries.blocks_of(row),
        "writes": row.state in ARRIVING_STATES
        and invitation.state in (InvitationState.ASKED, InvitationState.SILENT),
        "is_late": timezone.now() >= row.deadline,
        "days_left": (row.closes_on - timezone.localdate()).days,
        "can_sign": rules.can_sign_these(request.user, invitation, writers),
        "results": queries.adoption_rows(row, for_public=True) if published else None,
        "error": error,
    }
    status = error.status if error else 422 if form.is_bound else 200
    return render(request, "consultation/opinion.html", context, status=status)


@require_safe
def opinion(request: AuthedRequest, consultation_id: int) -> HttpResponse:
    """The draft, the body's opinions, and what is left to do. 9 queries at any length."""
    invitation = _invitation(request, consultation_id)
    edit = request.GET.get("edit", "")
    return _page(request, invitation, editing=int(edit) if edit.isdigit() else None)


@require_POST
def opinion_act(request: AuthedRequest, consultation_id: int, name: str) -> HttpResponse:
    """Save, remove, ask for a signature, sign and send, or declare that there is none."""
    invitation = _invitation(request, consultation_id)
    now, url = timezone.now(), reverse("consultation:opinion", args=[consultation_id])
    chosen = request.POST.get("comment", "")
    comment_id = int(chosen) if chosen.isascii() and chosen.isdigit() else None
    if name == "save":
        return _save(request, invitation, comment_id, url)
    if name == "remove" and comment_id is not None:
        return did(
            request, _("Removed."), url,
            lambda: services.remove_opinion(
                invitation_id=invitation.pk, comment_id=comment_id, actor=request.user, now=now
            ),
        )  # fmt: skip
    if name == "ask":
        return did(
            request, _("Those who sign have been told."), url,
            lambda: services.ask_for_signature(
                invitation_id=invitation.pk, actor=request.user, now=now
            ),
        )  # fmt: skip
    if name == "send":
        require(rules.can_sign(request.user, invitation))
        return did(
            request, _("Signed and sent. The office has been told."), url,
            lambda: services.send_opinions(
                invitation_id=invitation.pk, actor=request.user, now=now
            ),
        )  # fmt: skip
    if name == "none":
        require(rules.can_sign(request.user, invitation))
        return did(
            request, _("“No opinion” is declared. The office has been told."), url,
            lambda: services.declare_no_opinion(
                invitation_id=invitation.pk, actor=request.user, now=now
            ),
        )  # fmt: skip
    raise Http404


def _save(
    request: AuthedRequest, invitation: InvitedBody, comment_id: int | None, url: str
) -> HttpResponse:
    form = OpinionForm(request.POST, clauses=clauses_of(invitation.consultation))
    if not form.is_valid():
        return _page(request, invitation, form=form, editing=comment_id)
    try:
        services.write_opinion(
            invitation_id=invitation.pk,
            comment_id=comment_id,
            anchor_key=form.cleaned_data["clause"],
            text=form.cleaned_data["text"],
            proposal=form.cleaned_data["proposal"],
            actor=request.user,
            now=timezone.now(),
        )
    except DomainError as refused:
        show_problems(form, refused)
        return _page(request, invitation, form=form, editing=comment_id, error=refused)
    count = invitation.comments.filter(state=CommentState.DRAFT).count()
    messages.success(
        request,
        ngettext(
            "Saved: %(n)d opinion waits to be signed and sent.",
            "Saved: %(n)d opinions wait to be signed and sent.",
            count,
        )
        % {"n": count},
    )
    return HttpResponseRedirect(url)
