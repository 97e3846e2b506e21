"""Pages and API of runs: who sees what, what they cost, what they say."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jingkai.core.accounts.models import User
from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory, signed_in
from jingkai.core.audit.models import AuditEvent
from jingkai.core.errors import TransitionNotAllowed
from jingkai.core.jobs.public import run_job
from jingkai.core.notices.models import Notice
from jingkai.delivery.evaluation.models import Run, RunKind, RunState, ZoneResult
from jingkai.delivery.evaluation.queries.runs import visible_results, visible_runs
from jingkai.delivery.evaluation.rules import can_see_all, can_see_zone
from jingkai.delivery.evaluation.services.runs import compute_run, freeze_run, start_computing
from jingkai.delivery.evaluation.tests.factories import (
    NOW,
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
from jingkai.engine.composite import StepError
from jingkai.masterdata.organisations.tests.factories import BodyFactory

pytestmark = pytest.mark.django_db


def made_run(made: Stage, state: str = RunState.COMPUTED, **changes: Any) -> Run:
    run = freeze_run(
        **{
            "version_id": made.version.pk, "year": YEAR, "kind": RunKind.OFFICIAL, "as_of": NOW,
            "seed": 7, "replications": 200, "actor": made.office, "now": NOW, **changes,
        }
    )  # fmt: skip
    compute_run(run_id=run.pk, actor=made.office, now=NOW)
    if state != RunState.COMPUTED:
        people = {"approved_by": made.second, "published_by": made.second}
        Run.objects.filter(pk=run.pk).update(
            state=state, **(people if state == RunState.PUBLISHED else {})
        )
    return Run.objects.get(pk=run.pk)


def everybody(made: Stage) -> dict[str, User]:
    """One person for each role; the zone's people belong to the first zone."""
    found = {}
    for role in Role:
        zone = role in (Role.ZONE_CLERK, Role.ZONE_LEADER)
        body = made.zones[0].committee if zone else BodyFactory()
        found[role.value] = UserFactory(role=role, body=body)
    return found


def addresses(run: Run, made: Stage) -> list[str]:
    pk = run.pk
    zones = [zone.code for zone in made.zones[:2]]
    return [
        reverse("evaluation:run", args=[pk]),
        reverse("evaluation:run", args=[pk]) + "?format=csv",
        reverse("evaluation:run-progress", args=[pk]),
        reverse("evaluation:sensitivity", args=[pk]),
        reverse("evaluation:compare", args=[pk, pk]),
        *(reverse("evaluation:report", args=[pk, zone]) for zone in zones),
        *(reverse("evaluation:report-lifts", args=[pk, zone]) for zone in zones),
        f"/api/v1/evaluation/runs/{pk}",
        f"/api/v1/evaluation/runs/{pk}/results",
        f"/api/v1/evaluation/runs/{pk}/results?format=csv",
        f"/api/v1/evaluation/runs/{pk}/verify",
        f"/api/v1/evaluation/runs/{pk}/compare/{pk}",
        *(f"/api/v1/evaluation/runs/{pk}/zones/{zone}" for zone in zones),
    ]


@pytest.mark.parametrize("role", [r.value for r in Role if r != Role.OFFICE])
def test_a_trial_run_is_nowhere_to_be_found(role: str) -> None:
    made = stage(zones=3)
    run = made_run(made, kind=RunKind.TRIAL, note="不可外泄的试算")
    person = everybody(made)[role]
    browser = signed_in(person)
    for address in addresses(run, made):
        assert browser.get(address).status_code in (403, 404), address
    for address in (
        reverse("evaluation:overview"),
        reverse("evaluation:runs"),
        reverse("evaluation:runs") + "?format=csv",
        "/api/v1/evaluation/runs",
        "/api/v1/evaluation/runs?format=csv",
        "/inbox/",
    ):
        said = browser.get(address)
        body = said.content.decode() if said.status_code == 200 else ""
        assert "不可外泄" not in body, address
        assert run.result_digest not in body, address
        assert f"/runs/{run.pk}/" not in body, address
    found = browser.get("/search/", {"q": "不可外泄"}).content.decode()
    assert f"/runs/{run.pk}/" not in found
    for address in ("compute", "verify", "repeat", "cancel"):
        done = browser.post(reverse("evaluation:run-act", args=[run.pk, address]))
        assert done.status_code in (403, 404)
    assert not visible_runs(person).filter(pk=run.pk).exists()
    assert not Notice.objects.filter(recipient=person).exists()


