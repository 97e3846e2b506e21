"""Each rule equals its queryset twin, and each refusal says why."""

from __future__ import annotations

import pytest

from jingkai.core.accounts.public import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.delivery.indicators.models import ScopeKind, Series
from jingkai.delivery.indicators.queries.visibility import visible_indicators, visible_series
from jingkai.delivery.indicators.rules import (
    can_judge,
    can_plan,
    can_record,
    can_see,
    can_see_indicator,
)
from jingkai.masterdata.organisations.tests.factories import BodyFactory, ZoneFactory

from .factories import IndicatorFactory, SeriesFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", list(Role))
def test_visible_exactly_when_the_rule_allows(role) -> None:
    mine, other = ZoneFactory.create_batch(2)
    indicator = IndicatorFactory()
    SeriesFactory(indicator=indicator)
    SeriesFactory(indicator=indicator, scope="CITY", scope_kind=ScopeKind.CITY)
    for zone in (mine, other):
        SeriesFactory(indicator=indicator, scope=zone.code, scope_kind=ScopeKind.ZONE, zone=zone)
    user = UserFactory(role=role, body=mine.committee)
    seen = set(visible_series(user))
    assert seen == {series for series in Series.objects.all() if can_see(user, series)}
    assert (indicator in visible_indicators(user)) == bool(can_see_indicator(user, indicator))


def test_who_belongs_nowhere_sees_nothing() -> None:
    SeriesFactory()
    assert not visible_series(UserFactory()).exists()


def test_department_clerk_records_the_totals_of_its_indicators_only() -> None:
    body = BodyFactory()
    clerk = UserFactory(role=Role.DEPARTMENT_CLERK, body=body)
    own, foreign = SeriesFactory(indicator__compiler=body), SeriesFactory()
    zone = ZoneFactory()
    of_zone = SeriesFactory(
        indicator=own.indicator, scope=zone.code, zone=zone, scope_kind=ScopeKind.ZONE
    )
    assert can_record(clerk, own)
    assert "compiles" in str(can_record(clerk, foreign).reason)
    assert zone.name in str(can_record(clerk, of_zone).reason)
    assert not can_record(UserFactory(role=Role.DEPARTMENT_REVIEWER, body=body), own)


def test_judging_and_planning() -> None:
    body = BodyFactory()
    indicator = IndicatorFactory(responsible=body)
    assert can_judge(UserFactory(role=Role.LEADER), indicator)
    assert can_judge(UserFactory(role=Role.DEPARTMENT_REVIEWER, body=body), indicator)
    assert not can_judge(UserFactory(role=Role.DEPARTMENT_REVIEWER), indicator)
    assert can_plan(UserFactory(role=Role.OFFICE))
    assert not can_plan(UserFactory(role=Role.LEADER))
