"""Columns of the lists that go out: changes between two versions, things read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from jingkai.core.register.public import Column

from .differing import Change, Comparison, Segment
from .labels import change_label, field_label, kind_label, value_label


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One line of the list: a field that changed, or a thing that came, went or was reworded."""

    kind: str
    what: str
    title: str
    place: str
    field: str
    before: str
    after: str


def change_rows(found: Comparison) -> Iterator[ChangeRow]:
    """Every change, one line to a field."""
    for change in found.all:
        told = False
        for item in change.fields:
            told = True
            yield _row(
                change,
                str(field_label(item.name)),
                str(value_label(item.name, item.before)),
                str(value_label(item.name, item.after)),
            )
        if change.diff or not told:
            yield _row(change, _("words"), *_sides(change.diff))


def _sides(diff: tuple[Segment, ...]) -> tuple[str, str]:
    return (
        "".join(piece.text for piece in diff if piece.op != "insert"),
        "".join(piece.text for piece in diff if piece.op != "delete"),
    )


def _row(change: Change, field: str, before: str, after: str) -> ChangeRow:
    return ChangeRow(
        str(kind_label(change.kind)),
        str(change_label(change.what)),
        change.title,
        change.place,
        field,
        before,
        after,
    )


def change_columns() -> list[Column]:
    return [
        Column("kind", _("kind"), lambda row: row.kind),
        Column("what", _("change"), lambda row: row.what),
        Column("title", _("subject"), lambda row: row.title, width=40),
        Column("place", _("place"), lambda row: row.place),
        Column("field", _("field"), lambda row: row.field),
        Column("before", pgettext("version", "before"), lambda row: row.before, width=50),
        Column("after", pgettext("version", "after"), lambda row: row.after, width=50),
    ]
