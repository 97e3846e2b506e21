"""What code reads: the table in force on a date. Never a fallback, never a constant.

Rows of a version in force never change (a trigger sees to it), so each process keeps them by
version id; which version holds on a date is asked of the database every time, in one query.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from threading import Lock
from types import MappingProxyType
from typing import Any, Final

from django.db import connection, models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from jingkai.core.statements import Given, Statement, one_of

from .errors import KeyNotInTable, TableNotLoaded
from .models import Confidence, ReferenceRow, ReferenceVersion, VersionState
from .values import loaded

_KEPT = 512
_rows: OrderedDict[tuple[str, int], Mapping[str, TableRow]] = OrderedDict()
"""By database and version id: a process may come to see more than one database."""
_lock = Lock()


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: `values` typed by the table's columns (str, int, Decimal, date, bool or None)."""

    key: str
    values: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def decimal(self, name: str = "value") -> Decimal:
        """A cell as a number, also from a text column. Raises KeyNotInTable when it is none."""
        try:
            return Decimal(str(self.values.get(name)))
        except InvalidOperation:
            raise KeyNotInTable(
                _("“%(name)s” of “%(key)s” is not a number: “%(value)s”.")
                % {"name": name, "key": self.key, "value": self.values.get(name)},
                key=self.key,
            ) from None


@dataclass(frozen=True, slots=True)
class TableView:
    """One version of a table: where it comes from, how sure it is, and its rows by key in order."""

    code: str
    title: str
    version: str
    version_id: int
    effective_from: date
    effective_to: date | None
    confidence: str
    source: str
    rows: Mapping[str, TableRow]

    @property
    def unverified(self) -> bool:
        return self.confidence == Confidence.UNVERIFIED

    def row(self, key: str) -> TableRow:
        """The row of `key`. Raises KeyNotInTable."""
        try:
            return self.rows[key]
        except KeyError:
            raise KeyNotInTable(
                _(
                    "Table “%(table)s”, version %(version)s, has no entry “%(key)s”. "
                    "The office adds it under Reference tables."
                )
                % {"table": self.title, "version": self.version, "key": key},
                table=self.code,
                key=key,
            ) from None


_IN_FORCE: Final = Statement(
    lambda: (
        ReferenceVersion.objects.filter(
            Q(effective_to__isnull=True) | Q(effective_to__gte=Given("start", models.DateField())),
            table__code=Given("code", models.TextField()),
            state=VersionState.IN_FORCE,
            effective_from__lte=Given("end", models.DateField()),
        )
        .select_related("table")
        .order_by("-effective_from", "-pk")
    )
)


def in_force(code: str, start: date, end: date) -> list[ReferenceVersion]:
    """Versions of a table in force on some day from `start` to `end`, the newest first. 1 query."""
    return _IN_FORCE(code=code, start=start, end=end)


def versions_on(*, codes: str, day: str) -> QuerySet[ReferenceVersion]:
    """Versions in force on a day, as part of a `Statement` that is given `codes` and `day`.

    Rows of a version in force never change: with the same ids all that was read still holds.
    """
    on = Given(day, models.DateField())
    return ReferenceVersion.objects.filter(
        Q(effective_to__isnull=True) | Q(effective_to__gte=on),
        one_of("table__code", codes),
        state=VersionState.IN_FORCE,
        effective_from__lte=on,
    ).order_by()


def database() -> str:
    """Name of the database this process reads now."""
    return str(connection.settings_dict["NAME"])


def _key(version_id: int) -> tuple[str, int]:
    return database(), version_id


def rows_of(version: ReferenceVersion) -> Mapping[str, TableRow]:
    """Typed rows of a version in force, kept per process. 1 query the first time."""
    key = _key(version.pk)
    with _lock:
        known = _rows.get(key)
        if known is not None:
            _rows.move_to_end(key)
            return known
    columns = version.table.columns
    rows = MappingProxyType(
        {
            row.key: TableRow(
                row.key,
                MappingProxyType({c["key"]: loaded(c, row.values.get(c["key"])) for c in columns}),
            )
            for row in ReferenceRow.objects.filter(version=version).order_by("position", "pk")
        }
    )
    if version.state == VersionState.IN_FORCE:
        with _lock:
            _rows[key] = rows
            while len(_rows) > _KEPT:
                _rows.popitem(last=False)
    return rows


def forget(version_id: int | None = None) -> None:
    """Drop what is kept of one version, or of all."""
    with _lock:
        if version_id is None:
            _rows.clear()
        else:
            _rows.pop(_key(version_id), None)


def view_of(version: ReferenceVersion) -> TableView:
    """A version as code reads it."""
    return TableView(
        version.table.code,
        version.table.title,
        version.version,
        version.pk,
        version.effective_from,
        version.effective_to,
        version.confidence,
        version.source,
        rows_of(version),
    )


def table_on(code: str, on: date) -> TableView:
    """The version of `code` in force on `on`. 1 query, 2 for a version not read before.

    Raises TableNotLoaded when there is none.
    """
    versions = in_force(code, on, on)
    if not versions:
        raise TableNotLoaded(
            _(
                "Reference table “%(code)s” has no version in force on %(day)s. The "
                "office loads one under Reference tables."
            )
            % {"code": code, "day": on},
            table=code,
            on=on.isoformat(),
        )
    return view_of(versions[0])


def lookup(code: str, key: str, on: date) -> TableRow:
    """One row of the table in force on `on`. Raises TableNotLoaded, KeyNotInTable."""
    return table_on(code, on).row(key)


def is_unverified(code: str, on: date) -> bool:
    """Whether the table in force on `on` waits for confirmation. Raises TableNotLoaded."""
    return table_on(code, on).unverified
