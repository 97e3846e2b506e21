"""A stage for evaluations: zones with figures of three years, a published scheme of four leaves.

ROOT 100 ─ SIZE 60 ─ OUT 40 (more; two fifths of it for growth), TAX 20 (more)
         └ GREEN 40 ─ ENERGY 25 (less), JOBS 15 (more)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from factory import LazyAttribute
from factory import Sequence as Numbered
from factory.django import DjangoModelFactory

from jingkai.core.accounts.models import User
from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.delivery.evaluation.models import (
    LedgerEntry,
    LedgerKind,
    LedgerState,
    Scheme,
    SchemeNode,
    SchemeVersion,
    VersionState,
)
from jingkai.delivery.evaluation.queries.schemes import definition_of
from jingkai.delivery.indicators.models import Indicator, Origin, Release
from jingkai.delivery.indicators.services.entries import ValueEntry
from jingkai.delivery.indicators.services.values import record_values
from jingkai.delivery.indicators.tests.factories import IndicatorFactory
from jingkai.masterdata.organisations.models import Zone, ZoneLevel
from jingkai.masterdata.organisations.tests.factories import ZoneFactory

NOW: Final = datetime(2026, 11, 22, 2, tzinfo=UTC)
RECORDED: Final = datetime(2026, 3, 2, 2, tzinfo=UTC)
"""When the figures of the stage were recorded."""
YEAR: Final = 2025
YEARS: Final = (2023, 2024, 2025)

METHOD: Final[dict[str, Any]] = {
    "normalise": {"method": "efficacy", "range": [60, 100], "constant": "middle"},
    "aggregate": "arithmetic",
    "uncertainty": {"weights": {"noise": 0.25}, "aggregate": ["arithmetic", "geometric"]},
}
LEDGER_RULES: Final[list[dict[str, Any]]] = [
    {"code": "reform", "kind": "bonus", "name": "改革经验获推广", "name_en": "Reform spread",
     "points": "2", "cap": "4", "basis": "测试方案", "verified": False},
    {"code": "accident", "kind": "deduction", "name": "生产安全事故", "name_en": "Accident",
     "points": "3", "cap": "6", "basis": "测试方案", "verified": False},
    {"code": "fraud", "kind": "veto", "name": "数据造假", "name_en": "Falsified data",
     "points": "0", "cap": "0", "basis": "测试方案", "verified": False},
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf of `version_of`; `indicator` None = nobody supplies it yet."""

    code: str
    points: str
    indicator: Indicator | None
    direction: int | None = 1
    growth_share: str | None = None
    growth_rule: str = "percent"
    period_rule: str = "year"
    target: str | None = None


class SchemeFactory(DjangoModelFactory):
    class Meta:
        model = Scheme

    code = Numbered(lambda n: f"scheme-{n}")
    name = LazyAttribute(lambda scheme: f"测试方案（{scheme.code}）")
    name_en = LazyAttribute(lambda scheme: f"Scheme {scheme.code}")
    issuer = "市商务局"


def version_of(
    tree: Mapping[str, Sequence[Leaf]],
    *,
    state: str = VersionState.PUBLISHED,
    method: Mapping[str, Any] = METHOD,
    scheme: Scheme | None = None,
    number: int = 1,
    **fields: Any,
) -> SchemeVersion:
    """An edition whose classes hold the leaves given; the points of a class are their sum."""
    people = {"created_by": UserFactory(role=Role.OFFICE), "created_at": RECORDED}
    fields = {
        "first_year": 2020,
        "adjust": {"bonus_cap": 5, "deduction_cap": 10, "veto_effect": "exclude"},
        "ledger_rules": LEDGER_RULES,
        **people,
        **fields,
    }
    version = SchemeVersion.objects.create(
        scheme=scheme or SchemeFactory(), number=number, method=dict(method), **fields
    )
    root = SchemeNode.objects.create(version=version, code="ROOT", name="总分", points=100)
    place = 0
    for code, leaves in tree.items():
        place += 1
        branch = SchemeNode.objects.create(
            version=version,
            code=code,
            parent=root,
            position=place,
            name=f"类别{code}",
            points=sum((Decimal(leaf.points) for leaf in leaves), Decimal(0)),
        )
        for leaf in leaves:
            place += 1
            SchemeNode.objects.create(
                version=version,
                code=leaf.code,
                parent=branch,
                position=place,
                name=f"指标项{leaf.code}",
                points=Decimal(leaf.points),
                is_leaf=True,
                direction=leaf.direction,
                indicator=leaf.indicator,
                growth_share=None if leaf.growth_share is None else Decimal(leaf.growth_share),
                growth_rule=leaf.growth_rule,
                period_rule=leaf.period_rule,
                target=None if leaf.target is None else Decimal(leaf.target),
            )
    if state != VersionState.DRAFT:
        version.digest = definition_of(version).digest()
        version.state = state
        version.published_by, version.published_at = UserFactory(role=Role.OFFICE), RECORDED
        version.save()
    return version


