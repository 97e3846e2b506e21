"""The moves of scheme versions, runs, ledger entries and objections, as tables."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jingkai.core.workflow.public import Transition, TransitionTable

from .models import LedgerState, ObjectionState, RunState, VersionState

R = RunState
O = ObjectionState  # noqa: E741  # one letter per table, as elsewhere

VERSION_MOVES: Final = TransitionTable(
    transitions={
        "publish": Transition(
            frozenset({VersionState.DRAFT}),
            VersionState.PUBLISHED,
            pgettext_lazy("scheme", "Publish"),
        ),
        "retire": Transition(
            frozenset({VersionState.PUBLISHED}),
            VersionState.RETIRED,
            pgettext_lazy("scheme", "Retire"),
            needs_reason=True,
        ),
    },
    labels=dict(VersionState.choices),
)

RUN_MOVES: Final = TransitionTable(
    transitions={
        "compute": Transition(frozenset({R.FROZEN, R.FAILED}), R.COMPUTED, _("Compute")),
        "fail": Transition(frozenset({R.FROZEN, R.FAILED}), R.FAILED, _("Computation failed")),
        "circulate": Transition(
            frozenset({R.COMPUTED}), R.CIRCULATED, _("Give to the zones for objections")
        ),
        "approve": Transition(
            frozenset({R.CIRCULATED}), R.APPROVED, pgettext_lazy("evaluation run", "Approve")
        ),
        "reopen": Transition(
            frozenset({R.APPROVED}),
            R.CIRCULATED,
            _("Take the approval back"),
            needs_reason=True,
        ),
        "publish": Transition(
            frozenset({R.APPROVED}), R.PUBLISHED, pgettext_lazy("evaluation run", "Publish")
        ),
        "supersede": Transition(
            frozenset({R.COMPUTED, R.CIRCULATED, R.APPROVED}),
            R.SUPERSEDED,
            _("Replace by a later run"),
            needs_reason=True,
        ),
        "cancel": Transition(
            frozenset({R.FROZEN, R.COMPUTED, R.FAILED, R.CIRCULATED, R.APPROVED}),
            R.CANCELLED,
            pgettext_lazy("evaluation run", "Cancel"),
            needs_reason=True,
            destructive=True,
        ),
    },
    labels=dict(RunState.choices),
)

LEDGER_MOVES: Final = TransitionTable(
    transitions={
        "confirm": Transition(
            frozenset({LedgerState.PROPOSED}),
            LedgerState.CONFIRMED,
            pgettext_lazy("ledger", "Confirm"),
        ),
        "refuse": Transition(
            frozenset({LedgerState.PROPOSED}),
            LedgerState.REFUSED,
            pgettext_lazy("ledger", "Refuse"),
            needs_reason=True,
        ),
        "withdraw": Transition(
            frozenset({LedgerState.PROPOSED}),
            LedgerState.WITHDRAWN,
            pgettext_lazy("ledger", "Withdraw"),
            needs_reason=True,
        ),
        "revoke": Transition(
            frozenset({LedgerState.CONFIRMED}),
            LedgerState.REVOKED,
            pgettext_lazy("ledger", "Revoke"),
            needs_reason=True,
        ),
    },
    labels=dict(LedgerState.choices),
)

OBJECTION_MOVES: Final = TransitionTable(
    transitions={
        "file": Transition(frozenset({O.DRAFT}), O.FILED, pgettext_lazy("objection", "File")),
        "withdraw": Transition(
            frozenset({O.DRAFT, O.FILED, O.ANSWERED}),
            O.WITHDRAWN,
            pgettext_lazy("objection", "Withdraw"),
        ),
        "answer": Transition(
            frozenset({O.FILED, O.ANSWERED}), O.ANSWERED, pgettext_lazy("objection", "Answer")
        ),
        "send_back": Transition(
            frozenset({O.ANSWERED}),
            O.FILED,
            _("Send the answer back"),
            needs_reason=True,
        ),
        "uphold": Transition(frozenset({O.ANSWERED}), O.UPHELD, _("Uphold")),
        "uphold_partly": Transition(frozenset({O.ANSWERED}), O.PARTLY, _("Uphold in part")),
        "reject": Transition(
            frozenset({O.ANSWERED}), O.REJECTED, pgettext_lazy("objection", "Reject")
        ),
    },
    labels=dict(ObjectionState.choices),
)
