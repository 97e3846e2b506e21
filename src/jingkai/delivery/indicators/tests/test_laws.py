"""Laws that hold for any figures: sums, order, mirrors."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jingkai.core.accounts.public import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.delivery.indicators.models import CurrentValue, Series
from jingkai.delivery.indicators.queries.board import headline_board
from jingkai.delivery.indicators.services.trajectories import Horizon, plan_trajectory
from jingkai.masterdata.organisations.tests.factories import ZoneFactory

from .factories import NOW, IndicatorFactory, TargetFactory
from .test_record import say

pytestmark = pytest.mark.django_db
quick = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
PERIODS = ["2026-02", "2026-05", "2026-09"]


@quick
@given(data=st.data())
def test_the_sum_over_zones_is_the_total_after_any_order_of_recording(db, data) -> None:
    zones = ZoneFactory.create_batch(3)
    stock = IndicatorFactory(value_mode="stock")
    office = UserFactory(role=Role.OFFICE)
    cells = [(z, p) for z in zones for p in PERIODS]
    steps = data.draw(
        st.lists(
            st.tuples(
                st.sampled_from(cells),
                st.decimals(-999, 999, places=3, allow_nan=False),
            ),
            min_size=1,
            max_size=8,
        )
    )
    for (zone, period), value in steps:
        say(office, (stock.code, zone.code, period, str(value)))
    known = {
        (v.series.scope, v.period): v.value
        for v in CurrentValue.objects.filter(series__indicator=stock).select_related("series")
    }
    said = {}
    for (zone, period), value in steps:
        said[zone.code, period] = value
    for index, period in enumerate(PERIODS):
        if not any(p == period for _z, p in said):
            assert ("EDZ", period) not in known
            continue
        carried = [
            next((said[z.code, p] for p in PERIODS[index::-1] if (z.code, p) in said), 0)
            for z in zones
        ]
        assert known["EDZ", period] == sum(carried)
    for zone in zones:  # the next example counts its own zones only
        zone.evaluated = False
        zone.save()


@quick
@given(
    actual=st.decimals(-500, 500, places=2, allow_nan=False),
    planned=st.decimals(-500, 500, places=2, allow_nan=False),
)
def test_a_mirrored_indicator_gives_the_mirrored_light_end_to_end(db, actual, planned) -> None:
    office = UserFactory(role=Role.OFFICE)
    lights = []
    for direction, sign in (("higher", 1), ("lower", -1)):
        row = IndicatorFactory(
            value_mode="stock", direction=direction, is_headline=True, frequency="quarter"
        )
        TargetFactory(indicator=row, value=sign * planned)
        say(office, (row.code, "EDZ", "2026-Q3", str(sign * actual)))
        series = Series.objects.get(indicator=row)
        plan_trajectory(
            series=series,
            shape="straight",
            base_period="2025",
            base_value=sign * planned,
            horizons=[Horizon("2030", sign * planned)],
            actor=office,
            now=NOW,
        )
        voice = series.voices.first()
        (line,) = [
            r for r in headline_board(user=office, period="2026-10").rows if r.indicator == row
        ]
        assert line.status.light.light == voice.light
        lights.append((voice.light, voice.distance, line.status.distance))
    assert lights[0] == lights[1]


def test_nothing_is_carried_beyond_what_was_said() -> None:
    zones = ZoneFactory.create_batch(2)
    row = IndicatorFactory()
    office = UserFactory(role=Role.OFFICE)
    say(office, (row.code, zones[0].code, "2026-03", "1"))
    total = CurrentValue.objects.get(series__scope="EDZ")
    assert total.value == Decimal(1)
    assert total.event.inputs["missing"] == [zones[1].code]
