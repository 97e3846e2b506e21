"""Where a return stands: what the reader may do with it now, and who acts next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.verdicts import Verdict

from .. import rules
from ..models import CampaignState, Cell, CellState, Return, ReturnState
from ..states import FILLING_STATES


@dataclass(frozen=True, slots=True)
class NextStep:
    """Who acts next and what they do; `is_you` when it is the reader."""

    who: str
    what: str
    is_you: bool


@dataclass(frozen=True, slots=True)
class Actions:
    """What the reader may do here now, each with the reason why not."""

    fill: Verdict
    send: Verdict
    take_back: Verdict
    sign: Verdict
    unlock: Verdict
    extend: Verdict
    comment: Verdict


def actions_for(in_return: Return, cells: Sequence[Cell], user: User, today: date) -> Actions:
    """Verdicts on every step of this page: who, then when. 0 to 1 queries."""
    stop = _closed(in_return)
    filling = in_return.state in FILLING_STATES
    fill = rules.can_fill(user, in_return)
    sign = rules.can_sign(user, in_return, today)
    sent = [cell for cell in cells if cell.state == CellState.SUBMITTED]
    if sign and sent:
        sign = rules.can_sign_cells(user, sent)
    at_desk = Verdict(filling, "" if filling else _("This return is not at the filler's desk now."))
    waiting = in_return.state == ReturnState.SUBMITTED
    unsigned = Verdict(waiting, "" if waiting else _("This return does not wait for a signature."))
    closed_cells = any(c.state in (CellState.SIGNED, CellState.VERIFIED) for c in cells)
    locked = Verdict(closed_cells, "" if closed_cells else _("No cell of this return is closed."))
    ask = rules.can_request_unlock(user, in_return)
    return Actions(
        fill=_first(fill, stop, at_desk),
        send=_first(fill, stop, at_desk),
        take_back=_first(fill, stop, unsigned),
        sign=_first(sign, stop, unsigned),
        unlock=_first(ask, stop, locked),
        extend=_first(ask, stop, at_desk),
        comment=rules.can_comment(user, in_return),
    )


def _first(*verdicts: Verdict) -> Verdict:
    """The first refusal, else the last verdict."""
    return next((verdict for verdict in verdicts if not verdict), verdicts[-1])


def _closed(in_return: Return) -> Verdict:
    match in_return.campaign.state:
        case CampaignState.OPEN:
            return Verdict(True)
        case CampaignState.PUBLISHED:
            reason = _("These figures are published: they change by correction slip only.")
            return Verdict(False, reason)
        case _:
            return Verdict(False, _("This collection was cancelled."))


def next_step(in_return: Return, cells: Sequence[Cell], actions: Actions) -> NextStep:
    body = in_return.body.name
    if in_return.campaign.state != CampaignState.OPEN:
        return NextStep("", str(actions.fill.reason or _closed(in_return).reason), is_you=False)
    match in_return.state:
        case ReturnState.DRAFT:
            who, what, you = _("Clerk of %s") % body, _("fills in and sends"), actions.fill
        case ReturnState.RETURNED:
            who, what = _("Clerk of %s") % body, _("mends the open cells and sends")
            you = actions.fill
        case ReturnState.SUBMITTED:
            who, what, you = _("Leader of %s") % body, _("looks through and signs"), actions.sign
        case ReturnState.SIGNED:
            return NextStep(_verifiers(cells), _("verifies its indicators"), is_you=False)
        case _:
            return NextStep("", _("Everything is verified; nobody has to act."), is_you=False)
    return NextStep(who, what, is_you=bool(you))


def _verifiers(cells: Sequence[Cell]) -> str:
    counts: Counter[str] = Counter()
    for cell in cells:
        if cell.state == CellState.SIGNED and not cell.part:
            body = cell.item.verifier or cell.indicator.compiler
            counts[body.name if body else _("the office")] += 1
    return "、".join(f"{name}（{n}）" for name, n in counts.most_common(4))
