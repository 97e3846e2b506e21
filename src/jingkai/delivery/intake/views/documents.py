"""The list of documents, bringing one in, and what happens to a whole version."""

from __future__ import annotations

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import escape_uri_path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jingkai.core.errors import DomainError, FieldProblem, InvalidInput
from jingkai.core.files.public import path_of
from jingkai.core.http import AuthedRequest, page_of
from jingkai.delivery.policy.public import visible_documents as policies

from .. import rules, services
from ..models import SourceStage
from ..queries.documents import documents_for_list, visible_documents
from .common import readers_only, version_of, whole


def _show(
    request: AuthedRequest, *, error: DomainError | None = None, status: int = 200
) -> HttpResponse:
    rows = documents_for_list(request.user)
    context = {
        "page_obj": page_of(request, rows, size=20),
        "can_upload": rules.can_upload(request.user),
        "stages": SourceStage.choices,
        "documents": visible_documents(request.user).order_by("title", "pk")[:200],
        "policies": policies(request.user),
        "given": request.POST,
        "error": error,
    }
    return render(request, "intake/documents.html", context, status=status)


@require_safe
@readers_only
def documents_page(request: AuthedRequest) -> HttpResponse:
    return _show(request)


@require_POST
@readers_only
def upload(request: AuthedRequest) -> HttpResponse:
    """Take a file in; a refusal is shown beside the form with what was chosen."""
    try:
        sent = request.FILES.get("file")
        if not isinstance(sent, UploadedFile):
            message = _("Choose a file: Word (.docx), PDF with text, .txt or .html.")
            raise InvalidInput(message, problems=[FieldProblem("file", message, "required")])
        document = request.POST.get("document", "")
        version = services.upload_document(
            upload=sent,
            stage=request.POST.get("stage", ""),
            document_id=whole(document, -1) if document else None,
            title=request.POST.get("title", ""),
            policy_code=request.POST.get("policy", ""),
            actor=request.user,
            now=timezone.now(),
        )
    except DomainError as error:
        return _show(request, error=error, status=error.status)
    messages.success(request, _("The file is kept and being read. You may leave this page."))
    return HttpResponseRedirect(reverse("intake:version", args=[version.pk]))


@require_safe
@readers_only
def original(request: AuthedRequest, version_id: int) -> HttpResponse:
    """The file as it was brought in, to be saved and never shown by the browser."""
    version = version_of(request, version_id)
    # At most 20 MB: what is larger is never taken in.
    content = path_of(version.file.digest).read_bytes()
    answer = HttpResponse(content, content_type="application/octet-stream")
    name = escape_uri_path(version.file_name)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return answer


@require_POST
@readers_only
def again(request: AuthedRequest, version_id: int) -> HttpResponse:
    version = version_of(request, version_id)
    services.read_again(version_id=version.pk, actor=request.user, now=timezone.now())
    messages.success(request, _("The file is being read again."))
    return HttpResponseRedirect(reverse("intake:version", args=[version.pk]))


@require_POST
@readers_only
def title(request: AuthedRequest, version_id: int) -> HttpResponse:
    """The title as a person corrects it; a refusal is told on the review."""
    version = version_of(request, version_id)
    try:
        services.correct_title(
            version_id=version.pk,
            title=request.POST.get("title", ""),
            actor=request.user,
            now=timezone.now(),
        )
    except InvalidInput as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The title is corrected."))
    return HttpResponseRedirect(reverse("intake:version", args=[version.pk]))


@require_POST
@readers_only
def discard(request: AuthedRequest, version_id: int) -> HttpResponse:
    version = version_of(request, version_id)
    services.discard_version(
        version_id=version.pk,
        reason=request.POST.get("reason", ""),
        actor=request.user,
        now=timezone.now(),
    )
    messages.success(request, _("The version is set aside. Its text and trail stay."))
    return HttpResponseRedirect(reverse("intake:documents"))


@require_POST
@readers_only
def reopen(request: AuthedRequest, version_id: int) -> HttpResponse:
    version = version_of(request, version_id)
    services.reopen_version(
        version_id=version.pk,
        reason=request.POST.get("reason", ""),
        actor=request.user,
        now=timezone.now(),
    )
    messages.success(request, _("Back in review. Change decisions, then take it over again."))
    return HttpResponseRedirect(reverse("intake:version", args=[version.pk]))
