"""What the topics of this room's API share: the caller, answers, common schemas."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from ninja import Schema
from pydantic import Field

from jingkai.core.accounts.public import User
from jingkai.core.api import Problem

from . import rules

READ: dict[int, Any] = {404: Problem, 422: Problem}
WRITE: dict[int, Any] = {403: Problem, 404: Problem, 409: Problem, 422: Problem}
Figure = Annotated[Decimal, Field(max_digits=24, decimal_places=6)]


def caller(request: HttpRequest) -> User:
    """The caller; 404 for whom there are no evaluations, like the pages."""
    user = request.user
    if not isinstance(user, User) or not rules.can_follow(user):
        raise Http404
    return user


class ReasonIn(Schema):
    reason: str


class AnswerTextIn(Schema):
    answer: str = ""


class PaperOut(Schema):
    id: int
    name: str
