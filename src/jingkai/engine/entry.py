"""Figures as people write them: typed, pasted or read from a workbook.

One reader for all doors. It never guesses silently: what is not certain is refused with a code, and
a unit that looks wrong is reported by `guess_unit` for a person to decide.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

from .errors import EngineError, UnitError
from .units import Unit, convert, known_units, unit

MISSING: Final = "missing"
NOT_APPLICABLE: Final = "not_applicable"

_PLACES: Final = 6
_STEP: Final = Decimal(1).scaleb(-_PLACES)
_MOST: Final = Decimal(10) ** 18
_EXCEL_DIGITS: Final = 15
"""Significant digits Excel keeps; what a float shows beyond them is noise."""

_MISSING_WORDS: Final = frozenset(
    {
        "无",
        "暂无",
        "暂缺",
        "缺",
        "缺报",
        "未报",
        "无数据",
        "暂无数据",
        "待报",
        "/",
        "\\",
        "null",
        "none",
    }
)
_NOT_APPLICABLE_WORDS: Final = frozenset({"不适用", "不涉及", "n/a", "na", "n.a."})
_BOOLEANS: Final = frozenset({"true", "false"})
_DASHES: Final = re.compile(r"[-‐‑‒–—―−─ー~_]+|[.·]{2,}")
_MINUS: Final = re.compile(r"^[‐‑‒–—―−]")
_EXCEL_ERROR: Final = re.compile(r"#(?:REF|DIV/0|VALUE|NAME|NULL|NUM|SPILL|CALC)[!?]|#N/A|#+", re.I)
_DATE: Final = re.compile(
    r"\d{4}年.*|\d{1,2}月(?:\d{1,2}[日号])?|\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?(?:[ T].*)?"
    r"|\d{1,2}/\d{1,2}(?:/\d{2,4})?"
)
_DECIMAL_YEAR: Final = re.compile(r"\d{4}\.\d{1,2}")
_NUMBER: Final = re.compile(
    r"(?P<sign>[+-]?)\s*(?P<whole>\d{1,3}(?:[, ]\d{3})+|\d+|)(?:\.(?P<rest>\d*))?"
    r"(?P<power>[eE][+-]?\d{1,3})?\s*(?P<tail>[^\d\s,.].*)?"
)
_SIZES: Final = {"百": 100, "千": 1000, "万": 10**4, "百万": 10**6, "千万": 10**7, "亿": 10**8}
_SIZES_IN_WORDS: Final = {**_SIZES, "万亿": 10**12, "十亿": 10**9, "百亿": 10**10}


class EntryError(EngineError):
    """What was written is not a figure. `code` says why:

    boolean, date, formula, excel_error, not_finite, not_a_number, separator, unit_unknown,
    unit_mismatch, too_large, too_small.
    """


@dataclass(frozen=True, slots=True)
class Reading:
    """A figure in the unit asked for, or why there is none; all empty: nothing was written.

    `unit_seen` is the unit that was written beside the number, if one was.
    """

    value: Decimal | None = None
    absence: str = ""
    unit_seen: str | None = None


def read_figure(raw: object, *, unit: str) -> Reading:
    """Read what stands in a cell that asks for a figure in `unit`.

    Full-width characters, thousands separators, signs, "%" and unit words are understood; a figure
    written in another unit of the same dimension is converted exactly. Kept to 6 decimals (what is
    stored); binary noise of a float beyond 15 significant digits is dropped.

    Raises
    ------
    EntryError
        It is not a figure, or not of this dimension; `params["text"]` is what was written.

    >>> read_figure("１,２３４.５", unit="亿元").value, read_figure("1.2亿元", unit="万元").value
    (Decimal('1234.5'), Decimal('12000'))
    >>> read_figure("—", unit="亿元").absence, read_figure("N/A", unit="家").absence
    ('missing', 'not_applicable')
    """
    match raw:
        case None:
            return Reading()
        case bool():
            raise EntryError("a truth value is not a figure", code="boolean", text=str(raw))
        case date() | datetime() | time() | timedelta():
            raise EntryError("a date is not a figure", code="date", text=str(raw))
        case int():
            return Reading(_stored(Decimal(raw), str(raw)))
        case float():
            return Reading(_stored(_from_float(raw), str(raw)))
        case Decimal():
            return Reading(_stored(raw, str(raw)))
        case str():
            return _read_text(raw, unit)
        case _:
            text = str(raw)
            raise EntryError(f'"{text}" is not a figure', code="not_a_number", text=text)


def _from_float(raw: float) -> Decimal:
    return Decimal(f"{raw:.{_EXCEL_DIGITS}g}")


def _stored(number: Decimal, text: str) -> Decimal:
    if not number.is_finite():
        raise EntryError("not a finite number", code="not_finite", text=text)
    if abs(number) >= _MOST:
        raise EntryError(f"{text} is too large to be a figure", code="too_large", text=text)
    kept = number if number == number.to_integral_value() else number.quantize(_STEP)
    if kept == 0 and number != 0:
        raise EntryError(f"{text} is less than the last decimal kept", code="too_small", text=text)
    return _plain(kept)


def _plain(value: Decimal) -> Decimal:
    """Without trailing zeros, without an exponent; zero has no sign."""
    if value == 0:
        return Decimal(0)
    value = value.normalize()
    exponent = value.as_tuple().exponent
    return value.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else value


def _read_text(raw: str, asked: str) -> Reading:
    text = unicodedata.normalize("NFKC", raw).replace("\u200b", "").strip().strip("'`")
    text = " ".join(text.split())
    word = text.casefold().strip("()[]<> ")
    if not text:
        return Reading()
    if _EXCEL_ERROR.fullmatch(text):
        raise _refused("excel_error", raw)
    if _DASHES.fullmatch(text) or word in _MISSING_WORDS:
        return Reading(absence=MISSING)
    if word in _NOT_APPLICABLE_WORDS:
        return Reading(absence=NOT_APPLICABLE)
    if text.startswith("="):
        raise _refused("formula", raw)
    if word in _BOOLEANS:
        raise _refused("boolean", raw)
    text = _MINUS.sub("-", text)
    if _DATE.fullmatch(text) and not _DECIMAL_YEAR.fullmatch(text):
        raise _refused("date", raw)
    match = _NUMBER.fullmatch(text)
    if match is None or not (match["whole"] or match["rest"]):
        code = "separator" if re.fullmatch(r"[+-]?[\d, ]+(?:\.\d*)?\D*", text) else "not_a_number"
        raise _refused(code, raw)
    digits = re.sub("[, ]", "", match["whole"]) or "0"
    try:
        number = Decimal(f"{match['sign']}{digits}.{match['rest'] or '0'}{match['power'] or ''}")
    except InvalidOperation:  # pragma: no cover - the pattern admits only numbers
        raise _refused("not_a_number", raw) from None
    tail = (match["tail"] or "").replace(" ", "").strip("()")
    if not tail:
        return Reading(_stored(number, raw))
    seen = _unit_in(tail, asked)
    if seen is None:
        raise _refused("unit_unknown", raw, seen=tail, asked=asked)
    name, number = seen.name, number * seen.size
    if name == asked:
        return Reading(_stored(number, raw), unit_seen=seen.written)
    try:
        return Reading(_stored(convert(number, name, asked), raw), unit_seen=seen.written)
    except UnitError:
        raise _refused("unit_mismatch", raw, seen=tail, asked=asked) from None


def _refused(code: str, raw: str, **params: object) -> EntryError:
    return EntryError(f'"{raw}" is not read as a figure: {code}', code=code, text=raw, **params)


@dataclass(frozen=True, slots=True)
class _Seen:
    """`size` of `name`, as `written`."""

    name: str
    size: int
    written: str


def _unit_in(tail: str, asked: str) -> _Seen | None:
    """The unit a text after a number means: a known one, or a bare 万 or 亿 of the unit asked."""
    if (known := _known(tail)) is not None:
        return _Seen(known.name, 1, known.name)
    if (size := _SIZES_IN_WORDS.get(tail)) is not None:
        return _Seen(_root(asked), size, tail)
    for prefix in sorted(_SIZES_IN_WORDS, key=len, reverse=True):
        if tail.startswith(prefix) and (known := _known(tail.removeprefix(prefix))) is not None:
            return _Seen(known.name, _SIZES_IN_WORDS[prefix], tail)
    return None


def _root(asked: str) -> str:
    """The unit without its size: 亿元 → 元, 万平方米 → 平方米; itself where it has none."""
    for prefix in sorted(_SIZES, key=len, reverse=True):
        rest = asked.removeprefix(prefix)
        if rest != asked and "/" not in asked and _known(rest) is not None:
            return rest
    return asked


def _known(name: str) -> Unit | None:
    try:
        return unit(_ALIASES.get(name.casefold(), name))
    except UnitError:
        return None


_ALIASES: Final = {
    "人民币": "元",
    "rmb": "元",
    "usd": "美元",
    "吨标煤": "吨标准煤",
    "万吨标煤": "万吨标准煤",
    "tce": "吨标准煤",
    "km2": "平方公里",
    "km²": "平方公里",
    "平方千米": "平方公里",
    "m2": "平方米",
    "㎡": "平方米",
    "m3": "立方米",
    "方": "立方米",
    "kwh": "千瓦时",
    "度": "千瓦时",
    "ha": "公顷",
    "百分之": "%",
    "个点": "百分点",
}


@dataclass(frozen=True, slots=True)
class UnitGuess:
    """Figures look as if written in `unit`: multiplied by `factor` they fit what is asked.

    `fits` of `of` figures that could be compared are off by just that.
    """

    unit: str
    factor: Decimal
    fits: int
    of: int


_NEAR: Final = Decimal(3)
_LEAST_PAIRS: Final = 2
_LEAST_SHARE: Final = Decimal(2) / 3


def guess_unit(
    values: Sequence[Decimal | None], references: Sequence[Decimal | None], unit: str
) -> UnitGuess | None:
    """The unit a block of figures was probably written in, if it is not the one asked.

    Each value is compared with its reference (last period's figure, in `unit`): another unit of
    the same dimension is suggested when at least two figures, and two thirds of those that can be
    compared, lie within a factor of three of it. Nothing is changed.

    Raises
    ------
    EntryError
        `values` and `references` are not of the same length.

    >>> guess_unit([Decimal(12000), Decimal(8100)], [Decimal("1.1"), Decimal("0.8")], "亿元")
    UnitGuess(unit='万元', factor=Decimal('0.0001'), fits=2, of=2)
    """
    if len(values) != len(references):
        raise EntryError("as many references as values are needed", code="lengths")
    ratios = [
        abs(value / reference)
        for value, reference in zip(values, references, strict=True)
        if value is not None and reference is not None and value and reference
    ]
    if len(ratios) < _LEAST_PAIRS:
        return None
    best: UnitGuess | None = None
    for name, times in _other_sizes(unit):
        fits = sum(1 for ratio in ratios if 1 / _NEAR < ratio / times < _NEAR)
        if fits < _LEAST_PAIRS or Decimal(fits) / len(ratios) < _LEAST_SHARE:
            continue
        if best is None or fits > best.fits:
            best = UnitGuess(name, convert(Decimal(1), name, unit), fits, len(ratios))
    return best


@lru_cache(maxsize=256)
def _other_sizes(name: str) -> tuple[tuple[str, Decimal], ...]:
    """Other sizes of the same unit, at least a thousand apart, and the ratio they would show."""
    own, root = _known(name), _root(name)
    if own is None:
        return ()
    found: list[tuple[str, Decimal]] = []
    for candidate in known_units():
        if _root(candidate) != root or candidate == name:
            continue
        other = _known(candidate)
        if other is None or other.dimension != own.dimension:
            continue
        times = own.factor / other.factor
        if times >= 1000 or times <= Decimal("0.001"):
            found.append((candidate, Decimal(times.numerator) / times.denominator))
    return tuple(found)
