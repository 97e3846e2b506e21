"""Precision and recall of a reading against a truth, and what differed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from jingkai.engine.policytext import Reading, Target

SIGN = {"lead": "*", "assist": "+", "unspecified": ""}
COMPARED = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}


@dataclass
class Score:
    """Hits, inventions and omissions; `notes` says which."""

    hit: int = 0
    invented: int = 0
    missed: int = 0
    notes: list[str] = field(default_factory=list)

    def add(self, where: str, found: Iterable[str], truth: Iterable[str]) -> None:
        one, two = Counter(found), Counter(truth)
        self.hit += (one & two).total()
        self.invented += (one - two).total()
        self.missed += (two - one).total()
        self.notes += [f"{where}: invented {x}" for x in (one - two)]
        self.notes += [f"{where}: missed {x}" for x in (two - one)]

    @property
    def precision(self) -> float:
        return self.hit / max(1, self.hit + self.invented)

    @property
    def recall(self) -> float:
        return self.hit / max(1, self.hit + self.missed)


def measures(reading: Reading) -> list[str]:
    return [f"{m.printed} {m.title}" for m in reading.measures]


def brackets(reading: Reading) -> list[list[str]]:
    """Names with their roles' signs, in order, of every bracket of the measures."""
    return [
        [body.name + SIGN[body.role] for body in clause.bodies]
        for measure in reading.measures
        for clause in measure.clauses
        if clause.bodies
    ]


def target_line(target: Target, *, based: bool) -> str:
    """A dated target as the truth file writes it."""
    value = (
        COMPARED[target.comparator] + target.benchmark
        if target.value is None
        else f"{target.value:f}"
    )
    line = f"{target.indicator} | {value} | {target.unit} | {target.year}"
    return f"{line} | {target.base_year}" if based else line


def dated(reading: Reading) -> list[Target]:
    """Targets due in a stated year (not: every year, nor caps without one)."""
    return [t for t in reading.targets if t.year and t.year_stated and not t.annual]


def score_targets(score: Score, where: str, reading: Reading, truth: list[str]) -> None:
    with_base = {line.rsplit(" | ", 1)[0] for line in truth if line.count("|") == 4}
    found = []
    for target in dated(reading):
        short = target_line(target, based=False)
        found.append(target_line(target, based=short in with_base))
    score.add(where, found, truth)
