"""API of policy: the document, its graph and its conflicts. Who may not read it gets 404."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router

from jingkai.core.accounts.public import User
from jingkai.core.api import Problem, cursor_page
from jingkai.core.register.public import FORMATS, export
from jingkai.core.verdicts import require

from . import exports, queries, rules, services
from .models import Conflict, Responsibility
from .queries.document import ClauseRow, MeasureBlock, TaskRow
from .registry import Edge
from .schemas import (
    ClauseOut,
    ComparisonOut,
    ConflictOut,
    ConflictPage,
    DecisionIn,
    DocumentPage,
    DutyOut,
    EdgeOut,
    GraphOut,
    MeasureOut,
    MeasurePage,
    ReadingOut,
    ReopeningIn,
    RolesIn,
    StatementOut,
    StepOut,
    TaskOut,
    TaskPage,
)

router = Router(tags=["policy"])
_ERRORS: dict[int, Any] = {401: Problem, 404: Problem, 422: Problem}


def _reader(request: HttpRequest) -> User:
    user: User = request.user  # type: ignore[assignment]  # the API has no anonymous callers
    if not rules.can_read(user):
        raise Http404
    return user


def _duty(duty: Responsibility) -> DutyOut:
    return DutyOut(
        body=duty.body.code,
        name=duty.body.name,
        role=duty.role,
        assigned_by=duty.assigned_by,
        document_says=duty.stated_role,
        assigned_at=duty.assigned_at,
        reason=duty.reason,
    )


def _edges(edges: Sequence[Edge]) -> list[EdgeOut]:
    return [EdgeOut(kind=e.kind, node=e.to, label=e.label, url=e.url, light=e.light) for e in edges]


def _codes(conflicts: Sequence[Conflict]) -> list[str]:
    return [conflict.code for conflict in conflicts]


def _clause(row: ClauseRow) -> ClauseOut:
    clause = row.clause
    return ClauseOut(
        code=clause.code,
        title=clause.title,
        title_en=clause.title_en,
        wording=clause.wording,
        sentence=clause.sentence,
        bodies=[_duty(duty) for duty in row.duties],
        tasks=[task.number for task in row.tasks],
        conflicts=_codes(row.conflicts),
        links=_edges(row.edges),
    )


def _measure(block: MeasureBlock) -> MeasureOut:
    measure = block.measure
    return MeasureOut(
        number=measure.number,
        code=measure.code,
        part=measure.part.code,
        title=measure.title,
        title_en=measure.title_en,
        clauses=[_clause(row) for row in block.rows],
        conflicts=_codes(block.conflicts),
    )


def _task(row: TaskRow) -> TaskOut:
    task = row.task
    return TaskOut(
        number=task.number,
        code=task.code,
        group=task.group,
        group_title=task.group_title,
        title=task.title,
        title_en=task.title_en,
        goal=task.goal,
        goal_en=task.goal_en,
        bodies=[_duty(duty) for duty in row.duties],
        clauses=[clause.code for clause in row.clauses],
        conflicts=_codes(row.conflicts),
        links=_edges(row.edges),
    )


def _conflict(conflict: Conflict) -> ConflictOut:
    worked = queries.worked_of(conflict)
    return ConflictOut(
        code=conflict.code,
        kind=conflict.kind,
        severity=conflict.severity,
        title=conflict.title,
        title_en=conflict.title_en,
        state=conflict.state,
        statements=[
            StatementOut(
                key=row.key,
                place=row.place,
                text=row.text,
                value=row.value,
                unit=row.unit,
                horizon=row.horizon,
                rate=row.rate,
                base_year=row.base_year,
            )
            for row in queries.statement_rows(conflict)
        ],
        arithmetic=[
            StepOut(
                id=step.id,
                formula=step.formula,
                title=step.title,
                expression=step.expression,
                result=step.result,
                unit=step.unit,
                problem=step.problem,
            )
            for step in worked.steps
        ],
        comparisons=[
            ComparisonOut(
                title=pair.title,
                first=pair.first,
                second=pair.second,
                unit=pair.unit,
                difference=pair.difference,
                difference_percent=pair.difference_percent,
            )
            for pair in worked.comparisons
        ],
        readings=[
            ReadingOut(
                from_year=reading.from_year,
                to_year=reading.to_year,
                expression=reading.expression,
                reached=reading.reached,
                stated=reading.stated,
                unit=reading.unit,
                difference=reading.difference,
                difference_percent=reading.difference_percent,
            )
            for reading in worked.readings
        ],
        chosen=conflict.chosen,
        reason=conflict.reason,
        decided_by=conflict.decided_by.name if conflict.decided_by else "",
        decided_at=conflict.decided_at,
    )


@router.get(
    "/documents", response={200: DocumentPage, **_ERRORS}, operation_id="list_policy_documents"
)
def documents(request: HttpRequest, cursor: str = "", limit: int = 100) -> dict[str, Any]:
    """Policy documents in their versions."""
    rows = queries.visible_documents(_reader(request))
    items, following = cursor_page(rows, order=["code"], cursor=cursor, limit=limit)
    return {"items": items, "next_cursor": following}


@router.get(
    "/measures", response={200: MeasurePage, **_ERRORS}, operation_id="list_policy_measures"
)
def measures(
    request: HttpRequest, cursor: str = "", limit: int = 100, format: str = ""
) -> dict[str, Any] | HttpResponse:
    """Measures with clauses and bodies. `format=xlsx|csv` gives one row per clause."""
    user = _reader(request)
    if format in FORMATS:
        return export(
            request,
            name="policy.clauses",
            title=_("Clauses and responsible bodies"),
            columns=exports.clause_columns(),
            rows=queries.clauses_for_list(user=user),
            fmt=format,
        )
    page, following = cursor_page(
        queries.visible_measures(user), order=["number"], cursor=cursor, limit=limit
    )
    blocks = queries.measure_blocks(user=user, measures=page)
    return {"items": [_measure(block) for block in blocks], "next_cursor": following}


@router.get("/tasks", response={200: TaskPage, **_ERRORS}, operation_id="list_policy_tasks")
def tasks(
    request: HttpRequest, cursor: str = "", limit: int = 100, format: str = ""
) -> dict[str, Any] | HttpResponse:
    """Key tasks of annex 2 with goals and bodies."""
    user = _reader(request)
    if format in FORMATS:
        return export(
            request,
            name="policy.tasks",
            title=_("Key tasks"),
            columns=exports.task_columns(),
            rows=queries.tasks_for_list(user=user),
            fmt=format,
        )
    page, following = cursor_page(
        queries.visible_tasks(user), order=["number", "pk"], cursor=cursor, limit=limit
    )
    chosen = queries.visible_tasks(user).filter(pk__in=[task.pk for task in page])
    rows = queries.tasks_for_list(user=user, tasks=chosen)
    return {"items": [_task(row) for row in rows], "next_cursor": following}


@router.post(
    "/tasks/{number}/roles",
    response={200: TaskOut, 403: Problem, 409: Problem, **_ERRORS},
    operation_id="assign_policy_task_roles",
)
def task_roles(request: HttpRequest, number: int, payload: RolesIn) -> TaskOut:
    """Say who leads and who assists a key task."""
    user = _reader(request)
    task = queries.visible_tasks(user).filter(number=number).order_by("document").first()
    if task is None:
        raise Http404
    _assign(user, payload, task_id=task.pk)
    found = queries.visible_tasks(user).filter(pk=task.pk)
    return _task(queries.tasks_for_list(user=user, tasks=found)[0])


@router.post(
    "/clauses/{code}/roles",
    response={200: ClauseOut, 403: Problem, 409: Problem, **_ERRORS},
    operation_id="assign_policy_clause_roles",
)
def clause_roles(request: HttpRequest, code: str, payload: RolesIn) -> ClauseOut:
    """Say who leads and who assists a clause."""
    user = _reader(request)
    clauses = queries.visible_clauses(user).select_related("measure")
    clause = get_object_or_404(clauses, code=code)
    _assign(user, payload, clause_id=clause.pk)
    block = queries.measure_block(user=user, measure=clause.measure)
    return _clause(next(row for row in block.rows if row.clause.pk == clause.pk))


def _assign(user: User, payload: RolesIn, **thing: int) -> None:
    now = timezone.now()
    if not payload.lead and not payload.assist:
        services.remove_roles(**thing, actor=user, now=now, reason=payload.reason)
        return
    # Permission is asked before codes are looked up: the answer must not tell which bodies exist.
    require(rules.can_assign_roles(user))
    ids = queries.body_ids_by_code([*payload.assist, payload.lead])
    services.assign_roles(
        **thing,
        lead_body_id=ids[payload.lead] if payload.lead else None,
        assist_body_ids=[ids[code] for code in payload.assist],
        actor=user,
        now=now,
        reason=payload.reason,
    )


@router.get(
    "/conflicts", response={200: ConflictPage, **_ERRORS}, operation_id="list_policy_conflicts"
)
def conflicts(
    request: HttpRequest, state: str = "", cursor: str = "", limit: int = 100, format: str = ""
) -> dict[str, Any] | HttpResponse:
    """Conflicts of the document with both statements and the arithmetic."""
    user = _reader(request)
    rows = queries.visible_conflicts(user).select_related("decided_by")
    rows = rows.filter(state=state) if state else rows
    if format in FORMATS:
        return export(
            request,
            name="policy.conflicts",
            title=_("Conflicts of the document"),
            columns=exports.conflict_columns(),
            rows=rows,
            fmt=format,
        )
    page, following = cursor_page(rows, order=["position", "code"], cursor=cursor, limit=limit)
    return {"items": [_conflict(row) for row in page], "next_cursor": following}


@router.get(
    "/conflicts/{code}", response={200: ConflictOut, **_ERRORS}, operation_id="get_policy_conflict"
)
def conflict(request: HttpRequest, code: str) -> ConflictOut:
    """One conflict."""
    return _conflict(_found(_reader(request), code))


@router.post(
    "/conflicts/{code}/decide",
    response={200: ConflictOut, 403: Problem, 409: Problem, **_ERRORS},
    operation_id="decide_policy_conflict",
)
def decide(request: HttpRequest, code: str, payload: DecisionIn) -> ConflictOut:
    """Decide which statement holds, with a reason. 409 names who was faster."""
    user = _reader(request)
    services.decide_conflict(
        conflict_id=_found(user, code).pk,
        chosen=payload.chosen,
        reason=payload.reason,
        actor=user,
        now=timezone.now(),
    )
    return _conflict(_found(user, code))


@router.post(
    "/conflicts/{code}/reopen",
    response={200: ConflictOut, 403: Problem, 409: Problem, **_ERRORS},
    operation_id="reopen_policy_conflict",
)
def reopen(request: HttpRequest, code: str, payload: ReopeningIn) -> ConflictOut:
    """Take a decision back, with a reason."""
    user = _reader(request)
    services.reopen_conflict(
        conflict_id=_found(user, code).pk, reason=payload.reason, actor=user, now=timezone.now()
    )
    return _conflict(_found(user, code))


def _found(user: User, code: str) -> Conflict:
    return get_object_or_404(
        queries.visible_conflicts(user).select_related("decided_by"), code=code
    )


@router.get("/graph", response={200: GraphOut, **_ERRORS}, operation_id="get_policy_graph")
def graph(
    request: HttpRequest,
    measure: int | None = None,
    body: str = "",
    task: int | None = None,
    detail: bool = True,
) -> dict[str, Any]:
    """Nodes and links. Without detail clauses are folded into counted links."""
    only = queries.GraphFilter(measure=measure, body=body, task=task)
    found = queries.policy_graph(user=_reader(request), only=only, detail=detail)
    return {"nodes": found.nodes, "links": found.links, "detail": found.detail}
