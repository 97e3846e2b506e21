"""Word files: paragraphs, real tables, and the numbers Word counts itself.

Only three parts of the archive are unpacked, each up to a limit, and read as a stream; a document
type declaration (the door of entity bombs) is refused.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from .refusals import MAX_RATIO, MAX_UNPACKED, Unreadable

_W: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STRICT: Final = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_MC: Final = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_CHINESE: Final = (
    *("chineseCounting", "chineseCountingThousand", "chineseLegalSimplified"),
    *("japaneseCounting", "taiwaneseCounting", "taiwaneseCountingThousand", "ideographDigital"),
)
Attributes = dict[str, str]


def read_docx(content: bytes) -> str:
    """The words of a Word file.

    Raises
    ------
    Unreadable
        encrypted, damaged, zip-bomb, or old-format when the archive is no Word file.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = {info.filename: info for info in archive.infolist()}
            if "EncryptedPackage" in names:
                raise Unreadable("encrypted", "the file is encrypted")
            main = _main_part(archive, names)
            numbering = _Numbering()
            if "word/numbering.xml" in names:
                _parse(
                    _unpack(archive, names["word/numbering.xml"]), numbering.start, numbering.end
                )
            if "word/styles.xml" in names:
                styles = _Styles(numbering)
                _parse(_unpack(archive, names["word/styles.xml"]), styles.start, styles.end)
            body = _Body(numbering)
            _parse(_unpack(archive, names[main]), body.start, body.end, body.text)
    except Unreadable:
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        expat.ExpatError,
        EOFError,
        OSError,
        ValueError,
    ) as error:
        raise Unreadable("damaged", f"the file is damaged: {error}") from error
    except (NotImplementedError, RuntimeError) as error:  # unknown compression; a password
        raise Unreadable("encrypted", f"the file cannot be unpacked: {error}") from error
    return "\n".join(body.lines)


def _main_part(archive: zipfile.ZipFile, names: dict[str, zipfile.ZipInfo]) -> str:
    if "word/document.xml" in names:
        return "word/document.xml"
    others = [n for n in names if n.startswith("word/document") and n.endswith(".xml")]
    if len(others) == 1:
        return others[0]
    raise Unreadable("old-format", "the archive is not a Word file")


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """A part, never more than the limit, whatever its header claims."""
    if info.flag_bits & 1:
        raise Unreadable("encrypted", "the file is encrypted")
    with archive.open(info) as part:
        data = part.read(MAX_UNPACKED + 1)
    if len(data) > MAX_UNPACKED or len(data) > 1_000_000 + MAX_RATIO * max(1, info.compress_size):
        raise Unreadable("zip-bomb", "the file unpacks to far more than it weighs")
    return data


def _parse(
    data: bytes,
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None],
    text: Callable[[str], None] | None = None,
) -> None:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def refuse(*_arguments: object) -> None:
        raise Unreadable("damaged", "the file declares a document type")

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    if text is not None:
        parser.CharacterDataHandler = text
    parser.Parse(data, True)


def _local(name: str) -> str:
    """The name of a Word element; empty for elements of other vocabularies."""
    space, _sep, local = name.rpartition(" ")
    return local if space in (_W, _STRICT) else ("mc:" + local if space == _MC else "")


def _value(attributes: Attributes, name: str = "val") -> str:
    return attributes.get(f"{_W} {name}") or attributes.get(f"{_STRICT} {name}") or ""


@dataclass(slots=True)
class _LevelFormat:
    kind: str = "decimal"
    pattern: str = ""
    first: int = 1


@dataclass(slots=True)
class _Numbering:
    """numbering.xml: what each automatic number looks like."""

    formats: dict[str, dict[int, _LevelFormat]] = field(default_factory=lambda: defaultdict(dict))
    lists: dict[str, str] = field(default_factory=dict)
    styles: dict[str, tuple[str, int]] = field(default_factory=dict)
    counts: dict[str, list[int]] = field(default_factory=dict)
    overrides: dict[tuple[str, int], int] = field(default_factory=dict)
    abstract: str = ""
    number: str = ""
    level: int = 0

    def start(self, name: str, attributes: Attributes) -> None:
        match _local(name):
            case "abstractNum":
                self.abstract, self.number = _value(attributes, "abstractNumId"), ""
            case "num":
                self.number = _value(attributes, "numId")
            case "abstractNumId":
                self.lists[self.number] = _value(attributes)
            case "lvl" | "lvlOverride":
                self.level = _whole(_value(attributes, "ilvl"))
                if not self.number:
                    self.formats[self.abstract][self.level] = _LevelFormat()
            case "startOverride":
                self.overrides[self.number, self.level] = _whole(_value(attributes), 1)
            case "numFmt" | "lvlText" | "start" if not self.number:
                form = self.formats[self.abstract].setdefault(self.level, _LevelFormat())
                if _local(name) == "numFmt":
                    form.kind = _value(attributes)
                elif _local(name) == "lvlText":
                    form.pattern = _value(attributes)
                else:
                    form.first = _whole(_value(attributes), 1)

    def end(self, name: str) -> None:
        return None

    def next(self, number: str, level: int) -> str:
        """Count on, and return the printed number, empty for a bullet."""
        abstract = self.lists.get(number, "")
        forms = self.formats.get(abstract)
        if not forms or level not in forms or not 0 <= level < 9:
            return ""
        key = abstract
        if any(n == number for n, _l in self.overrides):
            key = "override " + number
        counts = self.counts.setdefault(key, [0] * 9)
        first = self.overrides.get((number, level), forms[level].first)
        counts[level] = counts[level] + 1 if counts[level] else first
        for deeper in range(level + 1, 9):
            counts[deeper] = 0
        form = forms[level]
        if form.kind in ("bullet", "none") or "%" not in form.pattern:
            return ""
        said = form.pattern
        for place in range(9):
            if f"%{place + 1}" in said:
                kind = forms[place].kind if place in forms else "decimal"
                said = said.replace(f"%{place + 1}", _printed(counts[place] or 1, kind))
        return said


