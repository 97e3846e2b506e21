"""Targets that stand in a table: a row for each indicator, a column for each year."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from ..targets import Modality
from .annex import TableReading
from .numerals import number_of
from .quantities import Comparator, quantities
from .tables import Cell, Table
from .target import Context, Kind, Target
from .targets import read_targets
from .text import Text

YEAR: Final = re.compile(r"(20[0-9]{2})年?|“?十([一二三四五六])五”?(?:期)?末")


_GROWTH: Final = re.compile(r"增速|增长|增幅|递增|增长率")


_FIGURE: Final = re.compile(
    r"(?P<sum>[\[(〔])?[<>≥≤±+-]?[0-9][0-9,.]*(?:%|‰)?(?P<how>左右|以上|以下|以内|及以上)?[\])〕]?"
)
_HOW: Final = {
    "左右": Comparator.ABOUT,
    "以上": Comparator.AT_LEAST,
    "及以上": Comparator.AT_LEAST,
    "以下": Comparator.AT_MOST,
    "以内": Comparator.AT_MOST,
}
_FALLS: Final = re.compile(r"(?:累计)?(?:降低|下降|减少|削减|压减)(?:率|幅度|比例)?$")


_UNIT_IN: Final = re.compile(r"\(([^()]{1,12})\)$|\[([^\[\]]{1,12})\]$")


_BASE: Final = re.compile(r"基期|基数|实际|完成值|现状|实绩|预计完成")


@dataclass(frozen=True, slots=True)
class _Column:
    year: int | None
    growth: bool
    base: bool = False


def target_table(
    text: Text, table: Table, kinds: Sequence[str], place: str, doc_year: int | None = None
) -> TableReading:
    """The targets of a table with columns by year; see `annexes.read_table`."""
    made = TableReading()
    columns, lead, skip = _value_columns(table, kinds)
    told = sorted({c.year for c in columns if c.year})
    if doc_year is None and len(told) == 2 and "property" in kinds:
        doc_year = told[1]  # what was, what is to be, and how binding it is
    if doc_year is not None and any(c.year and c.year >= doc_year for c in columns):
        columns = [replace(c, base=c.base or bool(c.year and c.year < doc_year)) for c in columns]
    unit_at = kinds.index("unit") if "unit" in kinds else None
    name_at = next(i for i, k in enumerate(kinds) if k in ("indicator", "task", "goal"))
    for row in table.rows[skip:]:
        cells = list(row)
        filled = [c for c in cells if c.text]
        if len(filled) < 2:
            continue
        number = number_of(cells[0].text) if kinds and kinds[0] == "number" else None
        spot = f"{place}:{number or made.rows + 1}"
        name_cell = cells[min(name_at, len(cells) - 1)]
        if not name_cell.text:
            name_cell = filled[0]
        name, unit = _named(name_cell.text)
        if unit_at is not None and unit_at < len(cells):
            unit = cells[unit_at].text or unit
        made.rows += 1
        values = cells[lead:]
        before = len(made.targets)
        for cell, spread in _spread(values, columns, made):
            made.targets += _cell_targets(text, cell, spread, name, unit, spot)
        if not unit:
            made.unitless += [
                t for t in made.targets[before:] if not t.unit and t.kind is not Kind.RELATIVE
            ]
    return made


def _value_columns(table: Table, kinds: Sequence[str]) -> tuple[list[_Column], int, int]:
    """The columns of figures, where they begin in a row, and the first row below the heading."""
    first = table.rows[0]
    start = next(
        i for i, cell in enumerate(first) if YEAR.search(cell.text) or _is_value(cell.text)
    )
    heads = first[start:]
    below = table.rows[1] if len(table.rows) > 1 else []
    sub = [
        c for c in below if c.text and (_GROWTH.search(c.text) or re.search(r"量|值|数", c.text))
    ]
    if (
        sub
        and len(sub) == len([c for c in below if c.text])
        and not any(_FIGURE.fullmatch(c.text) for c in below)
    ):
        each = max(1, len(sub) // max(1, len(heads)))
        columns = []
        for index, cell in enumerate(sub):
            over = heads[min(index // each, len(heads) - 1)].text
            columns.append(
                _Column(_year(over), bool(_GROWTH.search(cell.text)), bool(_BASE.search(over)))
            )
        return columns, start, 2
    columns = []
    last = max((y for c in heads if (y := _year(c.text))), default=None)
    for index, cell in enumerate(heads):
        if kinds[start + index] in ("property", "bodies", "lead", "assist", "unit"):
            break
        year, growth = _year(cell.text), bool(_GROWTH.search(cell.text))
        base = bool(_BASE.search(cell.text)) and not re.search(r"目标|预期", cell.text)
        columns.append(_Column(year or last, growth, base))
    return columns, start, 1


def _is_value(text: str) -> bool:
    return bool(_GROWTH.search(text)) or text in ("绝对量", "目标值")


def _year(text: str) -> int | None:
    found = YEAR.search(text)
    if not found:
        return None
    return (
        int(found[1])
        if found[1]
        else {"一": 2010, "二": 2015, "三": 2020, "四": 2025, "五": 2030, "六": 2035}[found[2]]
    )


def _named(text: str) -> tuple[str, str]:
    """A row's name and the unit in brackets behind it.

    >>> _named("工业增加值(亿元)"), _named("地区生产总值")
    (('工业增加值', '亿元'), ('地区生产总值', ''))
    """
    name = re.sub(r"^(?:[0-9]{1,2}[.、]|\([0-9一二三四五六七八九十]{1,3}\))", "", text)
    if found := _UNIT_IN.search(name):
        return name[: found.start()], found[1] or found[2]
    return name, ""


def _spread(
    values: Sequence[Cell], columns: Sequence[_Column], made: TableReading
) -> Iterator[tuple[Cell, list[_Column]]]:
    """Each cell with the columns it covers."""
    cells = list(values[: len(columns)])
    missing = len(columns) - len(cells)
    if missing > 0:
        wordy = [i for i, c in enumerate(cells) if c.text and not _FIGURE.fullmatch(c.text)]
        if len(wordy) != 1:
            made.unclear += [c for c in cells if c.text]
            return
        at = 0
        for index, cell in enumerate(cells):
            size = 1 + missing if index == wordy[0] else 1
            yield cell, list(columns[at : at + size])
            at += size
        return
    for cell, column in zip(cells, columns, strict=True):
        if cell.text and cell.text not in ("-", "—", "——", "/"):
            yield cell, [column]


def _cell_targets(
    text: Text, cell: Cell, columns: Sequence[_Column], name: str, unit: str, place: str
) -> list[Target]:
    columns = [c for c in columns if not c.base]
    if not columns:
        return []
    figure = _FIGURE.fullmatch(cell.text)
    found = next(iter(quantities(cell.text)), None)
    if figure and len(columns) == 1:
        number = re.sub(r"[^0-9.]", "", cell.text).strip(".")
        number = "-" + number if "-" in cell.text else number
        if not number.strip("-") or number.count(".") > 1:
            return []
        percent = cell.text.count("%") > 0
        growth = columns[0].growth
        comparator = found.comparator if found else Comparator.EQUAL
        comparator = _HOW.get(figure["how"], comparator)
        sign = {
            "≥": Comparator.AT_LEAST,
            ">": Comparator.MORE_THAN,
            "≤": Comparator.AT_MOST,
            "<": Comparator.LESS_THAN,
        }
        comparator = sign.get(cell.text.lstrip("[(〔")[0], comparator)
        kind = Kind.AVERAGE_GROWTH if growth else Kind.LEVEL
        if growth and figure["sum"]:  # 年均增速〔累计〕: in all
            kind, growth = Kind.GROWTH, False
            unit = "个百分点" if unit == "%" else unit
        if _FALLS.search(name):
            kind = Kind.REDUCTION
        elif not growth and comparator in (Comparator.AT_LEAST, Comparator.AT_MOST):
            kind = Kind.FLOOR if comparator is Comparator.AT_LEAST else Kind.CAP
        modality = {
            Comparator.AT_LEAST: Modality.AT_LEAST,
            Comparator.ABOUT: Modality.ABOUT,
            Comparator.AT_MOST: Modality.AT_MOST,
            Comparator.MORE_THAN: Modality.MORE_THAN,
        }.get(comparator, Modality.PLAIN)
        return [
            Target(
                name,
                kind,
                cell.start,
                cell.end,
                cell.text,
                value=Decimal(number),
                unit="%" if percent or growth else unit,
                comparator=comparator,
                modality=modality,
                year=columns[0].year,
                cumulative=bool(figure["sum"]),
                place=place,
            )
        ]
    made: list[Target] = []
    horizons = sorted({c.year for c in columns if c.year})
    years: list[int | None] = [*horizons] or [None]
    for year in years:
        context = Context(goals=True, undated=True, subject=name)
        context.year = year
        for target in read_targets(text.plain, [(cell.start, cell.end)], context, place, keep=name):
            if target.year is None:
                target.year = year
            same = [
                t
                for t in made
                if (t.kind, t.value, t.year) == (target.kind, target.value, target.year)
            ]
            if not same:
                made.append(target)
    return made
