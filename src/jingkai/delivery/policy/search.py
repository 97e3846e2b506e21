"""What the global search finds in the document."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jingkai.core.accounts.public import User
from jingkai.core.ui.public import Hit, local_name, register_search, text_condition

from . import queries
from .numerals import ordinal

_TITLES = ("title", "title_en", "code")


def measures(user: User, query: str, limit: int) -> Iterator[Hit]:
    """Measures by title. 1 query."""
    for row in queries.visible_measures(user).filter(text_condition(query, _TITLES))[:limit]:
        yield Hit(f"{ordinal(row.number)}{local_name(row, 'title')}", row.url)


def clauses(user: User, query: str, limit: int) -> Iterator[Hit]:
    """Clauses by title or sentence. 1 query."""
    found = queries.visible_clauses(user).filter(text_condition(query, (*_TITLES, "sentence")))
    for row in found.select_related("measure").order_by("measure__number", "position")[:limit]:
        url = reverse("policy:clause", args=[row.code])
        yield Hit(local_name(row, "title"), url, ordinal(row.measure.number))


def tasks(user: User, query: str, limit: int) -> Iterator[Hit]:
    """Key tasks by title or goal. 1 query."""
    found = queries.visible_tasks(user).filter(text_condition(query, (*_TITLES, "goal")))
    for row in found[:limit]:
        yield Hit(f"{row.number} {local_name(row, 'title')}", row.url, local_name(row, "goal"))


def conflicts(user: User, query: str, limit: int) -> Iterator[Hit]:
    """Conflicts by title. 1 query."""
    for row in queries.visible_conflicts(user).filter(text_condition(query, _TITLES))[:limit]:
        url = reverse("policy:conflict", args=[row.code])
        yield Hit(local_name(row, "title"), url, str(row.get_state_display()))


def register() -> None:
    """Called once, when the house is put together."""
    register_search("policy-measures", _("Measures"), measures)
    register_search("policy-clauses", _("Clauses"), clauses)
    register_search("policy-tasks", _("Key tasks of the document"), tasks)
    register_search("policy-conflicts", _("Conflicts"), conflicts)
