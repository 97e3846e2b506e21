"""Statements made once and run often: for paths that many people walk in the same minute.

Django writes the SQL of a queryset anew at each use, and PostgreSQL plans it anew; on a busy path
both cost more than reading the rows. A `Statement` is a queryset whose SQL is written once in each
process and prepared once in each connection; `insert_rows` and `update_rows` are one prepared
statement at any number of rows. Elsewhere the ORM's own ways are shorter and good enough.

Connections that do not outlive a request (CONN_MAX_AGE 0, as behind a pooler) prepare nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from copy import copy
from decimal import Decimal
from enum import Enum
from functools import cache
from operator import attrgetter
from types import NoneType, SimpleNamespace
from typing import Any, Final, Generic, TypeVar

from django.db import DatabaseError, connection, connections, models, transaction
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.models.expressions import Expression, F, Func
from psycopg import ClientCursor
from psycopg.types.json import Jsonb
from psycopg.types.numeric import Int8

T = TypeVar("T")
_PLAIN: Final = (int, str, Decimal, NoneType)
_PREPARE: Final = 0  # executions before a statement is prepared


class _Cursor(ServerBindingCursor):
    """Sends values beside the statement, and prepares it at once.

    The connection's other cursors write values into their statements, which are never the same
    twice: they must not be counted, so the threshold holds for our own executions only.
    """

    def execute(self, *args: Any, **more: Any) -> Any:
        at: Any = self
        kept = connection.settings_dict["CONN_MAX_AGE"] != 0
        at.connection.prepare_threshold = _PREPARE if kept else None
        try:
            return super().execute(*args, **more)  # type: ignore[misc]
        finally:
            at.connection.prepare_threshold = None
            if connection.queries_logged:  # as other cursors: with the values in their places
                said = ClientCursor(at.connection).mogrify(*args)
                at._query = SimpleNamespace(query=said.encode())


def run(sql: str, values: Sequence[Any]) -> tuple[list[tuple[Any, ...]], int]:
    """Execute one prepared statement; its rows, and how many it touched."""
    connection.ensure_connection()
    database: Any = connection
    with connection.wrap_database_errors:
        raw = _Cursor(database.connection)  # type: ignore[call-arg]
    with database._prepare_cursor(raw) as cursor:
        cursor.execute(sql, values)
        return (cursor.fetchall() if cursor.description else []), cursor.rowcount


class Given(Expression):
    """A place in a statement that a value is put into at each run."""

    def __init__(self, name: str, output_field: models.Field[Any, Any] | None = None) -> None:
        super().__init__(output_field=output_field or models.BigIntegerField())
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "(%s)", (self,)


def one_of(path: str, given: str) -> Func:
    """Condition "`path` is among the given values", which are a list at each run."""
    return Func(
        F(path),
        Given(given),
        template="%(expressions)s",
        arg_joiner=" = ANY",
        output_field=models.BooleanField(),
    )


class RowMark(Func):
    """In which state rows are: another mark after every change of any of them, whoever made it.

    `paths` name a column of each row's own table (not its key, which the row before knows
    already). Made of PostgreSQL's own numbers of the writing transaction and of the place.
    """

    output_field = models.TextField()

    def __init__(self, *paths: str) -> None:
        super().__init__(*map(F, paths))

    def as_sql(self, compiler: Any, connection: Any, *_args: Any, **_more: Any) -> tuple[str, Any]:
        columns = [compiler.compile(path)[0] for path in self.source_expressions]
        tables = [column.rpartition(".")[0] for column in columns]
        # An outer join without a row adds nothing: concat leaves NULL out.
        marks = ", ' ', ".join(f"{table}.xmin::text, {table}.ctid::text" for table in tables)
        return f"concat({marks})", ()


class Statement(Generic[T]):
    """A queryset with `Given` places, compiled once.

    `Statement(lambda: Body.objects.filter(zone=Given("zone")))(zone=7)` is a list of bodies.
    """

    def __init__(self, make: Callable[[], models.QuerySet[Any, T]]) -> None:
        self._make = make
        self._made: tuple[Any, Any, Any, str, tuple[Any, ...]] | None = None

    def __call__(self, **given: Any) -> list[T]:
        """Run it with these values. Raises KeyError for one that is not given."""
        rows, compiler, converters, sql, places = self._made or self._compile()
        if rows.query.select_for_update and connection.get_autocommit():
            raise transaction.TransactionManagementError("Locking needs a transaction.")
        values = [_value(given[p.name] if isinstance(p, Given) else p) for p in places]
        found, _count = run(sql, values)
        answered = copy(compiler)
        answered.execute_sql = lambda *_args, **_kwargs: [found]
        answered.get_converters = lambda _fields: converters
        # All that an iterable of Django's asks of its queryset.
        stand_in = SimpleNamespace(
            db=connection.alias,
            query=SimpleNamespace(get_compiler=lambda using: answered),
            model=rows.model,
            _known_related_objects={},
        )
        return list(rows._iterable_class(stand_in))

    def _compile(self) -> tuple[Any, Any, Any, str, tuple[Any, ...]]:
        rows = self._make()
        compiler = rows.query.get_compiler(connection=connection)
        sql, places = compiler.as_sql()
        selected = [column for column, *_more in compiler.select[: compiler.col_count]]
        converters = compiler.get_converters(selected)
        self._made = rows, compiler, converters, sql, tuple(places)
        return self._made


def _value(value: Any) -> Any:
    """A value as the driver sends it, of one type whatever its size."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, int) and not isinstance(value, bool):
        return Int8(value)
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return _array(value)
    return value


