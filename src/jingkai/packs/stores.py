"""How records of a pack lie in the database: read as plain fields, written from plain fields.

Every kind of record has a store. Fields are JSON values: text, numbers as text, lists, None; links
to other records are their codes. So pack, last load and database compare as equals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, TypeVar

from django.db import models

Fields = dict[str, Any]
M = TypeVar("M", bound=models.Model)
Reader = Callable[[models.Model], Any]
Writer = Callable[[models.Model, Any], None]


def text_of(value: Any) -> Any:
    """A field's plain form: Decimals without trailing zeros, dates in ISO."""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if value is None or isinstance(value, bool | int | str | list | dict):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


@dataclass(frozen=True, slots=True)
class Extra:
    """A field that is not a column: its reader, and its writer after the row is saved."""

    read: Reader
    write: Writer


@dataclass(frozen=True)
class Store:
    """One kind of record over one model.

    `columns` are copied as they are; `links` map a field to the model whose code stands for it;
    `extras` are lists and the like. `late_links` may point at records of the same kind.
    """

    kind: str
    model: type[models.Model]
    columns: tuple[str, ...]
    links: Mapping[str, type[models.Model]] = field(default_factory=dict)
    late_links: Mapping[str, type[models.Model]] = field(default_factory=dict)
    extras: Mapping[str, Extra] = field(default_factory=dict)
    key: str = "code"
    prefetch: tuple[str, ...] = ()

    def read_all(self) -> dict[str, Fields]:
        """Fields of every row by code."""
        names = {**self.links, **self.late_links}
        rows = self.model._default_manager.select_related(*names).prefetch_related(*self.prefetch)
        return {str(getattr(row, self.key)): self.read(row) for row in rows}

    def read(self, row: models.Model) -> Fields:
        """Fields of one row."""
        fields: Fields = {name: text_of(getattr(row, name)) for name in self.columns}
        for name in (*self.links, *self.late_links):
            other = getattr(row, name)
            fields[name] = None if other is None else other.code
        for name, extra in self.extras.items():
            fields[name] = extra.read(row)
        return fields

    def write(self, code: str, fields: Fields, *, create: bool) -> None:
        """Create the row, or change just the given fields of it. Raises ValidationError."""
        row = (
            self.model(**{self.key: code})
            if create
            else self.model._default_manager.get(**{self.key: code})
        )
        for name in self.columns:
            if name in fields:
                column = row._meta.get_field(name)
                assert isinstance(column, models.Field)
                setattr(row, name, column.to_python(fields[name]))
        for name, model in self.links.items():
            if name in fields:
                setattr(row, name, find(model, fields[name]))
        row.full_clean(exclude=[*self.late_links])
        row.save()
        for name, extra in self.extras.items():
            if name in fields:
                extra.write(row, fields[name])

    def write_late(self, code: str, fields: Fields) -> None:
        """Set the links that may point at records written after this one."""
        links = {name: fields[name] for name in self.late_links if fields.get(name) is not None}
        if links:
            row = self.model._default_manager.get(**{self.key: code})
            for name, other in links.items():
                setattr(row, name, find(self.late_links[name], other))
            row.save(update_fields=list(links))


class MissingRecord(LookupError):
    """A record points at one that is neither in the database nor in the pack."""


def find(model: type[M], code: Any) -> M | None:
    """The row of `code`, None for None. Raises MissingRecord."""
    if code is None:
        return None
    row = model._default_manager.filter(code=code).first()
    if row is None:
        raise MissingRecord(f"{model._meta.label_lower} {code}")
    return row


def code_list(model: type[M], codes: Iterable[str]) -> list[M]:
    """Rows of `codes` in that order. Raises MissingRecord."""
    wanted = list(codes)
    rows = {row.code: row for row in model._default_manager.filter(code__in=wanted)}  # type: ignore[attr-defined]  # every model here has a code
    for code in wanted:
        if code not in rows:
            raise MissingRecord(f"{model._meta.label_lower} {code}")
    return [rows[code] for code in wanted]


PLAIN: Final = ("name", "name_en")
