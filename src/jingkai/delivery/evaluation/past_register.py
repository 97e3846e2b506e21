"""Earlier results as a declared register: list, card, form, Excel in and out, API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import django_filters
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_stubs_ext import StrOrPromise

from jingkai.core.accounts.public import User
from jingkai.core.register.public import (
    Column,
    Panel,
    Register,
    Sheet,
    SheetColumn,
    yes_no_filter,
)
from jingkai.core.ui.public import local_name
from jingkai.core.verdicts import ALLOWED, Verdict
from jingkai.masterdata.organisations.public import Zone

from . import rules
from .forms_ledger import PastResultForm
from .models import PastResult, Scheme
from .queries.warnings import visible_past_results
from .services.past import import_past_results, save_past_result

_RANK = pgettext_lazy("evaluation", "rank")


class PastFilters(django_filters.FilterSet):  # type: ignore[misc]  # untyped library
    zone = django_filters.CharFilter(field_name="zone__code", label=_("Zone (code)"))
    scheme = django_filters.CharFilter(field_name="scheme__code", label=_("Scheme (code)"))
    year = django_filters.NumberFilter(field_name="year", label=_("Data year"))
    verified = yes_no_filter(
        "verified", pgettext_lazy("name", "Verification"), _("verified"), _("unverified")
    )

    class Meta:
        model = PastResult
        fields: tuple[str, ...] = ()


def _may_see(user: User) -> Verdict:
    return ALLOWED if rules.can_follow(user) else Verdict(False)


def _verified(result: PastResult) -> Any:
    if result.verified:
        return format_html('<span class="chip chip-good">{}</span>', _("verified"))
    return format_html('<span class="chip chip-warn">{}</span>', _("unverified"))


def _chips(result: PastResult) -> Iterable[tuple[StrOrPromise, str]]:
    yield (_("verified"), "good") if result.verified else (_("unverified"), "warn")


def _schemes() -> dict[str, Scheme]:
    schemes = list(Scheme.objects.all())
    return {s.name: s for s in schemes} | {s.code: s for s in schemes}


def _zones() -> dict[str, Zone]:
    zones = list(Zone.objects.all())
    return (
        {z.short_name: z for z in zones} | {z.name: z for z in zones} | {z.code: z for z in zones}
    )


def _second_person(user: User, result: PastResult) -> dict[str, Any]:
    return {"result": result, "can_verify": rules.can_verify_past_result(user, result)}


PAST = Register(
    key="evaluation.past",
    title=_("Earlier results"),
    model=PastResult,
    visible=visible_past_results,
    columns=(
        Column("year", _("data year"), lambda r: r.year, sort="year"),
        Column(
            "scheme",
            _("evaluation scheme"),
            lambda r: r.scheme.name,
            html=lambda r: local_name(r.scheme),
            sort="scheme__position",
            width=30,
        ),
        Column(
            "zone",
            _("zone"),
            lambda r: r.zone.name,
            html=lambda r: local_name(r.zone, "short_name"),
            sort="zone__position",
            width=26,
        ),
        Column("group", _("peer group"), lambda r: r.group),
        Column("rank", _RANK, lambda r: r.rank, numeric=True, sort="rank"),
        Column("field", _("number of zones ranked"), lambda r: r.field, numeric=True),
        Column("score", _("score"), lambda r: r.score, numeric=True, decimals=2),
        Column("source", _("source"), lambda r: r.source, width=40),
        Column(
            "verified",
            pgettext_lazy("name", "Verification"),
            lambda r: _("verified") if r.verified else _("unverified"),
            html=_verified,
            sort="verified",
        ),
    ),
    list_url="evaluation:past",
    card_url="evaluation:past-result",
    lookup="slug",
    order=("-year", "scheme__position", "zone__position", "pk"),
    search=("zone__name", "zone__short_name", "scheme__name", "source"),
    filters=PastFilters,
    facts=(
        Column("scheme", _("evaluation scheme"), lambda r: local_name(r.scheme)),
        Column("zone", _("zone"), lambda r: local_name(r.zone)),
        Column("year", _("data year"), lambda r: str(r.year)),
        Column("group", _("peer group"), lambda r: r.group),
        Column("rank", _RANK, lambda r: r.rank),
        Column("field", _("number of zones ranked"), lambda r: r.field),
        Column("score", _("score"), lambda r: r.score),
        Column("source", _("source"), lambda r: r.source),
        Column("entered", _("entered by"), lambda r: r.entered_by.name if r.entered_by else ""),
        Column(
            "checked",
            _("verified by"),
            lambda r: r.verified_by.name if r.verified_by else "",
        ),
    ),
    panels=(
        Panel("second", _("Second person"), "evaluation/_past_second.html", _second_person),
    ),
    chips=_chips,
    may_see=_may_see,
    may_edit=rules.can_keep_past_results,
    form=PastResultForm,
    save=save_past_result,
    sheet=Sheet(
        columns=(
            SheetColumn(
                "scheme", _("evaluation scheme"), "choice", required=True, choices=_schemes,
                value=lambda r: r.scheme.name,
            ),
            SheetColumn(
                "zone", _("zone"), "choice", required=True, choices=_zones,
                value=lambda r: r.zone.name,
            ),
            SheetColumn(
                "year", _("data year"), "integer", required=True, value=lambda r: r.year
            ),
            SheetColumn("group", _("peer group"), max_length=40, value=lambda r: r.group),
            SheetColumn("rank", _RANK, "integer", value=lambda r: r.rank),
            SheetColumn(
                "field", _("number of zones ranked"), "integer", value=lambda r: r.field
            ),
            SheetColumn("score", _("score"), "decimal", value=lambda r: r.score),
            SheetColumn(
                "source", _("source"), required=True, max_length=300, value=lambda r: r.source,
                width=40,
            ),
        ),
        run=import_past_results,
        may=rules.can_keep_past_results,
    ),
    empty_title=_("No earlier result is entered"),
    empty_text=_("Results of national and provincial evaluations, each with its source."),
)  # fmt: skip
