"""The moves of supervision: 立项-交办-签收-办理-反馈-审核-办结-销号, as tables."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jingkai.core.workflow.public import Transition, TransitionTable

from .models import Extension, ExtensionState, Obligation, ObligationState, ReportState

S = ObligationState
R = ReportState
E = ExtensionState

OPEN_STATES: Final = frozenset({S.ISSUED, S.DISPUTED, S.ACTIVE, S.IN_REVIEW})
"""Issued and not done: these are judged, and can be late."""
RUNNING_STATES: Final = frozenset({S.ISSUED, S.DISPUTED, S.ACTIVE})
"""The body's own clock runs. A completion under review stops it; a rejection catches up."""
DONE_STATES: Final = frozenset({S.COMPLETED, S.CLOSED})
SETTLED_STATES: Final = DONE_STATES | {S.WITHDRAWN}

OBLIGATION_MOVES: Final = TransitionTable(
    transitions={
        "issue": Transition(frozenset({S.REGISTERED}), S.ISSUED, pgettext_lazy("task", "Issue")),
        "sign": Transition(frozenset({S.ISSUED}), S.ACTIVE, _("Sign for")),
        "dispute": Transition(
            frozenset({S.ISSUED}), S.DISPUTED, _("Dispute ownership"), needs_reason=True
        ),
        "keep": Transition(
            frozenset({S.DISPUTED}), S.ISSUED, _("Keep with this body"), needs_reason=True
        ),
        "reassign": Transition(
            frozenset({S.DISPUTED}),
            S.WITHDRAWN,
            _("Reassign"),
            needs_reason=True,
            destructive=True,
        ),
        "claim": Transition(frozenset({S.ACTIVE}), S.IN_REVIEW, _("Claim completion")),
        "reject": Transition(
            frozenset({S.IN_REVIEW}), S.ACTIVE, _("Reject completion"), needs_reason=True
        ),
        "complete": Transition(frozenset({S.IN_REVIEW}), S.COMPLETED, _("Accept completion")),
        "conclude": Transition(
            frozenset({S.ISSUED, S.ACTIVE}), S.COMPLETED, _("Complete the whole task")
        ),
        "close": Transition(frozenset({S.COMPLETED}), S.CLOSED, _("Strike off")),
        "reopen": Transition(
            frozenset({S.COMPLETED, S.CLOSED}), S.ACTIVE, _("Reopen"), needs_reason=True
        ),
        "withdraw": Transition(
            frozenset({S.REGISTERED, *OPEN_STATES}),
            S.WITHDRAWN,
            _("Withdraw"),
            needs_reason=True,
            destructive=True,
        ),
    },
    labels=dict(ObligationState.choices),
)

REPORT_MOVES: Final = TransitionTable(
    transitions={
        "endorse": Transition(frozenset({R.SUBMITTED}), R.ENDORSED, _("Check and pass on")),
        "accept": Transition(frozenset({R.SUBMITTED, R.ENDORSED}), R.ACCEPTED, _("Accept")),
        "reject": Transition(
            frozenset({R.SUBMITTED, R.ENDORSED}), R.REJECTED, _("Reject"), needs_reason=True
        ),
    },
    labels=dict(ReportState.choices),
)

EXTENSION_MOVES: Final = TransitionTable(
    transitions={
        "grant": Transition(frozenset({E.REQUESTED}), E.GRANTED, _("Grant the extension")),
        "refuse": Transition(
            frozenset({E.REQUESTED}), E.REFUSED, _("Refuse the extension"), needs_reason=True
        ),
    },
    labels=dict(ExtensionState.choices),
)

TARGET_TYPE: Final = Obligation._meta.label_lower
EXTENSION_TYPE: Final = Extension._meta.label_lower
