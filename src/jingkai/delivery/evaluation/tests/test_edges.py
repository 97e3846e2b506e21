"""What nobody expects to be sent, and what must not leave with a file."""

from __future__ import annotations

import csv
import io
import zipfile
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.urls import reverse
from django.utils import translation
from pytest_django.asserts import assertHTMLEqual

from jingkai.core.accounts.tests.factories import signed_in
from jingkai.delivery.evaluation.editing.widgets import quick
from jingkai.delivery.evaluation.models import LedgerKind, Run, RunState, ZoneResult
from jingkai.delivery.evaluation.outputs import (
    bundle_of,
    paper_of,
    run_report,
    workbook_of,
    zone_report,
)
from jingkai.delivery.evaluation.outputs.report import _figure, _signed
from jingkai.delivery.evaluation.presenting.names import Names
from jingkai.delivery.evaluation.presenting.ranking import rows_of
from jingkai.delivery.evaluation.services.runs import repeat_run
from jingkai.delivery.evaluation.templatetags.results import points_bar
from jingkai.delivery.evaluation.tests.factories import (
    LEDGER_RULES,
    NOW,
    Stage,
    ledger_entry,
    stage,
)
from jingkai.delivery.evaluation.tests.scenes import computed
from jingkai.delivery.evaluation.tests.sheets import Sheets

pytestmark = pytest.mark.django_db
STRANGE = ("²", "²²²²", "0000", "٢٠٢٥", "99999999999999999999", "-1", "x")


@pytest.mark.parametrize("text", STRANGE)
def test_strange_numbers_in_addresses_are_no_failure(text: str) -> None:
    made = stage(zones=3)
    run = computed(made)
    browser = signed_in(made.office)
    key = f"{made.scheme.code}-1"
    for name, query in (
        ("runs", {"year": text}),
        ("ledger", {"year": text}),
        ("objections", {"run": text}),
        ("entry-new", {"scheme": made.scheme.code, "year": text}),
        ("compare-schemes", {"one": key, "two": key, "year": text}),
    ):
        assert browser.get(reverse(f"evaluation:{name}"), query).status_code == 200, (name, text)
    assert browser.get("/api/v1/evaluation/objections", {"run": text}).status_code == 200
    assert browser.get("/api/v1/evaluation/ledger", {"year": text}).status_code == 200
    zone = signed_in(made.clerk(0))
    assert zone.get(reverse("evaluation:objection-new"), {"run": text}).status_code == 404
    said = browser.post(
        reverse("evaluation:publication-act", args=[run.pk, "cancel"]), {"revision": text}
    )
    assert said.status_code == 422


def test_a_moment_without_time_zone_is_refused_in_words() -> None:
    made = stage(zones=3)
    run = computed(made)
    browser = signed_in(made.office)
    given = {"version": made.version.pk, "year": 2025, "kind": "trial"}
    for address, sent in (
        ("/api/v1/evaluation/runs", {**given, "as_of": "2026-03-01T00:00:00"}),
        (f"/api/v1/evaluation/runs/{run.pk}/repeat", {"as_of": "2026-03-01T00:00:00"}),
    ):
        assert browser.post(address, sent, content_type="application/json").status_code == 422
    assert Run.objects.count() == 1


def test_a_note_that_is_too_long_is_told_and_nothing_is_frozen() -> None:
    made = stage(zones=3)
    run = computed(made)
    said = signed_in(made.office).post(
        reverse("evaluation:publication-act", args=[run.pk, "repeat"]), {"reason": "长" * 501}
    )
    assert said.status_code == 422
    assert Run.objects.count() == 1


def word(content: bytes) -> str:
    return zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml").decode()


@pytest.mark.parametrize(
    ("state", "mark"),
    [(RunState.COMPUTED, "尚未公布"), (RunState.CIRCULATED, "尚未公布"),
     (RunState.SUPERSEDED, "作废"), (RunState.CANCELLED, "作废"), (RunState.PUBLISHED, "")],
)  # fmt: skip
def test_a_file_says_whether_the_result_stands(state: str, mark: str, settings: Any) -> None:
    settings.DEMO = False
    made = stage(zones=3)
    run = computed(made)
    Run.objects.filter(pk=run.pk).update(
        state=state, approved_by=made.second, published_by=made.second
    )
    paper = paper_of(Run.objects.get(pk=run.pk))
    assert bool(paper.mark) is bool(mark)
    assert mark in paper.mark
    assert mark in word(run_report(paper, issued_on=NOW.date(), issuer="某办"))


def test_the_letter_names_bonus_and_deduction_as_what_they_are() -> None:
    made = stage(zones=4)
    ledger_entry(made, place=0, kind=LedgerKind.DEDUCTION, rule="accident", points="3")
    paper = paper_of(computed(made))
    said = word(zone_report(paper, made.zones[0].code, issued_on=NOW.date(), issuer="某办"))
    assert "扣分−3.00分" in said
    assert f"{paper.definition.root.name}−3.00分" not in said


def test_a_group_that_is_too_thin_says_how_many_were_ranked() -> None:
    made = stage(zones=6, national=3)
    ledger_entry(made, place=0, kind=LedgerKind.VETO, rule="fraud", points="0")
    said = word(run_report(paper_of(computed(made)), issued_on=NOW.date(), issuer="某办"))
    assert "国家级开发区参评3个，其中参加排名2个，少于3个" in said


def test_what_happens_to_missing_figures_is_told_as_the_method_does_it() -> None:
    method = {"normalise": "efficacy", "aggregate": "arithmetic", "impute": "median"}
    plain, filled = stage(zones=3), stage(zones=3, method=method)
    said = [paper_of(computed(made)).missing_words for made in (plain, filled)]
    assert "插补" not in said[0]
    assert "插补" in said[1]


