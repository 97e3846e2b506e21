"""Reference tables as a declared register."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from jingkai.core.register.public import Column, Register
from jingkai.core.ui.public import local_name

from . import queries, rules
from .models import Confidence, ReferenceTable


def _confidence(table: Any) -> Any:
    if table.current_version is None:
        return format_html('<span class="chip chip-bad">{}</span>', _("not loaded"))
    if table.current_confidence == Confidence.CONFIRMED:
        return format_html('<span class="chip chip-good">{}</span>', _("Confirmed"))
    return format_html('<span class="chip chip-warn">{}</span>', _("Unverified"))


def _confidence_word(table: Any) -> Any:
    return dict(Confidence.choices).get(table.current_confidence, _("not loaded"))


class TableFilters(django_filters.FilterSet):  # type: ignore[misc]  # untyped library
    confidence = django_filters.ChoiceFilter(
        label=_("Confidence"),
        method="narrow",
        choices=(*Confidence.choices, ("not-loaded", _("not loaded"))),
    )

    class Meta:
        model = ReferenceTable
        fields: tuple[str, ...] = ()

    def narrow(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == "not-loaded":
            return rows.filter(current_version__isnull=True)
        return rows.filter(current_confidence=value)


TABLES = Register(
    key="reference.tables",
    title=_("Reference tables"),
    model=ReferenceTable,
    visible=queries.visible_tables,
    columns=(
        Column(
            "title",
            _("Table"),
            lambda t: t.title,
            html=lambda t: local_name(t, "title"),
            sort="title",
            width=28,
        ),
        Column("code", _("Code"), lambda t: t.code, sort="code", width=26),
        Column(
            "version", _("Version in force"), lambda t: t.current_version, sort="current_version"
        ),
        Column("from", _("In force from"), lambda t: t.current_from, sort="current_from"),
        Column(
            "confidence",
            _("Confidence"),
            _confidence_word,
            html=_confidence,
            sort="current_confidence",
        ),
        Column("source", _("Source"), lambda t: t.current_source, width=36),
        Column(
            "versions", _("Versions"), lambda t: t.version_count, numeric=True, sort="version_count"
        ),
        Column(
            "drafts",
            _("Drafts"),
            lambda t: t.draft_count,
            numeric=True,
            sort="draft_count",
            shown=False,
        ),
    ),
    list_url="reference:list",
    card_url="reference:table",
    order=("code",),
    search=("title", "title_en", "code", "description"),
    filters=TableFilters,
    may_see=rules.can_see,
    may_edit=rules.can_edit,
    empty_text=_("Tables arrive with the city's pack; the calendar with “seed_calendar”."),
    help=_(
        "Factors, thresholds, scoring rules and lists that the system reads. Each "
        "version keeps its days and its source."
    ),
)
