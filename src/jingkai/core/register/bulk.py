"""Thousands of rows at once: judged by column, matched and written by the database.

The way of `imports.import_rows` for large files of models without rules of their own. The rows go
by COPY into a temporary table of the model's own column types; existing objects, differences and
audit events are then single statements. What is judged, written and told is the same as row by row.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit

from .cells import CellProblem, SheetData, Table
from .clashes import clashes
from .judging import MAX_PROBLEMS, judged

MIN_ROWS: Final = 500
STAGE: Final = "register_stage"
_SHOWN: Final = 50
_PLAIN = (
    models.CharField,
    models.TextField,
    models.IntegerField,
    models.DecimalField,
    models.BooleanField,
    models.DateField,
)
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})

Tell = Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Counts, what is wrong, and (row number, label, kind, changes) of the first rows."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: tuple[CellProblem, ...] = ()
    shown: tuple[tuple[int, str, str, dict[str, list[Any]]], ...] = ()


def fits(model: type[models.Model], names: Iterable[str]) -> bool:
    """Whether `names` of `model` can be judged by column and the rest is filled by constants."""
    own = set(names)
    meta = model._meta
    return (
        model.clean is models.Model.clean
        and model.clean_fields is models.Model.clean_fields
        and isinstance(meta.pk, models.AutoField)
        and not meta.parents
        and all(_simple(f) if f.name in own else _constant(f) for f in meta.concrete_fields[1:])
        and meta.concrete_fields[0] is meta.pk
    )


def _simple(field: models.Field[Any, Any]) -> bool:
    if isinstance(field, models.ForeignKey):
        return bool(field.target_field.primary_key)
    return isinstance(field, _PLAIN) and not isinstance(field, models.DateTimeField)


def _constant(field: models.Field[Any, Any]) -> bool:
    dated = getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    return not dated and (
        not callable(field.default) or field.default in (dict, list, models.NOT_PROVIDED)
    )


def import_table(
    data: SheetData,
    *,
    model: type[models.Model],
    key: str,
    action: str,
    actor: User,
    now: datetime,
    dry_run: bool,
    tell: Tell,
) -> Outcome:
    """Judge and write `data.table` inside the caller's transaction.

    Changes stand in the database afterwards only when there are no problems; the caller takes back
    a dry run. `tell(percent, words)` is called between the steps. Raises nothing of its own: what
    the database refuses is told as problems at the cells concerned.
    """
    table = data.table
    assert table is not None
    fields: list[Any] = [model._meta.get_field(name) for name in table.columns]
    problems = judged(data, table, key, fields)
    if problems:
        return Outcome(problems=tuple(problems))
    tell(30, _("Comparing with what is recorded"))
    work = _Work(data, table, model, key, fields)
    with connection.cursor() as cursor:
        work.stage(cursor)
        created, changed, unchanged = work.counts(cursor)
        if created and (problems := work.lacking(cursor)):
            return Outcome(problems=tuple(problems))
        tell(50, _("Writing"))
        try:
            with transaction.atomic():
                work.write(cursor, created, changed)
        except IntegrityError:
            return Outcome(problems=tuple(clashes(cursor, data, table, model, STAGE)))
        shown = work.shown(cursor)
        if not dry_run:
            tell(75, _("Keeping the history"))
            work.record(cursor, action, actor, now)
        cursor.execute(f"DROP TABLE {STAGE}")
    return Outcome(created, changed, unchanged, (), tuple(shown))


def _copied(field: Any, values: Sequence[Any]) -> list[str]:
    """A column in the text form of COPY."""
    if field.is_relation:
        return [r"\N" if value is None else str(value.pk) for value in values]
    if isinstance(field, models.BooleanField):
        return [r"\N" if value is None else "t" if value else "f" for value in values]
    texts = [r"\N" if value is None else str(value) for value in values]
    if field.empty_strings_allowed:
        return _escaped(values)
    return texts


def _escaped(values: Sequence[Any]) -> list[str]:
    if None in values:
        return [r"\N" if x is None else str(x).translate(_ESCAPES) for x in values]
    whole = "".join(values)
    if any(char in whole for char in "\\\t\n\r"):
        return [x.translate(_ESCAPES) for x in values]
    return list(values)


class _Work:
    """The statements of one import: names and expressions made once."""

    def __init__(
        self,
        data: SheetData,
        table: Table,
        model: type[models.Model],
        key: str,
        fields: Sequence[Any],
    ) -> None:
        self.data, self.table, self.model, self.fields = data, table, model, fields
        quote = connection.ops.quote_name
        self.quote = quote
        self.target = quote(model._meta.db_table)
        meta: Any = model._meta
        self.pk_column: str = meta.pk.column
        self.pk = quote(self.pk_column)
        self.key = quote(meta.get_field(key).column)
        own = set(table.columns)
        self.others: list[Any] = [
            f for f in model._meta.concrete_fields if f.name not in own and not f.primary_key
        ]
        self.files = [quote(f.column) for f in fields]

    def stage(self, cursor: Any) -> None:
        """Fill the stage: each row with its object's id, what it was before, and its state.

        `_old_…` hold the values before (NULL for a new object), `_kind` is N, C or S (same).
        """
        raw = "register_raw"
        cursor.execute(f"DROP TABLE IF EXISTS {raw}, {STAGE}")
        names = ", ".join(self.files)
        cursor.execute(
            f"CREATE TEMP TABLE {raw} ON COMMIT DROP AS SELECT {names}, 0 AS _ord, '' AS _label "
            f"FROM {self.target} WITH NO DATA"
        )
        with cursor.copy(f"COPY {raw} ({names}, _ord, _label) FROM STDIN") as copy:
            for chunk in self._lines():
                copy.write(chunk)
        cursor.execute(f"ANALYZE {raw}")
        cursor.execute(
            f"SELECT count(*) FROM (SELECT t.{self.pk} FROM {self.target} t WHERE t.{self.key} IN "
            f"(SELECT {self.key} FROM {raw}) ORDER BY t.{self.pk} FOR UPDATE) locked"
        )
        differs = " OR ".join(
            f"coalesce(s.{n}, '') <> coalesce(t.{n}, '')"
            if f.empty_strings_allowed and not f.is_relation
            else f"s.{n} IS DISTINCT FROM t.{n}"
            for f, n in zip(self.fields, self.files, strict=True)
        )
        before = "".join(f", t.{n} AS {self._old(f)}" for f, n in self._pairs())
        rest, values = "", []
        for field in self.others:
            column = self.quote(field.column)
            cast = field.cast_db_type(connection) if field.db_type(connection) else "text"
            rest += (
                f", CASE WHEN t.{self.pk} IS NULL THEN %s::{cast} ELSE t.{column} END AS {column}"
            )
            values.append(field.get_db_prep_save(field.get_default(), connection))
        cursor.execute(
            f"CREATE TEMP TABLE {STAGE} ON COMMIT DROP AS SELECT CASE WHEN _kind = 'N' THEN "
            f"nextval(pg_get_serial_sequence(%s, %s)) ELSE {self.pk} END AS _id, joined.* FROM ("
            f"SELECT t.{self.pk}, CASE WHEN t.{self.pk} IS NULL THEN 'N' WHEN {differs} THEN 'C' "
            f"ELSE 'S' END AS _kind, s.*{before}{rest} FROM {raw} s LEFT JOIN {self.target} t "
            f"ON t.{self.key} = s.{self.key} ORDER BY s._ord) joined",
            [self.target, self.pk_column, *values],
        )
        cursor.execute(f"DROP TABLE {raw}")

    def _pairs(self) -> list[tuple[Any, str]]:
        return list(zip(self.fields, self.files, strict=True))

    def _old(self, field: Any) -> str:
        return str(self.quote(f"_old_{field.column}"))

    def _lines(self) -> Iterable[bytes]:
        columns = [_copied(f, self.table.columns[f.name]) for f in self.fields]
        columns.append([str(n) for n in range(len(self.table.numbers))])
        columns.append(_escaped(self._labels()))
        lines = map("\t".join, zip(*columns, strict=True))
        batch: list[str] = []
        for line in lines:
            batch.append(line)
            if len(batch) == 5000:
                yield ("\n".join(batch) + "\n").encode()
                batch = []
        if batch:
            yield ("\n".join(batch) + "\n").encode()

    def _labels(self) -> list[str]:
        """What each row's object calls itself, from one object dressed in each row in turn."""
        obj = self.model()
        bare = dict(obj.__dict__)
        names = [f.attname for f in self.fields]
        links = [(i, f.name) for i, f in enumerate(self.fields) if f.is_relation]
        labels = []
        for line in zip(*self.table.columns.values(), strict=True):
            obj.__dict__ = {**bare, **dict(zip(names, line, strict=True))}
            for i, name in links:
                obj.__dict__[names[i]] = None if line[i] is None else line[i].pk
                obj._state.fields_cache[name] = line[i]
            labels.append(str(obj)[:300])
        return labels

    def counts(self, cursor: Any) -> tuple[int, int, int]:
        cursor.execute(f"SELECT _kind, count(*) FROM {STAGE} GROUP BY _kind")
        found = dict(cursor.fetchall())
        return found.get("N", 0), found.get("C", 0), found.get("S", 0)

    def lacking(self, cursor: Any) -> list[CellProblem]:
        """What new objects need and the file has no column for."""
        lacks: list[tuple[str, str, str]] = []
        for field in self.others:
            value = field.get_default()
            if field.is_relation:
                if not field.null and value is None:
                    lacks.append((field.name, _("This cell must be filled in."), "required"))
            elif not (field.blank and value in field.empty_values):
                try:
                    field.clean(value, None)
                except ValidationError as error:
                    lacks.append((field.name, " ".join(error.messages), "invalid"))
        if not lacks:
            return []
        cursor.execute(
            f"SELECT _ord FROM {STAGE} WHERE _kind = 'N' ORDER BY _ord LIMIT %s", [MAX_PROBLEMS]
        )
        found = [self.data.problem_at(n, *lack) for (n,) in cursor.fetchall() for lack in lacks]
        return found[:MAX_PROBLEMS]

    def write(self, cursor: Any, created: int, changed: int) -> None:
        """Insert the new and update the changed, labels of the latter as they are afterwards."""
        if created:
            names = ", ".join(self.files + [self.quote(f.column) for f in self.others])
            cursor.execute(
                f"INSERT INTO {self.target} ({self.pk}, {names}) "
                f"SELECT _id, {names} FROM {STAGE} WHERE _kind = 'N' ORDER BY _ord"
            )
        if changed:
            sets = ", ".join(f"{n} = s.{n}" for n in self.files)
            cursor.execute(
                f"UPDATE {self.target} t SET {sets} FROM {STAGE} s "
                f"WHERE t.{self.pk} = s._id AND s._kind = 'C'"
            )
            if self.others:
                self._relabel(cursor)

    def _relabel(self, cursor: Any) -> None:
        cursor.execute(f"SELECT _id FROM {STAGE} WHERE _kind = 'C'")
        ids = [row[0] for row in cursor.fetchall()]
        labels = {}
        for start in range(0, len(ids), 5000):
            part = self.model._default_manager.filter(pk__in=ids[start : start + 5000])
            labels.update({obj.pk: str(obj)[:300] for obj in part})
        cursor.execute(
            f"UPDATE {STAGE} s SET _label = v.label FROM "
            "unnest(%s::bigint[], %s::text[]) AS v(id, label) WHERE s._id = v.id",
            [list(labels), list(labels.values())],
        )

    def _changes(self) -> tuple[str, list[Any]]:
        """SQL of {field: [old, new]} as the trail keeps it, and its parameters."""
        parts, values = [], []
        for field, name in self._pairs():
            default = field.get_db_prep_save(field.get_default(), connection)
            old, new = f"s.{self._old(field)}", f"s.{name}"
            shown_old, shown_new = f"to_jsonb({old})", f"to_jsonb({new})"
            if isinstance(field, models.DecimalField):
                shown_old, shown_new = f"to_jsonb({old}::text)", f"to_jsonb({new}::text)"
            elif field.is_relation:
                words = json.dumps(self._words(field), ensure_ascii=False)
                shown_old, shown_new = f"%s::jsonb -> {old}::text", f"%s::jsonb -> {new}::text"
            empty = f"nullif({new}, '')" if field.empty_strings_allowed else new
            cast = "" if field.is_relation else f"::{field.cast_db_type(connection)}"
            before = f"nullif({old}, '')" if field.empty_strings_allowed else old
            parts.append(
                f"%s, CASE WHEN s._kind = 'N' THEN CASE WHEN {empty} IS DISTINCT FROM "
                f"%s{cast} THEN jsonb_build_array(NULL::text, {shown_new}) END "
                f"WHEN {empty} IS DISTINCT FROM {before} "
                f"THEN jsonb_build_array({shown_old}, {shown_new}) END"
            )
            values += [field.name, None if default == "" else default]
            if field.is_relation:
                values += [words, words, words]
        return f"jsonb_strip_nulls(jsonb_build_object({', '.join(parts)}))", values

    def _words(self, field: Any) -> dict[str, str]:
        """Names of the objects a link column points at, before and after."""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT DISTINCT {self._old(field)} FROM {STAGE} WHERE _kind = 'C'")
            old = {row[0] for row in cursor.fetchall()} - {None}
        words = {obj.pk: str(obj) for obj in set(self.table.columns[field.name]) if obj is not None}
        missing = field.related_model._default_manager.filter(pk__in=old - set(words))
        words.update({obj.pk: str(obj) for obj in missing})
        return {str(pk): word for pk, word in words.items()}

    def shown(self, cursor: Any) -> list[tuple[int, str, str, dict[str, list[Any]]]]:
        """The first rows of each kind, for the page."""
        changes, values = self._changes()
        found = []
        for kind, word in (("N", "created"), ("C", "changed")):
            cursor.execute(
                f"SELECT s._ord, s._label, {changes} FROM {STAGE} s WHERE s._kind = %s "
                "ORDER BY s._ord LIMIT %s",
                [*values, kind, _SHOWN],
            )
            found += [
                (self.table.numbers[n], label, word, json.loads(made))
                for n, label, made in cursor.fetchall()
            ]
        return found

    def record(self, cursor: Any, action: str, actor: User, now: datetime) -> None:
        """One event for each object, in one statement."""
        changes, values = self._changes()
        events = self.quote(audit.AuditEvent._meta.db_table)
        cursor.execute(
            f"INSERT INTO {events} (at, action, actor_id, actor_label, target_type, target_id, "
            "target_label, summary, details) "
            "SELECT %s, CASE s._kind WHEN 'N' THEN %s ELSE %s END, %s, %s, %s, s._id::text, "
            f"s._label, %s, jsonb_build_object('changes', {changes}) "
            f"FROM {STAGE} s WHERE s._kind <> 'S' ORDER BY s._kind DESC, s._ord",
            [
                now.astimezone(UTC),
                f"{action}.created",
                f"{action}.changed",
                actor.pk,
                str(actor)[:120],
                self.model._meta.label_lower,
                _("by import"),
                *values,
            ],
        )
