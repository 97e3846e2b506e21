"""Dispatch meetings: the points between which differences are told."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.checks import check_row
from jingkai.core.errors import FieldProblem, InvalidInput
from jingkai.core.verdicts import require

from .. import rules
from ..models import Meeting


@transaction.atomic
def record_meeting(
    *, title: str, held_at: datetime, actor: User, now: datetime, note: str = ""
) -> Meeting:
    """Record a meeting that was held, or is held now. Raises NotPermitted, InvalidInput."""
    require(rules.can_administer(actor))
    if held_at > now:
        message = _("A meeting is recorded when it is held, not before.")
        raise InvalidInput(message, problems=[FieldProblem("held_at", message)])
    meeting = Meeting(title=title.strip(), held_at=held_at, note=note.strip())
    check_row(meeting)
    meeting.save()
    audit.record("supervision.meeting.recorded", actor=actor, target=meeting, at=now)
    return meeting
