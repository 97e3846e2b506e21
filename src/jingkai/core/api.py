"""What every API router shares: problem+json, cursor pages, the signed-in caller."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, TypeVar

from django.core.exceptions import ValidationError as ModelValidationError
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from .errors import DomainError, InvalidInput

MAX_LIMIT = 500
M = TypeVar("M", bound=Model)


class FieldProblemOut(Schema):
    field: str
    message: str
    code: str


class Problem(Schema):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblemOut] = []


def _moment(value: Any) -> Any:
    """A day stands for its last instant; a time without zone is local."""
    if isinstance(value, str) and len(value) == 10:
        try:
            day = date.fromisoformat(value)
        except ValueError:
            return value
        midnight = timezone.make_aware(datetime.combine(day, time.min))
        return midnight + timedelta(days=1, microseconds=-1)
    return value


def _aware(value: datetime | None) -> datetime | None:
    return timezone.make_aware(value) if value and timezone.is_naive(value) else value


AsOf = Annotated[datetime | None, BeforeValidator(_moment), AfterValidator(_aware)]
"""A query parameter `as_of`: what was known at that moment, or at the end of that day."""


def asked_first(check: Callable[[HttpRequest, Any], Any]) -> AfterValidator:
    """Annotation of a path parameter by which `check(request, value)` is asked while it is read.

    Whoever may not send something is told so, and not what is wrong with what they sent: refusals
    leave at once, while faults of the sent are collected.
    """

    def validate(value: Any, info: ValidationInfo) -> Any:
        assert info.context is not None  # ninja gives the request
        check(info.context["request"], value)
        return value

    return AfterValidator(validate)


def problem_response(
    status: int, code: str, title: str, detail: str = "", errors: Sequence[dict[str, str]] = ()
) -> HttpResponse:
    """One error as application/problem+json."""
    body = {
        "type": f"urn:jingkai:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail or title,
        "errors": list(errors),
    }
    return HttpResponse(
        json.dumps(body, ensure_ascii=False), content_type="application/problem+json", status=status
    )


def install_handlers(api: NinjaAPI) -> None:
    """Make every error of `api` a problem+json answer."""

    def domain(request: HttpRequest, error: DomainError) -> HttpResponse:
        errors = [
            {"field": p.field, "message": str(p.message), "code": p.code}
            for p in (error.problems if isinstance(error, InvalidInput) else ())
        ]
        return problem_response(error.status, error.code, str(error.title), str(error), errors)

    def missing(request: HttpRequest, error: Http404) -> HttpResponse:
        return problem_response(
            404,
            "not-found",
            _("Not found."),
            _("It does not exist, or lies outside what you may see."),
        )

    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        errors = [
            {
                "field": ".".join(str(part) for part in item.get("loc", ())),
                "message": str(item.get("msg", "")),
                "code": str(item.get("type", "invalid")),
            }
            for item in error.errors
        ]
        return problem_response(
            422, "invalid-input", _("Please correct what is marked."), errors=errors
        )

    def model_invalid(request: HttpRequest, error: ModelValidationError) -> HttpResponse:
        errors = [
            {"field": field, "message": " ".join(messages), "code": "invalid"}
            for field, messages in getattr(error, "message_dict", {"": error.messages}).items()
        ]
        return problem_response(
            422, "invalid-input", _("Please correct what is marked."), errors=errors
        )

    def unauthenticated(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        response = problem_response(
            401,
            "not-signed-in",
            _("Sign in, or send a valid token."),
        )
        response["WWW-Authenticate"] = "Bearer"
        return response

    def plain(request: HttpRequest, error: HttpError) -> HttpResponse:
        return problem_response(error.status_code, "http-error", error.message)

    handlers: list[tuple[type[Exception], Callable[..., HttpResponse]]] = [
        (DomainError, domain),
        (Http404, missing),
        (ValidationError, invalid),
        (ModelValidationError, model_invalid),
        (AuthenticationError, unauthenticated),
        (HttpError, plain),
    ]
    for kind, handler in handlers:
        api.add_exception_handler(kind, handler)


def cursor_page(
    rows: QuerySet[M], *, order: Sequence[str], cursor: str = "", limit: int = 100
) -> tuple[list[M], str]:
    """One page of `rows` in `order` (a total order) after `cursor`, and the next cursor or "".

    Keyset paging: constant cost at any depth, stable while rows are added. Raises InvalidInput for
    a cursor that is not one of ours.
    """
    limit = max(1, min(limit, MAX_LIMIT))
    rows = rows.order_by(*order)
    if cursor:
        rows = rows.filter(_after(order, _decode(cursor, len(order))))
    found = list(rows[: limit + 1])
    if len(found) <= limit:
        return found, ""
    last = found[limit - 1]
    key = [_attribute(last, name.lstrip("-")) for name in order]
    return found[:limit], base64.urlsafe_b64encode(json.dumps(key, default=str).encode()).decode()


def offset_of(cursor: str) -> int:
    """Where a list that is computed as a whole goes on; "" is its beginning.

    Raises InvalidInput for a cursor that is not one of ours.
    """
    if not cursor:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
        raise InvalidInput(_("This cursor is not valid. Begin again without one."))
    return int(cursor)


def _attribute(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name)
    return row


def _decode(cursor: str, length: int) -> list[Any]:
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor.encode()))
    except ValueError:
        key = None
    if not isinstance(key, list) or len(key) != length:
        raise InvalidInput(_("This cursor is not valid. Begin again without one."))
    return key


def _after(order: Sequence[str], key: Sequence[Any]) -> Q:
    condition = Q()
    for index, name in enumerate(order):
        step = Q(**{f"{name.lstrip('-')}__{'lt' if name.startswith('-') else 'gt'}": key[index]})
        for earlier in range(index):
            step &= Q(**{order[earlier].lstrip("-"): key[earlier]})
        condition |= step
    return condition
