"""Numbers and places as the document prints them."""

from __future__ import annotations

import re
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

_DIGITS = "零一二三四五六七八九"
_CLAUSE = re.compile(r"(?:[a-z][a-z0-9]*-)?m0*(\d+)[.-]c0*(\d+)")


def ordinal(number: int) -> str:
    """（十九） where Chinese is read, else (19). From 1 to 99.

    >>> from django.utils.translation import override
    >>> with override("zh-hans"):
    ...     ordinal(1), ordinal(10), ordinal(19), ordinal(20)
    ('（一）', '（十）', '（十九）', '（二十）')
    """
    if not (get_language() or "").startswith("zh") or not 0 < number < 100:
        return f"({number})"
    tens, ones = divmod(number, 10)
    text = ("" if tens <= 1 else _DIGITS[tens]) + ("十" if tens else "")
    return f"（{text}{_DIGITS[ones] if ones else ''}）"


def plain(value: Decimal) -> str:
    """Digits without trailing zeros or exponent.

    >>> plain(Decimal("2200.000000")), plain(Decimal("5.86"))
    ('2200', '5.86')
    """
    return f"{value.normalize():f}"


def place_label(place: str) -> str:
    """Where it stands, in words: `annex1:5` is row 5 of annex 1. Other texts stay as they are."""
    kind, colon, rest = place.partition(":")
    if not colon:
        return place
    if kind == "clause" and (found := _CLAUSE.fullmatch(rest)):
        return _("Measure %(measure)s, clause %(clause)s") % {
            "measure": ordinal(int(found[1])),
            "clause": int(found[2]),
        }
    patterns = {
        "text": _("General requirements, item %(n)s"),
        "annex1": _("Annex 1, row %(n)s"),
        "annex2": _("Annex 2, task %(n)s"),
        "closing": _("Organisation and implementation, item %(n)s"),
        "heading": _("Heading of %(n)s"),
    }
    if kind in patterns:
        return patterns[kind] % {"n": _part_name(rest) if kind == "heading" else rest}
    if kind == "measure" and rest.isdigit():
        return _("Measure %(measure)s") % {"measure": ordinal(int(rest))}
    return _("All measures") if kind == "measures" else place


def _part_name(code: str) -> str:
    names = {
        "goals": _("part one"),
        "industry": _("part two"),
        "opening": _("part three"),
        "factors": _("part four"),
        "reform": _("part five"),
    }
    return names.get(code, code)


def place_url(place: str, of_document: str = "") -> str:
    """The page of that place here, or ""; `of_document` as the records of a document have it."""
    kind, _colon, rest = place.partition(":")
    if kind == "clause":
        return reverse("policy:clause", args=[rest])
    if kind == "measure" and rest.isdigit():
        return reverse("policy:measure", args=[int(rest)]) + of_document
    if kind == "annex2" and rest.isdigit():
        return reverse("policy:task", args=[int(rest)]) + of_document
    return ""
