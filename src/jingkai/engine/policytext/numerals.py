"""Chinese numerals, as they number headings and stand inside figures."""

from __future__ import annotations

from typing import Final

_DIGITS: Final = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_TENS: Final = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
NUMERAL: Final = "零〇一二两三四五六七八九十百千"


def number_of(text: str) -> int | None:
    """The whole number written in Chinese or Arabic digits; None when it is not one.

    >>> [number_of(n) for n in ("二十一", "十", "一百零三", "19", "甲")]
    [21, 10, 103, 19, None]
    """
    if text.isascii():
        return int(text) if text.isdigit() and len(text) < 10 else None
    if not text or len(text) > 12 or any(c not in _DIGITS and c not in _TENS for c in text):
        return None
    if all(c in _DIGITS for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))
    total, digit = 0, 0
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
        else:
            total += (digit or 1) * _TENS[char]
            digit = 0
    return total + digit


def ordinal_of(number: int) -> str:
    """The Chinese numeral of 1 to 9999.

    >>> ordinal_of(10), ordinal_of(21), ordinal_of(103)
    ('十', '二十一', '一百零三')
    """
    if not 0 < number < 10_000:
        return str(number)
    said, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            said += ("零" if zero and said else "") + "零一二三四五六七八九"[digit] + name
            zero = False
        else:
            zero = True
    return said.removeprefix("一") if said.startswith("一十") else said
