"""Figures out and in as SDMX-CSV 2.0, with the codes they use."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django import forms
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.encoding import escape_uri_path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from jingkai.core.accounts.public import User
from jingkai.core.errors import DomainError, FieldProblem, InvalidInput
from jingkai.core.http import AuthedRequest
from jingkai.core.register.public import FORMATS, Column, export
from jingkai.core.verdicts import require

from .. import rules
from ..exchange.codes import COLUMNS, MEDIA_TYPE, STRUCTURE_ID, STRUCTURE_MEDIA_TYPE
from ..exchange.files import MAX_BYTES
from ..exchange.incoming import Imported, import_figures
from ..exchange.outgoing import Selection, export_figures
from ..exchange.structure import code_lists, structure_message
from .corrections import officials_or_404


class ImportForm(forms.Form):
    """The file, and the reason that stands beside every figure it changes."""

    file = forms.FileField(
        label=gettext_lazy("SDMX-CSV file"),
        widget=forms.FileInput(attrs={"class": "form-control", "accept": ".csv,text/csv"}),
    )
    reason = forms.CharField(
        label=gettext_lazy("reason"),
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )


@require_safe
def exchange(request: AuthedRequest) -> HttpResponse:
    """What can be taken, what can be brought, and the codes."""
    officials_or_404(request)
    return _page(request)


def _page(
    request: AuthedRequest,
    *,
    form: ImportForm | None = None,
    error: DomainError | None = None,
    done: Imported | None = None,
) -> HttpResponse:
    user = request.user
    return render(
        request,
        "reporting/exchange.html",
        {
            "lists": code_lists(user),
            "columns": COLUMNS,
            "structure_id": STRUCTURE_ID,
            "form": form or ImportForm(),
            "error": error,
            "done": done,
            "may_import": rules.can_import_figures(user),
            "may_take_unpublished": rules.can_take_unpublished(user),
            "limit": MAX_BYTES // 1024 // 1024,
        },
        status=error.status if error else 422 if form is not None and form.errors else 200,
    )


def selection_of(query: QueryDict) -> Selection:
    """The selection in the address. Raises InvalidInput for a day that is none."""
    return Selection(
        indicators=_listed(query, "indicator"),
        scopes=_listed(query, "scope"),
        since=query.get("from", "").strip(),
        until=query.get("to", "").strip(),
        as_of=_moment(query.get("as_of", "").strip()),
        unpublished=query.get("unpublished") == "1",
    )


def _listed(query: QueryDict, name: str) -> tuple[str, ...]:
    return tuple(part for part in query.getlist(name) if part)


def _moment(text: str) -> datetime | None:
    """The last instant of a day."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        message = _("“%(text)s” is not a day. Write it as 2026-11-22.") % {"text": text}
        raise InvalidInput(message, problems=[FieldProblem("as_of", message)]) from error
    midnight = timezone.make_aware(datetime.combine(day, time.min))
    return midnight + timedelta(days=1, microseconds=-1)


@require_safe
def exchange_data(request: AuthedRequest) -> HttpResponse:
    """The figures as a download."""
    officials_or_404(request)
    return data_response(request.user, selection_of(request.GET))


def data_response(user: User, selection: Selection) -> HttpResponse:
    """The file; the header X-Held-Back counts the figures that are not published yet."""
    now = timezone.now()
    found = export_figures(selection=selection, actor=user, now=now)
    response = HttpResponse(found.text, content_type=MEDIA_TYPE)
    name = f"jingkai-{timezone.localtime(now):%Y%m%d-%H%M}.csv"
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{escape_uri_path(name)}"
    response["X-Held-Back"] = str(found.held_back)
    return response


@require_safe
def exchange_structure(request: AuthedRequest) -> HttpResponse:
    """Code lists, data structure and dataflow as an SDMX-JSON 2.0 message."""
    officials_or_404(request)
    response = HttpResponse(
        structure_message(code_lists(request.user)), content_type=STRUCTURE_MEDIA_TYPE
    )
    response["Content-Disposition"] = "attachment; filename=jingkai-structure.json"
    return response


@require_safe
def exchange_codes(request: AuthedRequest) -> HttpResponse:
    """All code lists in one sheet."""
    officials_or_404(request)
    fmt = request.GET.get("format", "csv")
    rows = [(one, row) for one in code_lists(request.user) for row in one.rows]
    return export(
        request,
        name="reporting.exchange.codes",
        title=_("Codes of the exchange"),
        columns=[
            Column("list", _("code list"), lambda pair: pair[0].id),
            Column("column", _("column"), lambda pair: pair[0].column),
            Column("code", _("code"), lambda pair: pair[1].code),
            Column("name", _("name"), lambda pair: pair[1].name, width=40),
        ],
        rows=rows,
        fmt=fmt if fmt in FORMATS else "csv",
    )


@require_POST
def exchange_import(request: AuthedRequest) -> HttpResponse:
    """Record a file, all or none; the page says line by line what is wrong."""
    officials_or_404(request)
    require(rules.can_import_figures(request.user))
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form=form)
    upload = form.cleaned_data["file"]
    try:
        done = import_figures(
            content=upload.read(MAX_BYTES + 1),
            name=upload.name,
            reason=form.cleaned_data["reason"],
            actor=request.user,
            now=timezone.now(),
        )
    except DomainError as error:
        return _page(request, form=form, error=error)
    return _page(request, done=done)
