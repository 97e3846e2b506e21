"""API of documents: bring in, follow, decide, take over, compare. Outsiders get 404."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import File, Form, Router, Status
from ninja.files import UploadedFile

from jingkai.core.accounts.public import User
from jingkai.core.api import Problem, cursor_page
from jingkai.core.register.public import FORMATS, export

from . import rules, services
from .comparing import compare
from .exports import change_columns, change_rows
from .models import ItemState, SourceItem, SourceVersion
from .queries.comparing import pair_of
from .queries.documents import visible_documents, visible_items, visible_versions
from .schemas import (
    DocumentAcceptedOut,
    DocumentAcceptIn,
    DocumentChangeOut,
    DocumentComparisonOut,
    DocumentDecisionIn,
    DocumentFieldChangeOut,
    DocumentItemOut,
    DocumentItemPage,
    DocumentPublicationIn,
    DocumentReadingOut,
    DocumentSegmentOut,
    DocumentTitleIn,
    DocumentVersionOut,
    DocumentVersionPage,
)
from .texts import finding_text, refusal_text

router = Router(tags=["documents"])
_ERRORS: dict[int, Any] = {401: Problem, 404: Problem, 422: Problem}
_WRITES: dict[int, Any] = {**_ERRORS, 403: Problem, 409: Problem}


def _reader(request: HttpRequest) -> User:
    user: User = request.user  # type: ignore[assignment]  # the API has no anonymous callers
    if not rules.can_read(user):
        raise Http404
    return user


def _versions(user: User) -> Any:
    return (
        visible_versions(user)
        .select_related("document__policy", "job")
        .defer("text", "reading", "sections")
        .annotate(
            n_items=Count("items"),
            n_decided=Count("items", filter=~Q(items__state=ItemState.PENDING)),
        )
    )


def _version(version: Any) -> DocumentVersionOut:
    policy, job = version.document.policy, version.job
    return DocumentVersionOut(
        id=version.pk,
        document=version.document.code,
        title=version.document.title,
        title_from=version.document.title_from,
        policy=policy.code if policy else "",
        number=version.number,
        stage=version.stage,
        state=version.state,
        file_name=version.file_name,
        format=version.format,
        characters_sha256=version.text_digest,
        uploaded_at=version.uploaded_at,
        refusal=version.refusal,
        refusal_message=refusal_text(version.refusal, version.refusal_params)
        if version.refusal
        else "",
        items=version.n_items,
        decided=version.n_decided,
        job_state=job.state if job else "",
        job_done=job.done if job else 0,
        job_total=job.total if job else 0,
        outcome=version.outcome,
    )


def _fresh(user: User, version_id: int) -> DocumentVersionOut:
    return _version(get_object_or_404(_versions(user), pk=version_id))


def _item(item: SourceItem) -> DocumentItemOut:
    return DocumentItemOut(
        id=item.pk,
        kind=item.kind,
        key=item.key,
        title=item.title,
        parent=item.parent,
        start=item.start,
        end=item.end,
        state=item.state,
        match=item.match,
        proposal=item.proposal,
        likeness=item.likeness,
        data=item.data,
        corrected=sorted(item.corrected),
        questions=item.read.get("questions", []),
        reason=item.reason,
        decided_at=item.decided_at,
        revision=item.revision,
    )


@router.post(
    "/versions", response={201: DocumentVersionOut, **_WRITES}, operation_id="upload_document"
)
def upload(
    request: HttpRequest,
    file: File[UploadedFile],
    stage: Form[str],
    document: Form[str] = "",
    title: Form[str] = "",
    policy: Form[str] = "",
) -> Status[DocumentVersionOut]:
    """Bring in a file as a new version of `document` (its code), or of a new one, and read it."""
    user = _reader(request)
    known = get_object_or_404(visible_documents(user), code=document) if document else None
    version = services.upload_document(
        upload=file,
        stage=stage,
        document_id=known.pk if known else None,
        title=title,
        policy_code=policy,
        actor=user,
        now=timezone.now(),
    )
    return Status(201, _fresh(user, version.pk))


@router.get(
    "/versions", response={200: DocumentVersionPage, **_ERRORS}, operation_id="list_documents"
)
def versions(request: HttpRequest, cursor: str = "", limit: int = 100) -> dict[str, Any]:
    """Versions of documents, newest first."""
    page, following = cursor_page(
        _versions(_reader(request)), order=["-pk"], cursor=cursor, limit=limit
    )
    return {"items": [_version(version) for version in page], "next_cursor": following}


@router.get(
    "/versions/{int:version_id}",
    response={200: DocumentVersionOut, **_ERRORS},
    operation_id="get_document_version",
)
def version(request: HttpRequest, version_id: int) -> DocumentVersionOut:
    """The state of a version: reading, review, taken over."""
    return _fresh(_reader(request), version_id)


@router.post(
    "/versions/{int:version_id}/title",
    response={200: DocumentVersionOut, **_WRITES},
    operation_id="correct_document_title",
)
def title(request: HttpRequest, version_id: int, payload: DocumentTitleIn) -> DocumentVersionOut:
    """Correct the title that was read from the text, or taken from the name of the file."""
    user = _reader(request)
    found = get_object_or_404(visible_versions(user).only("pk"), pk=version_id)
    services.correct_title(version_id=found.pk, title=payload.title, actor=user, now=timezone.now())
    return _fresh(user, found.pk)


@router.get(
    "/versions/{int:version_id}/reading",
    response={200: DocumentReadingOut, **_ERRORS},
    operation_id="get_document_reading",
)
def reading(request: HttpRequest, version_id: int) -> dict[str, Any]:
    """What was read, whole; findings say their sentence in the caller's language."""
    found: SourceVersion = get_object_or_404(
        visible_versions(_reader(request)).defer("text"), pk=version_id
    )
    data = dict(found.reading)
    data["findings"] = [
        {**finding, "message": finding_text(finding["kind"], finding["params"])}
        for finding in data.get("findings", ())
    ]
    source = {
        "file": found.file_name,
        "format": found.format,
        "pages": found.pages,
        "sha256_of_text": found.text_digest,
    }
    return {"source": source, "reading": data}


