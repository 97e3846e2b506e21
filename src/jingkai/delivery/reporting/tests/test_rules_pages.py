"""Pages, API and keeping of validation rules, and how their precision is counted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation
from python_calamine import CalamineWorkbook

from jingkai.core.accounts.models import User
from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory, signed_in
from jingkai.core.audit.models import AuditEvent
from jingkai.core.errors import Conflict, InvalidInput, NotPermitted, TransitionNotAllowed
from jingkai.core.notices.public import Notice
from jingkai.delivery.indicators.tests.factories import IndicatorFactory
from jingkai.delivery.reporting.models import Alarm, ValidationRule
from jingkai.delivery.reporting.queries.precision import (
    NoiseLimits,
    Precision,
    precision_by_indicator,
    precisions,
    rule_rows,
)
from jingkai.delivery.reporting.services import RuleDraft, save_rule, switch_off, switch_on
from jingkai.delivery.reporting.services.noise import report_noisy_rules
from jingkai.delivery.reporting.tests.factories import (
    NOW,
    RuleFactory,
    Stage,
    fill,
    people_of,
    stage,
)
from jingkai.masterdata.reference.models import ReferenceRow, ReferenceTable, ReferenceVersion

pytestmark = pytest.mark.django_db


def examples(code: str) -> list[dict[str, Any]]:
    return [
        {"name": "通过", "expect": "pass", "given": {"period": "2026-09", "cells": {code: 3}}},
        {"name": "提示", "expect": "alarm", "given": {"period": "2026-09", "cells": {code: -3}}},
    ]


@pytest.fixture
def office() -> User:
    return UserFactory(role=Role.OFFICE)


@pytest.fixture
def draft() -> RuleDraft:
    IndicatorFactory(code="FAI", name="固定资产投资", name_en="Fixed-asset investment")
    return RuleDraft(
        kind="range",
        level="fix",
        title="不得为负",
        title_en="Not negative",
        indicators=["FAI"],
        parameters={"min": 0},
        examples=examples("FAI"),
        source="惯例",
    )


def keep(draft: RuleDraft, actor: User, number: int | None = 0, **other: Any) -> ValidationRule:
    fields: dict[str, Any] = {"code": "not_negative", "reason": "新设", **other}
    return save_rule(draft=draft, actor=actor, now=NOW, number=number, **fields)


def limits(alarms: int = 2, percent: int = 50) -> None:
    table = ReferenceTable.objects.create(
        code="VALIDATION_THRESHOLDS",
        title="阈值",
        columns=[{"key": "value", "title": "值", "type": "text", "required": True}],
    )
    version = ReferenceVersion.objects.create(
        table=table,
        version="1",
        effective_from="2026-01-01",
        source="测试",
        confidence="unverified",
        state="in-force",
        edited_at=NOW,
    )
    for place, (key, value) in enumerate(
        {"noisy_min_alarms": alarms, "noisy_precision_percent": percent}.items()
    ):
        ReferenceRow.objects.create(
            version=version, key=key, position=place, values={"value": str(value)}
        )


def test_every_change_is_a_new_edition(office: User, draft: RuleDraft) -> None:
    first = keep(draft, office)
    assert (first.number, first.is_active, first.created_by) == (1, True, office)
    assert keep(draft, office, number=1).pk == first.pk  # the same again changes nothing
    second = keep(replace(draft, level="explain"), office, number=1, reason="先作说明")
    assert (second.number, second.level, second.reason) == (2, "explain", "先作说明")
    first.refresh_from_db()
    assert not first.is_active
    assert AuditEvent.objects.filter(action="reporting.rule.saved").count() == 2


def test_an_old_screen_does_not_overwrite(office: User, draft: RuleDraft) -> None:
    keep(draft, office)
    keep(replace(draft, level="hint"), office, number=1)
    with pytest.raises(Conflict, match="Version 2"):
        keep(replace(draft, level="explain"), office, number=1)
    with pytest.raises(Conflict, match="already"):
        keep(replace(draft, level="explain"), office, number=0)


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"parameters": {"mn": 0}}, "parameters", "“min”"),
        ({"parameters": {"min": "NO_TABLE.key"}}, "parameters", "NO_TABLE.key"),
        ({"indicators": ["NOTHING"]}, "indicators", "NOTHING"),
        ({"kind": "rnge"}, "kind", "“range”"),
        ({"examples": examples("FAI")[:1]}, "examples", "catches"),
        ({"parameters": {"min": -5}}, "examples", "提示"),
        ({"parameters": {"min": 5}}, "examples", "通过"),
        ({"examples": [*examples("FAI"), {"name": "x", "expect": "pass"}]}, "examples", "given"),
    ],
)
def test_a_rule_is_refused_with_the_place_and_the_name_of_the_example(
    office: User, draft: RuleDraft, change: dict[str, Any], field: str, says: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        keep(replace(draft, **change), office)
    assert [problem.field for problem in caught.value.problems] == [field]
    assert says in str(caught.value)
    assert not ValidationRule.objects.exists()


def test_only_the_office_keeps_rules_and_every_change_has_a_reason(
    office: User, draft: RuleDraft
) -> None:
    with pytest.raises(NotPermitted):
        keep(draft, UserFactory(role=Role.DEPARTMENT_REVIEWER))
    with pytest.raises(InvalidInput):
        keep(draft, office, reason=" ")
    keep(draft, office)
    with pytest.raises(InvalidInput):
        switch_off(code="not_negative", reason="", actor=office, now=NOW)
    with pytest.raises(NotPermitted):
        switch_off(code="not_negative", reason="误报", actor=UserFactory(), now=NOW)


def test_a_rule_switched_off_judges_nothing_until_it_is_put_in_force_again(
    office: User, draft: RuleDraft
) -> None:
    world = stage(indicators=1)
    draft = replace(draft, indicators=[])
    keep(draft, office)
    fill(world.own, [-1], clerk=world.clerk)
    assert Alarm.objects.count() == 1
    row = switch_off(code="not_negative", reason="误报较多", actor=office, now=NOW)
    assert (row.number, row.is_active, row.reason) == (2, False, "误报较多")
    with pytest.raises(TransitionNotAllowed):
        switch_off(code="not_negative", reason="再次", actor=office, now=NOW)
    from jingkai.delivery.reporting.judging import judge_return

    assert judge_return(world.own).findings == ()
    # Saved while off, it stays off.
    assert not keep(replace(draft, level="hint"), office, number=2).is_active
    switch_on(code="not_negative", reason="修订后恢复", actor=office, now=NOW)
    assert [f.level for f in judge_return(world.own).findings] == ["hint"]


def noisy_world() -> Stage:
    """Three alarms of one rule: one changed, one explained, one waiting; one more rule silent."""
    world = stage(zones=3, indicators=1)
    rule = RuleFactory(code="high", level="explain", parameters={"max": 100})
    RuleFactory(code="silent", level="hint", parameters={"max": 10**6})
    for zone, outcome in zip(world.zones, ("changed", "explained", ""), strict=True):
        clerk, _leader = people_of(zone)
        fill(world.of(zone), [120], clerk=clerk)
        Alarm.objects.filter(cell__scope=zone.code).update(
            outcome=outcome, settled_at=NOW if outcome else None
        )
    assert Alarm.objects.filter(rule=rule).count() == 3
    return world


def test_precision_counts_what_was_settled_and_leaves_out_what_proves_nothing() -> None:
    world = noisy_world()
    precision = precisions()["high"]
    assert (precision.raised, precision.settled, precision.percent) == (3, 2, 50)
    assert precision_by_indicator("high") == {world.indicators[0].code: precision}
    assert Precision(gone=5).percent is None
    assert NoiseLimits(2, Decimal(51)).is_noisy(precision)
    assert not NoiseLimits(3, Decimal(51)).is_noisy(precision)
    assert not NoiseLimits(2, Decimal(50)).is_noisy(precision)


def test_the_office_hears_of_noisy_rules_once_a_month() -> None:
    noisy_world()
    office = User.objects.filter(memberships__role=Role.OFFICE).get()
    assert report_noisy_rules(now=NOW) == 0  # no limits loaded: nothing is claimed
    limits(alarms=2, percent=60)
    assert report_noisy_rules(now=NOW) == 1
    assert report_noisy_rules(now=NOW) == 0
    assert report_noisy_rules(now=datetime(2026, 11, 1, 1, tzinfo=UTC)) == 1
    notice = Notice.objects.filter(recipient=office, kind="reporting.noisy").latest("pk")
    assert notice.url.endswith("?state=noisy")
    assert "50" in notice.title
    ValidationRule.objects.filter(code="high").update(is_active=False)
    assert report_noisy_rules(now=datetime(2026, 12, 1, 1, tzinfo=UTC)) == 0


def get(user: User, name: str, *args: object, **query: str) -> Any:
    return signed_in(user).get(reverse(f"reporting:{name}", args=args), query)


def test_the_list_filters_marks_noise_and_exports() -> None:
    noisy_world()
    limits(alarms=2, percent=60)
    leader = UserFactory(role=Role.LEADER, language="en")
    page = get(leader, "rules")
    assert page.status_code == 200
    assert [row.rule.code for row in page.context["page_obj"]] == ["high", "silent"]
    assert "noisy" in page.content.decode()
    noisy = get(leader, "rules", state="noisy")
    assert [row.rule.code for row in noisy.context["page_obj"]] == ["high"]
    assert [r.rule.code for r in get(leader, "rules", level="hint").context["page_obj"]] == [
        "silent"
    ]
    assert [r.rule.code for r in get(leader, "rules", q="HIG").context["page_obj"]] == ["high"]
    assert not get(leader, "rules", q="none such").context["page_obj"].object_list
    answer = get(leader, "rules", format="xlsx")
    rows = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert any("high" in row and 50 in row for row in rows)
    assert get(leader, "rules", format="csv").content.decode("utf-8-sig").count("\n") == 3


@pytest.mark.parametrize("rules", [2, 20])
def test_the_list_costs_the_same_at_any_length(rules: int, django_assert_max_num_queries) -> None:
    world = stage(indicators=1)
    RuleFactory.create_batch(rules)
    fill(world.own, [-1], clerk=world.clerk)
    with django_assert_max_num_queries(4):
        assert len(rule_rows(NOW.date())) == rules


def test_a_rule_shows_parameters_proofs_precision_and_only_visible_alarms(
    office: User, draft: RuleDraft, django_assert_max_num_queries
) -> None:
    world = stage(zones=2, indicators=1)
    keep(replace(draft, indicators=[]), office)
    for zone in world.zones:
        clerk, _leader = people_of(zone)
        fill(world.of(zone), [-5], clerk=clerk)
    clerk = world.clerk
    page = get(clerk, "rule", "not_negative")
    assert page.status_code == 200
    assert [each["body"] for each in page.context["alarms"]] == [world.zones[0].committee.name]
    assert [proof.holds for proof in page.context["proofs"]] == [True, True]
    assert page.context["precision"].raised == 2
    assert [line.name for line in page.context["lines"]] == ["min"]
    assert len(get(office, "rule", "not_negative").context["alarms"]) == 2
    client = signed_in(office)
    with django_assert_max_num_queries(24):  # with the frame's own
        client.get(reverse("reporting:rule", args=["not_negative"]))


def test_a_rule_that_cannot_be_used_says_why() -> None:
    RuleFactory(code="broken", parameters={"mn": 0})
    page = get(UserFactory(role=Role.LEADER, language="en"), "rule", "broken")
    assert page.status_code == 200
    assert "“mn”" in page.content.decode()


@pytest.mark.parametrize("role", [Role.ENTERPRISE, Role.INSPECTOR, Role.SYSTEM_ADMIN])
def test_who_follows_no_figures_sees_no_rules(role: Role) -> None:
    RuleFactory(code="high")
    user = UserFactory(role=role)
    assert get(user, "rules").status_code == 404
    assert get(user, "rule", "high").status_code == 404
    assert signed_in(user).get("/api/v1/reporting/rules").status_code == 404


FORM = {
    "code": "big_sum",
    "kind": "range",
    "number": "0",
    "level": "explain",
    "title": "不得过大",
    "confidence": "unverified",
    "indicators": ["FAI"],
    "p_max": "100",
    "p_unit": "亿元",
    "reason": "试行",
    "examples": "- {name: 小, expect: pass, given: {period: 2026-09, cells: {FAI: 1.5}}}\n"
    "- {name: 大, expect: alarm, given: {period: 2026-09, cells: {FAI: 101}}}\n",
}


def post(user: User, name: str, *args: object, **data: Any) -> Any:
    client: Client = signed_in(user)
    return client.post(reverse(f"reporting:{name}", args=args), data)


def test_the_office_writes_tries_and_changes_a_rule_on_the_page(
    office: User, draft: RuleDraft
) -> None:
    assert "range" in get(office, "new-rule").content.decode()
    assert get(office, "new-rule", kind="range").status_code == 200
    tried = post(office, "new-rule", **FORM, **{"try": "1"})
    assert (tried.status_code, tried.context["all_hold"]) == (200, True)
    assert not ValidationRule.objects.exists()
    assert post(office, "new-rule", **FORM).status_code == 302
    row = ValidationRule.objects.get()
    assert (row.code, row.parameters) == ("big_sum", {"max": 100, "unit": "亿元"})
    shown = get(office, "edit-rule", "big_sum")
    assert shown.context["form"]["p_max"].value() == "100"
    again = {**FORM, "number": "1", "p_max": "1", "reason": "收紧"}
    refused = post(office, "edit-rule", "big_sum", **again)
    assert refused.status_code == 422
    assert "小" in str(refused.context["form"].errors["examples"])
    assert refused.context["form"]["p_max"].value() == "1"  # what was typed stays
    assert post(office, "edit-rule", "big_sum", **{**again, "p_max": "90"}).status_code == 302
    assert ValidationRule.objects.get(is_active=True).number == 2
    stale = post(office, "edit-rule", "big_sum", **{**again, "p_max": "95"})
    assert stale.status_code == 409


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"examples": "- {name: a"}, "examples"),
        ({"examples": "text"}, "examples"),
        ({"title": ""}, "title"),
        ({"code": "Big Sum"}, "code"),
        ({"reason": ""}, "reason"),
        ({"indicators": ["NOTHING"]}, "indicators"),
    ],
)
def test_what_is_typed_wrong_is_marked_at_its_field(
    office: User, draft: RuleDraft, change: dict[str, Any], field: str
) -> None:
    refused = post(office, "new-rule", **{**FORM, **change})
    assert refused.status_code == 422
    assert field in refused.context["form"].errors
    assert not ValidationRule.objects.exists()


def test_switching_on_the_page_needs_the_office_and_a_reason(
    office: User, draft: RuleDraft
) -> None:
    keep(draft, office)
    assert post(office, "switch-rule", "not_negative", do="off", reason="").status_code == 422
    assert (
        post(UserFactory(role=Role.LEADER), "switch-rule", "not_negative", reason="x").status_code
        == 403
    )
    assert post(office, "switch-rule", "not_negative", do="off", reason="误报").status_code == 302
    assert get(office, "rules", state="off").context["page_obj"].object_list
    assert post(office, "switch-rule", "not_negative", do="off", reason="误报").status_code == 409
    assert post(office, "switch-rule", "not_negative", do="on", reason="恢复").status_code == 302


def test_the_api_tells_rules_and_their_precision(office: User, draft: RuleDraft) -> None:
    world = noisy_world()
    limits(alarms=2, percent=60)
    client = signed_in(world.clerk)
    items = client.get("/api/v1/reporting/rules").json()["items"]
    assert [(item["code"], item["is_noisy"]) for item in items] == [
        ("high", True),
        ("silent", False),
    ]
    assert [
        i["code"] for i in client.get("/api/v1/reporting/rules?state=noisy").json()["items"]
    ] == ["high"]
    card = client.get("/api/v1/reporting/rules/high").json()
    assert (card["parameters"], [v["number"] for v in card["versions"]]) == ({"max": 100}, [1])
    told = client.get("/api/v1/reporting/rules/high/precision").json()
    assert told["precision"]["settled"] == 2
    assert Decimal(told["precision"]["percent"]) == 50
    assert [row["indicator"] for row in told["by_indicator"]] == [world.indicators[0].code]
    assert client.get("/api/v1/reporting/rules/none").status_code == 404


def test_alarms_are_said_in_the_readers_language() -> None:
    world = stage(indicators=1)
    RuleFactory(code="low", level="hint")
    fill(world.own, [-1], clerk=world.clerk)
    Alarm.objects.update(message="旧文字")
    with translation.override("en"):
        page = get(UserFactory(role=Role.LEADER, language="en"), "rule", "low")
    assert "below the least allowed" in page.context["alarms"][0]["text"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("known", [True, False])
def test_two_people_saving_at_once_make_one_edition(known: bool) -> None:
    office = UserFactory(role=Role.OFFICE)
    IndicatorFactory(code="FAI")
    draft = RuleDraft(
        kind="range",
        level="fix",
        title="不得为负",
        indicators=["FAI"],
        parameters={"min": 0},
        examples=examples("FAI"),
    )
    if known:
        keep(draft, office)
    gate = Barrier(2)

    def attempt(title: str) -> object:
        gate.wait()
        try:
            return keep(replace(draft, title=title), office, number=1 if known else 0).title
        except (Conflict, InvalidInput) as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(attempt, ["不得小于零", "不得为负数"]))
    assert sum(isinstance(result, str) for result in results) == 1
    assert ValidationRule.objects.filter(is_active=True).count() == 1
    assert ValidationRule.objects.count() == (2 if known else 1)
