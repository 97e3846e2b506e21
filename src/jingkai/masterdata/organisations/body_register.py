"""Bodies as a declared register; what the zones' register shares with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import reverse
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

from . import queries, rules, services
from .forms import AliasForm, BodyForm, MergeForm
from .models import Body, BodyKind, Zone


def checked(row: Any) -> Any:
    if row.verified:
        return format_html('<span class="chip chip-good">{}</span>', _("verified"))
    return format_html('<span class="chip chip-warn">{}</span>', _("unverified"))


def chips(row: Any) -> Iterable[tuple[StrOrPromise, str]]:
    yield (row.get_kind_display() if isinstance(row, Body) else row.get_level_display()), ""
    yield (_("verified"), "good") if row.verified else (_("unverified"), "warn")
    if row.valid_to is not None:
        yield _("ended"), "muted"


class BodyFilters(django_filters.FilterSet):  # type: ignore[misc]  # untyped library
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=BodyKind.choices)
    verified = yes_no_filter(
        "verified", pgettext_lazy("name", "Verification"), _("verified"), _("unverified")
    )
    ended = django_filters.ChoiceFilter(
        label=_("In being"),
        method="narrow_ended",
        choices=(("no", _("in being")), ("yes", _("ended"))),
    )

    class Meta:
        model = Body
        fields: tuple[str, ...] = ()

    def narrow_ended(self, rows: QuerySet[Body], name: str, value: str) -> QuerySet[Body]:
        return rows.filter(valid_to__isnull=value == "no")


def body_by_word() -> dict[str, Body]:
    bodies = list(Body.objects.all())
    return {b.name: b for b in bodies} | {b.code: b for b in bodies}


def words(choices: Sequence[tuple[str, StrOrPromise]]) -> dict[str, str]:
    return {str(label): value for value, label in choices} | {value: value for value, _l in choices}


def _body_panel(user: User, body: Body) -> dict[str, Any]:
    may = rules.can_edit(user)
    return {
        "body": body,
        "aliases": queries.aliases_of(body),
        "may_edit": may,
        "alias_form": AliasForm() if may else None,
    }


def _structure_panel(user: User, body: Body) -> dict[str, Any]:
    may = rules.can_edit(user)
    return {
        "body": body,
        "children": list(body.children.order_by("position", "code")),
        "merged_from": list(body.merged_from.order_by("valid_to", "code")),
        "hosted": list(body.hosted_zones.order_by("position", "code")),
        "zone": Zone.objects.filter(committee=body).first(),
        "may_edit": may,
        "merge_form": MergeForm(body=body) if may and body.merged_into_id is None else None,
    }


_BODY_COLUMNS = (
    Column("name", _("Body"), lambda b: b.name, html=local_name, sort="name", width=26),
    Column("code", _("Code"), lambda b: b.code, sort="code"),
    Column("kind", _("Kind"), lambda b: b.get_kind_display(), sort="kind"),
    Column(
        "parent",
        _("Part of"),
        lambda b: b.parent.name if b.parent else "",
        html=lambda b: local_name(b.parent) or "—",
        width=24,
    ),
    Column("aliases", _("Aliases"), lambda b: b.alias_count, numeric=True, sort="alias_count"),
    Column("admin_code", _("Division code"), lambda b: b.admin_code, shown=False),
    Column("initials", _("Initials"), lambda b: b.initials, shown=False),
    Column("valid_to", _("Valid until"), lambda b: b.valid_to, sort="valid_to", shown=False),
    Column(
        "verified",
        pgettext_lazy("name", "Verification"),
        lambda b: _("verified") if b.verified else _("unverified"),
        html=checked,
        sort="verified",
    ),
    Column("source", _("Source"), lambda b: b.source, shown=False, width=30),
)


BODIES = Register(
    key="organisations.bodies",
    title=_("Bodies"),
    model=Body,
    visible=queries.visible_bodies,
    columns=_BODY_COLUMNS,
    list_url="organisations:bodies",
    card_url="organisations:body",
    order=("position", "code"),
    search=("name", "name_en", "code", "initials", "aliases__name"),
    filters=BodyFilters,
    facts=(
        Column("name", _("Official name"), lambda b: b.name),
        Column("name_en", _("English name"), lambda b: b.name_en),
        Column("code", _("Code"), lambda b: b.code),
        Column("kind", _("Kind"), lambda b: b.get_kind_display()),
        Column("parent", _("Part of"), lambda b: b.parent, html=lambda b: body_link(b.parent)),
        Column(
            "merged",
            _("Merged into"),
            lambda b: b.merged_into,
            html=lambda b: body_link(b.merged_into),
        ),
        Column("initials", _("Pinyin initials"), lambda b: b.initials),
        Column("admin_code", _("Division code (GB/T 2260)"), lambda b: b.admin_code),
        Column("valid_from", _("Valid from"), lambda b: b.valid_from),
        Column("valid_to", _("Valid until"), lambda b: b.valid_to),
        Column("source", _("Source"), lambda b: b.source),
    ),
    panels=(
        Panel("names", _("Names"), "organisations/_names.html", _body_panel),
        Panel("structure", _("Structure"), "organisations/_structure.html", _structure_panel),
    ),
    chips=chips,
    list_links=lambda user: ((_("Tree"), reverse("organisations:tree")),),
    may_see=rules.can_see,
    may_edit=rules.can_edit,
    form=BodyForm,
    save=services.save_body,
    sheet=Sheet(
        columns=(
            SheetColumn("code", _("Code"), required=True, max_length=60, value=lambda b: b.code),
            SheetColumn(
                "kind",
                _("Kind"),
                "choice",
                required=True,
                choices=lambda: words(BodyKind.choices),
                value=lambda b: b.get_kind_display(),
            ),
            SheetColumn(
                "name", _("Official name"), required=True, max_length=80, value=lambda b: b.name
            ),
            SheetColumn(
                "name_en",
                _("English name"),
                required=True,
                max_length=160,
                value=lambda b: b.name_en,
            ),
            SheetColumn(
                "parent",
                _("Part of"),
                "choice",
                choices=body_by_word,
                value=lambda b: b.parent.name if b.parent else "",
            ),
            SheetColumn(
                "admin_code", _("Division code"), max_length=12, value=lambda b: b.admin_code
            ),
            SheetColumn("valid_from", _("Valid from"), "date", value=lambda b: b.valid_from),
            SheetColumn("valid_to", _("Valid until"), "date", value=lambda b: b.valid_to),
            SheetColumn("source", _("Source"), max_length=300, value=lambda b: b.source),
        ),
        run=services.import_bodies,
        may=rules.can_edit,
    ),
    empty_text=_("Load the city's pack, add a body, or import an Excel file."),
    words={
        "alias-added": _("Alias added"),
        "alias-ended": _("Alias ended"),
        "merged": _("Merged"),
        "took-over": _("Took over another body"),
    },
    help=_("Departments, districts, committees and other bodies; each may have several names."),
)


def body_link(body: Body | None) -> Any:
    if body is None:
        return "—"
    return format_html(
        '<a href="{}">{}</a>', reverse("organisations:body", args=[body.code]), local_name(body)
    )
