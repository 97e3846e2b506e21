"""The parts a document is made of, before anything of it is understood."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from .tables import Table


class Level(IntEnum):
    """Kinds of headings, in the order of `_HEADS`."""

    CHAPTER = 0
    PART = 1
    ITEM = 2
    POINT = 3
    SUBPOINT = 4
    ARTICLE = 5


GENERAL: Final = re.compile(
    r"^[一-龥]{0,6}(?:总体(?:要求|思路|目标|部署|安排|考虑)|指导思想|基本原则|工作原则|主要原则|(?:主要|发展|工作|总|行动|建设|具体|预期|总体|重点|阶段)目标"
    r"|目标任务|目标要求|基本思路|基本情况|形势|背景|发展基础|发展现状|发展环境|现状|适用范围|适用对象|战略定位|发展定位|功能定位|名词解释|编制依据)"
    r"[一-龥、]{0,8}$|^(?:总则|附则|目标|空间布局)$"
)


PAST: Final = re.compile(
    r"^[一-龥]{0,4}(?:基本情况|形势|背景|发展基础|发展现状|发展环境|现状|成效|存在问题)[一-龥、]{0,8}(?:。|$)"
)


@dataclass(slots=True)
class Head:
    """A numbered heading: its level, printed number, and where its own text begins."""

    level: Level
    number: int | None
    printed: str
    line: int
    """Index of its line in the document's lines."""
    rest: int
    """Offset in the line after the number."""


@dataclass(slots=True)
class Section:
    """A stretch of lines under one heading."""

    number: int | None
    printed: str
    title: str
    title_start: int
    title_end: int
    body: list[tuple[int, int]] = field(default_factory=list)
    """Spans of its paragraphs in the plain string, headings of deeper levels included."""
    heads: list[Head] = field(default_factory=list)
    """Deeper headings, in order."""
    lines: tuple[int, int] = (0, 0)
    general: bool = False
    level: Level = Level.PART

    @property
    def start(self) -> int:
        return self.title_start

    @property
    def end(self) -> int:
        return self.body[-1][1] if self.body else self.title_end


@dataclass(slots=True)
class Annex:
    """What follows a line 附件N."""

    number: int | None
    title: str
    start: int
    end: int
    lines: tuple[int, int]
    tables: list[Table] = field(default_factory=list)


@dataclass(slots=True)
class Outline:
    """The skeleton."""

    title: str = ""
    title_span: tuple[int, int] = (0, 0)
    number: str = ""
    number_span: tuple[int, int] = (0, 0)
    issuer: str = ""
    draft: bool = False
    year: int | None = None
    """Year of issue, from the number or the date; None when neither is printed."""
    parts: list[Section] = field(default_factory=list)
    measures: list[tuple[int, Section]] = field(default_factory=list)
    """Index of the part (-1: none), and the measure."""
    annexes: list[Annex] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    """Tables of the body."""
    repeats: bool = False
    """More than one enclosed document: numbering starts again."""
