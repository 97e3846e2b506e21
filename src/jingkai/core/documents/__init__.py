"""The words of a document file: plain text, HTML, Word (.docx) or PDF with text.

No Django and no database: a web room and the console read alike. Every reader hands over one
paragraph to a line, and a table as one cell to a line, each begun by a tab, a blank line before
each row. What is no Chinese text, or no text at all, is refused with a reason.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .markup import read_html
from .pdf import read_pdf
from .plain import decode, looks_like_markup
from .refusals import MAX_BYTES, MAX_CHARACTERS, Unreadable
from .word import read_docx

__all__ = ["Extracted", "Unreadable", "read_document"]

_HAN = re.compile("[\u3400-\u9fff]")
_LETTER = re.compile("[A-Za-z]")
_SAMPLE = 200_000


@dataclass(frozen=True, slots=True)
class Extracted:
    """The text of a file. `format`: text, html, docx or pdf; `encoding` where bytes had one."""

    text: str
    format: str
    encoding: str = ""
    pages: int | None = None


def read_document(content: bytes) -> Extracted:
    """Extract the text of a file, told by its bytes, whatever its name.

    Raises
    ------
    Unreadable
        Too large, empty, encrypted, damaged, a zip bomb, an old or foreign format, a scan
        without text, or a text that is not Chinese.
    """
    if len(content) > MAX_BYTES:
        raise Unreadable(
            "too-large", f"larger than {MAX_BYTES // 2**20} MB", limit=MAX_BYTES // 2**20
        )
    if not content.strip(b"\x00 \t\r\n"):
        raise Unreadable("empty", "the file is empty")
    made = _extract(content)
    if len(made.text) > MAX_CHARACTERS:
        raise Unreadable(
            "too-large", f"more than {MAX_CHARACTERS} characters", limit=MAX_CHARACTERS
        )
    _require_chinese(made.text)
    return made


def _extract(content: bytes) -> Extracted:
    head = content[:1024]
    if head.startswith(b"PK\x03\x04"):
        return Extracted(read_docx(content), "docx")
    if b"%PDF-" in head:
        text, pages = read_pdf(content)
        return Extracted(text, "pdf", pages=pages)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise Unreadable("old-format", "an old or password-protected Office file")
    if head.startswith(b"{\\rtf"):
        raise Unreadable("old-format", "a rich text file")
    text, encoding = decode(content)
    if looks_like_markup(text):
        return Extracted(read_html(text), "html", encoding)
    return Extracted(text, "text", encoding)


def _require_chinese(text: str) -> None:
    sample = text[:_SAMPLE]
    han, letters = len(_HAN.findall(sample)), len(_LETTER.findall(sample))
    if not sample.strip():
        raise Unreadable("empty", "the file holds no text")
    if han < 20 or han * 2 < letters:
        raise Unreadable("not-chinese", "the text is not Chinese", han=han, letters=letters)
