"""Pages of the Excel door: template out, workbook in, the answer, its painted copy and receipt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import escape_uri_path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from jingkai.core.audit import public as audit
from jingkai.core.errors import FieldProblem, InvalidInput
from jingkai.core.files.public import XLSX, path_of
from jingkai.core.http import AuthedRequest
from jingkai.core.ui.public import localname
from jingkai.core.verdicts import require
from jingkai.engine.units import known_units

from .. import rules
from ..excel.painting import LEVELS
from ..excel.receipt import grouped, receipt_facts, receipt_workbook
from ..excel.receiving import Answer, answer_question, marks_of, painted_again, receive_file
from ..excel.template import template_for
from ..models import FileOutcome, Return, ReturnFile
from ..queries import visible_returns
from ..showing import kept_text

_SHOWN = 10


def _return(request: AuthedRequest, return_id: int) -> Return:
    rows = visible_returns(request.user).select_related(
        "campaign__form", "campaign__version", "body", "zone"
    )
    return get_object_or_404(rows, pk=return_id)


def _file(request: AuthedRequest, return_id: int, file_id: int) -> ReturnFile:
    rows = ReturnFile.objects.select_related(
        "file", "actor", "in_return__campaign__form", "in_return__body"
    ).filter(in_return__in=visible_returns(request.user).filter(pk=return_id))
    return get_object_or_404(rows, pk=file_id)


def excel_page(request: AuthedRequest, return_id: int) -> HttpResponse:
    """Download the template, send a workbook in, and see what came of earlier ones."""
    in_return = _return(request, return_id)
    if request.method != "POST":
        return _show(request, in_return)
    require(rules.can_fill(request.user, in_return))
    upload = request.FILES.get("file")
    try:
        if not isinstance(upload, UploadedFile):
            message = _("Choose an Excel file (.xlsx).")
            raise InvalidInput(message, problems=[FieldProblem("file", message, "required")])
        answer = receive_file(
            return_id=in_return.pk,
            upload=upload,
            actor=request.user,
            now=timezone.now(),
            send="send" in request.POST,
            unsigned="unsigned" in request.POST,
            units=_units(request),
        )
    except InvalidInput as error:
        return _show(request, in_return, error=error, status=422)
    return _to_answer(request, answer)


def _units(request: AuthedRequest) -> dict[str, str]:
    """`unit.<asked>=<written>` fields of a form."""
    known = set(known_units())
    return {
        name.removeprefix("unit."): value
        for name, value in request.POST.items()
        if name.startswith("unit.") and isinstance(value, str) and value in known
    }


def _show(
    request: AuthedRequest, in_return: Return, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        "in_return": in_return,
        "can_fill": rules.can_fill(request.user, in_return),
        "files": in_return.files.select_related("actor")[:_SHOWN],
        **more,
    }
    return render(request, "reporting/excel.html", context, status=status)


def _to_answer(request: AuthedRequest, answer: Answer) -> HttpResponse:
    record = answer.record
    if answer.saved:
        said = ngettext(
            "%(n)d figure was taken in from “%(name)s”.",
            "%(n)d figures were taken in from “%(name)s”.",
            record.saved_cells,
        )
        messages.success(request, said % {"n": record.saved_cells, "name": record.name})
    return HttpResponseRedirect(
        reverse("reporting:excel-answer", args=[record.in_return_id, record.pk])
    )


def answer(request: AuthedRequest, return_id: int, file_id: int) -> HttpResponse:
    """What came of a workbook; POST answers the question about its units."""
    record = _file(request, return_id, file_id)
    if request.method == "POST":
        return _to_answer(
            request,
            answer_question(
                file_id=record.pk,
                units=_units(request),
                actor=request.user,
                now=timezone.now(),
                send="send" in request.POST,
            ),
        )
    marks = marks_of(record)
    context = {
        "record": record,
        "in_return": record.in_return,
        "facts": receipt_facts(record),
        "code": grouped(record.check_code),
        "marks": marks,
        "counts": [(level, sum(m.level == level for m in marks)) for level in LEVELS],
        "choices": record.answer["choices"] if record.outcome == FileOutcome.ASKED else [],
        "saved": [
            (name, kept_text(old), kept_text(new))
            for _cell, _revision, name, old, new in record.answer["saved"]
        ],
        "unsent": record.answer["unsent"],
        "can_fill": rules.can_fill(request.user, record.in_return),
    }
    return render(request, "reporting/excel_answer.html", context)


@require_GET
def template(request: AuthedRequest, return_id: int) -> HttpResponse:
    """The signed template of the return, with what stands in it now."""
    in_return, now = _return(request, return_id), timezone.now()
    content = template_for(in_return, now=now)
    audit.record("reporting.template.issued", actor=request.user, target=in_return, at=now)
    campaign = in_return.campaign
    name = f"{localname(campaign.form)}-{campaign.period}-{localname(in_return.body)}.xlsx"
    return _download(content, name)


@require_GET
def painted(request: AuthedRequest, return_id: int, file_id: int) -> HttpResponse:
    """The sender's own workbook with every mark painted in."""
    record = _file(request, return_id, file_id)
    name = _("%(name)s-checked.xlsx") % {"name": Path(record.name).stem}
    return _download(painted_again(record), name)


@require_GET
def receipt(request: AuthedRequest, return_id: int, file_id: int) -> HttpResponse:
    """The receipt as a workbook."""
    record = _file(request, return_id, file_id)
    name = _("Receipt %(code)s.xlsx") % {"code": grouped(record.check_code)}
    return _download(receipt_workbook(record), name)


@require_GET
def original(request: AuthedRequest, return_id: int, file_id: int) -> HttpResponse:
    """The workbook as it was sent in."""
    record = _file(request, return_id, file_id)
    return _download(path_of(record.file.digest).read_bytes(), record.name)


def _download(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX.media_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{escape_uri_path(name)}"
    response["X-Content-Type-Options"] = "nosniff"
    return response
