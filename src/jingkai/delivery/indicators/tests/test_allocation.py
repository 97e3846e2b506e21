"""Sharing out: nothing is lost, the gap is always said, zones get their paths."""

from __future__ import annotations

from decimal import Decimal

import pytest

from jingkai.core.accounts.public import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.audit.models import AuditEvent
from jingkai.core.errors import Conflict, InvalidInput, NotPermitted, TransitionNotAllowed
from jingkai.core.notices.public import Notice
from jingkai.delivery.indicators.models import Allocation, AllocationState, Trajectory
from jingkai.delivery.indicators.queries.visibility import visible_allocations, visible_lines
from jingkai.delivery.indicators.services.allocation import (
    adjust_shares,
    collect_proposals,
    issue_allocation,
    open_allocation,
    propose_share,
    shares,
    withdraw_allocation,
)
from jingkai.delivery.indicators.services.trajectories import Horizon, plan_trajectory
from jingkai.delivery.indicators.states import ALLOCATION
from jingkai.masterdata.organisations.tests.factories import ZoneFactory

from .factories import NOW, IndicatorFactory, TargetFactory
from .test_record import say

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return UserFactory(role=Role.OFFICE)


@pytest.fixture
def zones():
    return ZoneFactory.create_batch(3)


@pytest.fixture
def firms(office, zones):
    row = IndicatorFactory(
        unit="家", decimals=0, frequency="quarter", value_mode="stock", price_basis=""
    )
    TargetFactory(indicator=row, value=100, unit="家", horizon="2030")
    for zone, base in zip(zones, ("30", "20", "20"), strict=True):
        say(office, (row.code, zone.code, "2025-Q4", base))
    return row


def begin(firms, office, **more) -> Allocation:
    fields = {"horizon": "2030", "method": "base", "base_period": "2025"} | more
    return open_allocation(indicator=firms, actor=office, now=NOW, **fields)


def test_counts_are_shared_without_a_rest(firms, office) -> None:
    allocation = begin(firms, office)
    parts = [line.computed for line in allocation.lines.order_by("zone__position")]
    assert sorted(parts) == [28, 29, 43]
    assert shares(allocation).gap == 0


def test_growth_leaves_the_rest_of_a_zone_without_base_in_the_gap(firms, office) -> None:
    ZoneFactory(code="new")
    allocation = begin(firms, office, method="growth")
    state = shares(allocation)
    assert state.unset == ("new",)
    withdraw_allocation(allocation_id=allocation.pk, reason="重来", actor=office, now=NOW)
    with pytest.raises(InvalidInput, match="new"):
        begin(firms, office)


