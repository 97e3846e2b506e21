"""Freezing, computing, repeating and making again."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.errors import InvalidInput, NotPermitted, TransitionNotAllowed
from jingkai.delivery.evaluation.models import (
    LedgerKind,
    LedgerState,
    Objection,
    ObjectionState,
    ObjectionSubject,
    Run,
    RunInput,
    RunKind,
    RunState,
    VersionState,
)
from jingkai.delivery.evaluation.services.runs import (
    cancel_run,
    compute_run,
    freeze_run,
    repeat_run,
)
from jingkai.delivery.evaluation.tests.factories import (
    NOW,
    RECORDED,
    YEAR,
    Leaf,
    Stage,
    figure,
    ledger_entry,
    record,
    stage,
    version_of,
)
from jingkai.delivery.evaluation.verifying import verify_run
from jingkai.delivery.indicators.models import Indicator
from jingkai.delivery.indicators.tests.factories import IndicatorFactory

pytestmark = pytest.mark.django_db


def freeze(made: Stage, **changes: Any) -> Run:
    return freeze_run(
        **{
            "version_id": made.version.pk,
            "year": YEAR,
            "kind": RunKind.TRIAL,
            "as_of": NOW,
            "seed": 7,
            "replications": 200,
            "actor": made.office,
            "now": NOW,
            **changes,
        }
    )


def computed(made: Stage, **changes: Any) -> Run:
    run = freeze(made, **changes)
    return compute_run(run_id=run.pk, actor=made.office, now=NOW)


def value(run: Run, made: Stage, leaf: str, place: int, year: int = YEAR) -> RunInput:
    return run.inputs.get(node=leaf, zone=made.zones[place], year=year)


def test_a_run_keeps_both_years_of_every_leaf_and_zone() -> None:
    made = stage(zones=4)
    run = freeze(made)
    assert run.inputs.count() == 4 * 4 * 2
    assert value(run, made, "OUT", 2).value == round(figure("OUT", 2, 2025), 6)
    assert value(run, made, "OUT", 2, 2024).period == "2024-12"
    assert value(run, made, "JOBS", 0).event is not None
    assert run.state == RunState.FROZEN
    assert run.inputs_digest == verify_run(run).inputs_now


def test_what_was_frozen_is_never_changed() -> None:
    made = stage(zones=3)
    run = freeze(made)
    for change in (
        lambda: run.inputs.update(value=1),
        lambda: run.inputs.all().delete(),
        lambda: Run.objects.filter(pk=run.pk).update(seed=8),
        lambda: Run.objects.filter(pk=run.pk).update(definition={}),
        lambda: Run.objects.filter(pk=run.pk).update(zones=[]),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert verify_run(run).inputs_hold


def test_only_figures_known_at_the_moment_count() -> None:
    made = stage(zones=3)
    later = NOW - timedelta(days=10)
    record(made, [(made.indicators["TAX"], made.zones[0], str(YEAR), Decimal(99))], now=later)
    before = freeze(made, as_of=later - timedelta(days=1))
    after = freeze(made, as_of=later)
    assert value(before, made, "TAX", 0).value == figure("TAX", 0, YEAR)
    assert value(after, made, "TAX", 0).value == Decimal(99)


def test_why_there_is_no_figure_is_said() -> None:
    monthly = IndicatorFactory(place_aggregation="never", responsible=None, compiler=None)
    made = stage(zones=4)
    mute = IndicatorFactory(frequency="year", value_mode="stock", place_aggregation="never")
    version = version_of(
        {
            "SIZE": [Leaf("OUT", "60", made.indicators["OUT"]), Leaf("MONTHLY", "20", monthly)],
            "REST": [
                Leaf("NOBODY", "10", None),
                Leaf("MUTE", "5", mute),
                Leaf("TAX", "5", made.indicators["TAX"]),
            ],
        }
    )
    record(made, [(monthly, made.zones[0], f"{YEAR}-06", Decimal(5))])
    tax = made.indicators["TAX"]
    record(made, [(tax, made.zones[1], str(YEAR), None)], now=RECORDED + timedelta(days=1))
    run = freeze(made, version_id=version.pk)
    said = {
        (row.node, row.zone_id): row.absence for row in run.inputs.filter(year=YEAR, value=None)
    }
    first, second = made.zones[0].pk, made.zones[1].pk
    assert said["MONTHLY", first] == "incomplete"
    assert said["MONTHLY", second] == "no_figure"
    assert said["NOBODY", first] == "no_indicator"
    assert said["MUTE", first] == "no_figure"
    assert said["TAX", second] == "withdrawn"
    assert ("OUT", first) not in said


@pytest.mark.parametrize(
    ("rule", "fields", "expected"),
    [
        ("year", {"value_mode": "period", "time_aggregation": "sum"}, Decimal(66)),
        ("year", {"value_mode": "stock"}, Decimal(12)),
        ("last", {"value_mode": "stock"}, Decimal(12)),
        ("mean", {"value_mode": "stock", "time_aggregation": "mean"}, Decimal(6)),
        ("year", {}, Decimal(12)),
    ],
)
def test_which_figure_of_the_year_counts(
    rule: str, fields: dict[str, str], expected: Decimal
) -> None:
    """Figures of a month are its number; January is inside February, so the months sum to 77."""
    made = stage(zones=3)
    indicator = IndicatorFactory(
        place_aggregation="never", responsible=None, compiler=None, **fields
    )
    version = version_of(
        {
            "SIZE": [
                Leaf("X", "60", indicator, period_rule=rule),
                Leaf("TAX", "40", made.indicators["TAX"]),
            ]
        }
    )
    months = [(m, Decimal(m)) for m in range(2, 13)]
    if expected in (Decimal(66), Decimal(6)):
        months = [(m, Decimal(m - 1) if m < 12 else Decimal(11)) for m in range(2, 13)]
    record(
        made,
        [(indicator, zone, f"{YEAR}-{m:02}", v) for zone in made.zones for m, v in months],
    )
    run = freeze(made, version_id=version.pk)
    row = value(run, made, "X", 0)
    assert row.value == expected
    assert row.period == f"{YEAR}-12"


def test_a_year_of_which_one_month_is_missing_has_no_sum() -> None:
    made = stage(zones=3)
    indicator: Indicator = IndicatorFactory(
        place_aggregation="never", responsible=None, compiler=None, value_mode="period",
        time_aggregation="sum",
    )  # fmt: skip
    version = version_of(
        {"SIZE": [Leaf("X", "60", indicator), Leaf("TAX", "40", made.indicators["TAX"])]}
    )
    record(
        made,
        [(indicator, made.zones[0], f"{YEAR}-{m:02}", Decimal(m)) for m in range(1, 13) if m != 7],
    )
    run = freeze(made, version_id=version.pk)
    assert value(run, made, "X", 0).absence == "incomplete"


def test_results_say_score_rank_interval_and_coverage() -> None:
    made = stage(zones=5)
    run = computed(made)
    assert run.state == RunState.COMPUTED
    results = list(run.results.all())
    assert [r.rank for r in results] == [1, 2, 3, 4, 5]
    assert all(r.rank_low <= r.rank <= r.rank_high or r.rank_low <= r.rank_high for r in results)
    assert all(r.coverage == 1 for r in results)
    detail = results[0].detail
    total = sum(float(v) for v in detail["contributions"].values())
    assert total == pytest.approx(float(results[0].before_points), abs=1e-7)
    shares = sum(float(share) for _rank, share in detail["frequencies"])
    assert shares == pytest.approx(1)


def test_waterfalls_add_up_exactly() -> None:
    made = stage(zones=5)
    ledger_entry(made, place=1)
    ledger_entry(made, place=2, kind=LedgerKind.DEDUCTION, rule="accident", points="3")
    run = computed(made)
    for result in run.results.all():
        for key in ("vs_median", "vs_last_year"):
            found = result.detail[key]
            total = float(found["start"]) + sum(float(part[2]) for part in found["parts"])
            assert total == pytest.approx(float(found["end"]), abs=1e-9)
        assert float(result.detail["vs_median"]["end"]) == pytest.approx(
            float(result.score), abs=1e-7
        )
        assert result.detail["vs_last_year"]["basis"] == "inputs"


def test_the_ledger_counts_confirmed_entries_of_the_year_alone() -> None:
    made = stage(zones=3)
    counted = ledger_entry(made, place=0)
    for other in (LedgerState.PROPOSED, LedgerState.REFUSED, LedgerState.REVOKED):
        ledger_entry(made, place=0, state=other)
    ledger_entry(made, place=0, year=YEAR - 1)
    run = computed(made)
    assert [line.entry_id for line in run.ledger_lines.all()] == [counted.pk]
    result = run.results.get(zone=made.zones[0])
    assert result.score - result.before_points == 2


def test_a_vetoed_zone_is_told_and_not_ranked() -> None:
    made = stage(zones=4)
    ledger_entry(made, place=0, kind=LedgerKind.VETO, rule="fraud", points="0")
    run = computed(made)
    out = run.results.get(zone=made.zones[0])
    assert out.rank is None
    assert out.why_unranked == "vetoed"
    assert sorted(r.rank for r in run.results.exclude(pk=out.pk)) == [1, 2, 3]


def test_what_would_lift_a_rank_does_when_it_is_done() -> None:
    made = stage(zones=5)
    run = computed(made)
    last = run.results.get(rank=5)
    zone = last.zone
    lifts = last.detail["lifts"]
    assert lifts
    easiest = lifts[0]
    indicator = made.indicators[easiest["node"]]
    period = f"{YEAR}-12" if easiest["node"] == "OUT" else str(YEAR)
    new = round(Decimal(easiest["to"]), 6)
    record(made, [(indicator, zone, period, new)], now=NOW - timedelta(hours=1))
    again = computed(made)
    assert again.results.get(zone=zone).rank == easiest["rank_after"]
    assert easiest["rank_after"] < 5


def test_a_run_is_made_again_after_later_figures_and_a_new_edition() -> None:
    made = stage(zones=5, national=2)
    run = computed(made)
    record(made, [(made.indicators["TAX"], made.zones[0], str(YEAR), Decimal(500))])
    zone = made.zones[1]
    zone.level, zone.position, zone.name = "provincial", 31_000, "改了名的开发区"
    zone.save()
    version_of(
        {"SIZE": [Leaf("TAX", "100", made.indicators["TAX"])]},
        state=VersionState.DRAFT,
        scheme=made.scheme,
        number=2,
    )
    again = verify_run(Run.objects.get(pk=run.pk))
    assert again.holds
    assert again.result_now == run.result_digest


def test_a_digest_that_was_tampered_with_does_not_hold() -> None:
    made = stage(zones=3)
    run = computed(made)
    run.result_digest = "0" * 64
    assert not verify_run(run).result_holds
    assert verify_run(run).inputs_hold


def test_a_scheme_with_problems_is_refused_naming_the_node() -> None:
    made = stage(zones=3)
    version = version_of(
        {"SIZE": [Leaf("TAX", "90", made.indicators["TAX"], direction=None)]},
        state=VersionState.DRAFT,
    )
    with pytest.raises(InvalidInput) as refused:
        freeze(made, version_id=version.pk)
    fields = {problem.field: problem.code for problem in refused.value.problems}
    assert fields["nodes.TAX"] == "no_direction"
    assert fields["nodes.ROOT"] == "sum"
    assert not Run.objects.exists()


def test_a_mean_that_needs_positive_scores_names_node_and_zone() -> None:
    method = {
        "normalise": {"method": "fraction_of_max"},
        "aggregate": "geometric",
        "uncertainty": {"weights": {"noise": 0.1}},
    }
    made = stage(zones=4, method=method)
    zero = made.zones[2]
    record(made, [(made.indicators["TAX"], zero, str(YEAR), Decimal(0))])
    with pytest.raises(InvalidInput) as refused:
        freeze(made)
    assert refused.value.params["node"] == "TAX"
    assert refused.value.params["zone"] == zero.code
    assert zero.name in str(refused.value)
    assert not Run.objects.exists()


def test_a_year_without_figures_is_refused_naming_the_node() -> None:
    made = stage(zones=3, years=(2023, 2024))
    with pytest.raises(InvalidInput) as refused:
        freeze(made, kind=RunKind.OFFICIAL)
    assert refused.value.problems[0].code == "missing_period"
    assert refused.value.params["node"] == "OUT"
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"year": 1066},
        {"as_of": NOW + timedelta(days=1)},
        {"seed": -1},
        {"replications": 1},
        {"kind": "secret"},
        {"year": 2019, "kind": RunKind.OFFICIAL},
    ],
)
def test_nonsense_is_refused(change: dict[str, Any]) -> None:
    made = stage(zones=3)
    with pytest.raises(InvalidInput):
        freeze(made, **change)


@pytest.mark.parametrize("role", [r for r in Role if r != Role.OFFICE])
def test_only_the_office_makes_runs(role: Role) -> None:
    made = stage(zones=3)
    with pytest.raises(NotPermitted):
        freeze(made, actor=UserFactory(role=role))


def test_what_was_computed_is_not_computed_again_and_a_cancelled_run_stays() -> None:
    made = stage(zones=3)
    run = computed(made)
    with pytest.raises(TransitionNotAllowed):
        compute_run(run_id=run.pk, actor=made.office, now=NOW)
    run = cancel_run(run_id=run.pk, reason="试算完毕", actor=made.office, now=NOW)
    assert run.state == RunState.CANCELLED
    assert run.results.count() == 3


def test_a_repeated_run_moves_by_what_was_upheld_alone() -> None:
    made = stage(zones=5)
    run = computed(made, kind=RunKind.OFFICIAL)
    objection = Objection.objects.create(
        run=run, zone=made.zones[3], subject=ObjectionSubject.FIGURE, node="TAX", text="口径有误",
        state=ObjectionState.UPHELD, effect={"figure": "void"},
        drafted_by=made.clerk(3), drafted_at=NOW,
    )  # fmt: skip
    again = repeat_run(run_id=run.pk, as_of=run.as_of, actor=made.office, now=NOW)
    compute_run(run_id=again.pk, actor=made.office, now=NOW)
    assert value(again, made, "TAX", 3).absence == "voided"
    assert value(again, made, "TAX", 2).value == value(run, made, "TAX", 2).value
    objection.refresh_from_db()
    assert objection.settled_in == again
    assert again.seed == run.seed
    third = repeat_run(run_id=again.pk, as_of=run.as_of, actor=made.office, now=NOW)
    assert value(third, made, "TAX", 3).absence == "voided"


def test_a_published_year_before_is_what_the_waterfall_starts_from() -> None:
    made = stage(zones=4)
    first = computed(made, year=YEAR - 1, kind=RunKind.OFFICIAL)
    Run.objects.filter(pk=first.pk).update(
        state=RunState.PUBLISHED, approved_by=made.second, published_by=made.second
    )
    run = computed(made)
    for result in run.results.all():
        found = result.detail["vs_last_year"]
        assert found["basis"] == "run"
        earlier = first.results.get(zone=result.zone_id)
        assert float(found["start"]) == pytest.approx(float(earlier.score), abs=1e-7)
        assert float(found["end"]) == pytest.approx(float(result.score), abs=1e-7)


def test_freezing_costs_the_same_at_any_number_of_zones() -> None:
    costs = []
    for count in (3, 12):
        made = stage(zones=count)
        with CaptureQueriesContext(connection) as seen:
            freeze(made)
        costs.append(len(seen))
    assert costs[0] == costs[1]
