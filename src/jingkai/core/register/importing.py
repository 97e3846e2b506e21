"""Excel in, as pages: template, upload, what would happen, yes, what happened."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from jingkai.core.audit import public as audit
from jingkai.core.errors import FieldProblem, InvalidInput
from jingkai.core.http import AuthedRequest
from jingkai.core.jobs.public import Job, JobState

from . import background
from .cells import SheetColumn, typed_choices
from .export import Column, export
from .importer import Importer
from .imports import ImportResult
from .models import PendingImport
from .sheets import read_sheet

_KEPT_FOR = timedelta(days=1)


def import_page(request: AuthedRequest, importer: Importer) -> HttpResponse:
    """GET the form or the template; POST a file for a dry run, then the yes."""
    if request.method == "POST":
        return (
            _confirm(request, importer)
            if "confirm" in request.POST
            else _preview(request, importer)
        )
    if request.GET.get("format") == "xlsx":
        return _template(request, importer)
    if "other" in request.GET:
        return _show(request, importer)
    return _waiting(request, importer)


def _waiting(request: AuthedRequest, importer: Importer) -> HttpResponse:
    """The page itself, with the large file of this person that is in work or was judged."""
    pending = PendingImport.objects.filter(
        user=request.user, register=importer.key, job__isnull=False
    ).first()
    if pending is None:
        return _show(request, importer)
    result = background.outcome_of(pending)
    if result is not None:
        shown = pending if result.ok else None
        return _show(request, importer, result=result, file_name=pending.file_name, pending=shown)
    job = Job.objects.filter(pk__in=[pending.job]).first()
    if job is None or job.state == JobState.FAILED:
        pending.delete()
        error = InvalidInput(job.message) if job else None
        return _show(request, importer, error=error)
    return _show(request, importer, job=job)


def _show(
    request: AuthedRequest, importer: Importer, *, status: int = 200, **found: Any
) -> HttpResponse:
    columns = [
        {
            "column": column,
            "kind": _kind_word(column.kind),
            "choices": "、".join(_offered(column)) if column.kind == "choice" else "",
        }
        for column in importer.columns
    ]
    labels = {column.key: column.label for column in importer.columns}
    context = {"importer": importer, "columns": columns, "labels": labels, **found}
    return render(request, "register/import.html", context, status=status)


def _offered(column: SheetColumn) -> list[str]:
    """The first twenty things that may be written, one word for each value."""
    words: dict[str, str] = {}
    for word, value in typed_choices(column).items():
        words.setdefault(str(value), word)
    return list(words.values())[:20]


def _kind_word(kind: str) -> str:
    return {
        "text": _("plain text"),
        "integer": _("whole number"),
        "decimal": pgettext("cell", "number"),
        "date": _("date, as 2026-09-30"),
        "boolean": _("是 or 否"),
        "choice": _("one of"),
    }[kind]


def _template(request: AuthedRequest, importer: Importer) -> HttpResponse:
    columns = [
        Column(
            c.key,
            f"{c.label}{' *' if c.required else ''}",
            c.value or (lambda row: ""),
            numeric=c.kind in ("integer", "decimal"),
            width=c.width,
        )
        for c in importer.columns
    ]
    return export(
        request,
        name=f"{importer.key}.template",
        title=str(importer.title),
        columns=columns,
        rows=importer.rows(),
        fmt="xlsx",
    )


def _preview(request: AuthedRequest, importer: Importer) -> HttpResponse:
    now = timezone.now()
    PendingImport.objects.filter(uploaded_at__lt=now - _KEPT_FOR).delete()
    mine = PendingImport.objects.filter(user=request.user, register=importer.key)
    mine.delete()
    upload = request.FILES.get("file")
    if upload is None:
        message = _("Choose an Excel file (.xlsx).")
        error = InvalidInput(message, problems=[FieldProblem("file", message, "required")])
        return _show(request, importer, status=422, error=error)
    name = str(upload.name)
    content = upload.read()
    try:
        if background.is_large(importer.key, content, name):
            pending = _keep(request, importer, content, name, now)
            return _in_background(request, pending, write=False)
        result = _judged(request, importer, content, name, dry_run=True)
    except InvalidInput as error:
        return _show(request, importer, status=422, error=error)
    if not result.ok:
        return _show(request, importer, status=422, result=result, file_name=name)
    pending = _keep(request, importer, content, name, now)
    return _show(request, importer, result=result, file_name=name, pending=pending)


def _keep(
    request: AuthedRequest, importer: Importer, content: bytes, name: str, now: datetime
) -> PendingImport:
    return PendingImport.objects.create(
        user=request.user,
        register=importer.key,
        file_name=name[:200],
        content=content,
        digest=audit.digest_of(content),
        uploaded_at=now,
    )


def _in_background(
    request: AuthedRequest, pending: PendingImport, *, write: bool
) -> HttpResponseRedirect:
    """Start the job and go where its progress is shown, now and after any reload."""
    job = background.start(
        pending, page=request.path, write=write, owner=request.user, now=timezone.now()
    )
    messages.info(request, _("The file is large: it is worked on in the background."))
    return HttpResponseRedirect(reverse("jobs:detail", args=[job.pk]))


def _judged(
    request: AuthedRequest, importer: Importer, content: bytes, name: str, *, dry_run: bool
) -> ImportResult:
    data = read_sheet(content, name, importer.columns)
    if data.problems:
        return ImportResult(problems=data.problems, skipped=data.skipped)
    return importer.run(data, actor=request.user, now=timezone.now(), dry_run=dry_run)


def _confirm(request: AuthedRequest, importer: Importer) -> HttpResponse:
    """Judge the kept file once more, against what is recorded by now, and write it."""
    pending = PendingImport.objects.filter(
        user=request.user, register=importer.key, digest=request.POST["confirm"]
    ).first()
    if pending is None:
        error = InvalidInput(_("This file is no longer kept, or was taken already. Send it again."))
        return _show(request, importer, status=422, error=error)
    if pending.job is not None:
        try:
            return _in_background(request, pending, write=True)
        except InvalidInput as refused:
            return _show(request, importer, status=422, error=refused)
    result = _judged(request, importer, bytes(pending.content), pending.file_name, dry_run=False)
    pending.delete()
    if not result.ok:
        return _show(request, importer, status=422, result=result, file_name=pending.file_name)
    messages.success(
        request,
        _("“%(file)s” is taken in: %(summary)s")
        % {"file": pending.file_name, "summary": result.summary()},
    )
    return HttpResponseRedirect(importer.back_url)
