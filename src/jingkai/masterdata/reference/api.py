"""API of reference: tables as they hold on a date, and the working-day calendar."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from jingkai.core.accounts.public import User
from jingkai.core.api import Problem
from jingkai.core.register.public import add_list
from jingkai.core.verdicts import require

from . import queries, rules
from .calendar import WorkingCalendar
from .registers import TABLES
from .tables import table_on

router = Router(tags=["reference"])


class TableOut(Schema):
    code: str
    title: str
    title_en: str
    description: str
    current_version: str | None
    current_from: date | None
    current_confidence: str | None
    current_source: str | None


class RowOut(Schema):
    key: str
    values: dict[str, Any]


class TableOnOut(Schema):
    """The version in force on `on`. Decimals are text, so that no digit is lost."""

    code: str
    title: str
    on: date
    version: str
    effective_from: date
    effective_to: date | None
    confidence: str
    source: str
    rows: list[RowOut]


class WorkingDayOut(Schema):
    day: date
    working: bool


class WorkingDayAfterOut(Schema):
    day: date
    count: int
    result: date


add_list(
    router,
    TABLES,
    "/tables",
    item=TableOut,
    order=("code",),
    operation_id="list_reference_tables",
    summary="Reference tables and what is in force today.",
)


@router.get(
    "/tables/{code}",
    response={200: TableOnOut, 404: Problem, 409: Problem},
    operation_id="get_reference_table",
)
def get_table(request: HttpRequest, code: str, on: date | None = None) -> TableOnOut:
    """The rows in force on a day (today without `on`); 409 when none is: there is no fallback."""
    user: User = request.user  # type: ignore[assignment]  # API_AUTHENTICATION
    get_object_or_404(queries.visible_tables(user), code=code)
    day = on or timezone.localdate()
    view = table_on(code, day)
    return TableOnOut(
        code=code,
        title=view.title,
        on=day,
        version=view.version,
        effective_from=view.effective_from,
        effective_to=view.effective_to,
        confidence=view.confidence,
        source=view.source,
        rows=[
            RowOut(key=row.key, values={n: _plain(v) for n, v in row.values.items()})
            for row in view.rows.values()
        ],
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else value


@router.get(
    "/working-days/{day}",
    response={200: WorkingDayOut, 403: Problem, 409: Problem},
    operation_id="get_working_day",
)
def working_day(request: HttpRequest, day: date) -> WorkingDayOut:
    """Whether people work on a day; 409 when the year is not loaded."""
    require(rules.can_see(request.user))  # type: ignore[arg-type]
    return WorkingDayOut(day=day, working=WorkingCalendar().is_working_day(day))


@router.get(
    "/working-days/{day}/after",
    response={200: WorkingDayAfterOut, 403: Problem, 409: Problem},
    operation_id="get_working_day_after",
)
def working_day_after(
    request: HttpRequest, day: date, count: Annotated[int, Field(ge=-1000, le=1000)]
) -> WorkingDayAfterOut:
    """The `count`-th working day after a day (before it when negative)."""
    require(rules.can_see(request.user))  # type: ignore[arg-type]
    return WorkingDayAfterOut(day=day, count=count, result=WorkingCalendar().add(day, count))
