"""Cells of reference rows: as people write them, as JSON keeps them, as code reads them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from jingkai.core.register.public import SheetColumn

from .models import ReferenceRow, ReferenceTable

KEY = "key"


def key_column(table: ReferenceTable) -> str:
    """The column whose value is the row's key, or `key` when the key stands for itself."""
    return next((c["key"] for c in table.columns if c.get("key_column")), KEY)


def label_of(column: Mapping[str, Any]) -> str:
    """Heading of a column in the current language, with its unit."""
    english = (get_language() or "").startswith("en")
    title = (english and column.get("title_en")) or column["title"]
    return f"{title}（{column['unit']}）" if column.get("unit") else str(title)


def sheet_columns(table: ReferenceTable) -> tuple[SheetColumn, ...]:
    """The table's columns as those of a workbook, the key first."""
    own = key_column(table)
    first = (
        []
        if own != KEY
        else [SheetColumn(KEY, _("Key"), required=True, max_length=80, value=lambda row: row.key)]
    )
    return (
        *first,
        *(
            SheetColumn(
                column["key"],
                label_of(column),
                column.get("type", "text"),
                required=bool(column.get("required")) or column["key"] == own,
                choices=_choices(column),
                value=_reader(column),
            )
            for column in table.columns
        ),
    )


def _choices(column: Mapping[str, Any]) -> dict[str, str] | None:
    given = column.get("choices")
    if not given:
        return None
    return {label: value for value, label in given.items()} | {value: value for value in given}


def _reader(column: Mapping[str, Any]) -> Any:
    words = column.get("choices") or {}

    def read(row: ReferenceRow) -> Any:
        value = loaded(column, row.values.get(column["key"]))
        return words.get(value, value) if words else value

    return read


def kept(value: Any) -> Any:
    """A typed value as JSON keeps it: Decimal and date as text, so that no digit is lost."""
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else value


def loaded(column: Mapping[str, Any], value: Any) -> Any:
    """A kept value as the column's type: str, int, Decimal, date or bool; None for nothing."""
    if value is None or value == "":
        return None if column.get("type", "text") != "text" else value
    kind = column.get("type", "text")
    if kind == "decimal":
        return Decimal(str(value))
    if kind == "integer":
        return int(value)
    if kind == "date":
        return date.fromisoformat(str(value))
    return bool(value) if kind == "boolean" else value


def shown(column: Mapping[str, Any], value: Any) -> str:
    """A kept value for people."""
    if value is None or value == "":
        return "—"
    if column.get("type") == "boolean":
        return "是" if value else "否"
    words = column.get("choices") or {}
    return str(words.get(value, value))