def test_large_figures_and_nought_are_written_as_people_do() -> None:
    assert _figure("1234567.5") == "1,234,567.5"
    assert _signed(-0.001) == "0.00"


def with_rule(code: str) -> Stage:
    rules = [{**LEDGER_RULES[0], "code": code}, *LEDGER_RULES[1:]]
    return stage(zones=3, ledger_rules=rules)


def test_a_rule_named_like_a_formula_stays_a_text() -> None:
    made = with_rule('re"f*')
    ledger_entry(made, place=0, rule='re"f*')
    sheets = Sheets(workbook_of(paper_of(computed(made))))
    formulas = [text for text in sheets.formulas.values() if "SUMIFS(" in text]
    assert any('"=re""f~*"' in text for text in formulas)
    assert not any('"re"f*"' in text for text in formulas)


def test_a_rule_with_a_wildcard_counts_its_own_cases_alone() -> None:
    made = with_rule("re*")
    ledger_entry(made, place=0, rule="re*")
    paper = paper_of(computed(made))
    assert Sheets(workbook_of(paper)).column("得分", "核对") == ["一致"] * 3


def test_names_in_the_console_files_are_no_formulas() -> None:
    made = stage(zones=3)
    zone = made.zones[0]
    type(zone).objects.filter(pk=zone.pk).update(name="=1+1")
    archive = zipfile.ZipFile(io.BytesIO(bundle_of(paper_of(computed(made)))))
    rows = list(csv.DictReader(io.StringIO(archive.read("data.csv").decode())))
    assert [row["name"] for row in rows if row["unit"] == zone.code] == ["'=1+1"]


def test_points_of_a_case_keep_their_digits_where_runs_are_compared() -> None:
    made = stage(zones=3)
    first = computed(made)
    ledger_entry(made, place=0, points="0.25")
    second = computed(made)
    page = signed_in(made.office).get(reverse("evaluation:compare", args=[first.pk, second.pk]))
    mine = next(move for move in page.context["moves"] if move.code == made.zones[0].code)
    assert any("0.25" in cause for cause in mine.causes)
    assert page.context["found"].changed == 1
    assert mine.score_change == Decimal("0.25")


def test_a_report_counts_the_zones_that_are_ranked() -> None:
    made = stage(zones=5)
    ledger_entry(made, place=4, kind=LedgerKind.VETO, rule="fraud", points="0")
    run = computed(made)
    page = signed_in(made.office).get(
        reverse("evaluation:report", args=[run.pk, made.zones[0].code])
    )
    assert page.context["field"] == 4


def test_the_way_to_a_replaced_run_is_shown_to_the_office_alone() -> None:
    made = stage(zones=3)
    first = computed(made)
    again = repeat_run(run_id=first.pk, actor=made.office, now=NOW)
    people = {"approved_by": made.second, "published_by": made.second}
    Run.objects.filter(pk=again.pk).update(state=RunState.PUBLISHED, result_digest="x", **people)
    way = reverse("evaluation:compare", args=[first.pk, again.pk])
    address = reverse("evaluation:run", args=[again.pk])
    assert way in signed_in(made.office).get(address).content.decode()
    assert way not in signed_in(made.leader).get(address).content.decode()


def test_the_bar_of_points_speaks_the_readers_language() -> None:
    run = computed(stage(zones=3))
    data = {**run.definition}
    data["nodes"] = [{**node, "name_en": "Size & so on"} for node in data["nodes"]]
    run.definition = data
    result = run.results.select_related("zone")[0]
    with translation.override("en"):
        row = rows_of(Names(run), [result], 3)[0]
        assert "<title>Size &amp; so on " in points_bar(row.classes)
    with translation.override("zh-hans"):
        row = rows_of(Names(run), [result], 3)[0]
        assert "<title>类别SIZE " in points_bar(row.classes)
    assert row.href == reverse("evaluation:report", args=[run.pk, result.zone.code])


def test_the_points_of_each_class_are_those_of_the_detail() -> None:
    made = stage(zones=3)
    for result in ZoneResult.objects.filter(run=computed(made)):
        nodes = result.detail["nodes"]
        assert result.class_points == {code: nodes[code]["points"] for code in ("SIZE", "GREEN")}
        assert sum(map(float, result.class_points.values())) == pytest.approx(
            float(result.before_points)
        )


CHOICES = [("", "—"), ("a", "甲 & 乙"), ("b", "丙")]


@pytest.mark.parametrize(
    ("widget", "value"),
    [
        (forms.Select(choices=CHOICES), "a"),
        (forms.Select({"class": "x"}, CHOICES), None),
        (forms.TextInput({"maxlength": 3}), '"<x>'),
        (forms.TextInput(), None),
        (forms.NumberInput({"step": "any", "required": True}), Decimal("1.50")),
        (forms.CheckboxInput({"class": "x"}), True),
        (forms.CheckboxInput(), None),
        (forms.CheckboxSelectMultiple(choices=CHOICES[1:]), ["b"]),
        (forms.CheckboxSelectMultiple({"class": "x"}, CHOICES[1:]), None),
    ],
)
def test_quick_widgets_say_what_djangos_own_say(widget: forms.Widget, value: Any) -> None:
    twin = quick(widget)
    assert type(twin) is not type(widget)
    said = [one.render("r1", value, {"id": "id_r1"}) for one in (widget, twin)]
    assertHTMLEqual(*said)
