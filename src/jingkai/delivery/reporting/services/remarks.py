"""What is said and kept beside a figure: explanations, comments, evidence, time spent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.errors import FieldProblem, InvalidInput, TransitionNotAllowed
from jingkai.core.files import public as files
from jingkai.core.verdicts import require

from .. import rules
from ..judging import judge_return
from ..models import Cell, CellComment, Effort, Explanation, Return
from ..states import EDITABLE_CELLS
from ._steps import lock_return, must_be_open, needs_text, place_of

_MAX_BEAT = 120  # seconds one heartbeat of the page may claim


def _cell_for(cell_id: int) -> tuple[Return, Cell]:
    """The cell and its locked return. Raises Http404."""
    owner = Cell.objects.filter(pk=cell_id).values_list("in_return_id", flat=True).first()
    if owner is None:
        raise Http404
    in_return = lock_return(owner)
    cell = Cell.objects.select_related("indicator", "item").get(pk=cell_id)
    return in_return, cell


@transaction.atomic
def explain(
    *,
    cell_id: int,
    rule: str,
    text: str,
    actor: User,
    now: datetime,
    reused_from: int | None = None,
) -> Explanation:
    """Say why the cell's present figure is right although `rule` doubts it.

    Raises InvalidInput when the rule does not doubt it, NotPermitted, TransitionNotAllowed.
    """
    in_return, cell = _cell_for(cell_id)
    require(rules.can_fill(actor, in_return))
    must_be_open(in_return.campaign, _("Explain"))
    if cell.state not in EDITABLE_CELLS:
        raise TransitionNotAllowed(action=_("Explain"), state=cell.get_state_display())
    text = needs_text("text", text)
    doubts = judge_return(in_return).by_cell.get(cell.pk, [])
    if rule not in {finding.rule for finding in doubts}:
        message = _("This rule has no doubt about %(place)s: nothing needs explaining.") % {
            "place": place_of(cell)
        }
        raise InvalidInput(message, problems=[FieldProblem("rule", message, "no-doubt")])
    earlier = (
        Explanation.objects.filter(
            pk=reused_from, rule_code=rule, cell__in_return__body=in_return.body_id
        ).first()
        if reused_from
        else None
    )
    explanation = Explanation.objects.create(
        cell=cell,
        rule_code=rule,
        value=cell.value,
        text=text,
        reused_from=earlier,
        actor=actor,
        at=now,
    )
    audit.record(
        "reporting.cell.explained",
        actor=actor,
        target=in_return,
        at=now,
        summary=text,
        details={"cell": cell.pk, "rule": rule},
    )
    return explanation


@transaction.atomic
def comment(*, cell_id: int, text: str, actor: User, now: datetime) -> CellComment:
    """Leave a remark on a cell, from either side, in any state."""
    cell = Cell.objects.filter(pk=cell_id).select_related("in_return", "indicator").first()
    if cell is None or not rules.can_see(actor, cell.in_return):
        raise Http404
    require(rules.can_comment(actor, cell.in_return))
    row = CellComment.objects.create(
        cell=cell, text=needs_text("text", text, 1000), actor=actor, at=now
    )
    audit.record(
        "reporting.cell.commented",
        actor=actor,
        target=cell.in_return,
        at=now,
        summary=row.text,
        details={"cell": cell.pk},
    )
    return row


@transaction.atomic
def attach_evidence(
    *, cell_id: int, upload: UploadedFile[Any], actor: User, now: datetime, note: str = ""
) -> files.Attachment:
    """Tie a file to a cell that its filler may still change."""
    in_return, cell = _cell_for(cell_id)
    require(rules.can_fill(actor, in_return))
    must_be_open(in_return.campaign, _("Attach evidence"))
    if cell.state not in EDITABLE_CELLS:
        raise TransitionNotAllowed(action=_("Attach evidence"), state=cell.get_state_display())
    return files.attach(target=cell, upload=upload, actor=actor, now=now, note=note)


@transaction.atomic
def add_effort(*, return_id: int, seconds: int, actor: User, now: datetime) -> None:
    """Count active seconds the page measured. What no page can have measured is cut off."""
    in_return = Return.objects.filter(pk=return_id).first()
    if in_return is None or not rules.can_see(actor, in_return):
        raise Http404
    require(rules.can_fill(actor, in_return))
    seconds = max(0, min(seconds, _MAX_BEAT))
    effort, _created = Effort.objects.get_or_create(
        in_return=in_return, user=actor, day=timezone.localdate(now)
    )
    if effort.seconds < timedelta(hours=16).total_seconds():
        Effort.objects.filter(pk=effort.pk).update(seconds=F("seconds") + seconds)
