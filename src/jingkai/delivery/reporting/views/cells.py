"""The web door of a return: JSON behind the grid. Every answer is judged by the same service."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from pydantic import ValidationError

from jingkai.core.api import problem_response
from jingkai.core.errors import Conflict, DomainError, FieldProblem, InvalidInput
from jingkai.core.http import AuthedRequest
from jingkai.core.verdicts import require

from .. import doors, rules, services
from ..entering import figure_text
from ..models import Cell, CellOrigin, Return
from ..queries import visible_cells, visible_returns
from ..queries.panel import CellPanel, cell_panel

P = ParamSpec("P")
View = Callable[Concatenate[AuthedRequest, P], HttpResponse]


def _answers_json(view: View[P]) -> View[P]:
    """Say every refusal as problem+json, for the script that asked."""

    @wraps(view)
    def inner(request: AuthedRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except DomainError as error:
            problems = list(error.problems) if isinstance(error, InvalidInput) else []
            if isinstance(error, Conflict):
                problems += [
                    FieldProblem(f"cells.{pk}", str(error), "changed")
                    for pk in error.params.get("cells", ())
                ]
            return problem_response(
                error.status, error.code, str(error.title), str(error), doors.gaps_out(problems)
            )
        except Http404:
            return problem_response(
                404,
                "not-found",
                _("Not found."),
                _("It does not exist, or lies outside what you may see."),
            )

    return inner


def _own(request: AuthedRequest, return_id: int) -> int:
    """404, then 403, before anybody looks at what was sent."""
    row = get_object_or_404(visible_returns(request.user), pk=return_id)
    require(rules.can_fill(request.user, row))
    return row.pk


def _cell(request: AuthedRequest, cell_id: int) -> int:
    return get_object_or_404(visible_cells(request.user), pk=cell_id).pk


def _body(request: AuthedRequest) -> dict[str, Any]:
    """The JSON that was sent. Raises InvalidInput."""
    try:
        body = json.loads(request.body or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise InvalidInput(_("This is not the JSON that is expected here. Reload the page."))
    return body


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name, "")
    return value if isinstance(value, str) else ""


@require_POST
@_answers_json
def save(request: AuthedRequest, return_id: int) -> HttpResponse:
    """{"revision", "changes": […]} → what was saved, the findings, the new revision."""
    number = _own(request, return_id)
    try:
        sent = doors.ChangesIn.model_validate(_body(request))
    except ValidationError as error:
        raise InvalidInput(
            problems=[
                FieldProblem(".".join(map(str, item["loc"])), item["msg"], item["type"])
                for item in error.errors()
            ]
        ) from None
    pasted = request.GET.get("how") == "pasted"
    result = doors.save_written(
        return_id=number,
        sent=sent,
        actor=request.user,
        now=timezone.now(),
        origin=CellOrigin.PASTED if pasted else CellOrigin.TYPED,
    )
    return JsonResponse(doors.saved_out(result))


@require_POST
@_answers_json
def confirm(request: AuthedRequest, return_id: int) -> HttpResponse:
    """{"cells": [ids]} or nothing for all: figures filled in beforehand are right."""
    number, ids = _own(request, return_id), _body(request).get("cells")
    if ids is not None and not (isinstance(ids, list) and all(type(i) is int for i in ids)):
        raise InvalidInput(problems=[FieldProblem("cells", _("Name cells by their ids."))])
    result = services.confirm_prefilled(
        return_id=number,
        cell_ids=ids,
        actor=request.user,
        now=timezone.now(),
    )
    return JsonResponse(doors.saved_out(result))


@require_POST
@_answers_json
def explain(request: AuthedRequest, cell_id: int) -> HttpResponse:
    """{"rule", "text", "reused_from"?} → the findings of the whole return, as they are now."""
    from ..judging import judge_return

    number, body, reused = _cell(request, cell_id), _body(request), None
    if type(body.get("reused_from")) is int:
        reused = body["reused_from"]
    explanation = services.explain(
        cell_id=number,
        rule=_text(body, "rule"),
        text=_text(body, "text"),
        actor=request.user,
        now=timezone.now(),
        reused_from=reused,
    )
    judgement = judge_return(Return.objects.get(cells=number))
    return JsonResponse({"explanation": explanation.pk, **doors.judged_out(judgement)})


@require_POST
@_answers_json
def comment(request: AuthedRequest, cell_id: int) -> HttpResponse:
    """{"text"} → the remark as it stands now."""
    row = services.comment(
        cell_id=_cell(request, cell_id),
        text=_text(_body(request), "text"),
        actor=request.user,
        now=timezone.now(),
    )
    return JsonResponse(
        {"id": row.pk, "text": row.text, "who": row.actor.name, "at": row.at}, status=201
    )


@require_POST
@_answers_json
def evidence(request: AuthedRequest, cell_id: int) -> HttpResponse:
    """A file in the field `file` → its name and size."""
    number, upload = _cell(request, cell_id), request.FILES.get("file")
    _own(request, Return.objects.values_list("pk", flat=True).get(cells=number))
    if not isinstance(upload, UploadedFile):
        raise InvalidInput(problems=[FieldProblem("file", _("Choose a file."), "required")])
    row = services.attach_evidence(
        cell_id=number,
        upload=upload,
        actor=request.user,
        now=timezone.now(),
        note=request.POST.get("note", ""),
    )
    return JsonResponse({"id": row.pk, "name": row.name, "size": row.file.size}, status=201)


@require_POST
@_answers_json
def effort(request: AuthedRequest, return_id: int) -> HttpResponse:
    """{"seconds"}: the page's heartbeat while somebody really works on it."""
    number, seconds = _own(request, return_id), _body(request).get("seconds", 0)
    services.add_effort(
        return_id=number,
        seconds=seconds if type(seconds) is int else 0,
        actor=request.user,
        now=timezone.now(),
    )
    return HttpResponse(status=204)