def test_the_trail_holds_no_score() -> None:
    made = stage(zones=3)
    run = made_run(made, kind=RunKind.TRIAL)
    scores = [str(result.score) for result in run.results.all()]
    trail = json.dumps(
        list(AuditEvent.objects.values_list("summary", "details")), ensure_ascii=False
    )
    assert not any(score in trail for score in scores)


@pytest.mark.parametrize("state", [RunState.COMPUTED, RunState.CIRCULATED, RunState.PUBLISHED])
def test_querysets_and_rules_say_the_same(state: str) -> None:
    made = stage(zones=3)
    run = made_run(made, state)
    for name, person in everybody(made).items():
        seen = set(visible_results(person).filter(run=run).values_list("zone__code", flat=True))
        ruled = {
            zone.code for zone in made.zones
            if can_see_zone(person, run, zone.committee_id)
        }  # fmt: skip
        assert seen == ruled, name
        if can_see_all(person, run):
            assert visible_runs(person).filter(pk=run.pk).exists(), name


def test_a_zone_reads_its_own_report_once_it_is_circulated() -> None:
    made = stage(zones=4)
    run = made_run(made, RunState.CIRCULATED)
    browser = signed_in(made.clerk(0))
    own, other = (reverse("evaluation:report", args=[run.pk, z.code]) for z in made.zones[:2])
    assert browser.get(reverse("evaluation:run", args=[run.pk])).url == own
    assert browser.get(own).status_code == 200
    assert browser.get(other).status_code == 404
    results = browser.get(f"/api/v1/evaluation/runs/{run.pk}/results").json()["items"]
    assert [one["zone"] for one in results] == [made.zones[0].code]


def test_raw_figures_of_another_zone_stay_hidden_after_publication() -> None:
    made = stage(zones=4)
    run = made_run(made, RunState.PUBLISHED)
    browser = signed_in(made.clerk(0))
    other = made.zones[1].code
    page = browser.get(reverse("evaluation:report", args=[run.pk, other]))
    assert page.status_code == 200
    assert all(row.raw is None and row.event is None for row in page.context["tree"])
    assert browser.get(reverse("evaluation:report-lifts", args=[run.pk, other])).status_code == 404
    nodes = browser.get(f"/api/v1/evaluation/runs/{run.pk}/zones/{other}").json()["nodes"]
    assert all(node["raw"] is None for node in nodes)
    own = browser.get(reverse("evaluation:report", args=[run.pk, made.zones[0].code]))
    assert any(row.raw is not None for row in own.context["tree"])


def test_the_ranking_says_intervals_small_groups_and_who_is_not_ranked() -> None:
    made = stage(zones=6, national=2)
    ledger_entry(made, place=5, kind="veto", rule="fraud", points="0")
    run = made_run(made)
    page = signed_in(made.office).get(reverse("evaluation:run", args=[run.pk]))
    assert page.status_code == 200
    assert len(page.context["few_peers"]) == 1
    rows = page.context["rows"]
    assert [row.result.rank for row in rows] == [1, 2, 3, 4, 5, None]
    assert rows[-1].why
    assert page.context["verdicts"]
    assert 'class="whisker"' in page.content.decode()


