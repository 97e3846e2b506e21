"""Downloads: always as an attachment, never run in the browser, every one logged."""

from __future__ import annotations

from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from jingkai.core.audit import public as audit
from jingkai.core.http import AuthedRequest

from .models import Attachment
from .services import may_read, path_of


@require_safe
def download(request: AuthedRequest, attachment_id: int) -> FileResponse:
    """Send the file if the reader may see what it is attached to; else 404."""
    attachment = get_object_or_404(
        Attachment.objects.select_related("file"), pk=attachment_id, withdrawn_at__isnull=True
    )
    path = path_of(attachment.file.digest)
    if not may_read(request.user, attachment) or not path.exists():
        raise Http404
    audit.record("files.read", actor=request.user, target=attachment, at=timezone.now())
    return FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=attachment.name,
        content_type=attachment.file.media_type,
    )
