"""Versions in force: put there, ended, withdrawn, confirmed. Their rows never change."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.errors import Conflict, FieldProblem, InvalidInput
from jingkai.core.verdicts import require
from jingkai.core.workflow.public import move

from .. import rules
from ..models import Confidence, ReferenceTable, ReferenceVersion, VersionState
from ..states import VERSION_TABLE
from ..tables import forget
from .drafts import CHECKS, cleaned


def _invalid(field: str, message: str, code: str = "invalid") -> InvalidInput:
    return InvalidInput(message, problems=[FieldProblem(field, message, code)])


@transaction.atomic
def put_in_force(*, version_id: int, reason: str, actor: User, now: datetime) -> ReferenceVersion:
    """Let a draft hold from its first day on.

    A version in force that reaches into its days ends the day before; one that lies wholly inside
    them is withdrawn. Raises NotPermitted; TransitionNotAllowed; InvalidInput without reason or
    rows; Conflict when another version begins inside these days and goes on after them.
    """
    draft = ReferenceVersion.objects.select_related("table").get(pk=version_id)
    ReferenceTable.objects.select_for_update().get(pk=draft.table_id)  # one at a time per table
    version = (
        ReferenceVersion.objects.select_for_update(of=("self",))
        .select_related("table")
        .get(pk=version_id)
    )
    require(rules.can_edit(actor))
    VERSION_TABLE.next_state(version.state, "put-in-force")
    rows = [(row.key, row.values) for row in version.rows.all()]
    if not rows:
        raise _invalid(
            "rows", _("The draft has no rows. Enter them, or import them from Excel."), "empty"
        )
    check = CHECKS.get(version.table.code)
    if check and (wrong := list(check(rows))):
        raise InvalidInput(problems=[FieldProblem(key, message) for key, message in wrong])
    _make_room(version, actor, now)
    move(
        version,
        "put-in-force",
        table=VERSION_TABLE,
        actor=actor,
        at=now,
        reason=reason,
        audit_action="reference.version.put-in-force",
        details={"table": version.table.code},
    )
    version.editor, version.edited_at = actor, now
    cleaned(version)
    version.save()
    return version


def _make_room(version: ReferenceVersion, actor: User, now: datetime) -> None:
    last = version.effective_to or date.max
    day_before = version.effective_from - timedelta(days=1)
    others = version.table.versions.select_for_update().filter(state=VersionState.IN_FORCE)
    for other in others.exclude(pk=version.pk).order_by("effective_from", "pk"):
        end = other.effective_to or date.max
        if end < version.effective_from or other.effective_from > last:
            continue
        if other.effective_from < version.effective_from:
            old = other.effective_to
            other.effective_to = day_before
            other.save(update_fields=["effective_to"])
            audit.record(
                "reference.version.ended",
                actor=actor,
                target=other,
                at=now,
                summary=_("replaced by version %(name)s") % {"name": version.version},
                details={"changes": {"effective_to": [str(old or ""), day_before.isoformat()]}},
            )
        elif end <= last:
            move(
                other,
                "withdraw",
                table=VERSION_TABLE,
                actor=actor,
                at=now,
                reason=_("replaced by version %(name)s") % {"name": version.version},
                audit_action="reference.version.withdrawn",
            )
            other.save(update_fields=["state"])
            transaction.on_commit(partial(forget, other.pk))
        else:
            raise Conflict(
                _(
                    "Version %(other)s begins on %(day)s, inside the days of this "
                    "one, and goes on after them. End this one before that day, or "
                    "let it go on as long."
                )
                % {"other": other.version, "day": other.effective_from},
                version=other.version,
            )


@transaction.atomic
def withdraw(*, version_id: int, reason: str, actor: User, now: datetime) -> ReferenceVersion:
    """Take a version out of force for all its days; nothing takes its place.

    Raises NotPermitted, TransitionNotAllowed, InvalidInput without reason.
    """
    version = (
        ReferenceVersion.objects.select_for_update(of=("self",))
        .select_related("table")
        .get(pk=version_id)
    )
    require(rules.can_edit(actor))
    move(
        version,
        "withdraw",
        table=VERSION_TABLE,
        actor=actor,
        at=now,
        reason=reason,
        audit_action="reference.version.withdrawn",
    )
    version.save(update_fields=["state"])
    transaction.on_commit(partial(forget, version.pk))
    return version


@transaction.atomic
def set_confidence(
    *, version_id: int, confidence: str, source: str, reason: str, actor: User, now: datetime
) -> ReferenceVersion:
    """Say that a version was checked against `source` (or no longer counts as checked).

    Rows and dates stay. Raises NotPermitted, InvalidInput without reason or source.
    """
    version = ReferenceVersion.objects.select_for_update(of=("self",)).get(pk=version_id)
    require(rules.can_edit(actor))
    if not reason.strip():
        raise _invalid("reason", _("Give a reason: others will read it."), "required")
    if confidence not in Confidence.values:
        raise _invalid("confidence", _("Choose confirmed or unverified."))
    if version.confidence == confidence and version.source == source.strip():
        return version
    changed = {
        "confidence": [version.confidence, confidence],
        "source": [version.source, source.strip()],
    }
    version.confidence, version.source = confidence, source.strip()
    cleaned(version)
    version.save(update_fields=["confidence", "source"])
    audit.record(
        "reference.version.confidence-set",
        actor=actor,
        target=version,
        at=now,
        summary=reason.strip(),
        details={"changes": {k: v for k, v in changed.items() if v[0] != v[1]}},
    )
    return version
