"""Targets and tasks that stand in tables.

A column is known by its heading. A row with fewer cells than columns has merged ones: a cell of
words spreads over what is missing, leading cells are inherited from the row above.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from ..targets import Modality
from .duties import Duty, Role, read
from .numerals import number_of
from .quantities import Comparator, quantities
from .tables import Cell, Table
from .targets import Context, Kind, Target, read_targets
from .text import Text

_COLUMNS: Final = (
    ("number", re.compile(r"序号|编号|项次")),
    ("lead", re.compile(r"牵头(?:责任)?(?:单位|部门)?|主责(?:单位|部门)|主办单位")),
    ("assist", re.compile(r"配合(?:单位|部门)|参与(?:单位|部门)|协办单位|协同单位|责任及配合")),
    (
        "bodies",
        re.compile(r"(?:责任|负责|落实|实施|承办|完成|主管)(?:单位|部门|主体|分工|处室)|责任$"),
    ),
    ("deadline", re.compile(r"(?:完成|办结)?(?:时限|期限|时间)(?:要求|节点)?|时间进度|完成时间")),
    ("unit", re.compile(r"(?:计量|计算)?单\s?位")),
    (
        "goal",
        re.compile(r"(?:工作|总体|主要|年度|预期|任务|具体)?目标(?:任务|要求|值)?$|成果|成效"),
    ),
    (
        "measure",
        re.compile(
            r"(?:具体|工作|主要|推进|重点)?(?:措施|举措|内容|事项)|具体任务|任务内容|重点工作|工作任务|主要工作"
        ),
    ),
    ("task", re.compile(r"(?:重点|主要|目标|改革)?任务|类别|领域|项目名称|方面|行动|工程")),
    (
        "indicator",
        re.compile(r"(?:主要|具体|一级|二级|三级|核心|预期)?指标(?:名称)?$|目标名称|指标"),
    ),
    ("property", re.compile(r"属性|性质|类型|备注|数据来源|说明")),
)
_YEAR: Final = re.compile(r"(20[0-9]{2})年?|“?十([一二三四五六])五”?(?:期)?末")
_GROWTH: Final = re.compile(r"增速|增长|增幅|递增|增长率")
_FIGURE: Final = re.compile(r"[<>≥≤±+-]?[0-9][0-9,.]*(?:%|‰)?(?:左右|以上|以内)?")
_UNIT_IN: Final = re.compile(r"\(([^()]{1,12})\)$|\[([^\[\]]{1,12})\]$")
_BASE: Final = re.compile(r"基期|基数|实际|完成值|现状|实绩|预计完成")


@dataclass(slots=True)
class Task:
    """One row of a task list."""

    number: int
    group: str
    goal: str
    title: str
    start: int
    end: int
    duty: Duty | None = None
    group_title: str = ""
    goal_span: tuple[int, int] = (0, 0)
    deadline: str = ""
    annex: int = 0
    title_span: tuple[int, int] = (0, 0)


@dataclass(slots=True)
class GroupHead:
    """A group's heading in a task list, each time it is printed."""

    printed: str
    title: str
    start: int
    end: int
    before_task: int


@dataclass(slots=True)
class TableReading:
    """What a table says."""

    tasks: list[Task] = field(default_factory=list)
    groups: list[GroupHead] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    rows: int = 0
    """Rows of a table of targets."""
    unitless: list[Target] = field(default_factory=list)
    unclear: list[Cell] = field(default_factory=list)


def read_table(
    text: Text, table: Table, annex: int, place: str, first_task: int = 1
) -> TableReading:
    """Read one table; empty when its columns say it is neither tasks nor targets."""
    kinds = [_kind(cell.text) for cell in table.rows[0]]
    has_bodies = any(kind in ("bodies", "lead", "assist") for kind in kinds)
    if has_bodies and any(kind in ("task", "measure", "goal", "indicator") for kind in kinds):
        return _tasks(text, table, kinds, annex, place, first_task)
    if any(_YEAR.search(cell.text) for cell in table.rows[0]):
        if "indicator" in kinds or "task" in kinds or (kinds and kinds[0] in ("number", "goal")):
            return _targets(text, table, kinds, place)
    return TableReading()


def _kind(text: str) -> str:
    if len(text) > 16:
        return ""
    for name, pattern in _COLUMNS:
        if pattern.match(text):
            return name
    return ""


