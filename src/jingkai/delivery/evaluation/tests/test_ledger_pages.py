"""Pages and API of ledger, objections, publication, warnings: who sees what, and what they say."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory, signed_in
from jingkai.core.errors import Conflict, InvalidInput, NotPermitted
from jingkai.core.register.public import rows_from_json
from jingkai.delivery.evaluation.exit_rules import Outcome
from jingkai.delivery.evaluation.models import (
    LedgerEntry,
    Objection,
    PastResult,
    Run,
    RunKind,
)
from jingkai.delivery.evaluation.past_register import PAST
from jingkai.delivery.evaluation.queries.warnings import generations, visible_past_results
from jingkai.delivery.evaluation.services.past import (
    import_past_results,
    save_past_result,
    verify_past_result,
)
from jingkai.delivery.evaluation.terms import terms_from

from .scenes import (
    NOW,
    TERMS,
    YEAR,
    Stage,
    circulated,
    computed,
    confirmed,
    department,
    drafted,
    filed,
    paper,
    people,
    propose,
    published,
    stage,
)
from .test_exit_rules import GENERATION_2016, GENERATION_2021

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"), terms_from(TERMS):
        yield


def page(user: Any, name: str, *args: Any, **query: Any) -> Any:
    user.language = "en"
    user.save()
    return signed_in(user).get(reverse(f"evaluation:{name}", args=args), query)


def post(user: Any, name: str, *args: Any, **data: Any) -> Any:
    user.language = "en"
    user.save()
    return signed_in(user).post(reverse(f"evaluation:{name}", args=args), data)


def until(run: Run, day: date) -> None:
    """Let the time for objections end on `day`: pages go by the clock of the machine."""
    Run.objects.filter(pk=run.pk).update(objections_until=day)


def case(world: Stage, **fields: Any) -> dict[str, Any]:
    return {
        "scheme": world.scheme.code,
        "year": YEAR,
        "zone": world.zones[0].code,
        "rule": "accident",
        "happened_on": f"{YEAR}-06-01",
        "reason": "较大生产安全事故一起",
        "evidence": paper(),
        **fields,
    }


def test_a_department_enters_a_case_and_keeps_what_it_typed_when_refused() -> None:
    world, clerk = stage(zones=2), department()
    assert world.scheme.name_en in page(clerk, "entry-new").content.decode()
    answer = post(clerk, "entry-new", **case(world, evidence=""))
    assert answer.status_code == 422
    assert "较大生产安全事故一起" in answer.content.decode()
    answer = post(clerk, "entry-new", **case(world))
    entry = LedgerEntry.objects.get()
    assert answer.url == reverse("evaluation:entry", args=[entry.pk])
    answer = post(clerk, "entry-new", **case(world))
    assert answer.status_code == 409
    assert "This is a second case" in answer.content.decode()
    assert post(clerk, "entry-new", **case(world, another_case="on")).status_code == 302


def test_the_office_decides_on_the_page_of_the_case() -> None:
    world = stage(zones=2)
    entry = propose(world)
    shown = page(world.office, "entry", entry.pk).content.decode()
    assert "at its cap" not in shown
    assert "通报.pdf" in shown
    refused = post(world.office, "entry-act", entry.pk, "refuse")
    assert refused.status_code == 422
    assert post(world.office, "entry-act", entry.pk, "confirm", revision=0).status_code == 302
    entry.refresh_from_db()
    assert entry.state == "confirmed"
    assert post(world.office, "entry-act", entry.pk, "nonsense").status_code == 404


def test_the_ledger_goes_out_as_a_workbook() -> None:
    world = stage(zones=2)
    propose(world)
    answer = page(world.office, "ledger", format="xlsx")
    assert answer["Content-Type"].endswith("sheet")
    text = page(world.office, "ledger", format="csv").content.decode("utf-8-sig")
    assert "较大生产安全事故一起" in text


def test_what_is_not_shown_does_not_exist() -> None:
    world = stage(zones=3)
    entry, run = propose(world), computed(world)
    zone, stranger = people(world), people(world, 1)
    for person in (zone.clerk, stranger.leader, UserFactory(role=Role.ENTERPRISE)):
        assert page(person, "entry", entry.pk).status_code == 404
        assert page(person, "publication", run.pk).status_code == 404
    circulated(world, run)
    draft = drafted(world, run, zone.clerk)
    for person in (stranger.leader, world.office, department()):
        assert page(person, "objection", draft.pk).status_code == 404
    assert page(stranger.clerk, "objection-new", run=run.pk,
                zone=world.zones[0].code).status_code == 404  # fmt: skip


def test_a_trial_leaks_through_no_page() -> None:
    world = stage(zones=3)
    confirmed(world)
    run = computed(world, kind=RunKind.TRIAL)
    zone = people(world)
    assert page(world.office, "publication", run.pk).status_code == 200
    for person in (world.leader, zone.leader, department()):
        assert page(person, "publication", run.pk).status_code == 404
        assert page(person, "objection-new", run=run.pk).status_code == 404
        assert page(person, "warnings").status_code == 200
    assert not page(zone.leader, "ledger").context["rows"]


def test_a_zone_objects_and_reads_the_answer_only_when_it_is_confirmed() -> None:
    world = stage(zones=3)
    run, zone = circulated(world), people(world)
    found = filed(world, run, zone)
    answer = {
        "proposed_state": "rejected", "answer": "经核实数据无误。", "effect": "", "revision": 1,
    }  # fmt: skip
    found.refresh_from_db()
    answer["revision"] = found.revision
    assert post(world.office, "objection-act", found.pk, "answer", **answer).status_code == 302
    assert "经核实数据无误" not in page(zone.leader, "objection", found.pk).content.decode()
    assert post(world.office, "objection-act", found.pk, "confirm").status_code == 403
    assert post(world.second, "objection-act", found.pk, "confirm").status_code == 302
    assert "经核实数据无误" in page(zone.leader, "objection", found.pk).content.decode()


def test_a_late_objection_is_told_why() -> None:
    world = stage(zones=3)
    run, zone = circulated(world), people(world)
    asked = {"run": run.pk, "point": "figure:TAX", "text": "数据有误"}
    until(run, date(2199, 12, 31))
    shown = page(zone.clerk, "objections")
    assert [found for found, _name in shown.context["open"]] == [run]
    until(run, date(2020, 1, 2))
    answer = post(zone.clerk, "objection-new", **asked)
    assert answer.status_code == 409
    assert "2020-01-02" in answer.content.decode()
    assert "数据有误" in answer.content.decode()
    until(run, date(2199, 12, 31))
    answer = post(zone.clerk, "objection-new", **asked)
    assert answer.url == reverse("evaluation:objection", args=[Objection.objects.get().pk])


def test_the_checklist_names_what_is_missing_and_offers_the_step() -> None:
    world = stage(zones=3)
    run = computed(world)
    shown = page(world.office, "publication", run.pk).content.decode()
    assert "The zones have not been given their results yet." in shown
    assert "Give to the zones" in shown
    answer = post(world.office, "publication-act", run.pk, "approve")
    assert answer.status_code in (403, 409)
    assert post(world.office, "publication-act", run.pk, "recreate").status_code == 302
    published(world, circulated(world, run))
    done = page(world.leader, "publication", run.pk).content.decode()
    assert run.inputs_digest in done
    assert "Cancel the run" not in done


def test_the_api_says_the_same() -> None:
    world = stage(zones=3)
    confirmed(world)
    run = circulated(world)
    zone = people(world)
    found = filed(world, run, zone)
    office, own = signed_in(world.office), signed_in(zone.clerk)
    items = office.get("/api/v1/evaluation/ledger").json()["items"]
    assert [item["kind"] for item in items] == ["deduction"]
    assert len(own.get("/api/v1/evaluation/ledger").json()["items"]) == 1
    one = own.get(f"/api/v1/evaluation/objections/{found.pk}").json()
    assert (one["state"], one["answer"]) == ("filed", "")
    assert own.get(f"/api/v1/evaluation/runs/{run.pk}/publication").status_code == 404
    steps = office.get(f"/api/v1/evaluation/runs/{run.pk}/publication").json()["steps"]
    assert {step["code"]: step["done"] for step in steps}["answered"] is False
    assert office.post(f"/api/v1/evaluation/runs/{run.pk}/approve").status_code == 403
    sent = {"zone": world.zones[1].code, "scheme": world.scheme.code, "year": YEAR,
            "rule": "reform", "reason": "经验推广", "happened_on": f"{YEAR}-05-05"}  # fmt: skip
    bare = signed_in(department()).post("/api/v1/evaluation/ledger", sent)
    assert (bare.status_code, bare.json()["errors"][0]["field"]) == (422, "evidence")
    whole = office.post("/api/v1/evaluation/ledger", {**sent, "evidence": paper()})
    assert whole.status_code == 201, whole.json()


def past(world: Stage, year: int, rank: int, *, size: int = 219, place: int = 0) -> PastResult:
    return save_past_result(
        obj_id=None,
        values={"scheme": world.scheme, "zone": world.zones[place], "year": year, "rank": rank,
                "field": size, "source": "商务部通报"},
        actor=world.office,
        now=NOW,
    )  # fmt: skip


def test_both_generations_speak_side_by_side_from_earlier_results() -> None:
    world = stage(zones=2, exit_rules=[*GENERATION_2016, *GENERATION_2021])
    past(world, 2023, 216)
    past(world, 2024, 218)
    past(world, 2024, 19, place=1)
    [found] = generations(world.leader)
    first, second = found.rows
    assert {f.rule.code: f.outcome for f in first.findings} == {
        "exit-2016": Outcome.APPLIES,
        "talk-2016": Outcome.APPLIES,
        "downgrade-2021": Outcome.UNKNOWN,  # no place in its region is known
    }
    assert {f.rule.code: f.outcome for f in second.findings}["exit-2016"] == Outcome.CLEAR
    shown = page(world.leader, "warnings").content.decode()
    assert "2023、2024" in shown
    assert "unverified" in shown
    assert [row.zone for row in generations(people(world, 1).clerk)[0].rows] == [world.zones[1]]


def test_a_published_ranking_of_few_is_never_read_as_the_nation() -> None:
    world = stage(zones=6, exit_rules=GENERATION_2016)
    published(world)
    [found] = generations(world.office)
    assert found.until == YEAR
    assert all(f.outcome == Outcome.UNKNOWN for row in found.rows for f in row.findings)


def test_an_earlier_result_has_a_source_and_a_second_person() -> None:
    world = stage(zones=2)
    with pytest.raises(NotPermitted):
        save_past_result(obj_id=None, values={}, actor=world.leader, now=NOW)
    with pytest.raises(InvalidInput):
        save_past_result(
            obj_id=None,
            values={"scheme": world.scheme, "zone": world.zones[0], "year": 2020, "rank": 19,
                    "source": "  "},
            actor=world.office,
            now=NOW,
        )  # fmt: skip
    result = past(world, 2020, 19)
    with pytest.raises(NotPermitted):
        verify_past_result(result_id=result.pk, actor=world.office, now=NOW)
    assert verify_past_result(result_id=result.pk, actor=world.second, now=NOW).verified
    with pytest.raises(Conflict):
        verify_past_result(result_id=result.pk, actor=world.second, now=NOW)
    changed = save_past_result(obj_id=result.pk, values={"rank": 18}, actor=world.second, now=NOW)
    assert not changed.verified
    assert page(world.leader, "past-result", result.pk).status_code == 200
    assert page(world.leader, "past-result", "nonsense").status_code == 404


def test_earlier_results_come_by_excel_and_are_verified_anew() -> None:
    world = stage(zones=2)
    result = past(world, 2020, 19)
    verify_past_result(result_id=result.pk, actor=world.second, now=NOW)
    assert PAST.sheet is not None
    row = {"scheme": world.scheme.code, "zone": world.zones[0].code, "year": 2020, "rank": 19,
           "field": 219, "source": "商务部通报"}  # fmt: skip

    def bring(*rows: dict[str, Any]) -> Any:
        assert PAST.sheet is not None
        data = rows_from_json(rows, PAST.sheet.columns)
        assert not data.problems
        return import_past_results(data, actor=world.office, now=NOW, dry_run=False)

    assert bring(row).unchanged == 1
    assert PastResult.objects.get().verified
    done = bring({**row, "rank": 20}, {**row, "year": 2021, "score": Decimal("61.5")})
    assert (done.created, done.changed) == (1, 1)
    assert not PastResult.objects.filter(verified=True).exists()
    broken = bring({**row, "rank": 500})
    assert broken.problems
    assert PastResult.objects.get(year=2020).rank == 20
    assert visible_past_results(people(world, 1).clerk).count() == 0
    book = page(world.office, "past", format="xlsx")
    assert io.BytesIO(book.getvalue()).read(2) == b"PK"


@pytest.mark.parametrize("rows", [1, 8])
def test_the_page_of_warnings_costs_the_same(rows: int, django_assert_num_queries: Any) -> None:
    world = stage(zones=rows, exit_rules=GENERATION_2016)
    for place in range(rows):
        past(world, 2023, 100 + place, place=place)
    reader = UserFactory(role=Role.LEADER)
    assert reader.current_memberships
    with django_assert_num_queries(5):
        assert len(generations(reader)[0].rows) == rows
