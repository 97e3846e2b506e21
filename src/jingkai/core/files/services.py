"""Keeping uploads by digest and tying them to objects."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.errors import Conflict

from .kinds import KINDS, Kind, identify
from .models import Attachment, StoredFile

Guard = Callable[[User, int], bool]
_guards: dict[str, Guard] = {}


def register_guard(target_type: str, guard: Guard) -> None:
    """Say who may read what is attached to objects of `target_type` (`app.model`).

    Raises ValueError for a second guard of one type. Without a guard nobody may.
    """
    if target_type in _guards:
        raise ValueError(f"{target_type} already has a guard")
    _guards[target_type] = guard


def may_read(user: User, attachment: Attachment) -> bool:
    """Whether `user` may see the object the file is attached to."""
    guard = _guards.get(attachment.target_type)
    return guard is not None and guard(user, attachment.target_id)


def path_of(digest: str) -> Path:
    """Where the content of `digest` lies."""
    return Path(settings.FILES_DIR) / digest[:2] / digest[2:4] / digest


def store(
    upload: UploadedFile[bytes], *, now: datetime, allowed: tuple[Kind, ...] = KINDS
) -> StoredFile:
    """Keep `upload` once under its SHA-256. Raises InvalidInput for what is not accepted."""
    assert upload.file is not None
    kind = identify(upload.file, upload.name or "", upload.size or 0, allowed=allowed)
    content = upload.file.read()
    digest = hashlib.sha256(content).hexdigest()
    target = path_of(digest)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(target)
    stored, _created = StoredFile.objects.get_or_create(
        digest=digest,
        defaults={"size": len(content), "media_type": kind.media_type, "created_at": now},
    )
    return stored


@transaction.atomic
def attach(
    *,
    target: models.Model,
    upload: UploadedFile[bytes],
    actor: User,
    now: datetime,
    note: str = "",
    allowed: tuple[Kind, ...] = KINDS,
) -> Attachment:
    """Keep `upload` and tie it to `target`. The caller has checked that `actor` may.

    Raises InvalidInput for what is not accepted, Conflict when this content is attached already.
    """
    stored = store(upload, now=now, allowed=allowed)
    existing = Attachment.objects.filter(
        target_type=target._meta.label_lower,
        target_id=target.pk,
        file=stored,
        withdrawn_at__isnull=True,
    ).first()
    if existing is not None:
        raise Conflict(
            _("This content is already attached here as “%(name)s”.") % {"name": existing.name}
        )
    attachment = Attachment.objects.create(
        target_type=target._meta.label_lower,
        target_id=target.pk,
        file=stored,
        name=Path(upload.name or "file").name[:200],
        note=note[:300],
        uploaded_by=actor,
        uploaded_at=now,
    )
    audit.record(
        "files.attached",
        actor=actor,
        target=target,
        at=now,
        summary=attachment.name,
        details={"digest": stored.digest, "size": stored.size},
    )
    return attachment


def attachments_of(target: models.Model) -> models.QuerySet[Attachment]:
    """Files tied to `target`, oldest first, with file and uploader. 1 query."""
    return Attachment.objects.filter(
        target_type=target._meta.label_lower, target_id=target.pk, withdrawn_at__isnull=True
    ).select_related("file", "uploaded_by")


def attachments_by_target(model: type[models.Model], ids: list[int]) -> dict[int, list[Attachment]]:
    """Files of many objects of one kind at once. 1 query."""
    grouped: dict[int, list[Attachment]] = {}
    for attachment in Attachment.objects.filter(
        target_type=model._meta.label_lower, target_id__in=ids, withdrawn_at__isnull=True
    ).select_related("file", "uploaded_by"):
        grouped.setdefault(attachment.target_id, []).append(attachment)
    return grouped
