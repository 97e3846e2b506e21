"""Zones: facts, leading industries, outlines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.errors import FieldProblem, InvalidInput
from jingkai.core.register.public import (
    ImportResult,
    SheetData,
    SheetRow,
    import_rows,
    problems_of,
    save_record,
)
from jingkai.core.verdicts import require

from .. import rules
from ..models import BodyKind, Zone, ZoneBoundary, ZoneIndustry
from ..outlines import read_outline
from .bodies import initials_of


def _prepare(zone: Zone) -> None:
    zone.initials = initials_of(zone.name)


def _invalid(field: str, message: str, code: str = "invalid") -> InvalidInput:
    return InvalidInput(message, problems=[FieldProblem(field, message, code)])


def _misfits(zone: Zone) -> Iterable[tuple[str, str]]:
    """What of a zone's links and dates does not fit together."""
    if zone.committee_id and zone.committee.kind != BodyKind.COMMITTEE:
        yield "committee", _("%(body)s is not a zone committee.") % {"body": zone.committee}
    if zone.host_district_id and zone.host_district.kind != BodyKind.DISTRICT:
        yield (
            "host_district",
            _("%(body)s is not a district or county.") % {"body": zone.host_district},
        )
    if zone.parent is not None and (zone.parent_id == zone.pk or zone.parent.parent_id is not None):
        yield "parent", _("A part belongs to a whole zone, not to itself or to another part.")
    if zone.valid_from and zone.valid_to and zone.valid_to < zone.valid_from:
        yield "valid_to", _("The end lies before the beginning.")


@transaction.atomic
def save_zone(*, obj_id: int | None, values: Mapping[str, Any], actor: User, now: datetime) -> Zone:
    """Add or change a zone; its pinyin initials follow its name. Areas in hectares.

    Raises NotPermitted, InvalidInput.
    """

    def prepare(zone: Zone) -> None:
        _prepare(zone)
        if problems := [FieldProblem(name, message) for name, message in _misfits(zone)]:
            raise InvalidInput(_("Please correct what is marked."), problems=problems)

    return save_record(
        Zone,
        obj_id=obj_id,
        values=values,
        verdict=rules.can_edit(actor),
        action="organisations.zone",
        actor=actor,
        now=now,
        prepare=prepare,
    )


@transaction.atomic
def set_industries(
    *, zone_id: int, names: Sequence[str], actor: User, now: datetime
) -> list[ZoneIndustry]:
    """Name the leading industries of a zone, first to third; the list replaces the one before.

    An industry kept keeps its verified mark. Raises NotPermitted; InvalidInput with the clause for
    a fourth, or when one is named twice.
    """
    zone = Zone.objects.select_for_update().get(pk=zone_id)
    require(rules.can_edit(actor))
    wanted = [name.strip() for name in names if name.strip()]
    fits = rules.industries_fit(wanted)
    if not fits:
        raise _invalid("names", str(fits.reason), "too-many")
    for name in wanted:
        if wanted.count(name) > 1:
            raise _invalid("names", _("“%(name)s” is named twice.") % {"name": name}, "doubled")
    before = list(zone.industries.order_by("rank"))
    if [industry.name for industry in before] == wanted:
        return before
    checked = {industry.name: industry.verified for industry in before}
    rows = [
        ZoneIndustry(zone=zone, name=name, rank=rank, verified=checked.get(name, False))
        for rank, name in enumerate(wanted, start=1)
    ]
    zone.industries.all().delete()
    for row in rows:
        try:
            row.full_clean(exclude=["zone"])
        except ValidationError as error:
            raise InvalidInput(problems=problems_of(error)) from error
    ZoneIndustry.objects.bulk_create(rows)
    audit.record(
        "organisations.zone.industries-set",
        actor=actor,
        target=zone,
        at=now,
        details={"changes": {"industries": ["、".join(i.name for i in before), "、".join(wanted)]}},
    )
    return rows


@transaction.atomic
def add_boundary(
    *, zone_id: int, content: bytes, effective_from: date, source: str, actor: User, now: datetime
) -> ZoneBoundary:
    """Keep a new version of a zone's outline; the ones before stay.

    `content` is a GeoJSON file in WGS 84. Raises NotPermitted, InvalidInput.
    """
    zone = Zone.objects.select_for_update().get(pk=zone_id)
    require(rules.can_edit(actor))
    if not source.strip():
        raise _invalid("source", _("Name the document the outline was taken from."), "required")
    geometry = read_outline(content)
    last = zone.boundaries.order_by("-version").first()
    if last is not None and last.geometry == geometry:
        raise _invalid(
            "file", _("This is the outline of version %(n)d already.") % {"n": last.version}, "same"
        )
    boundary = ZoneBoundary.objects.create(
        zone=zone,
        version=(last.version if last else 0) + 1,
        geometry=geometry,
        effective_from=effective_from,
        source=source.strip()[:300],
    )
    audit.record(
        "organisations.zone.boundary-added",
        actor=actor,
        target=zone,
        at=now,
        summary=boundary.source,
        details={"version": boundary.version, "effective_from": effective_from.isoformat()},
    )
    return boundary


@transaction.atomic
def mark_zone(*, zone_id: int, verified: bool, source: str, actor: User, now: datetime) -> Zone:
    """Say that a zone's record was checked against `source`, or that it no longer is.

    Raises NotPermitted, InvalidInput when verified without a source.
    """
    if verified and not source.strip():
        raise _invalid("source", _("Name the document the record was checked against."), "required")
    values: dict[str, Any] = {"verified": verified}
    if source.strip():
        values["source"] = source.strip()
    return save_record(
        Zone,
        obj_id=zone_id,
        values=values,
        verdict=rules.can_edit(actor),
        action="organisations.zone",
        actor=actor,
        now=now,
    )


def import_zones(data: SheetData, *, actor: User, now: datetime, dry_run: bool) -> ImportResult:
    """Take zones by code from Excel or the API. Raises NotPermitted."""

    def check(zone: Zone, row: SheetRow) -> Iterable[tuple[str, str]]:
        return _misfits(zone)

    return import_rows(
        data,
        model=Zone,
        key="code",
        verdict=rules.can_edit(actor),
        action="organisations.zone",
        actor=actor,
        now=now,
        dry_run=dry_run,
        prepare=_prepare,
        check=check,
    )
