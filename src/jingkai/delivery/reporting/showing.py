"""How cells are written on a page: their text, their state, their colour-blind mark."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

from django.utils.translation import pgettext

from .models import Absence, CellState

# Icon beside the word, so that no state is told by colour alone.
STATE_MARKS: Final[Mapping[str, str]] = {
    CellState.OPEN: "✎",
    CellState.SUBMITTED: "➤",
    CellState.SIGNED: "✍",
    CellState.VERIFIED: "✓",
    CellState.RETURNED: "↩",
    CellState.UNLOCKED: "◐",
}
STATE_TONES: Final[Mapping[str, str]] = {
    CellState.VERIFIED: "good",
    CellState.RETURNED: "bad",
    CellState.UNLOCKED: "warn",
    CellState.SIGNED: "accent",
    CellState.SUBMITTED: "accent",
}


def absence_word(absence: str) -> str:
    """The word for a reason why there is no figure. The reader of figures understands it again."""
    match absence:
        case Absence.MISSING:
            return pgettext("cell text", "—")
        case Absence.NOT_APPLICABLE:
            return pgettext("cell text", "N/A")
        case _:
            return ""


def figure_text(value: Decimal | None) -> str:
    """Grouped digits without idle zeros, ready to be read again.

    >>> figure_text(Decimal("-12345.600000")), figure_text(Decimal("0E-6")), figure_text(None)
    ('-12,345.6', '0', '')
    """
    if value is None:
        return ""
    text = f"{value:,f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def kept_text(text: str) -> str:
    """A figure kept as text, its digits in groups; words stay as they are.

    >>> kept_text("-12345.60"), kept_text("—"), kept_text("")
    ('-12,345.6', '—', '')
    """
    try:
        value = Decimal(text)
    except InvalidOperation:
        return text
    return figure_text(value) if value.is_finite() else text


def cell_text(value: Decimal | None, absence: str = "") -> str:
    """What stands in a cell."""
    return absence_word(absence) if absence else figure_text(value)
