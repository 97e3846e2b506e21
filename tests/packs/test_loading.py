"""Loading the shipped pack: whole, once, and never over people's edits."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.audit.models import AuditEvent
from jingkai.delivery.indicators.models import Indicator, Target
from jingkai.delivery.policy.models import Clause, Conflict, KeyTask, Measure, Responsibility
from jingkai.delivery.policy.public import assign_roles, conflict_sheet
from jingkai.masterdata.organisations.models import Body, Zone
from jingkai.packs.exporting import export_pack
from jingkai.packs.loading import compare, load
from jingkai.packs.model import Pack
from jingkai.packs.problems import PackError
from jingkai.packs.public import check_pack, diff_pack, load_pack, read_pack

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
SHIPPED = Path(__file__).resolve().parents[2] / "packs" / "shenyang"
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def pack() -> Pack:
    return read_pack(SHIPPED)


def test_the_whole_policy_arrives(pack: Pack) -> None:
    report = load(pack, actor=None, now=NOW)
    assert report.updated == report.unchanged == len(report.kept) == 0
    assert Measure.objects.count() == 19
    assert Clause.objects.count() == 102
    assert Counter(KeyTask.objects.values_list("group", flat=True)) == {1: 8, 2: 5, 3: 6, 4: 4}
    assert Conflict.objects.filter(state="open").count() == len(pack.conflicts)
    assert Zone.objects.count() == len(pack.zones)
    named = sum(len(clause.bodies) for clause in pack.clauses)
    assert Responsibility.objects.filter(clause__isnull=False).count() == named
    assert set(Responsibility.objects.values_list("role", flat=True)) == {"unspecified"}
    assert Target.objects.count() == len(pack.targets)
    assert Indicator.objects.filter(is_headline=True).count() >= 15
    assert AuditEvent.objects.filter(action="packs.loaded").count() == 1


def test_one_statement_leads_each_indicator_and_horizon(pack: Pack) -> None:
    load(pack, actor=None, now=NOW)
    leading = Counter(
        Target.objects.filter(is_leading=True).values_list("indicator__code", "horizon")
    )
    assert set(leading.values()) == {1}
    trade = Target.objects.get(indicator__code="TRADE", horizon="2030", is_leading=True)
    assert (trade.value, trade.place) == (1400, "text:2")


def test_conflicts_can_be_worked_out_and_lead_to_their_places(pack: Pack) -> None:
    load(pack, actor=None, now=NOW)
    steps = {(c.code, s.id): s for c in Conflict.objects.all() for s in conflict_sheet(c).steps}
    assert not [step.problem for step in steps.values() if step.problem]
    bases = [steps["C06", f"base_by_{year}"] for year in (2028, 2030)]
    assert [round(step.result or 0) for step in bases] == [311, 318]
    assert bases[0].sources == ["annex1:3"]
    places = {str(said["place"]) for c in Conflict.objects.all() for said in c.statements}
    clauses = {place.removeprefix("clause:") for place in places if place.startswith("clause:")}
    assert Clause.objects.filter(code__in=clauses).count() == len(clauses) > 5


def test_the_office_s_lead_outlives_a_new_pack(pack: Pack) -> None:
    load(pack, actor=None, now=NOW)
    task = KeyTask.objects.get(number=9)
    named, other = task.responsibilities.first(), Body.objects.get(code="COMMERCE")
    assert named is not None
    office = UserFactory(role=Role.OFFICE)
    assign_roles(
        task_id=task.pk,
        lead_body_id=other.pk,
        assist_body_ids=[named.body_id],
        actor=office,
        now=NOW,
        reason="会议议定",
    )
    assert compare(pack) == []  # who leads is not the pack's business

    tasks = tuple(
        replace(t, bodies=("TRANSPORT", "COMMERCE")) if t.number == 9 else t for t in pack.tasks
    )
    load(replace(pack, tasks=tasks), actor=None, now=NOW)
    rows = {r.body.code: (r.role, r.stated_role) for r in task.responsibilities.all()}
    assert rows == {
        "COMMERCE": ("lead", "unspecified"),
        "TRANSPORT": ("unspecified", "unspecified"),
        named.body.code: ("assist", ""),
    }


def test_loading_twice_changes_nothing(pack: Pack) -> None:
    load(pack, actor=None, now=NOW)
    again = load(pack, actor=None, now=NOW)
    assert (again.created, again.updated, again.kept) == (0, 0, [])
    assert compare(pack) == []
    assert AuditEvent.objects.filter(action="packs.loaded").count() == 1


def test_people_s_edits_stay_and_show(pack: Pack) -> None:
    load(pack, actor=None, now=NOW)
    Zone.objects.filter(code="LIAOZHONG").update(catalogue_code="S219001", verified=True)
    report = load(pack, actor=None, now=NOW)
    assert {(d.code, d.field, d.kind_of) for d in report.kept} == {
        ("LIAOZHONG", "catalogue_code", "edited"),
        ("LIAOZHONG", "verified", "edited"),
    }
    assert Zone.objects.get(code="LIAOZHONG").catalogue_code == "S219001"


def changed_name(pack: Pack, code: str, name: str) -> Pack:
    bodies = tuple(replace(b, name_en=name) if b.code == code else b for b in pack.bodies)
    return replace(pack, bodies=bodies, version="2026.2", digest="0" * 64)


def test_news_of_the_pack_is_taken_but_not_over_an_edit(pack: Pack) -> None:
    load(pack, actor=None, now=NOW)
    newer = changed_name(pack, "COMMERCE", "Commerce Bureau")
    assert [d.kind_of for d in compare(newer)] == ["news"]
    assert load(newer, actor=None, now=NOW).updated == 1
    assert Body.objects.get(code="COMMERCE").name_en == "Commerce Bureau"
    Body.objects.filter(code="COMMERCE").update(name_en="Our own words")
    newest = changed_name(pack, "COMMERCE", "Third name")
    report = load(newest, actor=None, now=NOW)
    assert [d.kind_of for d in report.kept] == ["clash"]
    assert Body.objects.get(code="COMMERCE").name_en == "Our own words"


def test_what_the_pack_drops_is_told_not_deleted(pack: Pack) -> None:
    load(pack, actor=None, now=NOW)
    smaller = replace(pack, conflicts=pack.conflicts[:-1], digest="1" * 64)
    assert [(d.kind, d.kind_of) for d in compare(smaller)] == [("conflict", "extra")]
    load(smaller, actor=None, now=NOW)
    assert Conflict.objects.count() == len(pack.conflicts)


def test_a_record_the_database_refuses_stops_the_whole_load(pack: Pack) -> None:
    zones = (*pack.zones[:-1], replace(pack.zones[-1], name_zh=pack.zones[0].name_zh))
    with pytest.raises(PackError) as caught:
        load(replace(pack, zones=zones), actor=None, now=NOW)
    assert "zone" in str(caught.value.mistakes[0])
    assert not Body.objects.exists()


def test_an_export_with_edits_is_a_valid_pack_again(pack: Pack, tmp_path: Path) -> None:
    load(pack, actor=None, now=NOW)
    Zone.objects.filter(code="XINMIN").update(approved_area="812.50", source="x")
    left = export_pack(pack, SHIPPED, tmp_path / "next")
    assert [d.field for d in left] == ["source"]
    assert "source" in (tmp_path / "next" / "EDITS.txt").read_text()
    assert [p for p in check_pack(tmp_path / "next") if p.severity == "error"] == []
    zone = next(z for z in read_pack(tmp_path / "next").zones if z.code == "XINMIN")
    assert str(zone.approved_ha) == "812.5"


def test_the_door_says_what_it_did() -> None:
    assert diff_pack(SHIPPED) is None
    first = load_pack(SHIPPED, now=NOW)
    assert load_pack(SHIPPED, now=NOW) != first
    assert diff_pack(SHIPPED) == []
