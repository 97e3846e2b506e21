"""Loading the demonstration data once."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.delivery.indicators import public as indicators
from jingkai.masterdata.organisations.public import Body, BodyKind, Zone, ZoneLevel
from jingkai.masterdata.reference import public as reference

from .consultation import ask_around
from .evaluation import evaluate
from .figures import figures
from .people import make_people
from .returns import file_returns
from .story import tell

_EXTRA: Final = (
    ("DEMO_A", "演示经开区甲（合成）", "演示甲", "Demonstration zone A (synthetic)"),
    ("DEMO_B", "演示经开区乙（合成）", "演示乙", "Demonstration zone B (synthetic)"),
)
_MARK: Final = "demo.loaded"
_ARRIVALS: Final = (  # so that lights turn over time: what was known when
    (datetime(2026, 1, 13, tzinfo=UTC), datetime(2026, 1, 12, tzinfo=UTC)),
    (datetime(2026, 10, 13, tzinfo=UTC), datetime(2026, 10, 12, tzinfo=UTC)),
    (datetime(2026, 11, 13, tzinfo=UTC), datetime(2026, 11, 12, tzinfo=UTC)),
)
_PLANNED: Final = datetime(2026, 1, 15, 1, tzinfo=UTC)
_SHARED_OUT: Final = (
    ("IND_VA", "growth"),
    ("BUDGET_REV", "base"),
    ("FAI", "growth"),
    ("FDI", "base"),
    ("PROJECT_STARTS", "base"),
    ("HIGH_TECH_FIRMS", "base"),
)


def load_demo(*, now: datetime) -> str:
    """Make people, fifteen zones' figures, paths and a story of supervision; once.

    Says in a few words what was done. Everything or nothing is written.
    """
    if audit.AuditEvent.objects.filter(action=_MARK).exists():
        return _("unchanged")
    with transaction.atomic(), override(settings.LANGUAGE_CODE):
        reference.seed_calendar(now=now)
        extra_zones()
        people = make_people()
        zones = list(
            Zone.objects.filter(evaluated=True, parent__isnull=True)
            .order_by("position", "code")
            .values_list("code", flat=True)
        )
        office = people["office"]
        rows = [
            indicators.HistoryRow(
                row.indicator,
                row.scope,
                row.period.code,
                row.value,
                release=row.release,
                recorded_at=row.recorded_at,
            )
            for row in figures(zones)
        ]
        values = 0
        for moment, upto in _ARRIVALS:
            batch = [row for row in rows if row.recorded_at and row.recorded_at <= upto]
            rows = [row for row in rows if row.recorded_at and row.recorded_at > upto]
            result = indicators.load_history(
                rows=batch,
                actor=None,
                now=moment,
                origin=indicators.Origin.SYNTHETIC,
                reason="演示数据",
            )
            values += result.loaded + result.computed
            if moment == _ARRIVALS[0][0]:
                indicators.plan_default_trajectories(now=_PLANNED, actor=office)
                for code, method in _SHARED_OUT:
                    _share_out(code, method, office)
        file_returns(people, zones, now=now)
        tell(people, now=now)
        evaluate(people, now=now)
        ask_around(people, now=now)
        audit.record(
            _MARK,
            actor=None,
            at=now,
            summary="演示数据",
            details={"values": values},
        )
    return _("%(values)d values, %(people)d people") % {
        "values": values,
        "people": len(people),
    }


def extra_zones() -> None:
    """Two zones that say they are synthetic, so that fifteen returns can be tried."""
    district = Body.objects.filter(kind=BodyKind.DISTRICT).order_by("position", "code").first()
    assert district is not None
    for position, (code, name, short, english) in enumerate(_EXTRA, start=900):
        if Zone.objects.filter(code=code).exists():
            continue
        committee = Body.objects.create(
            code=f"ZC_{code}",
            kind=BodyKind.COMMITTEE,
            name=f"{name}管委会",
            name_en=f"Committee of {english}",
            position=position,
            source="演示数据",
        )
        Zone.objects.create(
            code=code,
            name=name,
            short_name=short,
            name_en=english,
            level=ZoneLevel.PROVINCIAL,
            committee=committee,
            host_district=district,
            position=position,
            source="演示数据",
            note="合成经开区，仅用于演示",
        )


def _share_out(code: str, method: str, office: User) -> None:
    indicator = indicators.Indicator.objects.get(code=code)
    allocation = indicators.open_allocation(
        indicator=indicator,
        horizon="2030",
        method=method,
        base_period="2025",
        actor=office,
        now=_PLANNED,
        total=_total(indicator),
    )
    indicators.collect_proposals(allocation_id=allocation.pk, actor=office, now=_PLANNED)
    indicators.issue_allocation(
        allocation_id=allocation.pk, reason="演示：按基数分解后下达", actor=office, now=_PLANNED
    )


def _total(indicator: indicators.Indicator) -> Decimal:
    target = indicators.Target.objects.filter(
        indicator=indicator, horizon="2030", is_leading=True
    ).get()
    assert target.value is not None
    return target.value
