"""Targets, the conflicts between them, and the paths that follow."""

from __future__ import annotations

from decimal import Decimal

import pytest

from jingkai.core.accounts.public import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.errors import Conflict as Clash
from jingkai.core.errors import InvalidInput, NotPermitted
from jingkai.delivery.indicators.models import Agreement, Shape, StatusVoice, Trajectory
from jingkai.delivery.indicators.services.default_paths import plan_default_trajectories
from jingkai.delivery.indicators.services.targets import (
    apply_conflict_decision,
    contradictions,
    create_target,
)
from jingkai.delivery.indicators.services.trajectories import (
    Horizon,
    draw_points,
    plan_trajectory,
)
from jingkai.delivery.policy.models import Conflict, Document

from .factories import NOW, IndicatorFactory, SeriesFactory, TargetFactory
from .test_record import say

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return UserFactory(role=Role.OFFICE)


def conflict(**fields) -> Conflict:
    document = Document.objects.create(
        code="doc", title="文件", title_en="Document", stage="draft", version="1"
    )
    return Conflict.objects.create(
        document=document,
        code="C01",
        position=1,
        kind="contradiction",
        title="两处不一",
        statements=fields["statements"],
    )


LEVEL = {
    "kind": "level",
    "modality": "plain",
    "unit": "亿元",
    "horizon": "2030",
    "place": "annex1:5",
    "statement_group": "TRADE.2030.level",
}


def test_a_contradiction_is_refused_unless_a_conflict_is_named(office) -> None:
    trade = IndicatorFactory(code="TRADE")
    create_target(
        code="T2", indicator=trade, fields=LEVEL | {"value": Decimal(1400)}, actor=office, now=NOW
    )
    with pytest.raises(Clash, match="T2"):
        create_target(
            code="A1",
            indicator=trade,
            fields=LEVEL | {"value": Decimal(1474)},
            actor=office,
            now=NOW,
        )
    open_conflict = conflict(statements=[])
    second = create_target(
        code="A1",
        indicator=trade,
        fields=LEVEL | {"value": Decimal(1474)},
        actor=office,
        now=NOW,
        conflict=open_conflict,
    )
    assert second.agreement == Agreement.DISPUTED
    first = trade.targets.get(code="T2")
    assert (first.agreement, first.conflict) == (Agreement.DISPUTED, open_conflict)
    (found,) = contradictions(second)
    assert found.difference_percent.quantize(Decimal("0.01")) == Decimal("5.29")


BAD = [
    ({"kind": "share", "value": Decimal(75)}, "unit", "unit_percent"),
    ({"kind": "share", "value": Decimal(175), "unit": "%"}, "value", "share_range"),
    ({"kind": "relative_to_benchmark"}, "benchmark", "benchmark_missing"),
    ({"kind": "reduction", "value": Decimal(30), "unit": "%"}, "base_year", "base_period_missing"),
    ({"kind": "level"}, "value", "value_missing"),
    ({"kind": "level", "value": Decimal(1), "unit": "亿美元"}, "unit", "unit_mismatch"),
    ({"kind": "level", "value": Decimal(1), "horizon": "soon"}, "horizon", "horizon_missing"),
    (
        {"kind": "average_growth", "value": Decimal(5), "unit": "%", "base_year": "2031"},
        "base_year",
        "base_not_before_horizon",
    ),
    ({"kind": "qualitative"}, "text", "text_missing"),
]


@pytest.mark.parametrize(("change", "field", "code"), BAD)
def test_an_incomplete_statement_is_refused(office, change, field, code) -> None:
    with pytest.raises(InvalidInput) as caught:
        create_target(
            code="X", indicator=IndicatorFactory(), fields=LEVEL | change, actor=office, now=NOW
        )
    assert (field, code) in {(p.field, p.code) for p in caught.value.problems}


def test_only_the_office_states_targets() -> None:
    with pytest.raises(NotPermitted):
        create_target(
            code="X",
            indicator=IndicatorFactory(),
            fields=LEVEL,
            actor=UserFactory(role=Role.LEADER),
            now=NOW,
        )