def _tasks(
    text: Text, table: Table, kinds: Sequence[str], annex: int, place: str, first: int
) -> TableReading:
    made = TableReading()
    wide = len(kinds)
    group = title_of_group = goal = ""
    goal_span = (0, 0)
    upper: dict[str, Cell] = {}
    number = first - 1
    has_title = "measure" in kinds
    for row in table.rows[1:]:
        cells = _aligned(row, wide)
        by: dict[str, Cell] = {}
        for kind, cell in zip(kinds, cells, strict=True):
            if kind and cell is not None and (kind not in by or not by[kind].text):
                by[kind] = cell
        head, task = by.get("number"), by.get("task")
        if (
            head
            and head.text
            and number_of(head.text.strip("()、."))
            and not head.text[0].isdigit()
        ):
            group = head.text.strip("()、.")
            title_of_group = task.text if task and has_title else ""
            made.groups.append(GroupHead(group, title_of_group, head.start, head.end, number + 1))
            goal, goal_span = "", (0, 0)
        elif has_title and task and task.text and task.text != title_of_group:
            title_of_group = task.text
            group = str(len(made.groups) + 1) if not group or made.groups[-1].title else group
            made.groups.append(GroupHead(group, task.text, task.start, task.end, number + 1))
            goal, goal_span = "", (0, 0)
        named = by.get("measure") if has_title else task
        named = named or by.get("goal") or by.get("indicator")
        if not named or not named.text:
            continue
        if (aim := by.get("goal")) and aim.text and aim is not named:
            goal, goal_span = aim.text, (aim.start, aim.end)
        printed = re.match(r"([0-9]{1,3})[.、](?![0-9])", named.text)
        if printed:
            number = int(printed[1])
        elif head and head.text.isdigit():
            number = int(head.text)
        else:
            number += 1
        skip = printed.end() if printed else 0
        duty = _duty_of_row(text, by, upper, cells, kinds)
        when = by.get("deadline")
        made.tasks.append(
            Task(
                number,
                group,
                goal,
                named.text[skip:],
                named.start,
                max((c.end for c in row), default=named.end),
                duty,
                title_of_group,
                goal_span,
                when.text if when else "",
                annex,
                (named.start + skip, named.end),
            )
        )
        spot = f"{place}:{number}"
        own = (aim.start, aim.end) if aim and aim.text and aim is not named else None
        if own:
            goals = read_targets(text.plain, [own], Context(goals=True, undated=True), spot)
            if not goals:
                words = text.plain[own[0] : own[1]]
                goals = [Target(words, Kind.QUALITATIVE, *own, words, place=spot)]
            made.targets += goals
        made.targets += read_targets(text.plain, [(named.start + skip, named.end)], Context(), spot)
    return made


def _aligned(row: Sequence[Cell], wide: int) -> list[Cell | None]:
    """Cells by column; of a short row the leading columns are missing (merged with above)."""
    if len(row) > wide:
        return list(row[:wide])
    return [None] * (wide - len(row)) + list(row)


def _duty_of_row(
    text: Text,
    by: dict[str, Cell],
    upper: dict[str, Cell],
    cells: Sequence[Cell | None],
    kinds: Sequence[str],
) -> Duty | None:
    whole: Duty | None = None
    for kind, role in (("lead", Role.LEAD), ("bodies", Role.UNSPECIFIED), ("assist", Role.ASSIST)):
        cell = by.get(kind)
        if cell is None and kind in kinds:
            cell = upper.get(kind)  # merged downwards
        if cell is None or not cell.text:
            continue
        upper[kind] = cell
        duty = read(text, cell.start, cell.end, role)
        if duty is None:
            continue
        if whole is None:
            whole = duty
        else:
            whole.mentions += duty.mentions
            whole.end = max(whole.end, duty.end)
    return whole


@dataclass(frozen=True, slots=True)
class _Column:
    year: int | None
    growth: bool
    base: bool = False


def _targets(text: Text, table: Table, kinds: Sequence[str], place: str) -> TableReading:
    made = TableReading()
    columns, lead, skip = _value_columns(table, kinds)
    unit_at = kinds.index("unit") if "unit" in kinds else None
    name_at = next(i for i, k in enumerate(kinds) if k in ("indicator", "task", "goal"))
    for row in table.rows[skip:]:
        cells = [c for c in row]
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
        i for i, cell in enumerate(first) if _YEAR.search(cell.text) or _is_value(cell.text)
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
        earliest = index == 0 and len([c for c in heads if _year(c.text)]) > 1 and not growth
        base = bool(_BASE.search(cell.text)) and not re.search(r"目标|预期", cell.text)
        del earliest
        columns.append(_Column(year or last, growth, base))
    return columns, start, 1


def _is_value(text: str) -> bool:
    return bool(_GROWTH.search(text)) or text in ("绝对量", "目标值")


def _year(text: str) -> int | None:
    found = _YEAR.search(text)
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
        if not number or number.count(".") > 1:
            return []
        percent = cell.text.count("%") > 0
        growth = columns[0].growth
        comparator = found.comparator if found else Comparator.EQUAL
        sign = {
            "≥": Comparator.AT_LEAST,
            ">": Comparator.MORE_THAN,
            "≤": Comparator.AT_MOST,
            "<": Comparator.LESS_THAN,
        }
        comparator = sign.get(cell.text[0], comparator)
        kind = Kind.AVERAGE_GROWTH if growth else Kind.LEVEL
        if not growth and comparator in (Comparator.AT_LEAST, Comparator.AT_MOST):
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
