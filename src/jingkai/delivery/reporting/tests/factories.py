"""Forms, campaigns and filled returns for tests."""

from __future__ import annotations

from collections.abc import Sequence as Many
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from factory import LazyAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from jingkai.core.accounts.models import User
from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.delivery.indicators.models import CurrentValue, Indicator, Series, ValueEvent
from jingkai.delivery.indicators.tests.factories import IndicatorFactory
from jingkai.delivery.reporting.models import (
    Campaign,
    Cell,
    CellOrigin,
    Form,
    FormItem,
    FormVersion,
    Return,
    ValidationRule,
    VersionState,
)
from jingkai.delivery.reporting.services import (
    CellChange,
    open_campaign,
    save_cells,
    sign_return,
    submit_return,
)
from jingkai.engine.periods import Period
from jingkai.masterdata.organisations.models import Body, Zone
from jingkai.masterdata.organisations.tests.factories import ZoneFactory
from jingkai.masterdata.reference.public import seed_calendar

NOW = datetime(2026, 10, 9, 2, tzinfo=UTC)  # the second working day after the holidays
PERIOD = "2026-09"


def after(**span: float) -> datetime:
    """A moment after NOW: `after(days=3)`."""
    return NOW + timedelta(**span)


class FormFactory(DjangoModelFactory):
    """A monthly form each zone fills in."""

    class Meta:
        model = Form

    code = Sequence(lambda n: f"form-{n}")
    name = Sequence(lambda n: f"测试月报{n}")
    name_en = LazyAttribute(lambda form: f"Test return {form.code}")
    filled_by, frequency = "zone", "month"


class FormVersionFactory(DjangoModelFactory):
    class Meta:
        model = FormVersion

    form = SubFactory(FormFactory)
    number = 1
    state = VersionState.PUBLISHED
    effective_from = date(2026, 1, 1)
    due_working_days = 7
    reminder_days = [3, 1]
    created_at = published_at = datetime(2026, 1, 5, 1, tzinfo=UTC)


class FormItemFactory(DjangoModelFactory):
    class Meta:
        model = FormItem

    version = SubFactory(FormVersionFactory)
    indicator = SubFactory(IndicatorFactory)
    position = Sequence(lambda n: n % 30_000)


@dataclass
class Stage:
    """An open campaign of one form with its people. `returns` by zone code."""

    campaign: Campaign
    zones: list[Zone]
    indicators: list[Indicator]
    office: User
    clerk: User
    leader: User
    verifier_body: Body
    verifier: User

    @property
    def own(self) -> Return:
        """The first zone's return, read anew."""
        return self.of(self.zones[0])

    def of(self, zone: Zone) -> Return:
        return Return.objects.select_related("campaign__form", "body", "zone").get(
            campaign=self.campaign, zone=zone
        )

    def cell(self, index: int = 0, *, zone: Zone | None = None, part: str = "") -> Cell:
        """The cell of the n-th indicator, read anew."""
        return Cell.objects.select_related("item", "indicator", "in_return").get(
            in_return__campaign=self.campaign,
            scope=(zone or self.zones[0]).code,
            indicator=self.indicators[index],
            part=part,
        )


def stage(*, zones: int = 2, indicators: int = 2, period: str = PERIOD, **item: Any) -> Stage:
    """A campaign of one zone form; every indicator is verified by one department.

    The first zone has clerk and leader. Keywords go to every item of the form.
    """
    seed_calendar(now=NOW)
    places = ZoneFactory.create_batch(zones)
    measured = IndicatorFactory.create_batch(indicators)
    verifier_body = measured[0].compiler
    for indicator in measured[1:]:
        indicator.compiler = verifier_body
        indicator.save()
    version = FormVersionFactory()
    for position, indicator in enumerate(measured):
        FormItemFactory(version=version, indicator=indicator, position=position, **item)
    office = UserFactory(role=Role.OFFICE)
    committee = places[0].committee
    campaign = open_campaign(form_id=version.form_id, period=period, actor=office, now=NOW)
    return Stage(
        campaign=campaign,
        zones=places,
        indicators=measured,
        office=office,
        clerk=UserFactory(role=Role.ZONE_CLERK, body=committee),
        leader=UserFactory(role=Role.ZONE_LEADER, body=committee),
        verifier_body=verifier_body,
        verifier=UserFactory(role=Role.DEPARTMENT_REVIEWER, body=verifier_body),
    )


def people_of(zone: Zone) -> tuple[User, User]:
    """A clerk and a leader for another zone."""
    return (
        UserFactory(role=Role.ZONE_CLERK, body=zone.committee),
        UserFactory(role=Role.ZONE_LEADER, body=zone.committee),
    )


def fill(in_return: Return, values: Many[Any], *, clerk: User, now: datetime = NOW) -> list[Cell]:
    """Enter one figure per cell, in the order of the form."""
    cells = list(in_return.cells.order_by("item__position", "item", "part", "scope"))
    changes = [
        CellChange(cell.pk, None if value is None else Decimal(str(value)))
        for cell, value in zip(cells, values, strict=True)
    ]
    save_cells(
        return_id=in_return.pk, changes=changes, actor=clerk, now=now, origin=CellOrigin.TYPED
    )
    return cells


def sent(world: Stage, values: Many[Any] = (10, 20), *, now: datetime = NOW) -> Return:
    """The first zone's return, filled and sent."""
    fill(world.own, values, clerk=world.clerk, now=now)
    return submit_return(return_id=world.own.pk, actor=world.clerk, now=now)


def signed(world: Stage, values: Many[Any] = (10, 20), *, now: datetime = NOW) -> Return:
    """The first zone's return, filled, sent and signed."""
    sent(world, values, now=now)
    sign_return(return_id=world.own.pk, actor=world.leader, now=now)
    return world.own


class RuleFactory(DjangoModelFactory):
    """A validation rule in force: nothing below zero."""

    class Meta:
        model = ValidationRule

    code = Sequence(lambda n: f"rule-{n}")
    kind, level = "range", "fix"
    title = Sequence(lambda n: f"测试规则{n}")
    title_en = Sequence(lambda n: f"Test rule {n}")
    parameters = LazyAttribute(lambda rule: {"min": 0} if rule.kind == "range" else {})
    created_at = datetime(2026, 1, 5, 1, tzinfo=UTC)


def stands(indicator: Indicator, scope: str, **values: Any) -> None:
    """Figures that stand: `stands(ind, "CITY", p2026_08=100)`; a zone's code names its series."""
    zone = Zone.objects.filter(code=scope).first()
    kind = "zone" if zone else "city" if scope == "CITY" else "zones"
    series, _new = Series.objects.get_or_create(
        indicator=indicator, scope=scope, defaults={"scope_kind": kind, "zone": zone}
    )
    for name, value in values.items():
        period = Period.parse(name.removeprefix("p").replace("_", "-"))
        event = ValueEvent.objects.create(
            series=series,
            period=period.code,
            period_end=period.end,
            value=Decimal(str(value)),
            release="flash",
            origin="entered",
            definition=indicator.versions.first(),
            recorded_at=NOW,
        )
        CurrentValue.objects.create(
            series=series,
            indicator=indicator,
            zone=zone,
            period=period.code,
            period_end=period.end,
            value=event.value,
            release="flash",
            event=event,
        )
