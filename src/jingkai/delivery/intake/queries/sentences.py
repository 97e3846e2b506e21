"""The words of the documents behind a clause, a key task or a target."""

from __future__ import annotations

from django.db.models import F, Func, TextField
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.delivery.policy.public import Sentence

from ..models import ItemKind, SourceItem, SourceState
from ..states import TAKEN
from .documents import visible_items

AROUND = 80
"""Characters shown before and after."""
_KINDS = {"clause": ItemKind.CLAUSE, "task": ItemKind.TASK, "target": ItemKind.TARGET}
_MOST = 12


def sentences_of(user: User, kind: str, code: str) -> list[Sentence]:
    """Where documents that were taken over say the record `code`, newest version first. 1 query."""
    if kind not in _KINDS:
        return []
    rows = (
        visible_items(user)
        .filter(
            kind=_KINDS[kind],
            match=code,
            state__in=TAKEN,
            version__state=SourceState.PUBLISHED,
            start__isnull=False,
        )
        .select_related("version__document")
        .defer("version__text", "version__reading", "version__sections")
        .annotate(
            before=_piece(
                Greatest(F("start") - AROUND, 0) + 1, F("start") - Greatest(F("start") - AROUND, 0)
            ),
            said=_piece(F("start") + 1, F("end") - F("start")),
            after=_piece(F("end") + 1, AROUND),
        )
        .order_by("-version__number", "-version_id", "start")
    )
    return [_sentence(row) for row in rows[:_MOST]]


def _piece(start: object, length: object) -> Func:
    return Func(F("version__text"), start, length, function="substr", output_field=TextField())


def _sentence(item: SourceItem) -> Sentence:
    version = item.version
    before, said, after = item.before, item.said, item.after  # type: ignore[attr-defined]  # annotated
    url = reverse("intake:version", args=[version.pk])
    return Sentence(
        before=before.rpartition("\n")[2],
        text=said,
        after=after.partition("\n")[0],
        document=version.document.title,
        version=_("version %(number)d, %(stage)s")
        % {"number": version.number, "stage": version.get_stage_display()},
        place=str(item.read.get("place") or ""),
        url=f"{url}?page={item.section + 1}#item-{item.pk}",
    )
