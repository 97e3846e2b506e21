"""What every operation begins with: the person, and what that person may see."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router

from jingkai.core.accounts.public import User
from jingkai.core.api import Problem

from .. import queries, rules
from ..models import Comment, Consultation, Decision, InvitedBody, Topic

router = Router(tags=["consultation"])
READ: dict[int, Any] = {404: Problem, 422: Problem}
WRITE: dict[int, Any] = {403: Problem, 404: Problem, 409: Problem, 422: Problem}
OPEN: dict[int, Any] = {404: Problem, 409: Problem, 422: Problem, 429: Problem}


def user_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def official(request: HttpRequest) -> User:
    """404 for whom there are no consultations, like the pages."""
    user = user_of(request)
    if not rules.can_follow(user):
        raise Http404
    return user


def round_of(request: HttpRequest, consultation_id: int) -> Consultation:
    return get_object_or_404(queries.visible_consultations(user_of(request)), pk=consultation_id)


def desk_of(request: HttpRequest, consultation_id: int) -> Consultation:
    return get_object_or_404(queries.desk_consultations(user_of(request)), pk=consultation_id)


def comment_of(request: HttpRequest, comment_id: int) -> Comment:
    return get_object_or_404(queries.visible_comments(user_of(request)), pk=comment_id)


def topic_of(request: HttpRequest, topic_id: int) -> Topic:
    rows = queries.visible_topics(user_of(request)).select_related("consultation", "anchor")
    return get_object_or_404(rows, pk=topic_id)


def decision_of(request: HttpRequest, decision_id: int) -> Decision:
    return get_object_or_404(queries.visible_decisions(user_of(request)), pk=decision_id)


def invitation_of(request: HttpRequest, consultation_id: int) -> InvitedBody:
    """The caller's own invitation to the round."""
    row = round_of(request, consultation_id)
    found = queries.own_invitations(user_of(request)).filter(consultation=row).order_by("pk")
    first = found.first()
    if first is None:
        raise Http404
    return first