@require_GET
@_answers_json
def panel(request: AuthedRequest, cell_id: int) -> HttpResponse:
    """What stands beside a cell: past figures, path, peers, remarks, evidence, source."""
    cell = get_object_or_404(
        visible_cells(request.user).select_related("indicator", "item", "in_return__campaign"),
        pk=cell_id,
    )
    return JsonResponse(panel_out(cell_panel(cell, request.user)))


def panel_out(found: CellPanel) -> dict[str, Any]:
    """The panel as JSON; figures as plain digits."""
    cell: Cell = found.cell

    def plain(value: Any) -> str | None:
        return None if value is None else figure_text(value)

    return {
        "cell": doors.cell_out(cell),
        "points": [
            {
                "period": p.period,
                "value": plain(p.value),
                "planned": plain(p.planned),
                "release": p.release,
            }
            for p in found.points
        ],
        "peers_median": plain(found.peers),
        "peer_count": found.peer_count,
        "history": [
            {
                "revision": e.revision,
                "value": plain(e.value),
                "absence": e.absence,
                "entered_as": e.entered_as,
                "note": e.note,
                "origin": e.origin,
                "who": e.actor.name if e.actor else "",
                "at": e.at,
            }
            for e in found.events
        ],
        "comments": [
            {"id": c.pk, "text": c.text, "who": c.actor.name, "at": c.at} for c in found.comments
        ],
        "explanations": [
            {
                "id": e.pk,
                "rule": e.rule_code,
                "value": plain(e.value),
                "text": e.text,
                "who": e.actor.name,
                "at": e.at,
            }
            for e in found.explanations
        ],
        "returned": {
            "code": found.returned.code,
            "reason": str(found.returned.get_code_display()),
            "text": found.returned.text,
            "who": found.returned.actor.name,
            "at": found.returned.at,
        }
        if found.returned
        else None,
        "evidence": [{"id": a.pk, "name": a.name, "size": a.file.size} for a in found.evidence],
        "file": {
            "id": found.file.pk,
            "name": found.file.name,
            "digest": found.file.file.digest,
            "at": found.file.at,
        }
        if found.file
        else None,
    }
