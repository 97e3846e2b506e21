"""What the tables of a document say."""

from __future__ import annotations

from dataclasses import dataclass, field

from .duty import Duty
from .tables import Cell
from .target import Target


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
