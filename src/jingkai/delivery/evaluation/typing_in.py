"""Numbers out of addresses and forms."""

from __future__ import annotations


def whole(text: str, most: int = 2**31 - 1) -> int | None:
    """The number `text` writes in ASCII digits, up to `most`; None for anything else.

    >>> whole("12"), whole("²"), whole("-1"), whole("99999999999")
    (12, None, None, None)
    """
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        return None
    number = int(text)
    return number if number <= most else None


def year_of(text: str) -> int | None:
    """A year of four digits that a calendar has.

    >>> year_of("2025"), year_of("0000"), year_of("25")
    (2025, None, None)
    """
    return int(text) if len(text) == 4 and whole(text) else None
