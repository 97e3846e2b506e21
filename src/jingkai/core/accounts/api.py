"""API of accounts: who am I, my tokens, and the users for the three administrators."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema

from jingkai.core.api import Problem, cursor_page
from jingkai.core.http import AuthedRequest
from jingkai.core.verdicts import require

from .models import ApiToken, Membership, User, in_force
from .queries import tokens_of, visible_users
from .rules import can_see_users
from .services.tokens import revoke_token

router = Router(tags=["accounts"])


class MembershipOut(Schema):
    role: str
    body_id: int
    body: str
    valid_from: date
    valid_to: date | None

    @staticmethod
    def resolve_body(row: Membership) -> str:
        return str(row.body)


class MeOut(Schema):
    id: int
    username: str
    name: str
    language: str
    memberships: list[MembershipOut]

    @staticmethod
    def resolve_memberships(row: User) -> list[Membership]:
        return list(row.current_memberships)


class UserOut(Schema):
    id: int
    username: str
    name: str
    email: str
    is_active: bool
    has_second_factor: bool
    last_login: datetime | None
    memberships: list[MembershipOut]

    @staticmethod
    def resolve_has_second_factor(row: User) -> bool:
        return row.totp_confirmed_at is not None

    @staticmethod
    def resolve_memberships(row: Any) -> list[Membership]:
        held: list[Membership] = row.held
        return held


class UserPage(Schema):
    items: list[UserOut]
    next_cursor: str


class TokenOut(Schema):
    id: int
    name: str
    prefix: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class TokenPage(Schema):
    items: list[TokenOut]
    next_cursor: str


@router.get("/me", response={200: MeOut, 401: Problem}, operation_id="get_me")
def get_me(request: AuthedRequest) -> User:
    """The caller and the roles held today."""
    return request.user


@router.get(
    "/tokens",
    response={200: TokenPage, 401: Problem, 422: Problem},
    operation_id="list_tokens",
)
def list_tokens(request: AuthedRequest, cursor: str = "", limit: int = 100) -> dict[str, Any]:
    """The caller's own tokens, newest first; secrets are never shown again."""
    items, following = cursor_page(
        tokens_of(request.user), order=("-id",), cursor=cursor, limit=limit
    )
    return {"items": items, "next_cursor": following}


@router.delete(
    "/tokens/{token_id}",
    response={204: None, 401: Problem, 404: Problem},
    operation_id="revoke_token",
)
def delete_token(request: AuthedRequest, token_id: int) -> HttpResponse:
    """Revoke one of the caller's own tokens."""
    token: ApiToken = get_object_or_404(tokens_of(request.user), pk=token_id)
    revoke_token(token_id=token.pk, actor=request.user, now=timezone.now())
    return HttpResponse(status=204)


@router.get(
    "/users",
    response={200: UserPage, 401: Problem, 403: Problem, 422: Problem},
    operation_id="list_users",
)
def list_users(
    request: AuthedRequest, active: bool | None = None, cursor: str = "", limit: int = 100
) -> dict[str, Any]:
    """People and the roles they hold today; for the three administrators."""
    require(can_see_users(request.user))
    held = Membership.objects.filter(in_force(timezone.localdate())).select_related("body")
    users: QuerySet[User] = visible_users(request.user).prefetch_related(
        Prefetch("memberships", held.order_by("pk"), to_attr="held")
    )
    if active is not None:
        users = users.filter(is_active=active)
    items, following = cursor_page(users, order=("username",), cursor=cursor, limit=limit)
    return {"items": items, "next_cursor": following}
