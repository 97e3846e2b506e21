"""What the rules say about a return: findings by cell, and whether it may be sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from jingkai.core.statements import Given, Statement
from jingkai.core.ui.public import local_name
from jingkai.engine.validation import Answer, judge
from jingkai.engine.validation import Finding as Doubt

from .gathering import Gathered, judged_on
from .models import Cell, Explanation, Level, Return
from .phrases import Packed, pack, say
from .queries.cells import cells_of
from .rulebook import LoadedRule, advice_of, rulebook_on
from .states import EDITABLE_CELLS


@dataclass(frozen=True, slots=True)
class Finding:
    """One doubt about one cell. `explanation` is what was said about this very value.

    `suggestion` is the latest explanation of the same doubt from an earlier period, and
    `suggestion_id` its id, to be handed back as `reused_from`. `figures` is what the sentence is
    made of ({"key", "params", "figures"}). `locked`: the cell is not at the filler's desk.
    """

    cell_id: int
    indicator: str
    scope: str
    part: str
    rule_id: int
    rule: str
    level: Level
    message: str
    advice: str
    figures: Mapping[str, object] = field(default_factory=dict)
    explanation: str = ""
    suggestion: str = ""
    suggestion_id: int | None = None
    locked: bool = False

    @property
    def is_open(self) -> bool:
        """Stands in the way of sending: to be fixed, or to be explained and not explained yet."""
        if self.locked:
            return False
        return self.level == Level.FIX or (self.level == Level.EXPLAIN and not self.explanation)

    @property
    def key(self) -> str:
        """Which of the rule's sentences this is."""
        return str(self.figures.get("key", ""))


@dataclass(frozen=True, slots=True)
class Judgement:
    """All findings of a return, in the order of its cells."""

    findings: tuple[Finding, ...]

    @property
    def by_cell(self) -> dict[int, list[Finding]]:
        grouped: dict[int, list[Finding]] = {}
        for finding in self.findings:
            grouped.setdefault(finding.cell_id, []).append(finding)
        return grouped

    @property
    def open(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.is_open)

    @property
    def may_be_sent(self) -> bool:
        return not self.open

    def count(self, level: Level) -> int:
        return sum(1 for f in self.findings if f.level == level)


@dataclass(frozen=True, slots=True)
class Proposed:
    """A figure not saved yet, to be judged as if it were."""

    value: Decimal | None
    absence: str = ""


Doubts = list[tuple[Cell, LoadedRule, Doubt]]
_SAID: Final = Statement(
    lambda: Explanation.objects.filter(cell__in_return=Given("in_return")).order_by("-id")
)


def judge_return(
    in_return: Return,
    *,
    cells: Sequence[Cell] | None = None,
    proposed: Mapping[int, Proposed] | None = None,
) -> Judgement:
    """Let every rule in force look at every cell. At most 12 queries at any number of cells.

    `cells` are those of `cells_of` as they stand now, when the caller has them. `proposed` maps
    cell ids to figures that replace the saved ones for this judgement only.
    """
    if cells is None:
        cells = cells_of(in_return)
    if not cells:
        return Judgement(())
    answers = {cell.pk: _answer(cell, (proposed or {}).get(cell.pk)) for cell in cells}
    rulebook = rulebook_on(judged_on(in_return))
    if not rulebook.rules:
        return Judgement(())
    gathered = Gathered(in_return, cells, answers, rulebook)
    by_code = rulebook.by_code
    rules = [loaded.rule for loaded in rulebook.rules]
    at = {(cell.scope, cell.indicator.code, cell.part): cell for cell in cells}
    order = {cell.pk: place for place, cell in enumerate(cells)}
    doubts: Doubts = []
    for scope, given in gathered.givens().items():
        for doubt in judge(rules, given):
            cell = _spot(doubt, scope, at)
            if cell is not None:
                doubts.append((cell, by_code[doubt.rule], doubt))
    doubts.sort(key=lambda each: (order[each[0].pk], each[2].order))
    names = {code: local_name(row) for code, row in gathered.indicators.items()}
    said = _explanations(cells) if doubts else {}
    earlier = _suggestions(in_return, doubts, said, answers)
    return Judgement(
        tuple(
            _finding(cell, loaded, doubt, names, said, earlier, answers[cell.pk])
            for cell, loaded, doubt in doubts
        )
    )


