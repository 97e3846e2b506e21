"""How a reader says no, and the limits it keeps."""

from __future__ import annotations

from typing import Final

MAX_BYTES: Final = 50 * 1024 * 1024
MAX_UNPACKED: Final = 120 * 1024 * 1024
"""Of one part of an office file."""
MAX_RATIO: Final = 250
MAX_CHARACTERS: Final = 6_000_000
MAX_PAGES: Final = 3000


class Unreadable(Exception):
    """The file's text cannot be had.

    `code` and `params` are what a user interface makes a sentence of; the message is plain
    English. Codes: too-large, empty, encrypted, damaged, zip-bomb, old-format, scanned,
    not-chinese, not-text, too-many-pages.
    """

    def __init__(self, code: str, message: str, **params: object) -> None:
        super().__init__(message)
        self.code = code
        self.params = params
