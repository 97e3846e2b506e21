"""What every operation begins with: the person, and the obligation that person may see."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router

from jingkai.core.accounts.public import User
from jingkai.core.api import Problem

from .. import queries, rules
from ..models import Obligation

router = Router(tags=["supervision"])
READ: dict[int, Any] = {404: Problem, 422: Problem}
WRITE: dict[int, Any] = {403: Problem, 404: Problem, 409: Problem, 422: Problem}


def user_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def official(request: HttpRequest) -> User:
    """404 for whom there is nothing to follow, like the pages."""
    user = user_of(request)
    if not rules.can_follow(user):
        raise Http404
    return user


def visible(request: HttpRequest) -> QuerySet[Obligation]:
    rows = queries.visible_obligations(user_of(request))
    return rows.select_related("task__document", "body", "parent", "responsibility")


def checked(request: HttpRequest, obligation_id: int) -> int:
    """404 before anything else: what is out of scope does not exist."""
    return get_object_or_404(visible(request), pk=obligation_id).pk


def fresh(obligation_id: int) -> Obligation:
    return Obligation.objects.select_related("task__document", "body", "responsibility").get(
        pk=obligation_id
    )