def test_the_whole_round(firms, office, zones, django_capture_on_commit_callbacks) -> None:
    clerk = UserFactory(role=Role.ZONE_CLERK, body=zones[0].committee)
    allocation = begin(firms, office)
    line = allocation.lines.get(zone=zones[0])
    with pytest.raises(Conflict, match="only while"):
        propose_share(line_id=line.pk, value=Decimal(50), actor=clerk, now=NOW)
    assert not visible_allocations(clerk).exists()
    with django_capture_on_commit_callbacks(execute=True):
        collect_proposals(allocation_id=allocation.pk, actor=office, now=NOW)
    with pytest.raises(InvalidInput, match="takes less"):
        propose_share(line_id=line.pk, value=Decimal(40), actor=clerk, now=NOW)
    propose_share(line_id=line.pk, value=Decimal(40), reason="搬迁", actor=clerk, now=NOW)
    with pytest.raises(NotPermitted):
        propose_share(
            line_id=allocation.lines.get(zone=zones[1]).pk, value=Decimal(40), actor=clerk, now=NOW
        )
    assert list(visible_lines(clerk)) == [line]
    assert shares(allocation).proposal_gap == 3
    assert (
        adjust_shares(
            allocation_id=allocation.pk, issued={zones[0].code: Decimal(40)}, actor=office, now=NOW
        ).gap
        == 3
    )
    with pytest.raises(InvalidInput, match="reason"):
        issue_allocation(allocation_id=allocation.pk, reason="", actor=office, now=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        issue_allocation(allocation_id=allocation.pk, reason="常务会议", actor=office, now=NOW)
    path = Trajectory.objects.get(series__scope=zones[0].code, is_active=True)
    assert path.points.get(period="2030-Q4").planned == 40
    assert path.points.get(period="2025-Q4").planned == 30
    assert [n.kind for n in Notice.objects.filter(recipient=clerk).order_by("id")] == [
        "indicators.allocation.collect",
        "indicators.allocation.issue",
    ]
    with pytest.raises(Conflict, match="issued"):
        adjust_shares(allocation_id=allocation.pk, issued={}, actor=office, now=NOW)
    with pytest.raises(TransitionNotAllowed):
        issue_allocation(allocation_id=allocation.pk, reason="x", actor=office, now=NOW)


def issued(firms, office, **more) -> Allocation:
    allocation = begin(firms, office, **more)
    return issue_allocation(allocation_id=allocation.pk, reason="常务会议", actor=office, now=NOW)


def active(zone) -> Trajectory | None:
    return Trajectory.objects.filter(series__scope=zone.code, is_active=True).first()


def test_withdrawing_a_round_ends_the_paths_it_issued(firms, office, zones) -> None:
    allocation = issued(firms, office)
    other = active(zones[1])
    plan_trajectory(
        series=other.series,
        shape=other.shape,
        base_period="2025",
        base_value=Decimal(20),
        horizons=[Horizon("2030", Decimal(77))],
        actor=office,
        now=NOW,
        reason="另行规划",
    )
    withdraw_allocation(allocation_id=allocation.pk, reason="重来", actor=office, now=NOW)

    assert active(zones[0]) is None
    assert active(zones[1]).horizons[0]["value"] == "77"
    kept = Trajectory.objects.filter(series__scope=zones[0].code)
    assert [(path.version, path.points.exists()) for path in kept] == [(1, True)]
    ended = AuditEvent.objects.filter(action="indicators.trajectory.ended")
    assert ended.count() == 2
    assert active(issued(firms, office).lines.get(zone=zones[0]).zone).version == 2


def test_a_round_that_stays_keeps_its_paths_without_the_withdrawn_share(
    firms, office, zones
) -> None:
    TargetFactory(indicator=firms, value=90, unit="家", horizon="2028")
    near, far = issued(firms, office, horizon="2028"), issued(firms, office)
    assert [h["period"] for h in active(zones[0]).horizons] == ["2028", "2030"]
    withdraw_allocation(allocation_id=near.pk, reason="重来", actor=office, now=NOW)
    path = active(zones[0])
    assert [h["period"] for h in path.horizons] == ["2030"]
    assert path.parameters["allocation"] == far.pk
    withdraw_allocation(allocation_id=far.pk, reason="重来", actor=office, now=NOW)
    assert active(zones[0]) is None


def test_bad_shares_are_named(firms, office, zones) -> None:
    allocation = begin(firms, office, method="hand")
    with pytest.raises(InvalidInput) as caught:
        adjust_shares(
            allocation_id=allocation.pk,
            actor=office,
            now=NOW,
            issued={zones[0].code: Decimal("1.5"), zones[1].code: Decimal(-1), "no": Decimal(1)},
        )
    assert [p.code for p in caught.value.problems] == ["digits", "negative", "unknown"]


def test_one_open_round_and_a_target_to_share(firms, office) -> None:
    begin(firms, office)
    with pytest.raises(Conflict, match="already"):
        begin(firms, office)
    with pytest.raises(InvalidInput, match="no agreed leading target"):
        begin(firms, office, horizon="2028")
    rate = IndicatorFactory(unit="%", place_aggregation="never", value_mode="stock")
    with pytest.raises(InvalidInput, match="does not add up"):
        begin(rate, office)


@pytest.mark.parametrize("state", AllocationState.values)
@pytest.mark.parametrize("action", list(ALLOCATION.transitions))
def test_every_state_and_action(state, action) -> None:
    if state in ALLOCATION.transitions[action].sources:
        assert ALLOCATION.next_state(state, action) in AllocationState.values
    else:
        with pytest.raises(TransitionNotAllowed):
            ALLOCATION.next_state(state, action)
