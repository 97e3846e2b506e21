"""The life of a document's version, and of each thing read in it."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jingkai.core.workflow.public import Transition, TransitionTable

from .models import ItemState, SourceState

S = SourceState

VERSION_TABLE: Final = TransitionTable(
    transitions={
        "read": Transition(frozenset({S.READING}), S.REVIEW, _("Put forward for review")),
        "refuse": Transition(frozenset({S.READING}), S.UNREADABLE, _("Refuse the file")),
        "publish": Transition(frozenset({S.REVIEW}), S.PUBLISHED, _("Take the document over")),
        "reopen": Transition(
            frozenset({S.PUBLISHED}), S.REVIEW, _("Review again"), needs_reason=True
        ),
        "discard": Transition(
            frozenset({S.READING, S.UNREADABLE, S.REVIEW}),
            S.DISCARDED,
            _("Discard the version"),
            needs_reason=True,
            destructive=True,
        ),
    },
    labels=dict(SourceState.choices),
)
_ANY: Final = frozenset(ItemState.values)

ITEM_TABLE: Final = TransitionTable(
    transitions={
        "accept": Transition(_ANY, ItemState.ACCEPTED, pgettext_lazy("reading", "Accept")),
        "correct": Transition(_ANY, ItemState.CORRECTED, pgettext_lazy("reading", "Correct")),
        "join": Transition(
            _ANY, ItemState.MERGED, pgettext_lazy("reading", "Join with what exists")
        ),
        "reject": Transition(
            _ANY, ItemState.REJECTED, pgettext_lazy("reading", "Reject"), needs_reason=True
        ),
        "undo": Transition(
            _ANY - {ItemState.PENDING},
            ItemState.PENDING,
            pgettext_lazy("reading", "Take the decision back"),
        ),
    },
    labels=dict(ItemState.choices),
)
TAKEN: Final = frozenset({ItemState.ACCEPTED, ItemState.CORRECTED, ItemState.MERGED})
"""States of items that go into the pack."""
