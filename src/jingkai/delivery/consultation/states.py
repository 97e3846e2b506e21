"""The moves of a consultation, an invitation, an opinion and a decision, as tables."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jingkai.core.workflow.public import Transition, TransitionTable

from .models import CommentState, ConsultationState, DecisionState, InvitationState

S = ConsultationState
I = InvitationState  # noqa: E741
C = CommentState
D = DecisionState

SHOWN_STATES: Final = frozenset({S.OPEN, S.CLOSED, S.ANSWERED, S.PUBLISHED})
"""What the public may see of a public consultation."""
DESK_STATES: Final = frozenset({S.OPEN, S.CLOSED})
"""Opinions are sorted and decided, while they still arrive too."""
ARRIVING_STATES: Final = frozenset({S.OPEN, S.CLOSED})
"""A body may still reply; after the deadline its reply is late."""

CONSULTATION_MOVES: Final = TransitionTable(
    transitions={
        "open": Transition(
            frozenset({S.DRAFT}), S.OPEN, pgettext_lazy("consultation", "Open for opinions")
        ),
        "close": Transition(
            frozenset({S.OPEN}), S.CLOSED,
            pgettext_lazy("consultation", "Close before the deadline"),
            needs_reason=True, destructive=True,
        ),
        "expire": Transition(
            frozenset({S.OPEN}), S.CLOSED, pgettext_lazy("consultation", "Closed at the deadline")
        ),
        "finish": Transition(
            frozenset({S.CLOSED}), S.ANSWERED, pgettext_lazy("consultation", "All answered")
        ),
        "resume": Transition(
            frozenset({S.ANSWERED}), S.CLOSED, pgettext_lazy("consultation", "Take up again"),
            needs_reason=True,
        ),
        "publish": Transition(
            frozenset({S.ANSWERED}), S.PUBLISHED,
            pgettext_lazy("consultation", "Publish the results"),
        ),
        "cancel": Transition(
            frozenset({S.DRAFT, S.OPEN, S.CLOSED}), S.CANCELLED,
            pgettext_lazy("consultation", "Cancel the consultation"),
            needs_reason=True, destructive=True,
        ),
    },
    labels=dict(ConsultationState.choices),
)  # fmt: skip

INVITATION_MOVES: Final = TransitionTable(
    transitions={
        "reply": Transition(
            frozenset({I.ASKED, I.SILENT}), I.REPLIED, _("Sign and send the opinions")
        ),
        "decline": Transition(
            frozenset({I.ASKED, I.SILENT}), I.NO_OPINION, _("Declare “no opinion”")
        ),
        "lapse": Transition(frozenset({I.ASKED}), I.SILENT, _("Deadline passed without a reply")),
    },
    labels=dict(InvitationState.choices),
)

COMMENT_MOVES: Final = TransitionTable(
    transitions={
        "send": Transition(frozenset({C.DRAFT}), C.RECEIVED, pgettext_lazy("opinion", "Send")),
        "sort": Transition(
            frozenset({C.RECEIVED, C.SORTED}), C.SORTED, pgettext_lazy("opinion", "Put to a topic")
        ),
        "unsort": Transition(
            frozenset({C.SORTED}), C.RECEIVED, pgettext_lazy("opinion", "Take out of its topic")
        ),
        "answer": Transition(frozenset({C.SORTED}), C.ANSWERED, pgettext_lazy("opinion", "Answer")),
        "reopen": Transition(
            frozenset({C.ANSWERED}), C.SORTED, pgettext_lazy("opinion", "Study again")
        ),
    },
    labels=dict(CommentState.choices),
)

DECISION_MOVES: Final = TransitionTable(
    transitions={
        "confirm": Transition(
            frozenset({D.PROPOSED}), D.CONFIRMED, pgettext_lazy("decision", "Confirm")
        ),
        "return": Transition(
            frozenset({D.PROPOSED}), D.RETURNED, pgettext_lazy("decision", "Send back"),
            needs_reason=True,
        ),
        "withdraw": Transition(
            frozenset({D.PROPOSED, D.CONFIRMED}), D.WITHDRAWN,
            pgettext_lazy("decision", "Withdraw the decision"), needs_reason=True,
        ),
    },
    labels=dict(DecisionState.choices),
)  # fmt: skip
