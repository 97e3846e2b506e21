"""What the product knows already: bodies by every name, and the records a document may join."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Q

from jingkai.delivery.indicators.public import Indicator, Target
from jingkai.delivery.policy.public import (
    Clause,
    Conflict,
    Document,
    KeyTask,
    Measure,
    StandingRule,
)
from jingkai.engine.policytext import Known, Registry
from jingkai.masterdata.organisations.public import Body, BodyAlias, BodyKind


@dataclass(frozen=True, slots=True)
class KnownMeasure:
    code: str
    number: int
    title: str


@dataclass(frozen=True, slots=True)
class KnownClause:
    code: str
    measure: str
    position: int
    title: str
    bodies: frozenset[str]


@dataclass(frozen=True, slots=True)
class KnownTask:
    code: str
    number: int
    title: str
    bodies: frozenset[str]


@dataclass(frozen=True, slots=True)
class KnownTarget:
    """`place` in the reader's words: text:2, annex1:5; "" when the record has none."""

    code: str
    indicator: str
    kind: str
    modality: str
    value: Decimal | None
    unit: str
    horizon: str
    base_year: str
    place: str
    benchmark: str = ""


@dataclass(frozen=True, slots=True)
class KnownConflict:
    code: str
    kind: str
    title: str
    targets: frozenset[str]
    places: frozenset[str]
    words: str


@dataclass(frozen=True, slots=True)
class KnownIndicator:
    code: str
    name: str
    unit: str


@dataclass(frozen=True, slots=True)
class Existing:
    """The records of one document, and the bodies and indicators of all."""

    bodies: Mapping[str, str] = field(default_factory=dict)
    """Each name and alias that holds today → code."""
    measures: tuple[KnownMeasure, ...] = ()
    clauses: tuple[KnownClause, ...] = ()
    tasks: tuple[KnownTask, ...] = ()
    targets: tuple[KnownTarget, ...] = ()
    indicators: tuple[KnownIndicator, ...] = ()
    conflicts: tuple[KnownConflict, ...] = ()
    standing: Mapping[str, str] = field(default_factory=dict)
    """Code of each standing rule → its title."""


_PLACES = (
    (re.compile(r"总体要求第(\d+)项"), "text:{}"),
    (re.compile(r"附件1第(\d+)行"), "annex1:{}"),
    (re.compile(r"附件2第(\d+)项"), "annex2:{}"),
    (re.compile(r"条款(m\d+)[.-]c\d+"), "measure:{}"),
    (re.compile(r"措施(\d+)"), "measure:{}"),
)


_GOVERNMENT = re.compile(r"([一-龥]{2,6})[市省]人民政府")
_MISPRINT = re.compile("漏|颠倒|误|错")
"""Words of an alias's note that say it is a slip of the pen."""


def place_of(words: str) -> str:
    """A stored place as the reader writes it.

    >>> place_of("附件1第5行"), place_of("条款m01-c01"), place_of("annex2:9")
    ('annex1:5', 'measure:1', 'annex2:9')
    """
    for pattern, form in _PLACES:
        if found := pattern.fullmatch(words):
            return form.format(found[1].lstrip("m").lstrip("0") or "0")
    if found := re.fullmatch(r"(?:clause:)?(?:\w+-)?m0*(\d+)[.-]c\d+", words):
        return f"measure:{found[1]}"
    return words if ":" in words else ""


def body_names(on: date) -> dict[str, str]:
    """Every name and alias of a body that stands on its own feet on `on` → its code. 2 queries."""
    standing = Q(merged_into__isnull=True) & (Q(valid_to__isnull=True) | Q(valid_to__gte=on))
    bodies = {body.pk: body for body in Body.objects.filter(standing)}
    names = {body.name: body.code for body in bodies.values()}
    holds = (Q(valid_to__isnull=True) | Q(valid_to__gte=on)) & (
        Q(valid_from__isnull=True) | Q(valid_from__lte=on)
    )
    for alias in BodyAlias.objects.filter(holds):
        if alias.body_id in bodies:
            names.setdefault(alias.name, bodies[alias.body_id].code)
    return names