def _answer(cell: Cell, proposed: Proposed | None) -> Answer:
    if proposed is not None:
        return Answer(proposed.value, proposed.absence)
    return Answer(cell.value, cell.absence)


def _spot(doubt: Doubt, scope: str, at: Mapping[tuple[str, str, str], Cell]) -> Cell | None:
    """The cell a doubt belongs to: the engine's, or one that can still be mended.

    A sum may name several cells: when the one it is said of is locked, the doubt goes to the
    first of the others that is at the filler's desk.
    """
    cell = at.get((scope, doubt.indicator, doubt.part))
    if cell is None or cell.state in EDITABLE_CELLS:
        return cell
    named = [code for value in doubt.params.values() if isinstance(value, tuple) for code in value]
    others = (at.get((scope, code, doubt.part)) for code in named)
    return next((o for o in others if o is not None and o.state in EDITABLE_CELLS), cell)


Said = Mapping[tuple[int, str], Sequence[Explanation]]


def _explanations(cells: Sequence[Cell]) -> Said:
    """What was said of the cells, the newest first, by cell and rule. 1 query."""
    said: dict[tuple[int, str], list[Explanation]] = {}
    for row in _SAID(in_return=cells[0].in_return_id):
        said.setdefault((row.cell_id, row.rule_code), []).append(row)
    return said


def _holding(said: Said, cell: Cell, rule: str, answer: Answer) -> Explanation | None:
    """The newest explanation, if it was given for this very value."""
    newest = next(iter(said.get((cell.pk, rule), ())), None)
    return newest if newest is not None and newest.value == answer.value else None


def _suggestions(
    in_return: Return, doubts: Doubts, said: Said, answers: Mapping[int, Answer]
) -> dict[tuple[int, str, str], Explanation]:
    """The latest explanation of the same doubt from an earlier period. At most 1 query."""
    wanted = {
        (cell.indicator_id, cell.scope, loaded.row.code)
        for cell, loaded, _doubt in doubts
        if loaded.row.level == Level.EXPLAIN
        and _holding(said, cell, loaded.row.code, answers[cell.pk]) is None
    }
    if not wanted:
        return {}
    rows = (
        Explanation.objects.filter(
            cell__in_return__body_id=in_return.body_id,
            cell__indicator_id__in={each[0] for each in wanted},
            cell__scope__in={each[1] for each in wanted},
            rule_code__in={each[2] for each in wanted},
            cell__in_return__campaign__period_end__lt=in_return.campaign.period_end,
        )
        .select_related("cell")
        .order_by("cell__indicator_id", "cell__scope", "rule_code", "-id")
        .distinct("cell__indicator_id", "cell__scope", "rule_code")
    )
    return {(row.cell.indicator_id, row.cell.scope, row.rule_code): row for row in rows}


def _finding(
    cell: Cell,
    loaded: LoadedRule,
    doubt: Doubt,
    names: Mapping[str, str],
    said: Said,
    earlier: Mapping[tuple[int, str, str], Explanation],
    answer: Answer,
) -> Finding:
    row = loaded.row
    packed: Packed = pack(doubt)
    explanation = _holding(said, cell, row.code, answer)
    before = earlier.get((cell.indicator_id, cell.scope, row.code)) if not explanation else None
    return Finding(
        cell_id=cell.pk,
        indicator=cell.indicator.code,
        scope=cell.scope,
        part=cell.part,
        rule_id=row.pk,
        rule=row.code,
        level=Level(row.level),
        message=say(packed, doubt.indicator, names, part=doubt.part),
        advice=advice_of(row),
        figures=packed,
        explanation=explanation.text if explanation else "",
        suggestion=before.text if before else "",
        suggestion_id=before.pk if before else None,
        locked=cell.state not in EDITABLE_CELLS,
    )
