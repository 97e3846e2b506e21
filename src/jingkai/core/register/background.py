"""Large files in the background: judged by one job, written by another, whole or not at all.

The file waits in its PendingImport; each job finds the way in by the register's key, so that any
worker on any machine can do it, and asks again whether its owner may.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.urls import get_resolver
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.errors import InvalidInput
from jingkai.core.jobs.public import Job, Progress, register_job, start_job

from .cells import CellProblem
from .importer import Importer
from .imports import ImportResult, RowChange, telling
from .models import PendingImport
from .sheets import read_sheet, rows_at_most

LARGE_ROWS: Final = 2000
KIND: Final = "register.import"
_ways: dict[str, Callable[[User], Importer]] = {}


def provide_importer(key: str, find: Callable[[User], Importer]) -> None:
    """Let large files of the importer `key` go through the background.

    `find(user)` gives the importer, or raises NotPermitted. Called once, where URLs are made.
    """
    _ways[key] = find


def is_large(key: str, content: bytes, name: str) -> bool:
    """Whether a file is one for the background. Raises InvalidInput for what is no workbook."""
    return key in _ways and rows_at_most(content, name) > LARGE_ROWS


@transaction.atomic
def start(pending: PendingImport, *, page: str, write: bool, owner: User, now: datetime) -> Job:
    """Queue the judging, or the writing, of a kept file.

    Raises InvalidInput when the file is not kept any more or somebody said yes to it already.
    """
    kept = PendingImport.objects.select_for_update().filter(pk=pending.pk).first()
    if kept is None or (write and kept.outcome is None):
        raise InvalidInput(_gone())
    title = _("Write “%(file)s”") if write else _("Check “%(file)s”")
    job = start_job(
        kind=KIND,
        title=title % {"file": kept.file_name},
        arguments={"pending": kept.pk, "write": write, "page": page},
        owner=owner,
        now=now,
    )
    kept.job, kept.outcome = job.pk, None
    kept.save(update_fields=["job", "outcome"])
    return job


def _gone() -> str:
    return _("This file is no longer kept, or was taken already. Send it again.")


def outcome_of(pending: PendingImport) -> ImportResult | None:
    """What the judging of a kept file found; None while it is not known."""
    if pending.outcome is None:
        return None
    told = dict(pending.outcome)
    told["problems"] = [CellProblem(**given) for given in told["problems"]]
    told["changes"] = [RowChange(**given) for given in told["changes"]]
    return ImportResult(**told)


def _carry_out(progress: Progress, arguments: Mapping[str, Any]) -> dict[str, Any]:
    pending = PendingImport.objects.select_related("user").filter(pk=arguments["pending"]).first()
    if pending is None:
        raise InvalidInput(_gone())
    get_resolver().url_patterns  # noqa: B018 -- registers are declared where URLs are made
    with translation.override(pending.user.language or settings.LANGUAGE_CODE):
        return _done(progress, pending, write=arguments["write"], page=arguments["page"])


def _done(progress: Progress, pending: PendingImport, *, write: bool, page: str) -> dict[str, Any]:
    importer = _ways[pending.register](pending.user)
    progress.start(100, _("Reading the file"))
    data = read_sheet(bytes(pending.content), pending.file_name, importer.columns)
    progress.advance(20, _("Checking the rows"))
    if data.problems:
        result = ImportResult(problems=data.problems, skipped=data.skipped)
    else:
        with telling(lambda percent, words: progress.advance(percent - progress.done, words)):
            result = importer.run(data, actor=pending.user, now=timezone.now(), dry_run=not write)
    if write and result.ok:
        pending.delete()
        return {"message": result.summary(), "url": importer.back_url}
    PendingImport.objects.filter(pk=pending.pk).update(outcome=asdict(result))
    if result.ok:
        words = _("Nothing is written yet: %(summary)s")
        return {"message": words % {"summary": result.summary()}, "url": page}
    words = _("Nothing was written: %(count)d problems.")
    return {"message": words % {"count": len(result.problems)}, "url": page, "failed": True}


register_job(KIND, _carry_out)
