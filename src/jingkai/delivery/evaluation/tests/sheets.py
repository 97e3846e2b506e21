"""A workbook read back and computed: enough of spreadsheet formulas for those we write."""

from __future__ import annotations

import ast
import io
import operator
import re
import zipfile
from collections.abc import Callable
from typing import Any, Final
from xml.etree import ElementTree

_NS: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REF: Final = re.compile(
    r'"[^"]*"|(?:(?P<sheet>[一-龥]+)!)?(?P<a>\$?[A-Z]{1,2}\$?[0-9]*)(?::(?P<b>\$?[A-Z]{1,2}\$?[0-9]*))?'
    r"(?![A-Za-z0-9(])"
)
_OPERATORS: Final[dict[type, Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.Eq: operator.eq, ast.Lt: operator.lt, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.BitAnd: lambda a, b: f"{a}{b}",
}  # fmt: skip
_COMPARED: Final = {">": operator.gt, "<": operator.lt}


class Sheets:
    """Cells of a workbook by sheet and address; formulas are computed, never their cached value."""

    def __init__(self, content: bytes) -> None:
        archive = zipfile.ZipFile(io.BytesIO(content))
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
        shared = [
            "".join(t.text or "" for t in item.iter(f"{_NS}t"))
            for item in ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
        ]
        self.cells: dict[str, dict[str, Any]] = {}
        self.formulas: dict[tuple[str, str], str] = {}
        for n, entry in enumerate(book.iter(f"{_NS}sheet"), start=1):
            sheet = str(entry.get("name"))
            self.cells[sheet] = {}
            for cell in ElementTree.fromstring(
                archive.read(f"xl/worksheets/sheet{n}.xml")
            ).iter(f"{_NS}c"):  # fmt: skip
                address = str(cell.get("r"))
                formula, value = cell.find(f"{_NS}f"), cell.find(f"{_NS}v")
                if formula is not None:
                    self.formulas[sheet, address] = formula.text or ""
                elif value is not None and value.text is not None:
                    text = cell.get("t") == "s"
                    self.cells[sheet][address] = (
                        shared[int(value.text)] if text else float(value.text)
                    )
        self.computed = len(self.formulas)

    def text(self, sheet: str) -> str:
        """All words of a sheet."""
        return " ".join(v for v in self.cells[sheet].values() if isinstance(v, str))

    def column(self, sheet: str, heading: str, *, head: int = 2, first: int = 5) -> list[Any]:
        """Values below a heading, computed."""
        letters = next(
            re.sub(r"[0-9]", "", address)
            for address, value in self.cells[sheet].items()
            if value == heading and address.endswith(str(head))
        )
        rows = sorted(
            int(a[1:])
            for a in self.cells[sheet]
            if re.fullmatch(r"A[0-9]+", a) and int(a[1:]) >= first
        )
        return [self.value(sheet, f"{letters}{row}") for row in rows]

    def value(self, sheet: str, address: str) -> Any:
        """The value of a cell; "" when it is empty."""
        if (sheet, address) in self.formulas and address not in self.cells[sheet]:
            self.cells[sheet][address] = self._compute(sheet, self.formulas[sheet, address])
        return self.cells[sheet].get(address, "")

    def _compute(self, sheet: str, formula: str) -> Any:
        said = _REF.sub(lambda m: self._quoted(sheet, m), formula.lstrip("="))
        said = re.sub(r"(?<![<>=!])=(?!=)", "==", said)
        return self._eval(ast.parse(said, mode="eval").body)

    @staticmethod
    def _quoted(sheet: str, match: re.Match[str]) -> str:
        if match["a"] is None:
            return match[0]
        home = match["sheet"] or sheet
        first, last = (x.replace("$", "") if x else "" for x in (match["a"], match["b"]))
        name = "RANGE" if last else "CELL"
        return f'{name}("{home}","{first}","{last}")'

    def _eval(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant():
                return float(node.value) if isinstance(node.value, int) else node.value
            case ast.UnaryOp():
                return -self._eval(node.operand)
            case ast.BinOp():
                return _OPERATORS[type(node.op)](self._eval(node.left), self._eval(node.right))
            case ast.Compare():
                right = self._eval(node.comparators[0])
                return _OPERATORS[type(node.ops[0])](self._eval(node.left), right)
            case ast.Call(func=ast.Name(id=name)):
                return self._call(name, node.args)
        raise AssertionError(ast.dump(node))

    def _call(self, name: str, given: list[ast.expr]) -> Any:
        if name == "IF":
            return self._eval(given[1] if self._eval(given[0]) else given[2])
        values = [self._eval(one) for one in given]
        match name:
            case "CELL":
                return self.value(values[0], values[1])
            case "RANGE":
                return self._range(*values)
            case "ISNUMBER":
                return isinstance(values[0], float)
            case "N":
                return values[0] if isinstance(values[0], float) else 0.0
            case "COUNT":
                return sum(isinstance(v, float) for v in values)
            case "AND":
                return all(values)
            case "ABS":
                return abs(values[0])
            case "MIN" | "MAX":
                flat = [v for one in values for v in (one if isinstance(one, list) else [one])]
                numbers = [float(v) for v in flat if isinstance(v, float | int)]
                return min(numbers) if name == "MIN" else max(numbers)
            case "SUMIFS":
                return float(sum(v for v, met in self._met(values[0], values[1:]) if met))
            case "COUNTIFS":
                return sum(met for _v, met in self._met(values[0], values))
        raise AssertionError(name)

    @staticmethod
    def _met(summed: list[Any], pairs: list[Any]) -> list[tuple[Any, bool]]:
        found = []
        for k, value in enumerate(summed):
            met = True
            for cells, asked in zip(pairs[::2], pairs[1::2], strict=True):
                if isinstance(asked, str) and asked[:1] in _COMPARED:
                    met &= isinstance(cells[k], float) and _COMPARED[asked[0]](
                        cells[k], float(asked[1:])
                    )
                elif isinstance(asked, str) and asked[:1] == "=":  # this text, signs as they are
                    met &= cells[k] == re.sub("~([~*?])", r"\1", asked.lstrip("="))
                else:
                    met &= cells[k] == asked
            found.append((value, met))
        return found

    def _range(self, sheet: str, first: str, last: str) -> list[Any]:
        letters = re.sub(r"[0-9]", "", first)
        top = int(re.sub(r"[A-Z]", "", first) or 1)
        bottom = int(re.sub(r"[A-Z]", "", last) or 200)
        return [self.value(sheet, f"{letters}{row}") for row in range(top, bottom + 1)]
