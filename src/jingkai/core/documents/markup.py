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
_NAME: Final = re.compile(r"/?\s*([A-Za-z][A-Za-z0-9:]*)")
_SPACE: Final = re.compile(r"[ \t\r\n\f]+")


class _Page:
    """Lines of the page so far; a table is written cell by cell."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.words: list[str] = []
        self.tables = 0
        self.cell: list[str] | None = None
        self.row: list[list[str]] | None = None

    def text(self, raw: str) -> None:
        if words := _SPACE.sub(" ", html.unescape(raw)):
            self.words.append(words)

    def line(self) -> None:
        words = "".join(self.words).strip()
        self.words = []
        if not words:
            return
        if self.cell is not None:
            self.cell.append(words)
        else:
            self.lines.append(words)

    def open(self, name: str) -> None:
        if name in _BLOCKS:
            self.line()
        elif name == "table":
            self.line()
            self.tables += 1
        elif name == "tr" and self.tables == 1:
            self.end_row()
            self.row = []
        elif name in ("td", "th") and self.tables == 1:
            self.end_cell()
            self.cell = []
        elif name in ("tr", "td", "th"):
            self.line()

    def close(self, name: str) -> None:
        if name in _BLOCKS:
            self.line()
        elif name == "table" and self.tables:
            self.line()
            self.tables -= 1
            if not self.tables:
                self.end_row()
                self.lines.append("")
        elif name == "tr" and self.tables == 1:
            self.end_row()
        elif name in ("td", "th") and self.tables == 1:
            self.end_cell()

    def end_cell(self) -> None:
        self.line()
        if self.cell is not None:
            if self.row is None:
                self.row = []
            self.row.append(self.cell)
            self.cell = None

    def end_row(self) -> None:
        self.end_cell()
        row, self.row = self.row, None
        if not row:
            return
        if len(row) == 1 or sum(len("".join(cell)) for cell in row) > 3000:
            # One cell, or pages of text in them: a table used for layout.
            for cell in row:
                self.lines += cell
            return
        self.lines.append("")
        for cell in row:
            self.lines.append("\t" + (cell[0] if cell else ""))
            self.lines += cell[1:]


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
    page.end_row()
    return "\n".join(page.lines)


def _after(source: str, name: str, at: int) -> int:
    """Where the element `name` ends. One that is never closed is skipped as a tag only."""
    found = re.compile(f"</{name}", re.I).search(source, at)
    if not found:
        return at if name in ("head", "nav", "button", "select", "object") else len(source)
    closed = source.find(">", found.end())
    return len(source) if closed < 0 else closed + 1