@dataclass(frozen=True, slots=True)
class Stage:
    """What `stage` made. `office` makes things, `second` is another person of the office."""

    office: User
    second: User
    leader: User
    zones: Sequence[Zone]
    indicators: Mapping[str, Indicator]
    scheme: Scheme
    version: SchemeVersion

    def clerk(self, place: int = 0, role: Role = Role.ZONE_CLERK) -> User:
        """Somebody of the zone at `place`."""
        return UserFactory(role=role, body=self.zones[place].committee)


def indicators_of_stage() -> dict[str, Indicator]:
    """A monthly running total, a yearly flow, a yearly ratio and a yearly stock, by leaf."""
    alone = {"place_aggregation": "never", "responsible": None, "compiler": None}
    year = {"frequency": "year", **alone}
    return {
        "OUT": IndicatorFactory(**alone),
        "TAX": IndicatorFactory(value_mode="period", time_aggregation="sum", **year),
        "ENERGY": IndicatorFactory(
            value_mode="period", time_aggregation="never", direction="lower", unit="吨/万元", **year
        ),
        "JOBS": IndicatorFactory(value_mode="stock", unit="人", **year),
    }


def figure(leaf: str, place: int, year: int) -> Decimal:
    """The stage's figure of the zone at `place` (from 0): distinct, every zone good at something.

    Per zone: output grows by 2 + place per cent a year, energy falls by one per cent.
    """
    k, passed = place + 1, year - YEARS[0]
    match leaf:
        case "OUT":
            return Decimal(100 + 17 * k) * (1 + Decimal(2 + k) / 100) ** passed
        case "TAX":
            return Decimal(10 + (7 * k) % 11 + passed)
        case "ENERGY":
            return Decimal(40 + (5 * k) % 13) * Decimal("0.99") ** passed
    return Decimal(1000 + 37 * k + 10 * passed)


def record(
    stage: Stage | None,
    entries: Sequence[tuple[Indicator, Zone, str, Decimal | None]],
    *,
    now: datetime = RECORDED,
    release: str = Release.REVISED,
    reason: str = "测试数据",
) -> None:
    """Record figures as the office does."""
    record_values(
        entries=[
            ValueEntry(indicator.code, zone.code, period, value)
            for indicator, zone, period, value in entries
        ],
        actor=stage.office if stage else UserFactory(role=Role.OFFICE),
        now=now,
        origin=Origin.ENTERED,
        release=release,
        reason=reason,
    )


def stage(
    *,
    zones: int = 5,
    national: int = 0,
    years: Sequence[int] = YEARS,
    method: Mapping[str, Any] = METHOD,
    **version: Any,
) -> Stage:
    """Zones (the first `national` of them national ones), their figures, a published scheme."""
    office = UserFactory(role=Role.OFFICE)
    made = [
        ZoneFactory(level=ZoneLevel.NATIONAL if n < national else ZoneLevel.PROVINCIAL)
        for n in range(zones)
    ]
    found = indicators_of_stage()
    edition = version_of(
        {
            "SIZE": [
                Leaf("OUT", "40", found["OUT"], growth_share="0.4"),
                Leaf("TAX", "20", found["TAX"]),
            ],
            "GREEN": [
                Leaf("ENERGY", "25", found["ENERGY"], direction=-1),
                Leaf("JOBS", "15", found["JOBS"]),
            ],
        },
        method=method,
        **version,
    )
    made_stage = Stage(
        office,
        UserFactory(role=Role.OFFICE),
        UserFactory(role=Role.LEADER),
        made,
        found,
        edition.scheme,
        edition,
    )
    record(
        made_stage,
        [
            (indicator, zone, f"{year}-12" if leaf == "OUT" else str(year),
             figure(leaf, place, year))
            for leaf, indicator in found.items()
            for place, zone in enumerate(made)
            for year in years
        ],
    )  # fmt: skip
    return made_stage


def ledger_entry(
    stage: Stage,
    *,
    place: int = 0,
    kind: str = LedgerKind.BONUS,
    rule: str = "reform",
    points: str = "2",
    state: str = LedgerState.CONFIRMED,
    year: int = YEAR,
) -> LedgerEntry:
    """An entry of the ledger in any state, decided by the second person where it needs one."""
    decided = state in (LedgerState.CONFIRMED, LedgerState.REFUSED, LedgerState.REVOKED)
    return LedgerEntry.objects.create(
        scheme=stage.scheme,
        zone=stage.zones[place],
        year=year,
        kind=kind,
        rule=rule,
        points=Decimal(points),
        reason="测试事项",
        state=state,
        entered_by=stage.office,
        entered_at=RECORDED,
        decided_by=stage.second if decided else None,
        decided_at=RECORDED if decided else None,
    )
