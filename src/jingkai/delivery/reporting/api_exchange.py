"""API of the exchange: figures as SDMX-CSV 2.0, their structure, their codes."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from ninja import File, Form, Query, Router, Schema
from ninja.files import UploadedFile
from pydantic import ValidationInfo, model_validator

from jingkai.core.accounts.public import User
from jingkai.core.api import AsOf, Problem
from jingkai.core.verdicts import require

from . import rules
from .exchange.codes import STRUCTURE_MEDIA_TYPE
from .exchange.files import MAX_BYTES
from .exchange.incoming import import_figures
from .exchange.outgoing import Selection
from .exchange.structure import code_lists, structure_message
from .views.exchange import data_response

router = Router(tags=["reporting"])
READ: dict[int, Any] = {404: Problem, 422: Problem}


def _user(request: HttpRequest) -> User:
    """The caller; 404 for whom there are no figures, like the pages."""
    user = request.user
    if not isinstance(user, User) or not rules.can_follow(user):
        raise Http404
    return user


class DataFilter(Schema):
    """Everything empty: all one may see. `since` and `until` are period codes."""

    indicator: list[str] = []
    scope: list[str] = []
    since: str = ""
    until: str = ""
    unpublished: bool = False


class CodeOut(Schema):
    code: str
    name: str


class CodeListOut(Schema):
    id: str
    column: str
    name: str
    rows: list[CodeOut]


class ImportIn(Schema):
    reason: str = ""

    @model_validator(mode="before")
    @classmethod
    def ask_first(cls, data: Any, info: ValidationInfo) -> Any:
        """Who may not bring figures is told so, and not what their file lacks."""
        assert info.context is not None  # ninja gives the request
        require(rules.can_import_figures(_user(info.context["request"])))
        return data


class ImportedOut(Schema):
    """`derived` lines were compared and not recorded; `differing` says where they differ."""

    recorded: int
    unchanged: int
    computed: int
    derived: int
    differing: list[str]


@router.get("/exchange/data", response={**READ}, operation_id="export_sdmx_data")
def export_data(request: HttpRequest, asked: Query[DataFilter], as_of: AsOf = None) -> HttpResponse:
    """Published figures as SDMX-CSV 2.0; the header X-Held-Back counts those not published yet."""
    selection = Selection(
        tuple(asked.indicator),
        tuple(asked.scope),
        asked.since,
        asked.until,
        as_of,
        asked.unpublished,
    )
    return data_response(_user(request), selection)


@router.post(
    "/exchange/data",
    response={200: ImportedOut, 403: Problem, **READ},
    operation_id="import_sdmx_data",
)
def import_data(
    request: HttpRequest, file: File[UploadedFile], payload: Form[ImportIn]
) -> dict[str, Any]:
    """Record a file of figures, all or none; problems are named `<line>.<column>`."""
    done = import_figures(
        content=file.read(MAX_BYTES + 1),
        name=file.name or "",
        reason=payload.reason,
        actor=_user(request),
        now=timezone.now(),
    )
    return {name: getattr(done, name) for name in ImportedOut.model_fields}


@router.get("/exchange/structure", response={**READ}, operation_id="get_sdmx_structure")
def get_structure(request: HttpRequest) -> HttpResponse:
    """Code lists, data structure and dataflow as an SDMX-JSON 2.0 structure message."""
    return HttpResponse(
        structure_message(code_lists(_user(request))), content_type=STRUCTURE_MEDIA_TYPE
    )


@router.get(
    "/exchange/codes", response={200: list[CodeListOut], **READ}, operation_id="list_sdmx_codes"
)
def list_codes(request: HttpRequest) -> Any:
    """The code lists of what one may see."""
    return code_lists(_user(request))
