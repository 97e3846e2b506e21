"""Targets and tasks that stand in tables.

A column is known by its heading. A row with fewer cells than columns has merged ones: a cell of
words spreads over what is missing, leading cells are inherited from the row above.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from .annex import GroupHead, TableReading, Task
from .annex_targets import YEAR, target_table
from .duty import Duty, Role
from .duty_reader import read
from .horizon import Horizon
from .numerals import number_of
from .quantities import years
from .tables import Cell, Table
from .target import Context, Kind, Target
from .targets import read_targets
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
            r"(?:具体|工作|主要|推进|重点|政策)?(?:措施|举措|内容|事项)|具体任务|任务内容|重点工作|工作任务|主要工作"
        ),
    ),
    ("task", re.compile(r"(?:重点|主要|目标|改革|年度)?任务|项目名称")),
    ("group", re.compile(r"(?:工作|重点|任务|事项)?(?:类别|领域|方向|板块)|方面|行动|工程")),
    (
        "indicator",
        re.compile(r"(?:主要|具体|一级|二级|三级|核心|预期)?指标(?:名称)?$|目标名称|指标"),
    ),
    ("property", re.compile(r"属性|性质|类型|备注|数据来源|说明")),
)


def read_table(
    text: Text,
    table: Table,
    annex: int,
    place: str,
    first_task: int = 1,
    doc_year: int | None = None,
    horizon: Horizon | None = None,
) -> TableReading:
    """Read one table; empty when its columns say it is neither tasks nor targets.

    Columns of years before the document's own (`doc_year`) hold what was, not what is to be.
    """
    kinds = _grouped([_kind(cell.text) for cell in table.rows[0]])
    has_bodies = any(kind in ("bodies", "lead", "assist") for kind in kinds)
    dated = any(YEAR.search(cell.text) for cell in table.rows[0])
    if "indicator" in kinds and dated:
        return target_table(text, table, kinds, place, doc_year)
    if has_bodies and any(kind in ("task", "measure", "goal", "indicator") for kind in kinds):
        whole = horizon if horizon is not None and horizon.yearly else None
        return _tasks(text, table, kinds, annex, place, first_task, whole)
    named = "indicator" in kinds or "task" in kinds or kinds[0] == "goal"
    if named and dated:
        return target_table(text, table, kinds, place, doc_year)
    return TableReading()


def _grouped(kinds: list[str]) -> list[str]:
    """A column of groups before one of tasks: tasks under a heading, as measures under a task."""
    if kinds.count("goal") > 1 and not {"task", "measure", "indicator"} & set(kinds):
        kinds[kinds.index("goal")] = "task"  # 目标任务 | 年度目标
    if "group" not in kinds:
        return kinds
    change = {"group": "task"}
    if "task" in kinds and "measure" in kinds:
        change = {"group": ""}
    elif "task" in kinds:
        change = {"group": "task", "task": "measure"}
    return [change.get(kind, kind) for kind in kinds]


def _kind(text: str) -> str:
    if len(text) > 16:
        return ""
    for name, pattern in _COLUMNS:
        if pattern.match(text):
            return name
    return ""


def _tasks(
    text: Text,
    table: Table,
    kinds: Sequence[str],
    annex: int,
    place: str,
    first: int,
    horizon: Horizon | None,
) -> TableReading:
    made = TableReading()
    wide = len(kinds)
    group = title_of_group = goal = ""
    goal_span = (0, 0)
    upper: dict[str, Cell] = {}
    above: Cell | None = None
    number = first - 1
    has_title = "measure" in kinds
    for row in table.rows[1:]:
        cells = _aligned(row, wide, kinds[0] == "number")
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
            if len([c for c in row if c.text]) <= 2:  # 一 | 综合目标: no task of its own
                title_of_group = task.text if task else ""
            made.groups.append(GroupHead(group, title_of_group, head.start, head.end, number + 1))
            goal, goal_span = "", (0, 0)
            if len([c for c in row if c.text]) <= 2:
                continue
        elif has_title and task and task.text and task.text != title_of_group:
            title_of_group = task.text
            group = str(len(made.groups) + 1) if not group or made.groups[-1].title else group
            made.groups.append(GroupHead(group, task.text, task.start, task.end, number + 1))
            goal, goal_span = "", (0, 0)
        named = by.get("measure") if has_title else task
        named = named or by.get("goal") or by.get("indicator")
        if (not named or not named.text) and head and head.text.isdigit():
            named = above
        if not named or not named.text:
            continue
        above = named
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
        said = years(when.text) if when else []
        due = Horizon(said[-1].year, None, True) if said else horizon
        own = (aim.start, aim.end) if aim and aim.text and aim is not named else None
        if own:
            context = Context(goals=True, undated=True, horizon=due)
            goals = read_targets(text.plain, [own], context, spot, keep=_short(named))
            if not goals:
                words = text.plain[own[0] : own[1]]
                goals = [Target(words, Kind.QUALITATIVE, *own, words, place=spot)]
            made.targets += goals
        span = (named.start + skip, named.end)
        made.targets += read_targets(text.plain, [span], Context(horizon=due), spot)
    return made


def _short(cell: Cell) -> str:
    """A task's name, where it is short enough to stand for what is counted."""
    return cell.text if len(cell.text) <= 16 else ""


def _aligned(row: Sequence[Cell], wide: int, numbered: bool) -> list[Cell | None]:
    """Cells by column; of a short row the leading columns are missing (merged with above), but
    not of one that begins with its number and a heading."""
    if len(row) > wide:
        return list(row[:wide])
    if numbered and len(row) <= 2 and row and number_of(row[0].text.strip("()、.")):
        return [*row, *[None] * (wide - len(row))]
    if numbered and row and row[0].text.isdigit():  # the number is there, what follows is merged
        return [row[0], *[None] * (wide - len(row)), *row[1:]]
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
