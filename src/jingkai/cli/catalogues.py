"""Interface texts: collect them from code and templates, and find what is not translated.

Django's own commands need the gettext programs, which a slim machine does not have; Babel reads
and writes the same files in pure Python. Each room keeps its own catalogue.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parents[1]
LOCALE = "zh_Hans"
_KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
_CALL = re.compile(
    r"""(?<![\w])(_|gettext|ngettext|pgettext|npgettext)\(\s*((?:u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\s*,?\s*)+)"""
)
_STRING = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")

Found = tuple[str, str | tuple[str, ...], str | None]  # file, message id(s), context


def rooms() -> list[Path]:
    """Every folder with a catalogue: those with an `apps.py`, the console, the package itself."""
    return [PACKAGE, PACKAGE / "cli", *sorted(path.parent for path in PACKAGE.rglob("apps.py"))]


def _own_files(room: Path, pattern: str) -> Iterator[Path]:
    nested = [other for other in rooms() if other != room and room in other.parents]
    for path in sorted(room.rglob(pattern)):
        if "tests" in path.parts or "migrations" in path.parts or "static" in path.parts:
            continue
        if not any(other in path.parents for other in nested):
            yield path


def collect(room: Path) -> list[Found]:
    """All texts of one room."""
    import django
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_I18N=True)
        django.setup()
    from django.utils.translation.template import templatize

    found: list[Found] = []
    for path in _own_files(room, "*.py"):
        for _line, message, _comments, context in extract_from_file(
            "python", path, keywords=_KEYWORDS, options={"encoding": "utf-8"}
        ):
            found.append((str(path.relative_to(PACKAGE)), message, context))
    for pattern in ("*.html", "*.txt"):
        for path in _own_files(room, f"templates/**/{pattern}"):
            code = templatize(path.read_text(encoding="utf-8"), origin=str(path))
            for name, arguments in _CALL.findall(code):
                texts = [eval(item) for item in _STRING.findall(arguments)]  # our own templates
                where = str(path.relative_to(PACKAGE))
                if name == "pgettext":
                    found.append((where, texts[1], texts[0]))
                elif name == "ngettext":
                    found.append((where, (texts[0], texts[1]), None))
                else:
                    found.append((where, texts[0], None))
    return found


def _path(room: Path) -> Path:
    return room / "locale" / LOCALE / "LC_MESSAGES" / "django.po"


def load(room: Path) -> Catalog:
    """The room's catalogue; an empty one when it has none yet."""
    path = _path(room)
    if path.exists():
        with path.open("rb") as file:
            return read_po(file, locale=LOCALE)
    return Catalog(locale=LOCALE)


def update(room: Path) -> int:
    """Bring the room's catalogue up to date; return the number of texts without translation."""
    found = collect(room)
    if not found:
        return 0
    old = load(room)
    new = Catalog(
        locale=LOCALE,
        project="Jingkai",
        charset="utf-8",
        header_comment="# Interface texts.",
        fuzzy=False,
    )
    for _where, message, context in found:
        known = old.get(message, context=context)
        new.add(message, known.string if known else "", context=context)
    path = _path(room)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, new, omit_header=False, sort_output=True, width=100, no_location=True)
    text = re.sub(rb'"(POT-Creation-Date|PO-Revision-Date)[^\n]*\n', b"", path.read_bytes())
    path.write_bytes(text)
    return len([message for message in new if message.id and not _translated(message.string)])


def _translated(string: str | tuple[str, ...] | list[str] | None) -> bool:
    return all(string) if isinstance(string, tuple | list) else bool(string)


def missing() -> list[tuple[str, str]]:
    """Texts without a Chinese translation, as (file, text)."""
    gaps = []
    for room in rooms():
        catalog = load(room)
        for where, message, context in collect(room):
            known = catalog.get(message, context=context)
            if known is None or not _translated(known.string):
                gaps.append((where, message if isinstance(message, str) else message[0]))
    return gaps


def main(arguments: list[str]) -> int:
    """`update` rewrites the catalogues, `check` lists gaps."""
    if arguments[:1] == ["update"]:
        for room in rooms():
            if gaps := update(room):
                print(f"{room.relative_to(PACKAGE.parent)}: {gaps} without translation")
        return 0
    gaps_found = missing()
    for where, text in gaps_found:
        print(f"{where}: {text!r}")
    return 1 if gaps_found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