def test_the_scheme_that_changed_after_the_run_is_told_with_what_differs() -> None:
    made = stage(zones=3)
    run = made_run(made)
    assert not getattr(
        signed_in(made.office).get(reverse("evaluation:run", args=[run.pk])).context["changed"],
        "differences", (),
    )  # fmt: skip
    version_of(
        {"SIZE": [Leaf("OUT", "70", made.indicators["OUT"]),
                  Leaf("TAX", "30", made.indicators["TAX"])]},
        scheme=made.scheme, number=2,
    )  # fmt: skip
    page = signed_in(made.office).get(reverse("evaluation:run", args=[run.pk]))
    changed = page.context["changed"]
    assert changed.is_newer
    found = {(change.kind, change.code) for change in changed.differences}
    assert {("changed", "OUT"), ("gone", "ENERGY")} <= found
    assert page.context["rows"][0].result.rank == 1


def test_a_form_with_a_scheme_that_cannot_be_computed_keeps_what_was_typed() -> None:
    made = stage(zones=3, years=(2023, 2024))
    said = signed_in(made.office).post(
        reverse("evaluation:run-new"),
        {"version": made.version.pk, "year": YEAR, "kind": "official", "replications": 500,
         "seed": 3, "note": "年度评价"},
    )  # fmt: skip
    assert said.status_code == 422
    assert not Run.objects.exists()
    assert said.context["error"].problems[0].code == "missing_period"
    assert said.context["form"]["note"].value() == "年度评价"


def test_a_run_is_frozen_and_queued_by_the_form() -> None:
    made = stage(zones=3)
    browser = signed_in(made.office)
    said = browser.post(
        reverse("evaluation:run-new"),
        {"version": made.version.pk, "year": YEAR, "kind": "trial", "replications": 200},
    )
    run = Run.objects.get()
    assert said.url == reverse("evaluation:run", args=[run.pk])
    assert run.job.state == "queued"
    page = browser.get(said.url)
    assert page.context["is_busy"]
    assert 'hx-trigger="every 1s"' in page.content.decode()
    again = browser.post(reverse("evaluation:run-act", args=[run.pk, "compute"]))
    assert again.status_code == 409


def test_verifying_by_button_and_api_says_that_it_holds() -> None:
    made = stage(zones=3)
    run = made_run(made, RunState.PUBLISHED)
    browser = signed_in(made.office)
    said = browser.post(reverse("evaluation:run-act", args=[run.pk, "verify"]), follow=True)
    assert run.result_digest in said.content.decode()
    found = signed_in(made.clerk(1)).get(f"/api/v1/evaluation/runs/{run.pk}/verify").json()
    assert found["holds"] is True
    assert found["result_now"] == run.result_digest


def test_who_moved_names_the_figure_that_changed() -> None:
    made = stage(zones=4)
    first = made_run(made)
    later = NOW + timedelta(hours=1)
    new = Decimal(99)
    record(made, [(made.indicators["TAX"], made.zones[0], str(YEAR), new)], now=later)
    second = made_run(made, as_of=later, now=later)
    page = signed_in(made.office).get(reverse("evaluation:compare", args=[first.pk, second.pk]))
    moves = {move.code: move for move in page.context["moves"]}
    mine = moves[made.zones[0].code]
    assert any("→ 99 亿元" in cause for cause in mine.causes)
    assert mine.score_change > 0
    assert page.context["found"].changed == 1


def test_sensitivity_shows_the_five_blocks_with_their_calls() -> None:
    made = stage(zones=6)
    run = made_run(made)
    page = signed_in(made.office).get(reverse("evaluation:sensitivity", args=[run.pk]))
    assert len(page.context["blocks"]) == 5
    assert all(fact.call for block in page.context["blocks"] for fact in block.facts)
    assert signed_in(made.leader).get(page.request["PATH_INFO"]).status_code == 404