def insert_rows(rows: Sequence[models.Model]) -> None:
    """Insert new rows of one model in one statement, and give them their keys, in their order.

    Like `bulk_create`: neither `save()` nor signals. Columns with a default of the database are
    left to it.
    """
    if not rows:
        return
    model = type(rows[0])
    sql, fields = _insert(model)
    keys, _count = run(sql, [_column(field, rows, add=True) for field in fields])
    for row, (key,) in zip(rows, keys, strict=True):
        row.pk = key
        row._state.adding = False
        row._state.db = connection.alias


def update_rows(rows: Sequence[models.Model], fields: Iterable[str]) -> None:
    """Write `fields` of rows of one model in one statement. The caller holds their locks.

    Raises DatabaseError when one of them is not there any more.
    """
    if not rows:
        return
    model = type(rows[0])
    sql, columns = _update(model, tuple(fields))
    _rows, count = run(sql, [_column(field, rows, add=False) for field in columns])
    if count != len(rows):
        raise DatabaseError(f"{len(rows) - count} rows of {model._meta.label} are gone")


@cache
def _insert(model: type[models.Model]) -> tuple[str, list[Any]]:
    fields = [
        field
        for field in model._meta.concrete_fields
        if field is not model._meta.pk and not field.has_db_default()
    ]
    names = ", ".join(_quoted(field.column) for field in fields)
    sql = (
        f"INSERT INTO {_quoted(model._meta.db_table)} ({names}) "
        f"SELECT * FROM UNNEST({', '.join(_placeholder(field) for field in fields)}) "
        f"RETURNING {_quoted(model._meta.pk.column)}"
    )
    return sql, fields


@cache
def _update(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, list[Any]]:
    key = model._meta.pk
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    columns = [_quoted(field.column) for field in fields]
    sql = (
        f"UPDATE {_quoted(model._meta.db_table)} AS row "
        f"SET {', '.join(f'{column} = sent.{column}' for column in columns)} "
        f"FROM UNNEST({', '.join(_placeholder(field) for field in [key, *fields])}) "
        f"AS sent ({', '.join([_quoted(key.column), *columns])}) "
        f"WHERE row.{_quoted(key.column)} = sent.{_quoted(key.column)}"
    )
    return sql, [key, *fields]


def _placeholder(field: Any) -> str:
    # Without its length: a cast to varchar(60) would cut in silence, the column itself refuses.
    kind = field.db_type(connection).partition("(")[0]
    return f"(%s)::{kind}[]"


def _quoted(name: str | None) -> str:
    assert name is not None  # every field here has a column
    return connection.ops.quote_name(name)


def _column(field: Any, rows: Sequence[models.Model], *, add: bool) -> str:
    """What `rows` hold in one column, as an array PostgreSQL reads."""
    if type(field).pre_save is models.Field.pre_save:
        values: Iterable[Any] = map(attrgetter(field.attname), rows)
    else:
        values = [field.pre_save(row, add) for row in rows]
    # The types that stand in nearly every column say themselves what a field would make of them.
    plain = () if isinstance(field, models.JSONField) else _PLAIN
    database = connections[connection.alias]
    return _array(
        value if type(value) in plain else field.get_db_prep_save(value, database)
        for value in values
    )


def _array(values: Iterable[Any]) -> str:
    """An array as PostgreSQL reads it: one form for every type, so the statement stays the same."""
    return f"{{{','.join(map(_element, values))}}}"


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, int | Decimal):
        return str(value)
    text = _dumped(value) if isinstance(value, Jsonb) else str(value)  # also dates, addresses
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _dumped(value: Jsonb) -> str:
    dumps = value.dumps
    assert dumps is not None  # Django always names its encoder
    text = dumps(value.obj)
    return text if isinstance(text, str) else text.decode()
