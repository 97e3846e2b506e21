"""What a person says about a thing read. Each decision names its person, time and the one seen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.errors import Conflict, FieldProblem, InvalidInput
from jingkai.core.verdicts import require
from jingkai.core.workflow.public import Move

from .. import rules
from ..correcting import corrections_of
from ..joining import known_codes
from ..matching import SURE
from ..models import ItemKind, ItemState, SourceItem, SourceVersion
from ..states import ITEM_TABLE

_REASON = 500


@transaction.atomic
def decide_item(
    *,
    item_id: int,
    action: str,
    revision: int | None,
    match: str = "",
    fields: Mapping[str, Any] | None = None,
    reason: str = "",
    actor: User,
    now: datetime,
) -> SourceItem:
    """Accept (as something new), join with `match`, correct with `fields`, reject, or undo.

    `revision` is that of the item as seen: another person's decision in between is a Conflict.
    Deciding the same again changes and records nothing. Raises NotPermitted; Conflict also once
    the version is no longer in review; InvalidInput for an unknown action or record, a field
    outside the reader's vocabulary, or a rejection without a reason.
    """
    item = (
        SourceItem.objects.select_for_update(of=("self",))
        .select_related("version__document", "decided_by")
        .get(pk=item_id)
    )
    version = (
        SourceVersion.objects.select_for_update(of=("self",))
        .defer("text", "reading")
        .get(pk=item.version_id)
    )
    require(rules.can_decide(actor))
    _require_open(version)
    if action not in ITEM_TABLE.transitions:
        raise _invalid("action", _("This is no decision: choose one of those offered."))
    changed = _changed(item, action, match.strip(), fields, reason.strip()[:_REASON])
    if changed == _said(item):
        return item
    if revision is not None and revision != item.revision:
        raise Conflict(_faster(item))
    _apply(item, action, changed, actor=actor, now=now)
    return item


def _require_open(version: SourceVersion) -> None:
    verdict = rules.is_open(version)
    if not verdict:
        raise Conflict(verdict.reason)


def _said(item: SourceItem) -> dict[str, Any]:
    return {
        "state": item.state,
        "match": item.match,
        "corrected": item.corrected,
        "reason": item.reason,
    }


def _changed(
    item: SourceItem, action: str, match: str, fields: Mapping[str, Any] | None, reason: str
) -> dict[str, Any]:
    """What the item would say. Raises InvalidInput, TransitionNotAllowed."""
    if action == "undo" and item.state == ItemState.PENDING:
        return _said(item)
    state = ITEM_TABLE.next_state(item.state, action)
    made = {"state": state, "match": "", "corrected": dict(item.corrected), "reason": reason}
    match action:
        case "reject":
            if not reason:
                raise _invalid("reason", _("Give a reason: others will read it."))
        case "join":
            made["match"] = _known(item, match)
        case "correct":
            if item.kind == ItemKind.FINDING:
                raise _invalid("action", _("A question of the reader is settled, not corrected."))
            made["corrected"] = corrections_of(item.kind, item.read, fields or {})
            if not made["corrected"]:
                raise _invalid("fields", _("Nothing is corrected: every field says what was read."))
            if match:
                made["match"] = _known(item, match)
        case "undo":
            made["corrected"] = {}
    return made


def _known(item: SourceItem, match: str) -> str:
    code = match or item.proposal
    if not code:
        raise _invalid("match", _("Say with which existing record it is joined."))
    if code not in known_codes(item):
        raise _invalid("match", _("There is no such record here: %(code)s.") % {"code": code})
    return code


def _apply(
    item: SourceItem, action: str, changed: Mapping[str, Any], *, actor: User, now: datetime
) -> None:
    event = _write(item, action, changed, actor=actor, now=now)
    item.save()
    event.save()
    audit.record(
        f"intake.item.{action}",
        actor=actor,
        target=item,
        at=now,
        summary=item.title[:200],
        details={
            "kind": item.kind,
            "key": item.key,
            "from": event.source,
            "to": event.target,
            "match": item.match,
            "corrected": item.corrected,
        },
    )


def _write(
    item: SourceItem, action: str, changed: Mapping[str, Any], *, actor: User, now: datetime
) -> Move:
    """Set the decision on the item; return the move that says so. Neither is saved yet."""
    event = Move(
        target_type=SourceItem._meta.label_lower,
        target_id=item.pk,
        action=action,
        source=item.state,
        target=changed["state"],
        actor=actor,
        reason=changed["reason"],
        at=now,
    )
    item.state, item.match = changed["state"], changed["match"]
    item.corrected, item.reason = changed["corrected"], changed["reason"]
    item.revision += 1
    pending = item.state == ItemState.PENDING
    item.decided_by, item.decided_at = (None, None) if pending else (actor, now)
    return event


def _faster(item: SourceItem) -> str:
    if item.decided_by is None or item.decided_at is None:
        return _("Somebody took a decision on this back meanwhile. Look at it again.")
    return _("%(who)s decided this on %(when)s: “%(what)s”. Look at it again.") % {
        "who": item.decided_by.name,
        "when": date_format(localtime(item.decided_at), "Y-m-d H:i"),
        "what": item.get_state_display(),
    }


@transaction.atomic
def accept_all(*, version_id: int, kind: str, actor: User, now: datetime) -> tuple[int, int]:
    """Take everything of one kind that nothing puts in question; (taken, left to a person).

    A thing with a sure proposal is joined with it, one without any proposal is taken as new. Left
    are things with open questions, unsure proposals and gaps. Raises NotPermitted, Conflict once
    the version is no longer in review, InvalidInput for a kind that cannot be taken at once.
    """
    version = (
        SourceVersion.objects.select_for_update(of=("self",))
        .defer("text", "reading")
        .get(pk=version_id)
    )
    require(rules.can_decide(actor))
    _require_open(version)
    if kind not in ItemKind.values or kind == ItemKind.FINDING:
        raise _invalid("kind", _("Choose a kind of things; questions are looked at one by one."))
    items = SourceItem.objects.select_for_update(of=("self",)).filter(
        version=version, kind=kind, state=ItemState.PENDING
    )
    open_questions = frozenset(
        SourceItem.objects.filter(
            version=version, kind=ItemKind.FINDING, state=ItemState.PENDING
        ).values_list("key", flat=True)
    )
    taken: list[SourceItem] = []
    moves: list[Move] = []
    left = 0
    for item in items.order_by("position", "pk"):
        if not is_clear(item, open_questions):
            left += 1
            continue
        action = "join" if item.proposal else "accept"
        changed = {
            "state": ITEM_TABLE.next_state(item.state, action),
            "match": item.proposal,
            "corrected": {},
            "reason": "",
        }
        moves.append(_write(item, action, changed, actor=actor, now=now))
        taken.append(item)
    SourceItem.objects.bulk_update(
        taken,
        ["state", "match", "corrected", "reason", "revision", "decided_by", "decided_at"],
        batch_size=500,
    )
    Move.objects.bulk_create(moves, batch_size=500)
    if taken:
        audit.record(
            "intake.item.accept",
            actor=actor,
            target=version,
            at=now,
            details={"kind": kind, "keys": [item.key for item in taken], "left": left},
            row_count=len(taken),
        )
    return len(taken), left


def is_clear(item: SourceItem, open_questions: frozenset[str]) -> bool:
    """Whether nothing about the item needs a person's eye."""
    if item.read.get("gap") or open_questions & set(item.read.get("questions", ())):
        return False
    if item.kind == ItemKind.BODY and not item.proposal:
        return False
    return not item.proposal or (item.likeness or 0) >= SURE


def _invalid(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, problems=[FieldProblem(field, message)])