def test_the_decision_moves_targets_path_and_light(office) -> None:
    trade = IndicatorFactory(is_headline=True)
    say(office, (trade.code, "EDZ", "2025-12", "1086"))
    low = TargetFactory(indicator=trade, value=1400, agreement="disputed", statement_group="g")
    same = TargetFactory(
        indicator=trade, value=1400, agreement="disputed", statement_group="g", is_leading=False
    )
    high = TargetFactory(
        indicator=trade, value=1474, agreement="disputed", statement_group="g", is_leading=False
    )
    plan_default_trajectories(now=NOW)
    say(office, (trade.code, "EDZ", "2026-10", "900"))
    assert StatusVoice.objects.first().reason_code == "disputed_definition"
    dispute = conflict(
        statements=[{"key": k, "target": t.code} for k, t in (("a", low), ("b", same), ("c", high))]
    )
    dispute.state, dispute.chosen, dispute.reason = "decided", "c", "以附件为准"
    dispute.decided_by, dispute.decided_at = office, NOW
    dispute.save()

    effect = apply_conflict_decision(conflict=dispute, actor=office, now=NOW)

    assert effect.agreed == (high.code,)
    assert set(effect.set_aside) == {low.code, same.code}
    path = Trajectory.objects.get(series__indicator=trade, is_active=True)
    assert path.version == 2
    assert path.points.get(period="2030-12").planned == 1474
    voice = StatusVoice.objects.first()
    assert voice.light != "grey"

    dispute.state = "open"
    apply_conflict_decision(conflict=dispute, actor=office, now=NOW)
    assert StatusVoice.objects.first().reason_code == "disputed_definition"


def test_both_horizons_lie_on_one_seasonal_path(office) -> None:
    revenue = IndicatorFactory(is_headline=True)
    months = [(revenue.code, "EDZ", f"2025-{m:02}", str(310 * m * m / 144)) for m in range(1, 13)]
    say(office, *[(c, s, p, f"{Decimal(v):.4f}") for c, s, p, v in months])
    TargetFactory(indicator=revenue, value=360, horizon="2028")
    TargetFactory(indicator=revenue, value=395, horizon="2030")
    plans = plan_default_trajectories(now=NOW)
    (path,) = plans.planned
    points = {p.period: p.planned for p in path.points.all()}
    assert (points["2025-12"], points["2028-12"], points["2030-12"]) == (310, 360, 395)
    assert points["2026-06"] / points["2026-12"] == pytest.approx(Decimal("0.25"), abs=1e-4)
    assert path.parameters["spread"] == "history"
    assert len(points) == 61
    again = plan_default_trajectories(now=NOW)
    assert not again.planned
    assert again.skipped[0][0] == revenue.code


def test_a_base_implied_by_the_stated_rate_says_so() -> None:
    fai = IndicatorFactory(is_headline=True, decimals=1)
    TargetFactory(indicator=fai, value=760, horizon="2028", stated_rate=Decimal("5.3"))
    (path,) = plan_default_trajectories(now=NOW).planned
    assert path.base_value == Decimal("650.9")
    assert "5.3%" in path.base_origin


def test_a_headline_without_a_level_is_skipped_with_its_reason() -> None:
    growth = IndicatorFactory(is_headline=True, unit="%", frequency="quarter", value_mode="stock")
    TargetFactory(
        indicator=growth, kind="relative_to_benchmark", value=None, benchmark=IndicatorFactory()
    )
    assert "names no level" in plan_default_trajectories(now=NOW).skipped[0][1]


def test_points_are_moved_by_hand_with_a_reason(office) -> None:
    series = SeriesFactory()
    plan_trajectory(
        series=series,
        shape=Shape.STRAIGHT,
        base_period="2025",
        base_value=Decimal(300),
        horizons=[Horizon("2026", Decimal(360))],
        actor=office,
        now=NOW,
    )
    with pytest.raises(InvalidInput, match="reason"):
        draw_points(
            series=series, points={"2026-06": Decimal(100)}, actor=office, now=NOW, reason=""
        )
    path = draw_points(
        series=series, points={"2026-06": Decimal(160)}, actor=office, now=NOW, reason="集中入库"
    )
    points = {p.period: p.planned for p in path.points.all()}
    assert (points["2026-05"], points["2026-06"], points["2026-12"]) == (150, 160, 360)
    assert Trajectory.objects.filter(is_active=True).count() == 1
    with pytest.raises(InvalidInput, match="misses the target"):
        draw_points(
            series=series, points={"2026-12": Decimal(350)}, actor=office, now=NOW, reason="x"
        )
    with pytest.raises(InvalidInput, match="does not fall"):
        draw_points(
            series=series, points={"2026-06": Decimal(10)}, actor=office, now=NOW, reason="x"
        )


def test_a_path_needs_a_base_and_a_horizon(office) -> None:
    series = SeriesFactory()
    with pytest.raises(InvalidInput, match="give the base value"):
        plan_trajectory(
            series=series, shape=Shape.STRAIGHT, base_period="2025", actor=office, now=NOW
        )
    with pytest.raises(InvalidInput, match="no target"):
        plan_trajectory(
            series=series,
            shape=Shape.STRAIGHT,
            base_period="2025",
            base_value=Decimal(1),
            actor=office,
            now=NOW,
        )