@router.get(
    "/versions/{int:version_id}/items",
    response={200: DocumentItemPage, **_ERRORS},
    operation_id="list_document_items",
)
def items(
    request: HttpRequest,
    version_id: int,
    kind: str = "",
    state: str = "",
    cursor: str = "",
    limit: int = 100,
) -> dict[str, Any]:
    """Things read in a version, in the order of the review."""
    user = _reader(request)
    found = get_object_or_404(visible_versions(user).only("pk"), pk=version_id)
    rows = visible_items(user).filter(version=found)
    rows = rows.filter(kind=kind) if kind else rows
    rows = rows.filter(state=state) if state else rows
    page, following = cursor_page(rows, order=["position", "pk"], cursor=cursor, limit=limit)
    return {"items": [_item(item) for item in page], "next_cursor": following}


@router.post(
    "/items/{int:item_id}/decide",
    response={200: DocumentItemOut, **_WRITES},
    operation_id="decide_document_item",
)
def decide(request: HttpRequest, item_id: int, payload: DocumentDecisionIn) -> DocumentItemOut:
    """Accept as new, join with a record, correct, reject, or take a decision back."""
    user = _reader(request)
    item = get_object_or_404(visible_items(user).only("pk"), pk=item_id)
    services.decide_item(
        item_id=item.pk,
        action=payload.action,
        revision=payload.revision,
        match=payload.match,
        fields=payload.fields,
        reason=payload.reason,
        actor=user,
        now=timezone.now(),
    )
    return _item(get_object_or_404(visible_items(user), pk=item_id))


@router.post(
    "/versions/{int:version_id}/accept",
    response={200: DocumentAcceptedOut, **_WRITES},
    operation_id="accept_document_items",
)
def accept(request: HttpRequest, version_id: int, payload: DocumentAcceptIn) -> DocumentAcceptedOut:
    """Take everything of one kind that nothing puts in question."""
    user = _reader(request)
    found = get_object_or_404(visible_versions(user).only("pk"), pk=version_id)
    taken, left = services.accept_all(
        version_id=found.pk, kind=payload.kind, actor=user, now=timezone.now()
    )
    return DocumentAcceptedOut(taken=taken, left=left)


@router.post(
    "/versions/{int:version_id}/publish",
    response={202: DocumentVersionOut, **_WRITES},
    operation_id="publish_document_version",
)
def publish(
    request: HttpRequest, version_id: int, payload: DocumentPublicationIn
) -> Status[DocumentVersionOut]:
    """Queue the taking over; follow `job_state`, then read `outcome`."""
    user = _reader(request)
    found = get_object_or_404(visible_versions(user).only("pk"), pk=version_id)
    services.begin_publication(
        version_id=found.pk, given=payload.dict(), actor=user, now=timezone.now()
    )
    return Status(202, _fresh(user, found.pk))


@router.get(
    "/compare",
    response={200: DocumentComparisonOut, **_ERRORS},
    operation_id="compare_document_versions",
)
def comparison(request: HttpRequest, old: int, new: int, format: str = "") -> Any:
    """What changed from version `old` to version `new` of one document."""
    before, after = pair_of(_reader(request), old=old, new=new) or (None, None)
    if before is None or after is None:
        raise Http404
    found = compare(before.reading, after.reading)
    if format in FORMATS:
        answer: HttpResponse = export(
            request,
            name="intake.changes",
            title=_("Changes between two versions"),
            columns=change_columns(),
            rows=change_rows(found),
            fmt=format,
        )
        return answer
    return DocumentComparisonOut(
        old=before.pk,
        new=after.pk,
        unchanged=dict(found.unchanged),
        changes=[
            DocumentChangeOut(
                kind=c.kind,
                what=c.what,
                title=c.title,
                place=c.place,
                fields=[
                    DocumentFieldChangeOut(name=f.name, before=f.before, after=f.after)
                    for f in c.fields
                ],
                diff=[DocumentSegmentOut(op=s.op, text=s.text) for s in c.diff],
                before=c.before,
                after=c.after,
            )
            for c in found.all
        ],
    )
