"""Which rows a refused write was refused for: the database names a constraint, not a row.

Each constraint is asked of the staged rows in SQL, so the answer takes as long for a hundred
thousand rows as for one query over them, and names the cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, models
from django.utils.translation import gettext as _

from .cells import CellProblem, SheetData, Table
from .judging import MAX_PROBLEMS


def clashes(
    cursor: Any, data: SheetData, table: Table, model: type[models.Model], stage: str
) -> list[CellProblem]:
    """Problems of the rows in `stage` (columns of `model`, `_id`, `_ord`, `_kind`)."""
    found = _Constraints(cursor, data, table, model, stage).problems()
    return found[:MAX_PROBLEMS] or [
        CellProblem(
            data.sheet,
            "",
            "",
            _(
                "Two rows of the file clash with each other: a value that "
                "must be unique stands in both."
            ),
            "clash",
        )
    ]


class _Constraints:
    def __init__(
        self, cursor: Any, data: SheetData, table: Table, model: type[models.Model], stage: str
    ) -> None:
        self.cursor, self.data, self.table, self.stage = cursor, data, table, stage
        self.model, self.meta = model, model._meta
        self.quote = connection.ops.quote_name

    def problems(self) -> list[CellProblem]:
        meta: Any = self.meta
        found: list[CellProblem] = []
        singles = [(f.name,) for f in meta.concrete_fields if f.unique and not f.primary_key]
        for names in [*singles, *(tuple(group) for group in meta.unique_together)]:
            found += self._doubled(names, self._once(names))
        for constraint in meta.constraints:
            own = constraint.violation_error_message
            said = (
                str(constraint.get_violation_error_message())
                if own != constraint.default_violation_error_message
                else ""
            )
            if isinstance(constraint, models.UniqueConstraint) and constraint.fields:
                names = tuple(constraint.fields)
                with connection.schema_editor(collect_sql=True, atomic=False) as editor:
                    only = constraint._get_condition_sql(self.model, editor)  # type: ignore[attr-defined]
                found += self._doubled(names, said or self._once(names), only or "true")
            elif isinstance(constraint, models.CheckConstraint):
                found += self._unchecked(constraint, said)
        return found

    def _once(self, names: tuple[str, ...]) -> str:
        return " ".join(self.model().unique_error_message(self.model, names).messages)

    def _at(self, names: Sequence[str], said: str) -> list[CellProblem]:
        place = next((n for n in reversed(names) if n in self.table.letters), "")
        return [self.data.problem_at(n, place, said, "clash") for (n,) in self.cursor.fetchall()]

    def _doubled(self, names: tuple[str, ...], said: str, only: str = "true") -> list[CellProblem]:
        """Rows whose values stand in another row of the file, or in a row the file leaves alone.

        `only` is the condition of a constraint that does not bind every row.
        """
        meta: Any = self.meta
        columns = [self.quote(meta.get_field(name).column) for name in names]
        listed = ", ".join(columns)
        filled = " AND ".join(f"s.{c} IS NOT NULL" for c in columns)
        equal = " AND ".join(f"t.{c} = s.{c}" for c in columns)
        only = only.replace("%", "%%")
        table, pk = self.quote(meta.db_table), self.quote(meta.pk.column)
        self.cursor.execute(
            f"SELECT s._ord FROM (SELECT *, count(*) OVER (PARTITION BY {listed}) AS _same "
            f"FROM {self.stage} WHERE {only}) s WHERE s._kind <> 'S' "
            f"AND {filled} AND (s._same > 1 OR EXISTS ("
            f"SELECT 1 FROM (SELECT * FROM {table} WHERE {only}) t WHERE {equal} AND NOT EXISTS "
            f"(SELECT 1 FROM {self.stage} o WHERE o._id = t.{pk}))) ORDER BY s._ord LIMIT %s",
            [MAX_PROBLEMS],
        )
        return self._at(names, said)

    def _unchecked(self, constraint: models.CheckConstraint, said: str) -> list[CellProblem]:
        with connection.schema_editor(collect_sql=True, atomic=False) as editor:
            condition = constraint._get_check_sql(self.model, editor)  # type: ignore[attr-defined]
        self.cursor.execute(
            f"SELECT _ord FROM {self.stage} WHERE NOT ({condition.replace('%', '%%')}) "
            "AND _kind <> 'S' ORDER BY _ord LIMIT %s",
            [MAX_PROBLEMS],
        )
        asked: Any = constraint.condition
        told = said or str(constraint.get_violation_error_message())
        return self._at(sorted(asked.referenced_base_fields), told)
