"""Everything an output says of a run, read once from the run's own rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.conf import settings

from jingkai.engine.composite import Cell, Element, Method, Result, Table, Tree, build

from ..computing import Unit, run_definition, run_table
from ..computing.table import run_units
from ..definition import Definition, Node
from ..models import Run, RunInput, RunLedgerLine, RunState, ZoneResult


@dataclass(frozen=True)
class Paper:
    """A run as its outputs need it. Zones stand in the order of the run's table."""

    run: Run
    definition: Definition
    units: Sequence[Unit]
    results: Mapping[str, ZoneResult]
    inputs: Mapping[tuple[str, str, int], RunInput]
    lines: Sequence[RunLedgerLine]

    @cached_property
    def tree(self) -> Tree:
        return self.definition.tree()

    @cached_property
    def method(self) -> Method:
        return self.definition.engine_method()

    @cached_property
    def aggregates(self) -> tuple[Node, ...]:
        """Inner nodes, lower levels first: the order in which they are computed."""
        by_code = self.definition.by_code
        return tuple(by_code[group.code] for group in self.tree.groups)

    def element(self, code: str) -> Element:
        return self.tree.elements[self.tree.node(code)]

    @cached_property
    def table(self) -> Table:
        """The run's table, from its own rows."""
        return run_table(self.run)

    @cached_property
    def built(self) -> Result:
        """The run built again: exact scores and where each figure came from; nothing is drawn."""
        return build(self.table, self.tree, self.method)

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {unit: row for row, unit in enumerate(self.built.units)}

    def score(self, zone: str, node: str) -> float | None:
        """Score of a node before bonus and deduction; None = none."""
        row = self._rows.get(zone)
        return None if row is None else _known(self.built.scores[row, self.tree.node(node)])

    def final(self, zone: str) -> float | None:
        """Score after bonus, deduction and veto; None = none."""
        row = self._rows.get(zone)
        return None if row is None else _known(self.built.index[row])

    def cell(self, zone: str, leaf: str) -> Cell:
        """Where the engine took a leaf's figure from."""
        row = self._rows.get(zone)
        return (
            Cell.MISSING if row is None else Cell(int(self.built.cells[row, self.tree.node(leaf)]))
        )

    def figure(self, zone: str, leaf: str, year: int) -> Decimal | None:
        """The frozen figure of a leaf."""
        row = self.inputs.get((zone, leaf, year))
        return None if row is None else row.value

    @cached_property
    def ranking(self) -> list[tuple[Unit, ZoneResult]]:
        """Zones with a rank, best first, then the others in their order."""
        pairs = [(unit, self.results[unit.code]) for unit in self.units]
        return sorted(pairs, key=lambda pair: (pair[1].rank is None, pair[1].rank or 0))

    @property
    def is_trial(self) -> bool:
        return self.run.kind == "trial"

    @property
    def _standing(self) -> str:
        if self.is_trial:
            return "试算结果，不得外传"
        if self.run.state in (RunState.CANCELLED, RunState.SUPERSEDED):
            return "本次评价已作废"
        return "" if self.run.state == RunState.PUBLISHED else "尚未公布，不得外传"

    @property
    def missing_words(self) -> str:
        """What the method does with a figure that is not there."""
        if self.method.impute.method == "none":
            return "缺失的数据不得分也不扣分，其分值由同级其他指标分摊"
        return (
            "缺失的数据按方案规定插补（插补值不计入数据覆盖率），"
            "无从插补的，其分值由同级其他指标分摊"
        )

    @property
    def mark(self) -> str:
        """What must stand on every page: a trial, not published, void; synthetic data."""
        marks = [said] if (said := self._standing) else []
        if settings.DEMO:
            marks.append("演示数据")
        return "；".join(marks)


def paper_of(run: Run) -> Paper:
    """Read a run for its outputs. 3 queries at any size."""
    inputs = {
        (row.zone.code, row.node, row.year): row
        for row in run.inputs.select_related("zone").order_by()
    }
    results = {row.zone.code: row for row in run.results.select_related("zone").order_by("pk")}
    lines = list(run.ledger_lines.select_related("zone").order_by("zone__code", "pk"))
    return Paper(run, run_definition(run), run_units(run), results, inputs, lines)


def _known(value: float) -> float | None:
    number = float(value)
    return None if number != number else number
