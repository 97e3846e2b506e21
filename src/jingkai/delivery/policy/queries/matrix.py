"""Who is named how often: bodies down, measures across."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Count, Q

from jingkai.core.accounts.public import User
from jingkai.masterdata.organisations.public import Body

from ..models import Measure, Responsibility
from .document import visible_clauses, visible_measures, visible_tasks


@dataclass(frozen=True, slots=True)
class Cell:
    """Clauses of one measure that name one body, and how many of them it leads or assists."""

    clauses: int = 0
    lead: int = 0
    assist: int = 0


@dataclass(frozen=True, slots=True)
class MatrixRow:
    body: Body
    cells: list[Cell]
    tasks: Cell  # key tasks; `clauses` counts tasks here

    @property
    def total(self) -> int:
        return sum(cell.clauses for cell in self.cells)

    @property
    def leads(self) -> int:
        return sum(cell.lead for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Bodies in protocol order. A column's sum counts namings; a clause names several bodies."""

    measures: list[Measure]
    rows: list[MatrixRow] = field(default_factory=list)

    @property
    def sums(self) -> list[int]:
        columns = range(len(self.measures))
        return [sum(row.cells[column].clauses for row in self.rows) for column in columns]

    @property
    def total(self) -> int:
        return sum(self.sums)

    @property
    def task_sum(self) -> int:
        return sum(row.tasks.clauses for row in self.rows)


_LEADS = Count("pk", filter=Q(role="lead"))
_ASSISTS = Count("pk", filter=Q(role="assist"))


def body_matrix(*, user: User) -> Matrix:
    """The matrix of all named bodies. 4 queries at any size."""
    measures = list(visible_measures(user).order_by("number"))
    column = {measure.pk: index for index, measure in enumerate(measures)}
    cells: defaultdict[int, dict[int, Cell]] = defaultdict(dict)
    counted = (
        Responsibility.objects.filter(clause__in=visible_clauses(user))
        .order_by()
        .values("body_id", "clause__measure_id")
        .annotate(clauses=Count("pk"), lead=_LEADS, assist=_ASSISTS)
    )
    for item in counted:
        place = column[item["clause__measure_id"]]
        cells[item["body_id"]][place] = Cell(item["clauses"], item["lead"], item["assist"])
    tasks = {
        item["body_id"]: Cell(item["clauses"], item["lead"], item["assist"])
        for item in Responsibility.objects.filter(task__in=visible_tasks(user))
        .order_by()
        .values("body_id")
        .annotate(clauses=Count("pk"), lead=_LEADS, assist=_ASSISTS)
    }
    bodies = Body.objects.filter(pk__in=cells.keys() | tasks.keys()).order_by("position", "code")
    nothing = Cell()
    return Matrix(
        measures,
        [
            MatrixRow(
                body,
                [cells[body.pk].get(index, nothing) for index in range(len(measures))],
                tasks.get(body.pk, nothing),
            )
            for body in bodies
        ],
    )
