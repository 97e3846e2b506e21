"""The moves of returns, cells, unlock tickets, form versions and corrections, as tables."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jingkai.core.workflow.public import Transition, TransitionTable

from .models import (
    CampaignState,
    CellState,
    CorrectionState,
    ExtensionState,
    ReturnState,
    UnlockState,
    VersionState,
)

R = ReturnState
C = CellState
U = UnlockState

EDITABLE_CELLS: Final = frozenset({C.OPEN, C.RETURNED, C.UNLOCKED})
"""Cells whose figure the filler may change."""
FILLING_STATES: Final = frozenset({R.DRAFT, R.RETURNED})
"""Returns that are at the filler's desk; their clock of lateness runs."""

RETURN_MOVES: Final = TransitionTable(
    transitions={
        "submit": Transition(
            frozenset({R.DRAFT, R.RETURNED}), R.SUBMITTED, pgettext_lazy("return", "Send")
        ),
        "take_back": Transition(frozenset({R.SUBMITTED}), R.DRAFT, _("Take back")),
        "send_back": Transition(
            frozenset({R.SUBMITTED}), R.DRAFT, _("Send back to the clerk"), needs_reason=True
        ),
        "sign": Transition(frozenset({R.SUBMITTED}), R.SIGNED, pgettext_lazy("return", "Sign")),
        "open_cells": Transition(
            frozenset({R.SIGNED, R.VERIFIED, R.RETURNED}),
            R.RETURNED,
            _("Open cells for mending"),
            needs_reason=True,
        ),
        "lapse": Transition(frozenset({R.RETURNED}), R.SIGNED, _("Unlock has expired")),
        "verify": Transition(frozenset({R.SIGNED}), R.VERIFIED, _("Everything verified")),
    },
    labels=dict(ReturnState.choices),
)

CELL_MOVES: Final = TransitionTable(
    transitions={
        "submit": Transition(
            frozenset({C.OPEN, C.RETURNED, C.UNLOCKED}),
            C.SUBMITTED,
            pgettext_lazy("return", "Send"),
        ),
        "reopen": Transition(frozenset({C.SUBMITTED}), C.OPEN, _("Take back")),
        "sign": Transition(frozenset({C.SUBMITTED}), C.SIGNED, pgettext_lazy("return", "Sign")),
        "verify": Transition(frozenset({C.SIGNED}), C.VERIFIED, pgettext_lazy("cell", "Verify")),
        "return": Transition(
            frozenset({C.SIGNED, C.VERIFIED}),
            C.RETURNED,
            pgettext_lazy("cell", "Return"),
            needs_reason=True,
        ),
        "unlock": Transition(
            frozenset({C.SIGNED, C.VERIFIED}),
            C.UNLOCKED,
            pgettext_lazy("cell", "Unlock"),
            needs_reason=True,
        ),
        "lapse": Transition(frozenset({C.UNLOCKED}), C.SIGNED, _("Unlock has expired")),
        "lapse_verified": Transition(frozenset({C.UNLOCKED}), C.VERIFIED, _("Unlock has expired")),
    },
    labels=dict(CellState.choices),
)

CAMPAIGN_MOVES: Final = TransitionTable(
    transitions={
        "publish": Transition(
            frozenset({CampaignState.OPEN}),
            CampaignState.PUBLISHED,
            pgettext_lazy("campaign", "Publish"),
        ),
        "cancel": Transition(
            frozenset({CampaignState.OPEN}),
            CampaignState.CANCELLED,
            pgettext_lazy("campaign", "Cancel"),
            needs_reason=True,
            destructive=True,
        ),
    },
    labels=dict(CampaignState.choices),
)

VERSION_MOVES: Final = TransitionTable(
    transitions={
        "publish": Transition(
            frozenset({VersionState.DRAFT}),
            VersionState.PUBLISHED,
            pgettext_lazy("form", "Publish"),
        ),
        "retire": Transition(
            frozenset({VersionState.PUBLISHED}),
            VersionState.RETIRED,
            pgettext_lazy("form", "Retire"),
            needs_reason=True,
        ),
    },
    labels=dict(VersionState.choices),
)

UNLOCK_MOVES: Final = TransitionTable(
    transitions={
        "grant": Transition(frozenset({U.REQUESTED}), U.GRANTED, pgettext_lazy("unlock", "Allow")),
        "refuse": Transition(
            frozenset({U.REQUESTED}),
            U.REFUSED,
            pgettext_lazy("unlock", "Refuse"),
            needs_reason=True,
        ),
        "use": Transition(frozenset({U.GRANTED}), U.USED, _("Sent again")),
        "expire": Transition(frozenset({U.GRANTED}), U.EXPIRED, _("Unlock has expired")),
    },
    labels=dict(UnlockState.choices),
)

EXTENSION_MOVES: Final = TransitionTable(
    transitions={
        "grant": Transition(
            frozenset({ExtensionState.REQUESTED}),
            ExtensionState.GRANTED,
            _("Grant the extension"),
        ),
        "refuse": Transition(
            frozenset({ExtensionState.REQUESTED}),
            ExtensionState.REFUSED,
            _("Refuse the extension"),
            needs_reason=True,
        ),
    },
    labels=dict(ExtensionState.choices),
)

CORRECTION_MOVES: Final = TransitionTable(
    transitions={
        "approve": Transition(
            frozenset({CorrectionState.REQUESTED}),
            CorrectionState.APPROVED,
            pgettext_lazy("correction", "Approve"),
        ),
        "refuse": Transition(
            frozenset({CorrectionState.REQUESTED}),
            CorrectionState.REFUSED,
            pgettext_lazy("correction", "Refuse"),
            needs_reason=True,
        ),
        "withdraw": Transition(
            frozenset({CorrectionState.REQUESTED}),
            CorrectionState.WITHDRAWN,
            pgettext_lazy("correction", "Withdraw"),
        ),
    },
    labels=dict(CorrectionState.choices),
)
