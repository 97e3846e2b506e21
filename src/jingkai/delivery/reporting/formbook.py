"""What a version of a form asks, kept between requests as long as nothing of it changed.

A published version never changes, but the indicators it asks for and the bodies that verify them
may be renamed. Each use asks the database, in one small query, for the marks of all these rows:
with the same marks what is kept is what stands there.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping
from threading import Lock
from types import MappingProxyType
from typing import Final

from django.db import connection
from django.db.models import QuerySet

from jingkai.core.statements import Given, RowMark, Statement

from .models import FormItem

Asked = Mapping[int, FormItem]
"""Items by id in the order of the form, with indicator, compiler and verifier."""


def _whole(items: QuerySet[FormItem]) -> QuerySet[FormItem]:
    return items.select_related("verifier", "indicator__compiler").order_by("position", "pk")


_KEPT: Final = 64
_MARKS: Final = Statement(
    lambda: (
        FormItem.objects.filter(version=Given("version"))
        .order_by("position", "pk")
        .values_list(
            "pk",
            RowMark("note"),
            RowMark("indicator__code"),
            RowMark("indicator__compiler__code"),
            RowMark("verifier__code"),
        )
    )
)
_ITEMS: Final = Statement(lambda: _whole(FormItem.objects.filter(version=Given("version"))))
_known: OrderedDict[tuple[str, int], tuple[list[tuple[object, ...]], Asked]] = OrderedDict()
_lock = Lock()


def asked_by(version_id: int) -> Asked:
    """Items of a version in their order. 1 query, 2 when one of them changed."""
    key = (str(connection.settings_dict["NAME"]), version_id)
    # The marks are read first: rows that change in between are read anew the next time.
    marks = _MARKS(version=version_id)
    with _lock:
        before = _known.get(key)
        if before is not None and before[0] == marks:
            _known.move_to_end(key)
            return before[1]
    asked = MappingProxyType({item.pk: item for item in _ITEMS(version=version_id)})
    with _lock:
        _known[key] = marks, asked
        while len(_known) > _KEPT:
            _known.popitem(last=False)
    return asked


def items_by_id(ids: Collection[int]) -> dict[int, FormItem]:
    """Items of whatever version, as `asked_by` has them. 1 query."""
    return {item.pk: item for item in _whole(FormItem.objects.filter(pk__in=ids))}
