"""What the rules say about a return, and what becomes of their alarms."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import translation

from jingkai.core.errors import InvalidInput
from jingkai.delivery.reporting.judging import Judgement, Proposed, judge_return
from jingkai.delivery.reporting.models import (
    Alarm,
    AlarmOutcome,
    CellOrigin,
    Level,
    SourceFigure,
)
from jingkai.delivery.reporting.services import CellChange, explain, save_cells, submit_return
from jingkai.delivery.reporting.tests.factories import (
    NOW,
    RuleFactory,
    Stage,
    after,
    fill,
    people_of,
    stage,
    stands,
)

pytestmark = pytest.mark.django_db


def put(world: Stage, index: int, value: object, absence: str = "") -> Judgement:
    cell = world.cell(index)
    change = CellChange(cell.pk, None if value is None else Decimal(str(value)), absence)
    return save_cells(
        return_id=world.own.pk,
        changes=[change],
        actor=world.clerk,
        now=NOW,
        origin=CellOrigin.TYPED,
    ).judgement


def test_a_finding_says_what_where_and_what_to_do() -> None:
    world = stage(indicators=1)
    RuleFactory(code="not-negative", advice_en="Look at the sign.")
    (finding,) = put(world, 0, "-1234.5").findings
    name = world.indicators[0].name_en
    assert finding.message == (
        f"“{name}” is −1,234.5 亿元, below the least allowed 0 亿元. "
        "Check the figure, its sign and its unit."
    )
    assert (finding.rule, finding.level, finding.advice) == (
        "not-negative",
        Level.FIX,
        "Look at the sign.",
    )
    assert finding.cell_id == world.cell(0).pk
    assert finding.is_open


def test_proposed_figures_are_judged_without_being_saved() -> None:
    world = stage(indicators=1)
    RuleFactory()
    cell = world.cell(0)
    judged = judge_return(world.own, proposed={cell.pk: Proposed(Decimal(-3))})
    assert len(judged.open) == 1
    assert not judged.may_be_sent
    assert world.cell(0).value is None
    assert judge_return(world.own).may_be_sent
    absent = judge_return(world.own, proposed={cell.pk: Proposed(None, "missing")})
    assert absent.findings == ()


def test_history_comes_from_standing_figures_and_else_from_what_was_sent() -> None:
    world = stage(indicators=2)
    zone = world.zones[0].code
    RuleFactory(code="falls", kind="ytd_not_falling", level="explain")
    stands(world.indicators[0], zone, p2026_08=80)
    assert [f.key for f in put(world, 0, 79).findings] == ["ytd_fell"]
    # The second indicator's August was sent but is not verified yet.
    august = stage_again(world, "2026-08")
    fill(august.own, [5, 60], clerk=world.clerk)
    submit_return(return_id=august.own.pk, actor=world.clerk, now=NOW)
    assert {f.indicator for f in put(world, 1, 59).findings} == {
        world.indicators[0].code,
        world.indicators[1].code,
    }


def stage_again(world: Stage, period: str) -> Stage:
    from dataclasses import replace

    from jingkai.delivery.reporting.services import open_campaign

    campaign = open_campaign(
        form_id=world.campaign.form_id, period=period, actor=world.office, now=NOW
    )
    return replace(world, campaign=campaign)


def test_zones_together_against_the_city_without_naming_other_zones() -> None:
    world = stage(indicators=1, zones=3)
    (indicator,) = world.indicators
    RuleFactory(code="sum", kind="zone_sum", level="explain", indicators=[indicator.code])
    stands(indicator, "CITY", p2026_09=100)
    stands(indicator, world.zones[1].code, p2026_09=30)
    other = world.of(world.zones[2])
    clerk, _leader = people_of(world.zones[2])
    fill(other, [50], clerk=clerk)
    # Drafts of others do not count; sent figures do.
    assert put(world, 0, 40).findings == ()
    submit_return(return_id=other.pk, actor=clerk, now=NOW)
    (finding,) = put(world, 0, 41).findings
    assert finding.key == "zone_sum_exceeds"
    assert "121 亿元" in finding.message
    # The indicators' names carry running numbers, so only figures with a unit say anything.
    assert "50 亿元" not in finding.message
    assert "30 亿元" not in finding.message
    assert all(zone.name not in finding.message for zone in world.zones[1:])


def test_the_departments_own_figure_is_compared() -> None:
    world = stage(indicators=1)
    (indicator,) = world.indicators
    RuleFactory(
        code="source", kind="cross_source", level="explain", parameters={"tolerance_percent": 2}
    )
    for value in (90, 100):
        SourceFigure.objects.create(
            indicator=indicator,
            scope=world.zones[0].code,
            period="2026-09",
            period_end="2026-09-30",
            value=value,
            body=indicator.compiler,
            at=NOW,
        )
    assert put(world, 0, 101).findings == ()  # the latest of the department's figures counts
    assert [f.key for f in put(world, 0, 90).findings] == ["cross_source_differs"]


def test_an_explanation_holds_for_the_value_it_was_given_for() -> None:
    world = stage(indicators=1)
    RuleFactory(code="high", level="explain", parameters={"max": 100})
    (finding,) = put(world, 0, 120).findings
    assert finding.is_open
    explain(cell_id=finding.cell_id, rule="high", text="新项目投产", actor=world.clerk, now=NOW)
    (finding,) = judge_return(world.own).findings
    assert (finding.explanation, finding.is_open) == ("新项目投产", False)
    assert put(world, 0, "120.00").may_be_sent
    (finding,) = put(world, 0, 130).findings
    assert (finding.explanation, finding.is_open) == ("", True)


def test_last_periods_explanation_is_offered_again() -> None:
    world = stage(indicators=1, period="2026-08")
    RuleFactory(code="high", level="explain", parameters={"max": 100})
    (finding,) = put(world, 0, 120).findings
    assert (finding.suggestion, finding.suggestion_id) == ("", None)
    said = explain(
        cell_id=finding.cell_id, rule="high", text="新项目投产", actor=world.clerk, now=NOW
    )
    september = stage_again(world, "2026-09")
    (finding,) = put(september, 0, 140).findings
    assert (finding.suggestion, finding.suggestion_id) == ("新项目投产", said.pk)
    assert finding.is_open
    again = explain(
        cell_id=finding.cell_id,
        rule="high",
        text=finding.suggestion,
        actor=world.clerk,
        now=NOW,
        reused_from=finding.suggestion_id,
    )
    assert again.reused_from_id == said.pk
    (finding,) = judge_return(september.own).findings
    assert (finding.explanation, finding.suggestion) == ("新项目投产", "")


def outcomes(world: Stage) -> list[str]:
    rows = Alarm.objects.filter(cell__in_return__campaign=world.campaign).order_by("id")
    return [alarm.outcome for alarm in rows]


def test_an_alarm_is_raised_once_and_settled_as_changed() -> None:
    world = stage(indicators=1)
    RuleFactory(code="high", level="explain", parameters={"max": 100})
    put(world, 0, 120)
    put(world, 0, 130)
    assert outcomes(world) == [AlarmOutcome.OPEN]
    assert "130" in Alarm.objects.get().message
    put(world, 0, 90)
    assert outcomes(world) == [AlarmOutcome.CHANGED]
    put(world, 0, 120)
    assert outcomes(world) == [AlarmOutcome.CHANGED, AlarmOutcome.OPEN]


def test_an_alarm_is_gone_when_another_cell_was_changed() -> None:
    world = stage(indicators=2)
    total, part = world.indicators
    RuleFactory(
        code="parts",
        kind="cross_indicator",
        level="explain",
        parameters={"left": total.code, "op": ">=", "right": part.code},
    )
    put(world, 0, 10)
    put(world, 1, 20)
    assert outcomes(world) == [AlarmOutcome.OPEN]
    put(world, 1, 5)
    assert outcomes(world) == [AlarmOutcome.GONE]


def test_sending_settles_what_was_explained_and_what_stood() -> None:
    world = stage(indicators=2)
    first, second = world.indicators
    RuleFactory(code="high", level="explain", parameters={"max": 100}, indicators=[first.code])
    RuleFactory(code="low", level="hint", parameters={"min": 10}, indicators=[second.code])
    fill(world.own, [120, 5], clerk=world.clerk)
    with pytest.raises(InvalidInput):
        submit_return(return_id=world.own.pk, actor=world.clerk, now=NOW)
    explain(cell_id=world.cell(0).pk, rule="high", text="属实", actor=world.clerk, now=NOW)
    submit_return(return_id=world.own.pk, actor=world.clerk, now=after(hours=1))
    assert outcomes(world) == [AlarmOutcome.EXPLAINED, AlarmOutcome.STOOD]
    assert all(f.locked and not f.is_open for f in judge_return(world.own).findings)


def test_empty_cells_are_no_alarms() -> None:
    world = stage(indicators=2)
    RuleFactory(code="needed", kind="required", level="fix")
    judged = put(world, 0, 5)
    assert [(f.indicator, f.key) for f in judged.findings] == [
        (world.indicators[1].code, "required_unanswered")
    ]
    assert not Alarm.objects.exists()


def test_rules_with_unknown_parameters_or_thresholds_are_set_aside_with_the_reason() -> None:
    from jingkai.delivery.reporting.rulebook import rulebook_on

    world = stage(indicators=1)
    RuleFactory(code="good")
    RuleFactory(code="broken", parameters={"mn": 0})
    RuleFactory(
        code="lost",
        kind="year_on_year",
        parameters={"threshold_percent": "NO_TABLE.jump_percent"},
    )
    book = rulebook_on(world.campaign.period_end)
    assert [loaded.row.code for loaded in book.rules] == ["good"]
    assert {row.code: error.code for row, error in book.unusable} == {
        "broken": "parameter_unknown",
        "lost": "lookup_missing",
    }
    assert len(put(world, 0, -1).findings) == 1


@pytest.mark.parametrize(("zones", "indicators"), [(2, 2), (6, 12)])
def test_judging_costs_the_same_number_of_queries(
    zones: int, indicators: int, django_assert_max_num_queries
) -> None:
    world = stage(zones=zones, indicators=indicators)
    codes = [indicator.code for indicator in world.indicators]
    RuleFactory(code="sum", kind="zone_sum", level="explain", indicators=codes)
    RuleFactory(code="slip", kind="unit_slip", level="fix")
    RuleFactory(code="high", level="explain", parameters={"max": 1})
    for indicator in world.indicators:
        stands(indicator, world.zones[0].code, p2026_08=10, p2025_09=9)
        stands(indicator, "CITY", p2026_09=5)
    fill(world.own, [12] * indicators, clerk=world.clerk)
    own = world.own
    with django_assert_max_num_queries(12):
        assert len(judge_return(own).findings) >= indicators


def test_sentences_exist_for_every_key_in_both_languages() -> None:
    from jingkai.delivery.reporting.phrases import SENTENCES, say

    packed = {
        "key": "ytd_fell",
        "params": {"before": {"p": "2026-08"}},
        "figures": {name: ["1234.50", "亿元"] for name in ("value", "last", "drop")},
    }
    with translation.override("en"):
        assert "1,234.5 亿元" in say(packed, "A", {"A": "Trade"})
        assert "August 2026" in say(packed, "A", {"A": "Trade"})
    assert len(SENTENCES) == len({str(text) for text in SENTENCES.values()}) + 1  # seasonal twins
