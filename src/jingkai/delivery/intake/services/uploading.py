"""Bringing a file in. What cannot be kept is refused at once; what cannot be read, by the job."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.errors import Conflict, FieldProblem, InvalidInput
from jingkai.core.files.public import DOCX, MARKUP, PDF, TEXT, store
from jingkai.core.jobs.public import start_job
from jingkai.core.verdicts import require
from jingkai.core.workflow.public import move
from jingkai.delivery.policy.public import Document

from .. import rules
from ..models import SourceDocument, SourceStage, SourceState, SourceVersion, TitleFrom
from ..states import VERSION_TABLE

READ_JOB = "intake.read"
ACCEPTED = (DOCX, PDF, TEXT, MARKUP)


@transaction.atomic
def upload_document(
    *,
    upload: UploadedFile[bytes],
    stage: str,
    document_id: int | None = None,
    title: str = "",
    policy_code: str = "",
    actor: User,
    now: datetime,
) -> SourceVersion:
    """Keep a file as a new version of a document, or of a new document, and have it read.

    `policy_code` names the policy document that a new document feeds; "" when it begins one.
    Raises NotPermitted; InvalidInput for a file that is too large, empty, protected or of a wrong
    kind, an unknown stage, document or policy, or a missing title; Conflict when this very file is
    a version already.
    """
    require(rules.can_upload(actor))
    if stage not in SourceStage.values:
        raise _invalid("stage", _("Say whether it is a draft or the issued text."))
    document = (
        _begin(title, policy_code, upload.name or "", actor=actor, now=now)
        if document_id is None
        else _locked_document(document_id)
    )
    stored = store(upload, now=now, allowed=ACCEPTED)
    same = (
        document.versions.filter(file=stored)
        .exclude(state__in=(SourceState.DISCARDED, SourceState.UNREADABLE))
        .first()
    )
    if same is not None:
        raise Conflict(
            _("This very file is version %(number)d of the document already.")
            % {"number": same.number}
        )
    last = document.versions.aggregate(last=Max("number"))["last"] or 0
    version = SourceVersion(
        document=document,
        number=last + 1,
        stage=stage,
        file=stored,
        file_name=Path(upload.name or "document").name[:200],
        uploaded_by=actor,
        uploaded_at=now,
    )
    version.full_clean()
    version.save()
    audit.record(
        "intake.version.uploaded",
        actor=actor,
        target=version,
        at=now,
        summary=version.file_name,
        details={"document": document.code, "digest": stored.digest, "size": stored.size},
    )
    _queue(version, actor=actor, now=now)
    return version


def _locked_document(document_id: int) -> SourceDocument:
    found = SourceDocument.objects.select_for_update().filter(pk=document_id).first()
    if found is None:
        raise _invalid("document", _("This document does not exist."))
    return found


def _begin(
    title: str, policy_code: str, file_name: str, *, actor: User, now: datetime
) -> SourceDocument:
    policy = None
    if policy_code:
        policy = Document.objects.filter(code=policy_code).first()
        if policy is None:
            raise _invalid("policy", _("This policy document does not exist."))
    given = title.strip()
    # Short or odd names of files do no harm: the text says the title when it is read.
    title = checked_title(given) if given else Path(file_name).stem[:200] or str(_("Document"))
    # One at a time: the number in the code must not be given twice.
    codes = SourceDocument.objects.select_for_update().order_by("pk").values_list("code", flat=True)
    numbers = [int(found[1]) for code in codes if (found := re.fullmatch(r"document-(\d+)", code))]
    document = SourceDocument(
        code=f"document-{max(numbers, default=0) + 1}",
        title=title,
        title_from=TitleFrom.PERSON if given else TitleFrom.FILE,
        policy=policy,
        created_by=actor,
        created_at=now,
    )
    document.full_clean()
    document.save()
    return document


def checked_title(title: str) -> str:
    """A title as it may stand. Raises InvalidInput."""
    title = title.strip()
    if not 2 <= len(title) <= 200:
        raise _invalid("title", _("Give the document a title of 2 to 200 characters."))
    return title


@transaction.atomic
def correct_title(*, version_id: int, title: str, actor: User, now: datetime) -> SourceDocument:
    """Give the document of a version the title a person wrote. Raises NotPermitted, InvalidInput.

    The policy it was taken over into keeps its own title. The same title again changes nothing.
    """
    require(rules.can_upload(actor))
    found = SourceVersion.objects.only("document_id").get(pk=version_id)
    document = SourceDocument.objects.select_for_update().get(pk=found.document_id)
    title, before = checked_title(title), document.title
    if title == before:
        return document
    document.title, document.title_from = title, TitleFrom.PERSON
    document.full_clean()
    document.save(update_fields=["title", "title_from"])
    audit.record(
        "intake.document.titled",
        actor=actor,
        target=document,
        at=now,
        summary=title,
        details={"before": before},
    )
    return document


def _queue(version: SourceVersion, *, actor: User, now: datetime) -> None:
    version.job = start_job(
        kind=READ_JOB,
        title=_("Reading %(file)s") % {"file": version.file_name},
        arguments={"version": version.pk, "year": now.year},
        owner=actor,
        now=now,
    )
    version.save(update_fields=["job"])


@transaction.atomic
def read_again(*, version_id: int, actor: User, now: datetime) -> SourceVersion:
    """Queue the reading of a version whose job stopped. Raises NotPermitted, Conflict."""
    version = SourceVersion.objects.select_for_update(of=("self",)).get(pk=version_id)
    require(rules.can_upload(actor))
    job = version.job
    if version.state != SourceState.READING or (job is not None and job.state != "failed"):
        raise Conflict(_("This version is being read, or was read already."))
    audit.record("intake.version.reread", actor=actor, target=version, at=now)
    _queue(version, actor=actor, now=now)
    return version


@transaction.atomic
def discard_version(*, version_id: int, reason: str, actor: User, now: datetime) -> SourceVersion:
    """Set a version aside: nothing of it is taken over; its text and trail stay.

    Raises NotPermitted; TransitionNotAllowed once it is taken over; InvalidInput without a reason.
    Discarding twice changes nothing.
    """
    version = SourceVersion.objects.select_for_update(of=("self",)).get(pk=version_id)
    require(rules.can_upload(actor))
    if version.state == SourceState.DISCARDED:
        return version
    move(
        version,
        "discard",
        table=VERSION_TABLE,
        actor=actor,
        at=now,
        reason=reason[:500],
        audit_action="intake.version.discard",
    )
    version.save(update_fields=["state"])
    return version


def _invalid(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, problems=[FieldProblem(field, message)])
