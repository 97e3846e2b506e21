"""Recording figures: what follows, what is refused and with which words."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext

from jingkai.core.accounts.public import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.audit.public import AuditEvent
from jingkai.core.errors import InvalidInput, NotPermitted
from jingkai.delivery.indicators.models import CurrentValue, Origin, Release, ValueEvent
from jingkai.delivery.indicators.services.entries import ValueEntry
from jingkai.delivery.indicators.services.values import record_values
from jingkai.masterdata.organisations.tests.factories import ZoneFactory

from .factories import NOW, IndicatorFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return UserFactory(role=Role.OFFICE)


def say(actor, *entries, release=Release.FLASH, reason="", now=NOW, origin=Origin.ENTERED):
    return record_values(
        entries=[
            e
            if isinstance(e, ValueEntry)
            else ValueEntry(*e[:3], None if e[3] is None else Decimal(e[3]), *e[4:])
            for e in entries
        ],
        actor=actor,
        now=now,
        origin=origin,
        release=release,
        reason=reason,
    )


def current(indicator, scope, period):
    return CurrentValue.objects.filter(
        series__indicator=indicator, series__scope=scope, period=period
    ).first()


def test_total_is_the_sum_and_says_what_was_observed(office) -> None:
    a, b, c = ZoneFactory.create_batch(3)
    gdp = IndicatorFactory()
    say(office, (gdp.code, a.code, "2026-09", "10"), (gdp.code, b.code, "2026-09", "5"))
    result = say(office, (gdp.code, a.code, "2026-10", "12.5"))

    total = current(gdp, "EDZ", "2026-10")
    assert total.value == Decimal("17.5")
    assert (total.observed, total.expected) == (1, 3)
    (computed,) = result.computed
    assert computed.inputs["carried"] == [b.code]
    assert computed.inputs["missing"] == [c.code]
    assert (
        computed.inputs["events"]
        == sorted(current(gdp, z.code, p).event_id for z, p in ((a, "2026-10"), (b, "2026-09")))[
            ::-1
        ]
    )


def test_a_new_year_carries_nothing(office) -> None:
    a, b = ZoneFactory.create_batch(2)
    gdp = IndicatorFactory()
    say(office, (gdp.code, b.code, "2025-12", "99"))
    say(office, (gdp.code, a.code, "2026-02", "3"))
    assert current(gdp, "EDZ", "2026-02").value == 3


def test_a_stock_carries_the_last_known(office) -> None:
    a, b = ZoneFactory.create_batch(2)
    firms = IndicatorFactory(
        unit="家", decimals=0, frequency="quarter", value_mode="stock", price_basis=""
    )
    say(office, (firms.code, b.code, "2024-Q4", "7"))
    say(office, (firms.code, a.code, "2026-Q3", "3"))
    assert current(firms, "EDZ", "2026-Q3").value == 10


def test_correction_runs_into_later_totals_that_carried_it(office) -> None:
    a, b = ZoneFactory.create_batch(2)
    gdp = IndicatorFactory()
    say(office, (gdp.code, a.code, "2026-08", "10"), (gdp.code, b.code, "2026-08", "4"))
    say(office, (gdp.code, a.code, "2026-09", "12"))
    assert current(gdp, "EDZ", "2026-09").value == 16
    say(office, (gdp.code, b.code, "2026-08", "3"), release=Release.REVISED, reason="跨期")
    assert current(gdp, "EDZ", "2026-08").value == 13
    assert current(gdp, "EDZ", "2026-09").value == 15


def test_share_of_the_city_is_recomputed_from_its_parts(office) -> None:
    a, b = ZoneFactory.create_batch(2)
    trade, city = IndicatorFactory(), IndicatorFactory()
    share = IndicatorFactory(
        unit="%",
        time_aggregation="weighted_ratio",
        place_aggregation="weighted_ratio",
        definition={
            "numerator": trade,
            "denominator": city,
            "denominator_scope": "city",
            "multiplier": 100,
        },
    )
    say(office, (city.code, "CITY", "2026-10", "200"))
    say(office, (trade.code, a.code, "2026-10", "30"), (trade.code, b.code, "2026-10", "20"))
    assert current(share, a.code, "2026-10").value == 15
    assert current(share, "EDZ", "2026-10").value == 25
    say(office, (city.code, "CITY", "2026-10", "250"))
    assert current(share, "EDZ", "2026-10").value == 20


def test_ratio_of_zones_uses_both_parts_of_the_same_zones(office) -> None:
    a, b = ZoneFactory.create_batch(2)
    output = IndicatorFactory(frequency="year", value_mode="period")
    land = IndicatorFactory(unit="平方公里", frequency="year", value_mode="stock", price_basis="")
    density = IndicatorFactory(
        unit="亿元/平方公里",
        frequency="year",
        value_mode="stock",
        place_aggregation="weighted_ratio",
        definition={"numerator": output, "denominator": land},
    )
    say(
        office,
        (land.code, a.code, "2024", "10"),
        (output.code, a.code, "2025", "80"),
        (output.code, b.code, "2025", "900"),
    )
    edz = current(density, "EDZ", "2025")
    assert edz.value == 8
    assert (edz.observed, edz.expected) == (1, 2)
    say(office, (land.code, b.code, "2025", "90"))
    assert current(density, "EDZ", "2025").value == Decimal("9.8")


def test_never_is_never_added_up(office) -> None:
    zone = ZoneFactory()
    growth = IndicatorFactory(unit="%", value_mode="stock", place_aggregation="never")
    say(office, (growth.code, zone.code, "2026-10", "5.1"))
    assert current(growth, "EDZ", "2026-10") is None


def test_a_stated_total_holds_until_every_zone_has_spoken(office) -> None:
    a, b = ZoneFactory.create_batch(2)
    gdp = IndicatorFactory()
    say(office, (gdp.code, "EDZ", "2026-09", "100"))
    say(office, (gdp.code, a.code, "2026-09", "40"))
    assert current(gdp, "EDZ", "2026-09").value == 100
    say(office, (gdp.code, b.code, "2026-09", "55"))
    assert current(gdp, "EDZ", "2026-09").value == 95
    with pytest.raises(InvalidInput, match="computed"):
        say(office, (gdp.code, "EDZ", "2026-09", "101"))


def test_repeat_says_nothing(office) -> None:
    zone = ZoneFactory()
    gdp = IndicatorFactory()
    say(office, (gdp.code, zone.code, "2026-10", "7.5"))
    before = ValueEvent.objects.count()
    result = say(office, (gdp.code, zone.code, "2026-10", "7.50"))
    assert result.unchanged == 1
    assert ValueEvent.objects.count() == before


def test_withdrawal_takes_the_total_along(office) -> None:
    zone = ZoneFactory()
    gdp = IndicatorFactory()
    say(office, (gdp.code, zone.code, "2026-10", "7"))
    with pytest.raises(InvalidInput, match="withdrawn"):
        say(office, (gdp.code, zone.code, "2026-10", None))
    say(office, (gdp.code, zone.code, "2026-10", None), reason="误报")
    assert not CurrentValue.objects.exists()
    assert ValueEvent.objects.count() == 4


def test_unit_is_converted_exactly(office) -> None:
    zone = ZoneFactory()
    gdp = IndicatorFactory()
    say(office, (gdp.code, zone.code, "2026-10", "185000", "万元"))
    assert current(gdp, zone.code, "2026-10").value == Decimal("18.5")


def test_january_and_february_come_together(office) -> None:
    zone = ZoneFactory()
    gdp = IndicatorFactory()
    say(office, (gdp.code, zone.code, "2026-02", "3"), (gdp.code, zone.code, "2026-03", "5"))
    assert current(gdp, "EDZ", "2026-02").value == 3


BAD = [
    ({"indicator": "GDPX"}, "indicator", "unknown", "Did you mean GDP"),
    ({"scope": "nowhere"}, "scope", "unknown", "no scope"),
    ({"period": "2026-Q3"}, "period", "period_frequency", "for example 2026-09"),
    ({"period": "Sept"}, "period", "period_form", "for example 2026-09"),
    ({"period": "2027-01"}, "period", "period_future", "future"),
    ({"unit": "亿美元"}, "unit", "unit_mismatch", "cannot become 亿元"),
    ({"unit": "筐"}, "unit", "unit_unknown", "no unit “筐”"),
    ({"value": Decimal("1e18")}, "value", "digits", "at most 18"),
    ({"value": Decimal("1.1234567")}, "value", "digits", "at most 6"),
    ({"value": Decimal("NaN")}, "value", "not_a_number", "not a number"),
]


@pytest.mark.parametrize(("change", "field", "code", "words"), BAD)
def test_bad_entry_is_refused_with_its_place(office, change, field, code, words) -> None:
    zone = ZoneFactory(code="z1")
    IndicatorFactory(code="GDP", name="地区生产总值")
    good = {"indicator": "GDP", "scope": zone.code, "period": "2026-10", "value": Decimal(7)}
    with pytest.raises(InvalidInput) as caught:
        say(office, ValueEntry(**good | {"period": "2026-09"}), ValueEntry(**good | change))
    (problem,) = caught.value.problems
    assert (problem.field, problem.code) == (f"entries.1.{field}", code)
    assert words in problem.message
    assert not ValueEvent.objects.exists()


def test_whole_numbers_stay_whole(office) -> None:
    zone = ZoneFactory()
    firms = IndicatorFactory(unit="家", decimals=0, price_basis="")
    with pytest.raises(InvalidInput, match="whole numbers"):
        say(office, (firms.code, zone.code, "2026-10", "3.5"))


def test_falling_total_must_be_explained(office) -> None:
    zone = ZoneFactory()
    gdp = IndicatorFactory()
    say(office, (gdp.code, zone.code, "2026-08", "80"))
    with pytest.raises(InvalidInput, match="does not fall"):
        say(office, (gdp.code, zone.code, "2026-10", "79"))
    with pytest.raises(InvalidInput, match="does not fall"):
        say(office, (gdp.code, zone.code, "2026-10", "79"), release=Release.REVISED)
    fallen = (gdp.code, zone.code, "2026-10", "79")
    result = say(office, fallen, release=Release.REVISED, reason="退税")
    assert [w.code for w in result.warnings] == ["ytd_falls"]


def test_no_step_back_from_a_release_and_no_silent_change_of_a_final(office) -> None:
    zone = ZoneFactory()
    gdp = IndicatorFactory()
    say(office, (gdp.code, zone.code, "2026-10", "7"), release=Release.FINAL)
    with pytest.raises(InvalidInput, match="already final"):
        say(office, (gdp.code, zone.code, "2026-10", "8"))
    with pytest.raises(InvalidInput, match="say why"):
        say(office, (gdp.code, zone.code, "2026-10", "8"), release=Release.FINAL)
    say(office, (gdp.code, zone.code, "2026-10", "8"), release=Release.FINAL, reason="核减")


def test_total_is_final_only_when_all_its_parts_are(office) -> None:
    a, b = ZoneFactory.create_batch(2)
    gdp = IndicatorFactory()
    say(office, (gdp.code, a.code, "2026-10", "7"), release=Release.FINAL)
    assert current(gdp, "EDZ", "2026-10").release == Release.FLASH
    say(office, (gdp.code, b.code, "2026-10", "7"), release=Release.FINAL)
    assert current(gdp, "EDZ", "2026-10").release == Release.FINAL


def test_an_open_period_is_provisional(office) -> None:
    zone = ZoneFactory()
    gdp = IndicatorFactory()
    result = say(office, (gdp.code, zone.code, "2026-11", "7"))
    assert [w.code for w in result.warnings] == ["period_open"]
    with pytest.raises(InvalidInput, match="has not ended"):
        say(office, (gdp.code, zone.code, "2026-11", "7"), release=Release.FINAL)


def test_sent_twice_is_said(office) -> None:
    zone = ZoneFactory()
    gdp = IndicatorFactory()
    with pytest.raises(InvalidInput, match="line 1"):
        say(office, (gdp.code, zone.code, "2026-10", "7"), (gdp.code, zone.code, "2026-10", "8"))


def test_a_zone_records_itself_only(office) -> None:
    mine, other = ZoneFactory.create_batch(2)
    gdp = IndicatorFactory()
    clerk = UserFactory(role=Role.ZONE_CLERK, body=mine.committee)
    say(clerk, (gdp.code, mine.code, "2026-10", "7"))
    for scope in (other.code, "EDZ", "CITY"):
        with pytest.raises(NotPermitted):
            say(clerk, (gdp.code, scope, "2026-10", "7"))
    leader = UserFactory(role=Role.ZONE_LEADER, body=mine.committee)
    with pytest.raises(NotPermitted):
        say(leader, (gdp.code, mine.code, "2026-10", "8"))
    with pytest.raises(NotPermitted, match="names who"):
        say(None, (gdp.code, mine.code, "2026-10", "8"))


def test_one_call_is_one_audit_event_with_counts(office) -> None:
    a, b = ZoneFactory.create_batch(2)
    gdp = IndicatorFactory()
    cells = [(gdp.code, zone.code, "2026-10", "7") for zone in (a, b)]
    say(office, *cells, reason="十月")
    (event,) = AuditEvent.objects.filter(action="indicators.values.recorded")
    assert event.row_count == 2
    assert event.details["computed"] == 1
    assert event.summary == "十月"
    ids = {e.pk for e in ValueEvent.objects.all()}
    assert {i for low, high in event.details["events"] for i in range(low, high + 1)} == ids


def test_events_are_never_changed(office) -> None:
    zone = ZoneFactory()
    gdp = IndicatorFactory()
    say(office, (gdp.code, zone.code, "2026-10", "7"))
    with pytest.raises(IntegrityError, match="never changed"):
        ValueEvent.objects.update(value=8)


def _batch(office, indicators, zones, period, now):
    entries = [
        ValueEntry(i.code, z.code, period, Decimal(period[-2:]) + n)
        for i in indicators
        for n, z in enumerate(zones)
    ]
    return record_values(
        entries=entries, actor=office, now=now, origin=Origin.ENTERED, release=Release.FLASH
    )


def test_cost_does_not_grow(office) -> None:
    zones = ZoneFactory.create_batch(4)
    indicators = IndicatorFactory.create_batch(6)
    costs = []
    for i, z in ((1, 1), (6, 4)):
        _batch(office, indicators[:i], zones[:z], "2026-01", NOW)
        with CaptureQueriesContext(connection) as queries:
            _batch(office, indicators[:i], zones[:z], "2026-02", NOW)
        costs.append(len(queries))
    assert costs[0] == costs[1]
    assert costs[0] <= 25
