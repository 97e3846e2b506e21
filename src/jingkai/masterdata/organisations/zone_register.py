"""Zones as a declared register."""

from __future__ import annotations

from typing import Any

import django_filters
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
from .body_register import body_by_word, body_link, checked, chips, words
from .forms import BoundaryForm, IndustriesForm, ZoneForm
from .models import Body, BodyKind, Zone, ZoneLevel
from .outlines import area_hectares, draw


class ZoneFilters(django_filters.FilterSet):  # type: ignore[misc]  # untyped library
    level = django_filters.ChoiceFilter(label=_("Level"), choices=ZoneLevel.choices)
    host = django_filters.CharFilter(
        field_name="host_district__code", label=_("Host district (code)")
    )
    verified = yes_no_filter(
        "verified", pgettext_lazy("name", "Verification"), _("verified"), _("unverified")
    )
    evaluated = yes_no_filter("evaluated", _("Evaluation"), _("takes part"), _("takes no part"))

    class Meta:
        model = Zone
        fields: tuple[str, ...] = ()


def _committee_by_word() -> dict[str, Body]:
    return {w: b for w, b in body_by_word().items() if b.kind == BodyKind.COMMITTEE}


def _district_by_word() -> dict[str, Body]:
    return {w: b for w, b in body_by_word().items() if b.kind == BodyKind.DISTRICT}


def _zone_by_word() -> dict[str, Zone]:
    zones = list(Zone.objects.filter(parent__isnull=True))
    return {z.name: z for z in zones} | {z.code: z for z in zones}


def _industries_panel(user: User, zone: Zone) -> dict[str, Any]:
    industries = list(zone.industries.all())
    may = rules.can_edit(user)
    text = "\n".join(industry.name for industry in industries)
    return {
        "zone": zone,
        "industries": industries,
        "may_edit": may,
        "form": IndustriesForm(initial={"names": text}) if may else None,
    }


def _boundary_panel(user: User, zone: Zone) -> dict[str, Any]:
    boundaries = list(zone.boundaries.order_by("-version"))
    may = rules.can_edit(user)
    newest = boundaries[0] if boundaries else None
    return {
        "zone": zone,
        "boundaries": boundaries,
        "newest": newest,
        "drawing": draw(newest.geometry) if newest else None,
        "hectares": area_hectares(newest.geometry) if newest else None,
        "may_edit": may,
        "form": BoundaryForm() if may else None,
    }


def _parts_panel(user: User, zone: Zone) -> dict[str, Any]:
    return {"zone": zone, "parts": list(queries.visible_zones(user).filter(parent=zone))}


def _zone_link(zone: Zone | None) -> Any:
    if zone is None:
        return "—"
    return format_html(
        '<a href="{}">{}</a>', reverse("organisations:zone", args=[zone.code]), local_name(zone)
    )


def _industry_names(zone: Zone) -> str:
    return "、".join(industry.name for industry in zone.industries.all())


def _area(name: str, label: StrOrPromise, *, shown: bool = True) -> Column:
    return Column(
        name,
        label,
        lambda z: getattr(z, name),
        numeric=True,
        decimals=2,
        sort=name,
        total=name,
        shown=shown,
    )


