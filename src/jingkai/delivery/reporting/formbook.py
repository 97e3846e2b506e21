"""What a version of a form asks, kept between requests as long as nothing of it changed.

A published version never changes, but the indicators it asks for and the bodies that verify them
may be renamed. Whoever reads cells reads the marks of these rows with them: with the same marks
what is kept is what stands there.
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
MARK: Final = RowMark(
    "item__note", "indicator__code", "indicator__compiler__code", "item__verifier__code"
)
"""Of a cell: the state of all that its item says."""
_ITEMS: Final = Statement(lambda: _whole(FormItem.objects.filter(version=Given("version"))))
_known: OrderedDict[tuple[str, int], tuple[Mapping[int, str], Asked]] = OrderedDict()
_lock = Lock()


def asked_by(version_id: int, marks: Mapping[int, str]) -> Asked:
    """Items of a version in their order. 0 queries, 1 when one of those in `marks` changed.

    `marks` by item id, read from the database before this call: what changes in between is read
    anew the next time.
    """
    key = (str(connection.settings_dict["NAME"]), version_id)
    with _lock:
        before = _known.get(key)
        if before is not None and marks.items() <= before[0].items():
            _known.move_to_end(key)
            return before[1]
    asked = MappingProxyType({item.pk: item for item in _ITEMS(version=version_id)})
    with _lock:
        _known[key] = dict(marks), asked
        while len(_known) > _KEPT:
            _known.popitem(last=False)
    return asked


def items_by_id(ids: Collection[int]) -> dict[int, FormItem]:
    """Items of whatever version, as `asked_by` has them. 1 query."""
    return {item.pk: item for item in _whole(FormItem.objects.filter(pk__in=ids))}
