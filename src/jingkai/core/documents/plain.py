"""Bytes to text: byte-order marks, UTF-8, UTF-16, GB 18030."""

from __future__ import annotations

import codecs
import re
from typing import Final

from .refusals import Unreadable

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_COMMON: Final = frozenset(
    "的一是和在发展工业经济区市企项目行动推进建设负责年人民政府各单位要加强关于意见"
)
_DECLARED: Final = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,20})", re.I)
_MARKUP: Final = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}>\s*)?<(?:!doctype|html|head|body|div|p|table|!--)", re.I
)


def decode(content: bytes) -> tuple[str, str]:
    """The text and the encoding it was in.

    Raises
    ------
    Unreadable
        `damaged`: it has a mark of an encoding it is not in. `not-text`: it is binary.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            try:
                return content[len(mark) :].decode(encoding), encoding
            except UnicodeDecodeError:
                # A file cut off in the middle of a character is still worth reading.
                if encoding.startswith("utf-8"):
                    break
                return content[len(mark) :].decode(encoding, errors="ignore"), encoding
    zeros = content[:4096].count(0)
    if zeros:
        return _wide(content)
    declared = _DECLARED.search(content[:2048])
    tried = ["utf-8", "gb18030"]
    if declared and declared[1].lower() in (b"gb2312", b"gbk", b"gb18030"):
        tried = ["gb18030", "utf-8"]
    for encoding in tried:
        text = _tolerant(content, encoding)
        if text is not None:
            return text, encoding
    return _wide(content)


def _tolerant(content: bytes, encoding: str) -> str | None:
    """Decoded strictly; a broken last character (a truncated file) is dropped."""
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        if error.start >= len(content) - 4:
            return content[: error.start].decode(encoding)
        # A few broken characters in a long text: keep the rest, visibly marked.
        text = content.decode(encoding, errors="replace")
        return text if encoding == "utf-8" and text.count("\ufffd") * 200 < len(text) else None


def _wide(content: bytes) -> tuple[str, str]:
    """UTF-16 without a mark, if one byte order makes Chinese of it."""
    best = ("", "")
    for encoding in ("utf-16-le", "utf-16-be"):
        text = content[: len(content) // 2 * 2].decode(encoding, errors="ignore")
        sample = text[:4000]
        common = sum(1 for c in sample if c in _COMMON)
        if common * 20 > len(sample) and common > 4:
            best = (text, encoding)
            break
    if not best[0]:
        raise Unreadable("not-text", "the file is not a text")
    return best


def looks_like_markup(text: str) -> bool:
    """Whether the text is an HTML page."""
    return bool(_MARKUP.match(text[:4096].lstrip("\ufeff"))) or "<html" in text[:4096].lower()
