"""What a filler wrote, read for what it says: the same reading behind every door."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from jingkai.engine.entry import EntryError, Reading, read_figure
from jingkai.engine.errors import UnitError
from jingkai.engine.units import convert

_STEP: Final = Decimal("0.000001")  # what a cell keeps

_WORDS: Final[Mapping[str, StrOrPromise]] = {
    "boolean": _("“%(text)s” is yes or no, not a figure. Write the number."),
    "date": _(
        "“%(text)s” is a date, not a figure. Write the number; in Excel set the cell's format to "
        "“number” first."
    ),
    "formula": _("“%(text)s” is the text of a formula. Write its result."),
    "excel_error": _("The cell shows the error %(text)s. Correct the formula or write the figure."),
    "not_finite": _("“%(text)s” is not a number."),
    "not_a_number": _(
        "“%(text)s” is not a figure. Write digits in %(asked)s; 暂无 where it is not there yet, "
        "不适用 where there can be none."
    ),
    "separator": _(
        "In “%(text)s” the commas do not part thousands, so the figure is not certain. Write it "
        "with a point and without commas."
    ),
    "unit_unknown": _(
        "The unit in “%(text)s” is not known. Write the figure in %(asked)s, without a unit."
    ),
    "unit_mismatch": _("“%(text)s” cannot be converted to %(asked)s. Write the figure in it."),
    "too_large": _("“%(text)s” has too many digits to be a figure. Check the unit: %(asked)s."),
    "too_small": _("“%(text)s” is less than the sixth decimal in %(asked)s. Check the unit."),
}


class EntryRefused(ValueError):
    """What was written is not a figure. `str(error)` says what to do, `code` why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def read_entry(raw: object, asked: str, written: str = "") -> Reading:
    """The figure that `raw` says, in the unit `asked`, or why there is none.

    `written` is the unit a heading or a chooser names; a unit beside the number itself wins.
    Raises EntryRefused.
    """
    unit = written or asked
    try:
        reading = read_figure(raw, unit=unit)
        if unit == asked or reading.value is None:
            return reading
        value = convert(reading.value, unit, asked)
    except EntryError as error:
        raise _refused(error.code, raw, asked) from None
    except UnitError:
        raise _refused("unit_mismatch", f"{raw} {unit}", asked) from None
    kept = value.quantize(_STEP)
    if kept == 0 and value != 0:
        raise _refused("too_small", f"{raw} {unit}", asked)
    return Reading(Decimal(figure_text(kept)), unit_seen=reading.unit_seen or unit)


def _refused(code: str, raw: object, asked: str) -> EntryRefused:
    words = _WORDS.get(code, _WORDS["not_a_number"])
    return EntryRefused(code, str(words) % {"text": str(raw).strip()[:60], "asked": asked})


def figure_text(value: Decimal) -> str:
    """Plain digits without idle zeros.

    >>> figure_text(Decimal("12.500000")), figure_text(Decimal("1E+3")), figure_text(Decimal(-0))
    ('12.5', '1000', '0')
    """
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text
