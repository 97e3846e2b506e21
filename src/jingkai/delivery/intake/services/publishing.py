"""Taking a document over: decided things become a pack, the pack becomes the product's records."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.errors import Conflict, FieldProblem, InvalidInput
from jingkai.core.jobs.public import Progress, start_job
from jingkai.core.verdicts import require
from jingkai.core.workflow.public import move
from jingkai.delivery.policy.public import Clause, Document

from .. import rules
from ..building import Built, Files, build
from ..models import ItemKind, ItemState, SourceItem, SourceState, SourceVersion
from ..planning import plan_of
from ..publisher import PackProblem, publisher
from ..states import TAKEN, VERSION_TABLE

PUBLISH_JOB = "intake.publish"
_CODE = re.compile(r"[a-z][a-z0-9]{1,17}")
_CITY = re.compile(r"\d{6}")


@dataclass(frozen=True, slots=True)
class Checked:
    """What taking over would do, and what stands in the way. `item` is a thing's key, or ""."""

    files: Files
    built: Built
    problems: list[dict[str, str]] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not self.problems


def check_publication(version: SourceVersion) -> Checked:
    """Build the pack and let its own checks speak. Writes nothing."""
    maker = publisher()
    plan = plan_of(version, maker.catalogue())
    policy = version.document.policy
    built = build(plan, maker.base(policy.code) if policy else None)
    problems = [
        {"item": m.item, "place": "", "field": m.field, "message": m.message}
        for m in built.mistakes
    ]
    if not problems:
        problems = [_told(p, built) for p in maker.check(built.files) if p.blocking]
    return Checked(built.files, built, problems)


def _told(problem: PackProblem, built: Built) -> dict[str, str]:
    """A problem of the pack at the thing it comes from: the innermost record around its field."""
    path = f"{problem.file}#{problem.field}"
    origin = max((at for at in built.origins if path.startswith(at)), key=len, default="")
    return {
        "item": built.origins.get(origin, ""),
        "place": f"{problem.file}:{problem.line}",
        "field": problem.field,
        "message": f"{problem.message} {problem.remedy}".strip(),
    }


@transaction.atomic
def begin_publication(
    *, version_id: int, given: Mapping[str, str], actor: User, now: datetime
) -> SourceVersion:
    """Queue the taking over of a version; what is said about the pack is kept with it.

    `given`, for a document that begins a policy: code, title_en, city, approved_by, coordinator.
    Raises NotPermitted; Conflict unless the version is in review, everything but questions is
    decided and nothing is under way; InvalidInput for what is missing. A version that is taken
    over already is returned as it is.
    """
    version = _locked(version_id)
    require(rules.can_publish(actor))
    if version.state == SourceState.PUBLISHED:
        return version
    verdict = rules.is_open(version)
    if not verdict:
        raise Conflict(verdict.reason)
    job = version.job
    if job is not None and job.kind == PUBLISH_JOB and job.state in ("queued", "running"):
        raise Conflict(_("This version is being taken over already."))
    _require_decided(version)
    if version.document.policy is None:
        version.publication = _facts(given)
    version.outcome = {}
    version.job = start_job(
        kind=PUBLISH_JOB,
        title=_("Taking over %(title)s") % {"title": version.document.title[:80]},
        arguments={"version": version.pk, "actor": actor.pk},
        owner=actor,
        now=now,
    )
    version.save(update_fields=["publication", "outcome", "job"])
    return version


def _locked(version_id: int) -> SourceVersion:
    rows = SourceVersion.objects.select_for_update(of=("self",))
    return rows.select_related("document__policy", "job").get(pk=version_id)


def _require_decided(version: SourceVersion) -> None:
    left = version.items.filter(state=ItemState.PENDING).exclude(kind=ItemKind.FINDING).count()
    if left:
        raise Conflict(
            _("%(n)d things are still to decide. Accept, correct or reject each first.")
            % {"n": left}
        )


def _facts(given: Mapping[str, str]) -> dict[str, str]:
    made = {name: str(given.get(name, "")).strip() for name in _FACTS}
    problems = []
    if not _CODE.fullmatch(made["code"]):
        message = _("2 to 18 small letters and digits, a letter first, such as dalian.")
        problems.append(FieldProblem("code", message))
    elif Document.objects.filter(code=made["code"]).exists():
        problems.append(FieldProblem("code", _("Another policy document has this code.")))
    if not _CITY.fullmatch(made["city"]):
        problems.append(FieldProblem("city", _("The six digits of GB/T 2260, such as 210200.")))
    for name in ("approved_by", "coordinator"):
        if not made[name]:
            problems.append(FieldProblem(name, _("Choose a body.")))
    if problems:
        raise InvalidInput(problems=problems)
    return made


_FACTS = ("code", "title_en", "city", "approved_by", "coordinator")


