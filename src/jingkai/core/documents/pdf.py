"""PDF files that carry text. A scan is told apart by its empty pages, and refused."""

from __future__ import annotations

import io
import logging
import re
from typing import Final

from .refusals import MAX_CHARACTERS, MAX_PAGES, Unreadable

_LEAST: Final = 12
"""Characters a page of text has at least, on average; a scan has a page number or nothing."""
_PAGE_NUMBER: Final = re.compile(r"\s*[—–-]?\s*(?:第\s*)?[0-9]{1,4}\s*(?:页)?\s*[—–-]?\s*")


def read_pdf(content: bytes) -> tuple[str, int]:
    """The words of a PDF, page after page without their numbers, and how many pages it has.

    Raises
    ------
    Unreadable
        encrypted, damaged, scanned, too-many-pages or too-large.
    """
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("encrypted", "the file is encrypted")
        count = len(reader.pages)
        if count > MAX_PAGES:
            raise Unreadable("too-many-pages", f"{count} pages", pages=count, limit=MAX_PAGES)
        pages, size = [], 0
        for page in reader.pages:
            words = page.extract_text()
            pages.append(_without_number(words))
            size += len(words)
            if size > MAX_CHARACTERS:
                raise Unreadable("too-large", "too much text", limit=MAX_CHARACTERS)
    except Unreadable:
        raise
    except PyPdfError as error:
        raise Unreadable("damaged", f"the file is damaged: {error}") from error
    except (RecursionError, MemoryError) as error:
        raise Unreadable("damaged", "the file is nested without end") from error
    except Exception as error:
        # A hostile file reaches every kind of error inside the parser; none is ours to repair.
        raise Unreadable("damaged", f"the file is damaged: {type(error).__name__}") from error
    if not pages or sum(len(page.strip()) for page in pages) < _LEAST * len(pages):
        raise Unreadable("scanned", "the pages are pictures", pages=len(pages))
    return "\n".join(pages), len(pages)


def _without_number(words: str) -> str:
    lines = words.strip().split("\n")
    while lines and _PAGE_NUMBER.fullmatch(lines[-1]):
        lines.pop()
    if lines and _PAGE_NUMBER.fullmatch(lines[0]):
        lines = lines[1:]
    return "\n".join(lines)