@pytest.mark.parametrize(
    "name",
    ["run", "report", "sensitivity", "overview", "runs", "compare", "publication", "scheme",
     "schemes", "ledger", "objections", "warnings"],
)  # fmt: skip
def test_pages_cost_the_same_at_any_number_of_zones(name: str) -> None:
    costs = []
    for count in (3, 9):
        made = stage(zones=count)
        run = made_run(made)
        browser: Client = signed_in(made.office)
        arguments = {
            "run": [run.pk], "report": [run.pk, made.zones[0].code], "sensitivity": [run.pk],
            "compare": [run.pk, run.pk], "publication": [run.pk], "scheme": [made.scheme.code],
        }  # fmt: skip
        address = reverse(f"evaluation:{name}", args=arguments.get(name, []))
        browser.get(address)
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(address).status_code == 200
        costs.append(len(seen))
    assert costs[0] == costs[1]
    assert costs[0] <= 15


def test_exports_hold_the_rows_of_the_page() -> None:
    made = stage(zones=3)
    run = made_run(made)
    browser = signed_in(made.office)
    said = browser.get(reverse("evaluation:run", args=[run.pk]) + "?format=csv")
    lines = said.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + ZoneResult.objects.filter(run=run).count()
    event = AuditEvent.objects.filter(action="list.exported").latest("pk")
    assert event.row_count == 3


@pytest.mark.django_db(transaction=True)
def test_the_job_stores_the_failure_with_node_and_zone() -> None:
    made = stage(zones=3)
    run = freeze_run(
        version_id=made.version.pk, year=YEAR, kind=RunKind.TRIAL, as_of=NOW, seed=1,
        replications=100, actor=made.office, now=NOW,
    )  # fmt: skip
    zone = made.zones[1].code
    job = start_computing(run_id=run.pk, actor=made.office, now=NOW)
    refusal = StepError("zero", code="nonpositive", element="TAX", unit=zone)
    with patch("jingkai.delivery.evaluation.services.runs.evaluate", side_effect=refusal):
        run_job(str(job.pk))
    run.refresh_from_db()
    job.refresh_from_db()
    assert run.state == RunState.FAILED
    assert (run.failure["node"], run.failure["zone"]) == ("TAX", zone)
    assert job.state == "failed"
    assert made.zones[1].name in run.failure["message"]
    # Whoever watches over jobs learns neither what was tried nor on which figures it failed.
    assert made.zones[1].name not in job.message
    assert made.scheme.name not in job.title
    assert run.results.count() == 0


@pytest.mark.django_db(transaction=True)
def test_two_who_compute_one_run_get_one_result() -> None:
    made = stage(zones=3)
    run = freeze_run(
        version_id=made.version.pk, year=YEAR, kind=RunKind.TRIAL, as_of=NOW, seed=1,
        replications=100, actor=made.office, now=NOW,
    )  # fmt: skip

    def compute() -> str:
        try:
            return compute_run(run_id=run.pk, actor=made.office, now=NOW).state
        except TransitionNotAllowed:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        found = sorted(one.result() for one in [pool.submit(compute) for _ in range(2)])
    assert found == ["computed", "refused"]
    assert ZoneResult.objects.filter(run=run).count() == 3


@pytest.mark.django_db(transaction=True)
def test_a_figure_that_arrives_while_a_run_is_frozen_is_in_it_whole_or_not_at_all() -> None:
    made = stage(zones=3)
    old = figure("TAX", 0, YEAR)

    def arrive() -> None:
        try:
            record(
                made,
                [(made.indicators["TAX"], made.zones[0], str(YEAR), Decimal(77))],
                now=NOW - timedelta(minutes=1),
            )
        finally:
            connection.close()

    def freeze() -> int:
        try:
            return freeze_run(
                version_id=made.version.pk, year=YEAR, kind=RunKind.TRIAL, as_of=NOW, seed=1,
                replications=100, actor=made.office, now=NOW,
            ).pk  # fmt: skip
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        frozen = pool.submit(freeze)
        pool.submit(arrive).result()
        run = Run.objects.get(pk=frozen.result())
    row = run.inputs.get(node="TAX", zone=made.zones[0], year=YEAR)
    assert row.value in (old, Decimal(77))
    assert row.value == row.event.value
    assert verify_run(run).inputs_hold