def registry_of(on: date) -> Registry:
    """The bodies of the register as the reader knows them, with aliases that hold on `on`.

    Its place is that of the city government's full name. 5 queries.
    """
    names = body_names(on)
    official = dict(Body.objects.values_list("code", "name"))
    cities = set(Body.objects.filter(kind=BodyKind.CITY).values_list("code", flat=True))
    notes = dict(BodyAlias.objects.exclude(note="").values_list("name", "note"))
    aliases: dict[str, list[tuple[str, str]]] = {}
    for name, code in names.items():
        if name != official[code]:
            kind = "misprint" if _MISPRINT.search(notes.get(name, "")) else "variant"
            aliases.setdefault(code, []).append((name, kind))
    known = [
        Known(official[code], tuple(aliases.get(code, ())), code)
        for code in dict.fromkeys(names.values())
    ]
    full = (_GOVERNMENT.fullmatch(name) for name, code in names.items() if code in cities)
    place = next((found[1] for found in full if found), "")
    return Registry.of(known, place=place)


def existing(document: Document | None, on: date) -> Existing:
    """What is there to join with; without a document only bodies and indicators. ≤ 14 queries."""
    indicators = tuple(
        KnownIndicator(row.code, row.name, row.unit)
        for row in Indicator.objects.only("code", "name", "unit").order_by("position", "code")
    )
    names = body_names(on)
    if document is None:
        return Existing(bodies=names, indicators=indicators)
    clauses = Clause.objects.filter(measure__part__document=document)
    tasks = KeyTask.objects.filter(document=document)
    named = "responsibilities__body"
    return Existing(
        bodies=names,
        measures=tuple(
            KnownMeasure(m.code, m.number, m.title)
            for m in Measure.objects.filter(part__document=document).order_by("number", "pk")
        ),
        clauses=tuple(
            KnownClause(c.code, c.measure.code, n, c.title, _stated(c))
            for n, c in enumerate(
                clauses.select_related("measure")
                .prefetch_related(named)
                .order_by("measure__number", "position", "pk")
            )
        ),
        tasks=tuple(
            KnownTask(t.code, t.number, t.title, _stated(t))
            for t in tasks.prefetch_related(named).order_by("number")
        ),
        targets=_targets(document),
        indicators=indicators,
        conflicts=tuple(_conflict(c) for c in Conflict.objects.filter(document=document)),
        standing=dict(StandingRule.objects.filter(document=document).values_list("code", "title")),
    )


def _stated(thing: Clause | KeyTask) -> frozenset[str]:
    rows = thing.responsibilities.all()
    return frozenset(row.body.code for row in rows if row.stated_role)


def _targets(document: Document) -> tuple[KnownTarget, ...]:
    """Targets stated by `document`: those whose record the pack of that document made."""
    rows = Target.objects.select_related("indicator", "benchmark").order_by("position", "code")
    mine = rows.filter(code__in=targets_of_document(document))
    return tuple(
        KnownTarget(
            code=t.code,
            indicator=t.indicator.name if t.kind != "qualitative" else t.text,
            kind=t.kind,
            modality=t.modality,
            value=t.value,
            unit=t.unit,
            horizon=t.horizon,
            base_year=t.base_year,
            place=place_of(t.place),
            benchmark=t.benchmark.name if t.benchmark else "",
        )
        for t in mine
    )


def targets_of_document(document: Document) -> list[str]:
    """Codes of the targets a document states. 1–2 queries.

    A target names no document: those of the first document carry no prefix, those of others
    begin with the prefix of its measures.
    """
    codes = list(Target.objects.values_list("code", flat=True))
    others = [
        prefix
        for code in Document.objects.exclude(pk=document.pk).values_list("code", flat=True)
        if (prefix := f"{code}-")
    ]
    own = f"{document.code}-"
    if any(code.startswith(own) for code in codes):
        return [code for code in codes if code.startswith(own)]
    return [code for code in codes if not code.startswith(tuple(others) or ("\0",))]


def _conflict(conflict: Conflict) -> KnownConflict:
    said = conflict.statements
    return KnownConflict(
        code=conflict.code,
        kind=conflict.kind,
        title=conflict.title,
        targets=frozenset(str(s["target"]).replace(".", "-") for s in said if s.get("target")),
        places=frozenset(place_of(str(s.get("place", ""))) for s in said),
        words=" ".join([conflict.title, *(str(s.get("text", "")) for s in said)]),
    )
