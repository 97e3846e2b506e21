"""What the global search finds of key tasks under supervision."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jingkai.core.accounts.public import User
from jingkai.core.ui.public import Hit, local_name, register_search, text_condition

from .models import ObligationState
from .queries import visible_obligations

_FIELDS = (
    "task__title", "task__title_en", "task__code", "task__goal", "body__name", "body__name_en",
)  # fmt: skip


def obligations(user: User, query: str, limit: int) -> Iterator[Hit]:
    """Whole tasks, then shares, by task or body. 1 query."""
    found = (
        visible_obligations(user)
        .exclude(state=ObligationState.WITHDRAWN)
        .filter(text_condition(query, _FIELDS))
        .select_related("task__document", "body")
        .order_by("-kind", "task__number", "pk")
    )
    for row in found[:limit]:
        named = local_name(row.task.document, "title") if row.task.of_document else ""
        place = (local_name(row.body), str(row.get_state_display()), named)
        yield Hit(
            f"{row.task.number} {local_name(row.task, 'title')}",
            reverse("supervision:obligation", args=[row.pk]),
            " · ".join(filter(None, place)),
        )


def register() -> None:
    """Called once, when the house is put together."""
    register_search("supervision", _("Tasks under supervision"), obligations)