def _whole(text: str, default: int = 0) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else default


def _printed(number: int, kind: str) -> str:
    if kind in _CHINESE:
        return _chinese(number)
    if kind == "decimalEnclosedCircle" and number <= 20:
        return chr(0x2460 + number - 1)
    if kind in ("upperLetter", "lowerLetter"):
        letter = chr(ord("A") + (number - 1) % 26)
        return letter if kind[0] == "u" else letter.lower()
    return str(number)


def _chinese(number: int) -> str:
    from jingkai.engine.policytext.numerals import ordinal_of

    return ordinal_of(number)


@dataclass(slots=True)
class _Styles:
    """styles.xml: which paragraph styles number their paragraphs."""

    numbering: _Numbering
    style: str = ""
    based: dict[str, str] = field(default_factory=dict)
    number: str = ""
    level: int = 0

    def start(self, name: str, attributes: Attributes) -> None:
        match _local(name):
            case "style":
                self.style, self.number, self.level = _value(attributes, "styleId"), "", 0
            case "basedOn":
                self.based[self.style] = _value(attributes)
            case "numId":
                self.number = _value(attributes)
            case "ilvl":
                self.level = _whole(_value(attributes))

    def end(self, name: str) -> None:
        if _local(name) == "style":
            inherited = self.numbering.styles.get(self.based.get(self.style, ""))
            if self.number:
                self.numbering.styles[self.style] = (self.number, self.level)
            elif inherited:
                self.numbering.styles[self.style] = inherited


@dataclass(slots=True)
class _Body:
    """document.xml as a stream of lines."""

    numbering: _Numbering
    lines: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    hidden: int = 0
    """Depth inside deleted text or a fallback drawing."""
    in_text: bool = False
    tables: int = 0
    cell: list[str] | None = None
    row: list[list[str]] = field(default_factory=list)
    paragraph: int = 0
    style: str = ""
    number: str = ""
    level: int | None = None
    changed: bool = False
    """Inside the record of an earlier format."""

    def start(self, name: str, attributes: Attributes) -> None:
        local = _local(name)
        if local in ("del", "moveFrom", "mc:Fallback", "instrText", "txbxContent"):
            self.hidden += 1
        match local:
            case "p":
                self.paragraph += 1
                if self.paragraph == 1:
                    self.words, self.style, self.number, self.level = [], "", "", None
            case "t":
                self.in_text = True
            case "tab" if self.paragraph and not self.changed:
                self.words.append(" ")
            case "br" | "cr" if self.paragraph:
                self.words.append("\n")
            case "noBreakHyphen":
                self.words.append("-")
            case "pPrChange":
                self.changed = True
            case "tabs":
                self.changed = True
            case "pStyle" if not self.changed:
                self.style = _value(attributes)
            case "numId" if not self.changed:
                self.number = _value(attributes)
            case "ilvl" if not self.changed:
                self.level = _whole(_value(attributes))
            case "tbl":
                self.tables += 1
            case "tr" if self.tables == 1:
                self.row = []
            case "tc" if self.tables == 1:
                self.cell = []

    def text(self, words: str) -> None:
        if self.in_text and not self.hidden:
            self.words.append(words)

    def end(self, name: str) -> None:
        local = _local(name)
        if local in ("del", "moveFrom", "mc:Fallback", "instrText", "txbxContent"):
            self.hidden = max(0, self.hidden - 1)
        match local:
            case "t":
                self.in_text = False
            case "pPrChange" | "tabs":
                self.changed = False
            case "p":
                self.paragraph = max(0, self.paragraph - 1)
                if not self.paragraph and not self.hidden:
                    self._close_paragraph()
            case "tc" if self.tables == 1 and self.cell is not None:
                self.row.append(self.cell)
                self.cell = None
            case "tr" if self.tables == 1:
                self._close_row()
            case "tbl":
                self.tables = max(0, self.tables - 1)
                if not self.tables:
                    self.lines.append("")

    def _close_paragraph(self) -> None:
        words = "".join(self.words).strip()
        self.words = []
        number, level = self.number, self.level
        if not number and (styled := self.numbering.styles.get(self.style)):
            number, level = styled[0], styled[1] if level is None else level
        if number and number != "0" and words:
            words = self.numbering.next(number, level or 0) + words
        for line in words.split("\n"):
            if self.cell is not None:
                if line.strip():
                    self.cell.append(line.strip())
            else:
                self.lines.append(line)

    def _close_row(self) -> None:
        if len(self.row) == 1:
            self.lines += self.row[0]
        elif self.row:
            self.lines.append("")
            self.lines += ["\t" + " ".join(cell) for cell in self.row]
        self.row = []
