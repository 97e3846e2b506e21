"""How a city target is shared out, step by step."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from jingkai.core.workflow.public import Transition, TransitionTable

from .models import AllocationState as S

ALLOCATION: Final = TransitionTable(
    {
        "collect": Transition(frozenset({S.DRAFT}), S.COLLECTING, _("Let the zones propose")),
        "issue": Transition(
            frozenset({S.DRAFT, S.COLLECTING}), S.ISSUED, _("Issue to the zones"), needs_reason=True
        ),
        "withdraw": Transition(
            frozenset({S.DRAFT, S.COLLECTING, S.ISSUED}),
            S.WITHDRAWN,
            _("Withdraw"),
            needs_reason=True,
            destructive=True,
        ),
    },
    dict(S.choices),
)
EDITABLE: Final = frozenset({S.DRAFT, S.COLLECTING})
