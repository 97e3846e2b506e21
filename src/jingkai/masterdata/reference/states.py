"""A version's life: draft, in force, withdrawn."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from jingkai.core.workflow.public import Transition, TransitionTable

from .models import VersionState

S = VersionState
VERSION_TABLE: Final = TransitionTable(
    transitions={
        "put-in-force": Transition(
            frozenset({S.DRAFT}), S.IN_FORCE, _("Put in force"), needs_reason=True
        ),
        "withdraw": Transition(
            frozenset({S.IN_FORCE}), S.WITHDRAWN, _("Withdraw"), needs_reason=True, destructive=True
        ),
    },
    labels=dict(S.choices),
)
