"""The life of a conflict: open until a person decides, open again when a person says why."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from jingkai.core.workflow.public import Transition, TransitionTable

from .models import ConflictState

CONFLICT_TABLE: Final = TransitionTable(
    transitions={
        "decide": Transition(
            frozenset({ConflictState.OPEN}),
            ConflictState.DECIDED,
            _("Decide conflict"),
            needs_reason=True,
        ),
        "reopen": Transition(
            frozenset({ConflictState.DECIDED}),
            ConflictState.OPEN,
            _("Reopen conflict"),
            needs_reason=True,
            destructive=True,
        ),
    },
    labels=dict(ConflictState.choices),
)
