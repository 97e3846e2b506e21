"""The job that reads a file: its text, its things, what each may be. All or nothing."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.documents import Unreadable, read_document
from jingkai.core.files.public import path_of
from jingkai.core.jobs.public import Progress
from jingkai.core.workflow.public import move
from jingkai.engine.policytext import as_data, parse_policy

from ..knowledge import existing, registry_of
from ..matching import propose
from ..models import SourceDocument, SourceItem, SourceState, SourceVersion, TitleFrom
from ..reading import READER, items_of
from ..sections import section_at, sections_of
from ..states import VERSION_TABLE
from ..texts import refusal_text

_BATCH = 1000
_STAGE = re.compile(r"[（(][^（()）]{0,8}(?:征求意见稿|送审稿|讨论稿|报审稿|草案|草稿)[）)]$")


def read_job(progress: Progress, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The work behind `services.uploading.READ_JOB`."""
    return read_version(
        version_id=int(arguments["version"]),
        year=int(arguments["year"]),
        now=timezone.now(),
        progress=progress,
    )


def read_version(
    *, version_id: int, year: int, now: datetime, progress: Progress | None = None
) -> dict[str, Any]:
    """Read a version in the state “being read”; another state is left alone.

    The caller holds a transaction. `year`: targets due before it are past.
    """
    version = (
        SourceVersion.objects.select_for_update(of=("self",))
        .select_related("document")
        .get(pk=version_id)
    )
    page = reverse("intake:version", args=[version.pk])
    if version.state != SourceState.READING:
        return {"url": page}
    _say(progress, 0, _("Taking the text out of the file"))
    try:
        source = read_document(path_of(version.file.digest).read_bytes())
    except Unreadable as problem:
        return _refuse(version, problem, page, now)
    text = source.text.replace("\x00", "")
    _say(progress, 1, _("Reading measures, targets and tasks"))
    today = timezone.localdate(now)
    data = as_data(parse_policy(text, registry=registry_of(today), reference_year=year))
    _say(progress, 2, _("Looking for what is known already"))
    items = items_of(data)
    propose(items, existing(version.document.policy, today))
    _say(progress, 3, _("Storing what was read"))
    version.text, version.format, version.pages = text, source.format, source.pages
    version.text_digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    version.reading, version.reader = data, READER
    _take_title(version.document, str(data.get("title") or ""))
    version.sections = sections_of(text, data)
    SourceItem.objects.bulk_create(
        [
            SourceItem(
                version=version,
                kind=item.kind,
                key=item.key,
                position=position,
                parent=item.parent,
                start=item.start,
                end=item.end,
                section=section_at(version.sections, item.start or 0),
                title=item.title or "–",
                read=item.read,
                proposal=item.proposal,
                likeness=item.likeness,
            )
            for position, item in enumerate(items)
        ],
        batch_size=_BATCH,
    )
    move(
        version,
        "read",
        table=VERSION_TABLE,
        actor=None,
        at=now,
        audit_action="intake.version.read",
        details={"items": len(items), "digest": version.text_digest},
    )
    version.save()
    _say(progress, 4, "")
    return {"url": page, "message": _("%(n)d things are read.") % {"n": len(items)}}


def title_in(said: str) -> str:
    """A title as it was read, without how far the draft is, in the brackets of Chinese print.

    >>> title_in("某市若干措施(征求意见稿)"), title_in("某市管理办法(试行)")
    ('某市若干措施', '某市管理办法（试行）')
    """
    return _STAGE.sub("", said).replace("(", "（").replace(")", "）").strip()


def _take_title(document: SourceDocument, said: str) -> None:
    """The title the text itself says, unless a person gave one. The stage says how far it is."""
    said = title_in(said)
    if document.title_from == TitleFrom.FILE and 2 <= len(said) <= 200:
        document.title, document.title_from = said, TitleFrom.TEXT
        document.save(update_fields=["title", "title_from"])


def _say(progress: Progress | None, step: int, message: str) -> None:
    if progress is None:
        return
    if step == 0:
        progress.start(4, message)
    else:
        progress.advance(1, message)


def _refuse(
    version: SourceVersion, problem: Unreadable, page: str, now: datetime
) -> dict[str, Any]:
    version.refusal = problem.code
    version.refusal_params = {
        name: value if isinstance(value, int) else str(value)
        for name, value in problem.params.items()
    }
    move(
        version,
        "refuse",
        table=VERSION_TABLE,
        actor=None,
        at=now,
        audit_action="intake.version.refuse",
        details={"code": problem.code},
    )
    version.save()
    said = refusal_text(version.refusal, version.refusal_params)
    return {"url": page, "message": said, "failed": True}
