"""Bodies, zones and reference tables of a pack, and where they lie."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db import models
from django.utils import timezone

from jingkai.masterdata.organisations.public import (
    Body,
    BodyAlias,
    BodyKind,
    Zone,
    ZoneIndustry,
    initials_of,
)
from jingkai.masterdata.reference.public import (
    ReferenceRow,
    ReferenceTable,
    ReferenceVersion,
    VersionState,
)

from .figures import PackLightRule, PackReference
from .model import Pack, PackBody, PackZone
from .stores import Extra, Fields, Store, text_of

_KINDS = {"enterprise": BodyKind.COMPANY}
_COLUMNS = [
    {"key": "title", "title": "名称", "title_en": "Title", "type": "text", "required": True},
    {"key": "title_en", "title": "英文名称", "title_en": "English title", "type": "text"},
    {"key": "value", "title": "值", "title_en": "Value", "type": "text", "required": True},
    {"key": "unit", "title": "单位", "title_en": "Unit", "type": "text"},
    {"key": "note", "title": "说明", "title_en": "Note", "type": "text"},
]


def _read_aliases(row: models.Model) -> list[list[Any]]:
    assert isinstance(row, Body)
    return [[a.name, text_of(a.valid_from), text_of(a.valid_to), a.note] for a in row.aliases.all()]


def _write_aliases(row: models.Model, aliases: list[list[Any]]) -> None:
    assert isinstance(row, Body)
    wanted = {name for name, *_rest in aliases}
    row.aliases.exclude(name__in=wanted).delete()
    known = set(row.aliases.values_list("name", flat=True))
    for name, start, end, note in aliases:
        if name not in known:
            alias = BodyAlias(body=row, name=name, valid_from=start, valid_to=end, note=note)
            alias.full_clean()
            alias.save()


def _read_industries(row: models.Model) -> list[str]:
    assert isinstance(row, Zone)
    return [industry.name for industry in row.industries.all()]


def _write_industries(row: models.Model, names: list[str]) -> None:
    assert isinstance(row, Zone)
    row.industries.all().delete()
    for rank, name in enumerate(names, start=1):
        industry = ZoneIndustry(zone=row, name=name, rank=rank, verified=row.verified)
        industry.full_clean()
        industry.save()


BODIES = Store(
    kind="body",
    model=Body,
    columns=(
        "kind",
        "name",
        "name_en",
        "initials",
        "admin_code",
        "position",
        "verified",
        "source",
    ),
    late_links={"parent": Body},
    extras={"aliases": Extra(_read_aliases, _write_aliases)},
    prefetch=("aliases",),
)
ZONES = Store(
    kind="zone",
    model=Zone,
    columns=(
        "name",
        "short_name",
        "name_en",
        "initials",
        "level",
        "catalogue_code",
        "planned_area",
        "controlled_area",
        "approved_area",
        "founded_on",
        "evaluated",
        "position",
        "verified",
        "source",
        "note",
    ),
    links={"committee": Body, "host_district": Body},
    late_links={"parent": Zone},
    extras={"industries": Extra(_read_industries, _write_industries)},
    prefetch=("industries",),
)


_LIGHT_COLUMNS = [
    {"key": "title", "title": "名称", "title_en": "Title", "type": "text", "required": True},
    {"key": "title_en", "title": "英文名称", "title_en": "English title", "type": "text"},
    {"key": "light", "title": "灯色", "title_en": "Light", "type": "text", "required": True},
    {"key": "fact", "title": "事实", "title_en": "Fact", "type": "text", "required": True},
    {"key": "op", "title": "比较", "title_en": "Comparison", "type": "text", "required": True},
    {"key": "value", "title": "值", "title_en": "Value", "type": "text", "required": True},
]
LIGHT_TABLE = "SUPERVISION_LIGHTS"


class ReferenceStore(Store):
    """A version of a reference table; its rows never change once it is in force."""

    def read_all(self) -> dict[str, Fields]:
        versions = ReferenceVersion.objects.select_related("table").prefetch_related("rows")
        return {f"{v.table.code}:{v.version}": _version_fields(v) for v in versions}

    def write(self, code: str, fields: Fields, *, create: bool) -> None:
        table_code, version = code.split(":", 1)
        table, _new = ReferenceTable.objects.update_or_create(
            code=table_code,
            defaults={
                "title": fields["title"],
                "title_en": fields["title_en"],
                "columns": _LIGHT_COLUMNS if table_code == LIGHT_TABLE else _COLUMNS,
            }
            if "title" in fields
            else {},
        )
        if not create:
            return
        row = ReferenceVersion(
            table=table,
            version=version,
            effective_from=date.fromisoformat(fields["effective_from"]),
            effective_to=fields["effective_to"] and date.fromisoformat(fields["effective_to"]),
            source=fields["source"],
            confidence=fields["confidence"],
            state=VersionState.IN_FORCE,
            edited_at=timezone.now(),
        )
        row.full_clean()
        row.save()
        ReferenceRow.objects.bulk_create(
            [
                ReferenceRow(version=row, key=key, position=position, values=values)
                for position, (key, values) in enumerate(fields["rows"])
            ]
        )


def _version_fields(version: ReferenceVersion) -> Fields:
    return {
        "title": version.table.title,
        "title_en": version.table.title_en,
        "effective_from": text_of(version.effective_from),
        "effective_to": text_of(version.effective_to),
        "source": version.source,
        "confidence": version.confidence,
        "rows": [[row.key, row.values] for row in version.rows.all()],
    }


REFERENCES = ReferenceStore(kind="reference", model=ReferenceVersion, columns=())


def body_records(pack: Pack) -> Iterator[tuple[str, Fields]]:
    for position, body in enumerate(pack.bodies):
        yield body.code, _body(body, position)


def _body(body: PackBody, position: int) -> Fields:
    return {
        "kind": _KINDS.get(body.kind, str(body.kind)),
        "name": body.name_zh,
        "name_en": body.name_en,
        "initials": initials_of(body.name_zh),
        "admin_code": body.gb_code,
        "position": position,
        "verified": True,
        "source": "",
        "parent": body.parent,
        "aliases": sorted(
            [a.name, text_of(a.valid_from), text_of(a.valid_to), a.note] for a in body.aliases
        ),
    }


def zone_records(pack: Pack) -> Iterator[tuple[str, Fields]]:
    sources = {source.id: source.title_zh for source in pack.sources}
    for position, zone in enumerate(pack.zones):
        yield zone.code, _zone(zone, position, sources)


def _zone(zone: PackZone, position: int, sources: dict[str, str]) -> Fields:
    facts = {fact.key: fact for fact in zone.facts}
    founded = facts.get("founded")
    notes = [zone.note, *(f"{f.title_zh} {f.value}{f.unit}" for f in zone.facts)]
    notes += [f"{part.name_zh}在其范围内" for part in zone.parts]
    return {
        "name": zone.name_zh,
        "short_name": zone.short_zh,
        "name_en": zone.name_en,
        "initials": initials_of(zone.name_zh),
        "level": str(zone.level),
        "catalogue_code": zone.catalogue_code or "",
        "planned_area": text_of(zone.planned_ha),
        "controlled_area": text_of(zone.controlled_ha),
        "approved_area": text_of(zone.approved_ha),
        "founded_on": str(founded.value) if founded else "",
        "evaluated": True,
        "position": position,
        "verified": zone.verified,
        "source": sources.get(zone.source, zone.source)[:300],
        "note": "；".join(note for note in notes if note)[:500],
        "committee": zone.committee,
        "host_district": zone.host,
        "parent": None,
        "industries": list(zone.leading_industries),
    }


def reference_records(pack: Pack) -> Iterator[tuple[str, Fields]]:
    sources = {source.id: source.title_zh for source in pack.sources}
    for table in pack.references:
        yield f"{table.code}:{table.version}", _reference(table, sources)
    for rule in pack.light_rules:
        yield f"{LIGHT_TABLE}:{rule.version}", _light_rule(pack, rule, sources)


def _light_rule(pack: Pack, rule: PackLightRule, sources: dict[str, str]) -> Fields:
    """The cases of a light rule in order, with thresholds looked up, and its last word."""
    thresholds = {
        f"{table.code}.{row.key}": row.value for table in pack.references for row in table.rows
    }
    rows: list[list[Any]] = []
    for case in rule.cases:
        for condition in case.any:
            value: Any = condition.value
            if condition.threshold is not None:
                value = thresholds[condition.threshold]
            rows.append(
                [
                    f"{case.light}-{condition.fact}",
                    {
                        "title": case.title_zh,
                        "title_en": case.title_en,
                        "light": str(case.light),
                        "fact": condition.fact,
                        "op": str(condition.op),
                        "value": text_of(value),
                    },
                ]
            )
    otherwise = {
        "title": "其余",
        "title_en": "Otherwise",
        "light": str(rule.otherwise),
        "fact": "otherwise",
        "op": "=",
        "value": "0",
    }
    return {
        "title": rule.title_zh,
        "title_en": rule.title_en,
        "effective_from": text_of(rule.effective_from),
        "effective_to": None,
        "source": sources.get(rule.source, rule.source),
        "confidence": str(rule.confidence),
        "rows": [*rows, ["otherwise", otherwise]],
    }


def _reference(table: PackReference, sources: dict[str, str]) -> Fields:
    return {
        "title": table.title_zh,
        "title_en": table.title_en,
        "effective_from": text_of(table.effective_from),
        "effective_to": text_of(table.effective_to),
        "source": sources.get(table.source, table.source),
        "confidence": str(table.confidence),
        "rows": [
            [
                row.key,
                {
                    "title": row.title_zh,
                    "title_en": row.title_en,
                    "value": text_of(row.value),
                    "unit": row.unit,
                    "note": row.note,
                },
            ]
            for row in table.rows
        ],
    }