def publish_job(progress: Progress, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The work behind PUBLISH_JOB."""
    progress.start(3, _("Building the pack"))
    actor = User.objects.get(pk=arguments["actor"])
    version_id = int(arguments["version"])
    version = publish_version(
        version_id=version_id, actor=actor, now=timezone.now(), progress=progress
    )
    url = reverse("intake:publish", args=[version.pk])
    if version.outcome.get("problems"):
        message = _("%(n)d mistakes stand in the way; nothing was taken over.")
        return {
            "url": url,
            "message": message % {"n": len(version.outcome["problems"])},
            "failed": True,
        }
    return {"url": url, "message": _("The document is taken over.")}


@transaction.atomic
def publish_version(
    *, version_id: int, actor: User, now: datetime, progress: Progress | None = None
) -> SourceVersion:
    """Take a version over, all or nothing; twice is once.

    With mistakes nothing but `outcome["problems"]` is written. Raises NotPermitted; Conflict when
    the version is not in review or something is undecided.
    """
    version = _locked(version_id)
    require(rules.can_publish(actor))
    if version.state == SourceState.PUBLISHED:
        return version
    verdict = rules.is_open(version)
    if not verdict:
        raise Conflict(verdict.reason)
    _require_decided(version)
    checked = check_publication(version)
    if progress is not None:
        progress.advance(1, _("Loading the pack"))
    if not checked.sound:
        version.outcome = {"problems": checked.problems}
        version.save(update_fields=["outcome"])
        return version
    loaded = publisher().load(checked.files, actor=actor, now=now)
    if progress is not None:
        progress.advance(1, _("Writing the sentences"))
    code = str(checked.files["pack.yaml"]["id"])
    version.document.policy = Document.objects.get(code=code)
    version.document.save(update_fields=["policy"])
    counts = _join(version, checked.built)
    _write_sentences(version)
    version.outcome = {
        "pack": code,
        "version": loaded.version,
        "created": loaded.created,
        "updated": loaded.updated,
        "unchanged": loaded.unchanged,
        "kept": list(loaded.kept),
        "things": counts,
    }
    version.published_by, version.published_at = actor, now
    move(
        version,
        "publish",
        table=VERSION_TABLE,
        actor=actor,
        at=now,
        audit_action="intake.version.publish",
        details={name: version.outcome[name] for name in ("pack", "version", "created", "updated")},
    )
    version.save()
    return version


def _join(version: SourceVersion, built: Built) -> dict[str, int]:
    """Give each thing taken the code of the record it became; how many of each kind."""
    counts: dict[str, int] = {}
    changed: list[SourceItem] = []
    for item in version.items.filter(state__in=TAKEN):
        counts[item.kind] = counts.get(item.kind, 0) + 1
        code = built.codes.get(item.key, "")
        if code and item.match != code:
            item.match = code
            changed.append(item)
    SourceItem.objects.bulk_update(changed, ["match"], batch_size=500)
    return counts


def _write_sentences(version: SourceVersion) -> None:
    """The words of each clause as this version has them."""
    spans = {
        item.match: (item.start, item.end)
        for item in version.items.filter(
            kind=ItemKind.CLAUSE, state__in=TAKEN, start__isnull=False
        ).exclude(match="")
    }
    changed = []
    for clause in Clause.objects.filter(code__in=spans):
        start, end = spans[clause.code]
        sentence = version.text[start:end].strip()
        if clause.sentence != sentence:
            clause.sentence = sentence
            changed.append(clause)
    Clause.objects.bulk_update(changed, ["sentence"], batch_size=500)


@transaction.atomic
def reopen_version(*, version_id: int, reason: str, actor: User, now: datetime) -> SourceVersion:
    """Put a version that was taken over back in review; what it made stays until it is taken
    over again. Raises NotPermitted, TransitionNotAllowed, InvalidInput without a reason.
    """
    version = _locked(version_id)
    require(rules.can_publish(actor))
    move(
        version,
        "reopen",
        table=VERSION_TABLE,
        actor=actor,
        at=now,
        reason=reason[:500],
        audit_action="intake.version.reopen",
    )
    version.published_by, version.published_at = None, None
    version.save(update_fields=["state", "published_by", "published_at"])
    return version


def archive_of(version: SourceVersion, *, actor: User, now: datetime) -> bytes:
    """The pack of a version as a zip. Raises NotPermitted; Conflict while there are mistakes."""
    require(rules.can_publish(actor))
    checked = check_publication(version)
    if not checked.sound:
        first = checked.problems[0]
        raise Conflict(
            _("%(n)d mistakes stand in the way of the pack, the first: %(what)s")
            % {"n": len(checked.problems), "what": first["message"]}
        )
    audit.record(
        "intake.pack.downloaded",
        actor=actor,
        target=version,
        at=now,
        summary=str(checked.files["pack.yaml"]["id"]),
    )
    return publisher().archive(checked.files)
