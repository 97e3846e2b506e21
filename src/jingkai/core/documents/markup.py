"""HTML to lines. A scanner of its own: one pass, no back-tracking, whatever is not closed."""

from __future__ import annotations

import html
import re
from typing import Final

_BLOCKS: Final = frozenset(
    (
        *("p", "div", "br", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "section", "hr"),
        *("article", "header", "footer", "title", "center", "form", "dl", "dt", "dd", "pre"),
        *("blockquote", "fieldset", "main", "aside", "figure", "figcaption"),
    )
)
_SILENT: Final = frozenset(
    (
        *("script", "style", "noscript", "template", "svg", "iframe", "object", "head", "nav"),
        *("select", "button", "textarea"),
    )
)
_CELLS: Final = frozenset(("tr", "td", "th"))
_DEEPEST: Final = 40
_NAME: Final = re.compile(r"/?\s*([A-Za-z][A-Za-z0-9:]*)")
_SPACE: Final = re.compile(r"[ \t\r\n\f]+")


_LAYOUT: Final = 3000
"""Characters in one row above which a table arranges the page rather than tells something."""


class _Table:
    """A table being read: the lines of its open cell, the cells of its open row."""

    def __init__(self) -> None:
        self.cell: list[str] | None = None
        self.row: list[list[str]] = []


class _Page:
    """Lines of the page so far; a table is written cell by cell."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.words: list[str] = []
        self.tables: list[_Table] = []

    def text(self, raw: str) -> None:
        if words := _SPACE.sub(" ", html.unescape(raw)):
            self.words.append(words)

    def target(self) -> list[str]:
        """Where a finished line goes: the innermost open cell, or the page."""
        for table in reversed(self.tables):
            if table.cell is not None:
                return table.cell
        return self.lines

    def line(self) -> None:
        words = "".join(self.words).strip()
        self.words = []
        if words:
            self.target().append(words)

    def open(self, name: str) -> None:
        if name in _BLOCKS or name in _CELLS or name == "table":
            self.line()
        if name == "table" and len(self.tables) < _DEEPEST:
            self.tables.append(_Table())
        elif name == "tr" and self.tables:
            self.end_row()
        elif name in ("td", "th") and self.tables:
            self.end_cell()
            self.tables[-1].cell = []

    def close(self, name: str) -> None:
        if name in _BLOCKS:
            self.line()
        elif name == "table" and self.tables:
            self.end_row()
            self.tables.pop()
            self.target().append("")
        elif name == "tr" and self.tables:
            self.end_row()
        elif name in ("td", "th") and self.tables:
            self.end_cell()

    def end_cell(self) -> None:
        self.line()
        table = self.tables[-1]
        if table.cell is not None:
            table.row.append(table.cell)
            table.cell = None

    def end_row(self) -> None:
        self.end_cell()
        table = self.tables[-1]
        row, table.row = table.row, []
        if not row:
            return
        lines = [line for cell in row for line in cell]
        nested = any(line.startswith("\t") for line in lines)
        if len(row) == 1 or nested or sum(map(len, lines)) > _LAYOUT:
            self.target().extend(lines)
            return
        target = self.target()
        target.append("")
        target.extend("\t" + " ".join(cell) for cell in row)


def read_html(source: str) -> str:
    """The words of a page, one block to a line, tables as cells; scripts and styles left out."""
    page = _Page()
    at, size = 0, len(source)
    while at < size:
        opened = source.find("<", at)
        if opened < 0:
            page.text(source[at:])
            break
        if opened > at:
            page.text(source[at:opened])
        if source.startswith("<!--", opened):
            closed = source.find("-->", opened + 4)
            at = size if closed < 0 else closed + 3
            continue
        closed = source.find(">", opened)
        if closed < 0:
            break
        found = _NAME.match(source, opened + 1, closed)
        if found is None:
            if source[opened + 1] not in "!?/":
                page.text("<")
                at = opened + 1
                continue
            at = closed + 1
            continue
        name = found[1].lower()
        at = closed + 1
        if name in _SILENT and source[opened + 1] != "/" and source[closed - 1] != "/":
            at = _after(source, name, closed + 1)
            continue
        if source[opened + 1] == "/":
            page.close(name)
        else:
            page.open(name)
    page.line()
    while page.tables:
        page.end_row()
        page.tables.pop()
    return "\n".join(page.lines)


def _after(source: str, name: str, at: int) -> int:
    """Where the element `name` ends. One that is never closed is skipped as a tag only."""
    found = re.compile(f"</{name}", re.I).search(source, at)
    if not found:
        return at if name in ("head", "nav", "button", "select", "object") else len(source)
    closed = source.find(">", found.end())
    return len(source) if closed < 0 else closed + 1
