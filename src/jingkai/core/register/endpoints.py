"""API endpoints of a register: list with filters and cursor, one object, rows in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest, QueryDict
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field, create_model

from jingkai.core.accounts.public import User
from jingkai.core.api import Problem, cursor_page
from jingkai.core.errors import FieldProblem, InvalidInput
from jingkai.core.verdicts import require

from .declare import Register
from .export import FORMATS, export
from .imports import ImportResult, raise_problems, rows_from_json
from .lists import narrowed


class RowsIn(Schema):
    """Rows to add or change, each by column key; `dry_run` judges without writing."""

    rows: list[dict[str, Any]]
    dry_run: bool = False


class RowsOut(Schema):
    created: int
    changed: int
    unchanged: int
    dry_run: bool


def add_list(
    router: Router,
    register: Register,
    path: str,
    *,
    item: type[Schema],
    order: Sequence[str],
    operation_id: str,
    summary: str,
    rows: Callable[[Any], Any] = lambda found: found,
) -> None:
    """GET `path`: the register's filters and `q`, `cursor`, `limit`, `format`.

    `order` is a total order of plain columns; `rows` may prefetch what `item` shows.
    """
    names = register.filters.base_filters if register.filters else {}
    given: dict[str, Any] = {
        name: (str, Field("", description=str(f.label or name))) for name, f in names.items()
    }
    query_type: Any = create_model(
        f"{operation_id.title().replace('_', '')}Query",
        __base__=Schema,
        q=(str, Field("", description="words to look for")),
        cursor=(str, ""),
        limit=(int, Field(100, ge=1, le=500)),
        format=(str, ""),
        **given,
    )
    items: Any = list.__class_getitem__(item)
    answer: Any = create_model(
        f"{operation_id.title().replace('_', '')}Page",
        __base__=Schema,
        items=(items, ...),
        next_cursor=(str, ""),
    )

    def endpoint(request: HttpRequest, query: Any) -> Any:
        user: User = request.user  # type: ignore[assignment]  # API_AUTHENTICATION
        require(register.may_see(user))
        asked = QueryDict(mutable=True)
        asked.update({name: getattr(query, name) for name in ("q", *names) if getattr(query, name)})
        found, form = narrowed(register, user, asked)
        if form is not None and form.errors:
            raise InvalidInput(
                problems=[FieldProblem(name, " ".join(said)) for name, said in form.errors.items()]
            )
        if query.format in FORMATS:
            return export(
                request,
                name=register.key,
                title=str(register.title),
                columns=register.columns,
                rows=found.order_by(*register.order),
                fmt=query.format,
            )
        page, following = cursor_page(
            rows(found), order=order, cursor=query.cursor, limit=query.limit
        )
        return {"items": page, "next_cursor": following}

    endpoint.__annotations__["query"] = query_type
    asked_in_query: Any = Query(...)  # type: ignore[type-arg]
    endpoint.__defaults__ = (asked_in_query,)
    endpoint.__name__ = operation_id
    router.get(
        path,
        response={200: answer, 403: Problem, 422: Problem},
        operation_id=operation_id,
        summary=summary,
        description=summary,
    )(endpoint)


def add_card(
    router: Router,
    register: Register,
    path: str,
    *,
    item: type[Schema],
    operation_id: str,
    summary: str,
    rows: Callable[[Any], Any] = lambda found: found,
) -> None:
    """GET `path` with `{value}`: one object, or 404 outside what the caller may see."""

    def endpoint(request: HttpRequest, value: str) -> Any:
        user: User = request.user  # type: ignore[assignment]
        return get_object_or_404(rows(register.visible(user)), **{register.lookup: value})

    endpoint.__name__ = operation_id
    router.get(
        path,
        response={200: item, 404: Problem},
        operation_id=operation_id,
        summary=summary,
        description=summary,
    )(endpoint)


def add_import(
    router: Router, register: Register, path: str, *, operation_id: str, summary: str
) -> None:
    """POST `path`: rows through the same service as Excel; 422 names each wrong place."""
    sheet = register.sheet
    assert sheet is not None

    def endpoint(request: HttpRequest, given: RowsIn) -> Any:
        user: User = request.user  # type: ignore[assignment]
        require(sheet.may(user))
        data = rows_from_json(given.rows, sheet.columns)
        result = (
            ImportResult(problems=data.problems)
            if data.problems
            else sheet.run(data, actor=user, now=timezone.now(), dry_run=given.dry_run)
        )
        raise_problems(result)
        return RowsOut(
            created=result.created,
            changed=result.changed,
            unchanged=result.unchanged,
            dry_run=given.dry_run,
        )

    endpoint.__annotations__["given"] = RowsIn
    endpoint.__name__ = operation_id
    router.post(
        path,
        response={200: RowsOut, 403: Problem, 422: Problem},
        operation_id=operation_id,
        summary=summary,
        description=summary,
    )(endpoint)