ZONES = Register(
    key="organisations.zones",
    title=_("Zones"),
    model=Zone,
    visible=queries.visible_zones,
    columns=(
        Column("name", _("Zone"), lambda z: z.name, html=local_name, sort="name", width=30),
        Column("code", _("Code"), lambda z: z.code, sort="code", shown=False),
        Column("level", _("Level"), lambda z: z.get_level_display(), sort="level"),
        Column(
            "host",
            _("Host district"),
            lambda z: z.host_district.name,
            html=lambda z: local_name(z.host_district),
            sort="host_district__position",
        ),
        Column(
            "committee",
            _("Committee"),
            lambda z: z.committee.name,
            shown=False,
            width=26,
            html=lambda z: local_name(z.committee),
        ),
        _area("planned_area", _("Planned area (ha)")),
        _area("controlled_area", _("Controlled area (ha)")),
        _area("approved_area", _("Approved area (ha)")),
        Column("industries", _("Leading industries"), _industry_names, width=30),
        Column(
            "verified",
            pgettext_lazy("name", "Verification"),
            lambda z: _("verified") if z.verified else _("unverified"),
            html=checked,
            sort="verified",
        ),
        Column("source", _("Source"), lambda z: z.source, shown=False, width=30),
    ),
    list_url="organisations:zones",
    card_url="organisations:zone",
    order=("position", "code"),
    search=("name", "short_name", "name_en", "code", "initials"),
    filters=ZoneFilters,
    facts=(
        Column("name", _("Official name"), lambda z: z.name),
        Column("short_name", _("Short name"), lambda z: z.short_name),
        Column("name_en", _("English name"), lambda z: z.name_en),
        Column("code", _("Code"), lambda z: z.code),
        Column("level", _("Level"), lambda z: z.get_level_display()),
        Column(
            "committee",
            _("Committee"),
            lambda z: z.committee,
            html=lambda z: body_link(z.committee),
        ),
        Column(
            "host",
            _("Host district"),
            lambda z: z.host_district,
            html=lambda z: body_link(z.host_district),
        ),
        Column("parent", _("Part of"), lambda z: z.parent, html=lambda z: _zone_link(z.parent)),
        Column("catalogue_code", _("Catalogue code"), lambda z: z.catalogue_code),
        _area("planned_area", _("Planned area (ha)")),
        _area("controlled_area", _("Controlled area (ha)")),
        _area("approved_area", _("Approved area (ha)")),
        Column("founded_on", _("Founded"), lambda z: z.founded_on),
        Column("evaluated", _("In targets and evaluation"), lambda z: z.evaluated),
        Column("source", _("Source"), lambda z: z.source),
        Column("note", _("Note"), lambda z: z.note),
    ),
    panels=(
        Panel(
            "industries",
            _("Leading industries"),
            "organisations/_industries.html",
            _industries_panel,
        ),
        Panel(
            "boundary",
            pgettext_lazy("zone", "Outline"),
            "organisations/_boundary.html",
            _boundary_panel,
        ),
        Panel("parts", _("Parts"), "organisations/_parts.html", _parts_panel),
    ),
    chips=chips,
    links=lambda user, zone: ((_("Figures of this zone"), f"/cockpit/zones/{zone.code}/"),),
    may_see=rules.can_see,
    may_edit=rules.can_edit,
    form=ZoneForm,
    save=services.save_zone,
    sheet=Sheet(
        columns=(
            SheetColumn("code", _("Code"), required=True, max_length=40, value=lambda z: z.code),
            SheetColumn(
                "name", _("Official name"), required=True, max_length=80, value=lambda z: z.name
            ),
            SheetColumn(
                "short_name",
                _("Short name"),
                required=True,
                max_length=30,
                value=lambda z: z.short_name,
            ),
            SheetColumn(
                "name_en",
                _("English name"),
                required=True,
                max_length=160,
                value=lambda z: z.name_en,
            ),
            SheetColumn(
                "level",
                _("Level"),
                "choice",
                required=True,
                choices=lambda: words(ZoneLevel.choices),
                value=lambda z: z.get_level_display(),
            ),
            SheetColumn(
                "committee",
                _("Committee"),
                "choice",
                required=True,
                choices=_committee_by_word,
                value=lambda z: z.committee.name,
            ),
            SheetColumn(
                "host_district",
                _("Host district"),
                "choice",
                required=True,
                choices=_district_by_word,
                value=lambda z: z.host_district.name,
            ),
            SheetColumn(
                "parent",
                _("Part of"),
                "choice",
                choices=_zone_by_word,
                value=lambda z: z.parent.name if z.parent else "",
            ),
            SheetColumn(
                "catalogue_code",
                _("Catalogue code"),
                max_length=12,
                value=lambda z: z.catalogue_code,
            ),
            SheetColumn(
                "planned_area", _("Planned area (ha)"), "decimal", value=lambda z: z.planned_area
            ),
            SheetColumn(
                "controlled_area",
                _("Controlled area (ha)"),
                "decimal",
                value=lambda z: z.controlled_area,
            ),
            SheetColumn(
                "approved_area", _("Approved area (ha)"), "decimal", value=lambda z: z.approved_area
            ),
            SheetColumn("source", _("Source"), max_length=300, value=lambda z: z.source),
            SheetColumn("note", _("Note"), max_length=500, value=lambda z: z.note),
        ),
        run=services.import_zones,
        may=rules.can_edit,
    ),
    empty_text=_("Load the city's pack, add a zone, or import an Excel file."),
    words={"industries-set": _("Leading industries set"), "boundary-added": _("Outline added")},
    help=_("What is marked unverified waits for the official zone catalogue."),
)
