"""Files in: data, elements and method. Every refusal names file, row, column or node."""

from __future__ import annotations

import csv
import hashlib
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml

from jingkai.engine.composite import (
    CompositeError,
    DesignError,
    Element,
    Floats,
    Method,
    MethodError,
    Table,
    Tree,
    TreeError,
    WeightError,
    check_method,
    nearest,
    parse_method,
)

from ..failures import CommandFailed
from ..texts import gettext as _

META_TEXTS: Final = ("code", "label", "level", "parent", "direction", "denominator", "unit_text")
MISSING: Final = ("", "NA")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A CSV file as text: header, rows, and where they were."""

    path: Path
    header: tuple[str, ...]
    rows: tuple[dict[str, str], ...]
    """By column; `""` and `NA` mean missing."""

    def line(self, row: int) -> int:
        """Line of a row as an editor counts it, as long as no cell spans lines."""
        return row + 2

    def row_of(self, column: str, value: object) -> int | None:
        """First row that holds the value in the column."""
        return next((n for n, row in enumerate(self.rows) if row.get(column) == value), None)


@dataclass(frozen=True, slots=True)
class Inputs:
    """The three inputs of a build, and their files."""

    table: Table
    tree: Tree
    method: Method
    data_sheet: Sheet
    meta_sheet: Sheet
    method_path: Path

    @property
    def digests(self) -> dict[str, dict[str, str]]:
        """SHA-256 of each file, by its role."""
        paths = {
            "data": self.data_sheet.path, "meta": self.meta_sheet.path, "method": self.method_path,
        }  # fmt: skip
        return {role: digest(path) for role, path in paths.items()}


def digest(path: Path) -> dict[str, str]:
    """Name and SHA-256 of a file."""
    return {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def read_inputs(data: Path, meta: Path, method: Path) -> Inputs:
    """Read and check all three files.

    Raises CommandFailed naming file, row and column.
    """
    spec = read_method(method)
    meta_sheet = read_sheet(meta, ("code", "level", "parent", "direction"))
    with saying(meta=meta_sheet):
        tree = Tree.of(_elements(meta_sheet, spec))
    _check_fit(method, spec, tree)
    data_sheet = read_sheet(data, ("unit",))
    table = _table(data_sheet, tree, spec)
    return Inputs(table, tree, spec, data_sheet, meta_sheet, method)


def read_method(path: Path) -> Method:
    """Read METHOD.yaml; raises CommandFailed with the line of the wrong key."""
    try:
        data = yaml.safe_load(_text(path))
    except yaml.YAMLError as problem:
        said = " ".join(str(problem).split())
        raise CommandFailed(f"{path.name}: {said}") from problem
    try:
        return parse_method(data if data is not None else {})
    except MethodError as problem:
        raise _in_method(path, problem) from problem


def _check_fit(path: Path, method: Method, tree: Tree) -> None:
    try:
        check_method(method, tree)
    except MethodError as problem:
        raise _in_method(path, problem) from problem


def _in_method(path: Path, problem: MethodError) -> CommandFailed:
    node = yaml.compose(_text(path), Loader=yaml.SafeLoader)
    line = _line_of(node, str(problem.params.get("path", "")))
    return CommandFailed(f"{path.name}:{line}: {_sentence(str(problem))}")


def read_sheet(path: Path, required: Sequence[str]) -> Sheet:
    """Read a CSV file with a header; raises CommandFailed."""
    lines = _text(path).splitlines()
    try:
        rows = list(csv.reader(lines, strict=True))
    except csv.Error as problem:
        raise CommandFailed(f"{path.name}: {problem}.") from problem
    if not rows or not any(rows[0]):
        raise CommandFailed(_("%(file)s is empty.") % {"file": path.name})
    header = tuple(name.strip() for name in rows[0])
    twice = next((name for n, name in enumerate(header) if name in header[:n]), None)
    if twice is not None:
        raise CommandFailed(
            _("%(file)s: column “%(column)s” occurs twice.") % {"file": path.name, "column": twice}
        )
    for name in required:
        if name not in header:
            raise CommandFailed(
                _("%(file)s has no column “%(column)s”.") % {"file": path.name, "column": name}
            )
    kept = []
    for n, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(header):
            raise CommandFailed(
                _("%(file)s, row %(row)d has %(found)d cells, the header has %(expected)d.")
                % {"file": path.name, "row": n, "found": len(row), "expected": len(header)}
            )
        kept.append(dict(zip(header, (cell.strip() for cell in row), strict=True)))
    if not kept:
        raise CommandFailed(_("%(file)s has a header but no rows.") % {"file": path.name})
    return Sheet(path, header, tuple(kept))


def number(sheet: Sheet, row: int, column: str) -> float:
    """A cell as a number, NaN when missing; raises CommandFailed for anything else."""
    text = sheet.rows[row][column]
    if text in MISSING:
        return math.nan
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or "_" in text:
        raise CommandFailed(
            _("%(file)s, row %(row)d, column “%(column)s”: “%(text)s” is not a finite number.")
            % {"file": sheet.path.name, "row": sheet.line(row), "column": column, "text": text},
            _("Leave the cell empty if the value is unknown."),
        )
    return value


def column(sheet: Sheet, name: str) -> Floats:
    """A column of numbers; raises CommandFailed."""
    if name not in sheet.header:
        raise CommandFailed(
            _("%(file)s has no column “%(column)s”%(hint)s")
            % {"file": sheet.path.name, "column": name, "hint": nearest(name, sheet.header) or "."}
        )
    return np.array([number(sheet, row, name) for row in range(len(sheet.rows))])


@contextmanager
def saying(
    *, data: Sheet | None = None, meta: Sheet | None = None, other: Sheet | None = None
) -> Iterator[None]:
    """Turn a refusal of the engine into a sentence that begins with its file and row."""
    try:
        yield
    except CompositeError as problem:
        place = _place(problem, data, meta, other)
        raise CommandFailed(f"{place}{_sentence(str(problem))}") from problem


def _place(
    problem: CompositeError, data: Sheet | None, meta: Sheet | None, other: Sheet | None
) -> str:
    unit, element = problem.params.get("unit"), problem.params.get("element")
    if isinstance(problem, DesignError) and other is not None:
        return f"{other.path.name}: "
    if isinstance(problem, TreeError | WeightError) and meta is not None:
        row = meta.row_of("code", element)
        return f"{meta.path.name}" + (f", row {meta.line(row)}: " if row is not None else ": ")
    if data is not None and not isinstance(problem, MethodError):
        row = data.row_of("unit", unit)
        return f"{data.path.name}" + (f", row {data.line(row)}: " if row is not None else ": ")
    return ""


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _elements(sheet: Sheet, spec: Method) -> list[Element]:
    needed = {spec.weights.column}
    for scale in (one for s in (spec.normalise, *spec.vary.normalise) for one in s.every):
        needed |= {scale.target, scale.low_column, scale.high_column}
    elements = []
    for n, row in enumerate(sheet.rows):
        numbers = {}
        for name in sheet.header:
            if name in META_TEXTS or row[name] in MISSING:
                continue
            if name in needed:
                numbers[name] = number(sheet, n, name)
            elif _is_number(row[name]):
                numbers[name] = float(row[name])
        elements.append(
            Element(
                code=row["code"],
                level=_whole(sheet, n, "level"),
                parent="" if row["parent"] in MISSING else row["parent"],
                direction=None if row["direction"] in MISSING else _whole(sheet, n, "direction"),
                numbers=numbers,
                denominator=_optional(row, "denominator"),
                label=_optional(row, "label"),
            )
        )
    return elements


def _table(sheet: Sheet, tree: Tree, spec: Method) -> Table:
    names = [*tree.indicators]
    if spec.denominate:
        names += [e.denominator for e in tree.elements if e.denominator]
    names += [split.base for split in spec.split.values()]
    if spec.adjust is not None:
        names += [name for name in (spec.adjust.bonus, spec.adjust.deduction) if name]
    numbers = {name: column(sheet, name) for name in dict.fromkeys(names)}
    units = [row["unit"] for row in sheet.rows]
    for n, unit in enumerate(units):
        if not unit:
            raise CommandFailed(
                _("%(file)s, row %(row)d: the unit has no code.")
                % {"file": sheet.path.name, "row": sheet.line(n)}
            )
    # Sorted, so that neither results nor files depend on the order of the rows.
    order = sorted(range(len(units)), key=lambda n: units[n])
    texts = {
        name: tuple("" if sheet.rows[n][name] in MISSING else sheet.rows[n][name] for n in order)
        for name in sheet.header
        if name not in numbers and name != "unit"
    }
    with saying(data=sheet):
        return Table(
            tuple(units[n] for n in order), {k: v[order] for k, v in numbers.items()}, texts
        )


def _optional(row: dict[str, str], name: str) -> str:
    text = row.get(name, "")
    return "" if text in MISSING else text


def _whole(sheet: Sheet, row: int, name: str) -> int:
    value = number(sheet, row, name)
    if math.isnan(value) or value != int(value):
        raise CommandFailed(
            _("%(file)s, row %(row)d, column “%(column)s”: a whole number is needed.")
            % {"file": sheet.path.name, "row": sheet.line(row), "column": name}
        )
    return int(value)


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as problem:
        raise CommandFailed(
            _("%(file)s cannot be read: %(said)s.")
            % {"file": path, "said": problem.strerror or problem}
        ) from problem
    except UnicodeDecodeError as problem:
        raise CommandFailed(
            _("%(file)s is not UTF-8 text (byte %(place)d).")
            % {"file": path.name, "place": problem.start}
        ) from problem


def _line_of(node: Any, path: str) -> int:
    """Line of the deepest part of `path` that the document has."""
    line = 1
    for part in path.replace("[", ".").replace("]", "").split("."):
        if isinstance(node, yaml.MappingNode):
            pair = next((p for p in node.value if p[0].value == part), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and part.isdigit() and int(part) < len(node.value):
            node = node.value[int(part)]
            line = node.start_mark.line + 1
        else:
            break
    return line
