"""One YAML mapping, taken field by field into types; what is wrong is noted with its line.

A getter that fails notes the mistake and returns an empty value of its type, so that one reading
finds all mistakes of a file. `finish` refuses keys that nobody asked for.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from .base import PackPlace
from .reading import Reading, Value
from .vocabulary import PlaceKind

E = TypeVar("E", bound=StrEnum)
CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.]*$")
PLACE = re.compile(r"(\w+):([\w.]+)$")


def did_you_mean(word: str, known: Collection[str]) -> str:
    """Return a remedy that names the nearest known words, or a few of them."""
    near = difflib.get_close_matches(word, known, n=2, cutoff=0.6)
    if near:
        return f"Did you mean {' or '.join(near)}?"
    shown = sorted(known)
    more = ", …" if len(shown) > 12 else ""
    return f"Known: {', '.join(shown[:12])}{more}." if shown else ""


def shown(value: Value) -> str:
    """Name the type of a value in the words of somebody who edits YAML."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case str():
            return f"the text “{value[:20]}”"
        case Decimal():
            return f"the number {value}"
        case date():
            return f"the date {value}"
        case list():
            return "a list"
    return "a group of fields"


class Record:
    """A cursor on one mapping of a file."""

    def __init__(self, reading: Reading, value: Value, path: str) -> None:
        self.reading, self.path = reading, path
        self.asked: set[str] = set()
        self.value: dict[str, Value] = value if isinstance(value, dict) else {}
        self.broken = not isinstance(value, dict)
        if self.broken:
            self.problem(
                "", f"A group of fields is expected, not {shown(value)}.", "Write key: value."
            )

    @property
    def at(self) -> str:
        """Where the record stands: `file#path`, the key of its line in `Pack.lines`."""
        return f"{self.reading.file}#{self.path}"

    def problem(self, key: str, message: str, remedy: str = "") -> None:
        """Note a mistake in one field, or in the record itself when `key` is empty."""
        path = ".".join(part for part in (self.path, key) if part)
        line = self.reading.lines.get(path) or self.reading.lines.get(self.path, 0)
        self.reading.problem(line, path, message, remedy)

    def finish(self) -> None:
        """Refuse the keys that were not asked for."""
        for key in self.value:
            if key not in self.asked:
                self.problem(key, f"“{key}” is not a field here.", did_you_mean(key, self.asked))

    def take(self, key: str, *, required: bool) -> Value:
        """Return the raw value; note it when it is required and missing or empty."""
        self.asked.add(key)
        value = self.value.get(key)
        if required and not self.broken:
            if key not in self.value:
                self.problem(key, f"The field “{key}” is missing.", f"Add {key}: to this entry.")
            elif value is None or value == "":
                self.problem(key, f"The field “{key}” is empty.", "Fill it.")
        return value

    def _expected(self, key: str, what: str, value: Value, *, empty_ok: bool = True) -> None:
        if empty_ok and (value is None or value == ""):
            return
        self.problem(key, f"{what} is expected, not {shown(value)}.", "Quote or correct it.")

    def text(self, key: str, *, required: bool = True, low: int = 0, high: int = 200) -> str:
        """Return a text of `low` to `high` characters; "" when absent and not required."""
        value = self.take(key, required=required)
        if not isinstance(value, str):
            self._expected(key, "Text", value)
            return ""
        if value and not low <= len(value) <= high:
            self.problem(
                key,
                f"The text has {len(value)} characters; {low} to {high} are allowed.",
                "Shorten or complete it.",
            )
        return value

    def empty_text(self, key: str) -> str:
        """Return a text that must be stated but may be empty."""
        if key not in self.value:
            return self.text(key)
        return self.text(key, required=False)

    def code(self, key: str, *, required: bool = True) -> str:
        """Return an identifier: a letter, then letters, digits, `_` or `.`."""
        value = self.text(key, required=required)
        if value and not CODE.match(value):
            self.problem(
                key, f"“{value}” is not a code.", "Use letters, digits, _ and ., a letter first."
            )
        return value

    def optional_code(self, key: str) -> str | None:
        """Return an identifier or None."""
        return self.code(key, required=False) or None

    def choice(self, key: str, kind: type[E], default: E | None = None) -> E:
        """Return a member of `kind`; absent gives `default`, or is a mistake without one."""
        value = self.take(key, required=default is None)
        if isinstance(value, str) and value in set(kind):
            return kind(value)
        if isinstance(value, str) and value:
            self.problem(key, f"“{value}” is not allowed.", did_you_mean(value, list(kind)))
        else:
            self._expected(key, "One of " + ", ".join(kind), value)
        return default if default is not None else next(iter(kind))

    def optional_number(self, key: str) -> Decimal | None:
        """Return a number or None."""
        value = self.take(key, required=False)
        if isinstance(value, Decimal):
            return value
        self._expected(key, "A number", value)
        return None

    def optional_integer(self, key: str, low: int = 0, high: int = 10**6) -> int | None:
        """Return a whole number in the range, or None."""
        number = self.optional_number(key)
        if number is None:
            return None
        if number != int(number) or not low <= number <= high:
            self.problem(
                key, f"{number} is not a whole number from {low} to {high}.", "Correct it."
            )
            return None
        return int(number)

    def integer(self, key: str, low: int = 0, high: int = 10**6) -> int:
        """Return a whole number in the range."""
        self.take(key, required=True)
        return self.optional_integer(key, low, high) or 0

    def flag(self, key: str, default: bool | None = None) -> bool:
        """Return true or false; absent gives `default`, or is a mistake without one."""
        value = self.take(key, required=default is None)
        if isinstance(value, bool):
            return value
        self._expected(key, "true or false", value)
        return bool(default)

    def optional_day(self, key: str) -> date | None:
        """Return a date (YYYY-MM-DD) or None."""
        value = self.take(key, required=False)
        if isinstance(value, date):
            return value
        self._expected(key, "A date such as 2026-01-01", value)
        return None

    def day(self, key: str) -> date:
        """Return a date."""
        self.take(key, required=True)
        return self.optional_day(key) or date.min

    def scalar(self, key: str, *, required: bool = True) -> str | Decimal | bool | None:
        """Return a text, a number or true/false as it stands."""
        value = self.take(key, required=required)
        if value is None or isinstance(value, str | Decimal | bool):
            return value
        self._expected(key, "Text or a number", value)
        return None

    def list(self, key: str, *, required: bool = True, low: int = 0) -> list[Value]:
        """Return a list of at least `low` items."""
        value = self.take(key, required=required)
        if not isinstance(value, list):
            self._expected(key, "A list", value)
            return []
        if len(value) < low:
            self.problem(
                key, f"At least {low} entries are needed, {len(value)} stand here.", "Add them."
            )
        return value

    def texts(self, key: str, *, required: bool = True, low: int = 0) -> tuple[str, ...]:
        """Return a list of texts, none twice."""
        found: list[str] = []
        for i, value in enumerate(self.list(key, required=required, low=low)):
            if not isinstance(value, str):
                self._expected(f"{key}[{i}]", "Text", value, empty_ok=False)
            elif value in found:
                self.problem(f"{key}[{i}]", f"“{value}” stands twice.", "Keep one.")
            else:
                found.append(value)
        return tuple(found)

    def integers(self, key: str, *, required: bool = True) -> tuple[int, ...]:
        """Return a list of whole numbers."""
        found: list[int] = []
        for i, value in enumerate(self.list(key, required=required)):
            if isinstance(value, Decimal) and value == int(value):
                found.append(int(value))
            else:
                self._expected(f"{key}[{i}]", "A whole number", value, empty_ok=False)
        return tuple(found)

    def records(self, key: str, *, required: bool = True, low: int = 0) -> Iterator[Record]:
        """Yield the groups of fields in a list; each is finished after use."""
        items = self.list(key, required=required, low=low)
        prefix = f"{self.path}.{key}" if self.path else key
        for i, value in enumerate(items):
            record = Record(self.reading, value, f"{prefix}[{i}]")
            yield record
            record.finish()

    def record(self, key: str, *, required: bool = True) -> Record | None:
        """Return the group of fields under `key`; the caller finishes it."""
        value = self.take(key, required=required)
        if value is None:
            return None
        return Record(self.reading, value, f"{self.path}.{key}" if self.path else key)

    def place(self, key: str) -> PackPlace:
        """Return a place of the document, written `text:2`, `annex1:5`, `clause:m01.c01` …"""
        value = self.text(key)
        match = PLACE.match(value)
        if match and match[1] in set(PlaceKind):
            return PackPlace(PlaceKind(match[1]), match[2])
        if value:
            self.problem(
                key,
                f"“{value}” is not a place of the document.",
                "Write one of " + ", ".join(f"{kind}:…" for kind in PlaceKind) + ".",
            )
        return PackPlace(PlaceKind.TEXT, "0")
