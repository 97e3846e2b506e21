"""The paragraph a filler keeps with a return."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.errors import FieldProblem, InvalidInput, TransitionNotAllowed
from jingkai.core.verdicts import require

from .. import rules
from ..models import ReturnNote
from ..narrative import linked
from ..queries.grid import grid_of
from ..queries.notes import standing_note
from ..states import FILLING_STATES
from ._steps import lock_return, must_be_open

MAX_NOTE = 4000


@transaction.atomic
def attach_note(*, return_id: int, text: str, actor: User, now: datetime) -> ReturnNote | None:
    """Keep `text` as the note of a return, its numbers tied to their cells; empty takes it away.

    Returns the note that stands now. What says the same as the note that stands changes nothing.

    Raises
    ------
    InvalidInput
        The text is too long.
    NotPermitted, TransitionNotAllowed, Http404
        Not this person's return, or it is not at the filler's desk now.
    """
    in_return = lock_return(return_id)
    require(rules.can_fill(actor, in_return))
    must_be_open(in_return.campaign, _("Attach a note"))
    if in_return.state not in FILLING_STATES:
        raise TransitionNotAllowed(action=_("Attach a note"), state=in_return.get_state_display())
    text = "\n".join(line.strip() for line in text.strip().splitlines())
    if len(text) > MAX_NOTE:
        message = _("The note is longer than %(n)d characters: shorten it.") % {"n": MAX_NOTE}
        raise InvalidInput(message, problems=[FieldProblem("text", message, "too_long")])
    before = standing_note(in_return)
    if text == (before.text if before else ""):
        return before
    grid = grid_of(in_return, actor, now, timezone.localdate(now))
    note = ReturnNote.objects.create(
        in_return=in_return,
        text=text,
        links=linked(text, grid),
        revision=in_return.revision,
        actor=actor,
        at=now,
    )
    audit.record(
        "reporting.return.noted",
        actor=actor,
        target=in_return,
        at=now,
        details={"note": note.pk, "links": len(note.links), "characters": len(text)},
    )
    return note if text else None
