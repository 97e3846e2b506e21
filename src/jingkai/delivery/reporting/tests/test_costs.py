"""What a submission and a page ask of the database with rules in force, and what is kept between.

What is kept must never be older than the database: each kind of change is tried.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jingkai.core.accounts.models import ApiToken
from jingkai.core.accounts.public import create_token
from jingkai.core.accounts.tests.factories import signed_in
from jingkai.delivery.indicators.models import Indicator
from jingkai.delivery.reporting.judging import judge_return
from jingkai.delivery.reporting.models import FormItem, ValidationRule
from jingkai.delivery.reporting.queries.cells import cells_of
from jingkai.delivery.reporting.rulebook import rulebook_on
from jingkai.masterdata.organisations.models import Body
from jingkai.masterdata.organisations.tests.factories import BodyFactory
from jingkai.masterdata.reference.public import ReferenceTable, ReferenceVersion

from .factories import NOW, RuleFactory, Stage, fill, stage, stands

pytestmark = pytest.mark.django_db
DAY = date(2026, 9, 30)


@pytest.fixture(autouse=True)
def one_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def doubted(zones: int, indicators: int) -> Stage:
    """A stage whose figures meet every way the rules look: past, peers, sums, other indicators."""
    world = stage(zones=zones, indicators=indicators)
    codes = [indicator.code for indicator in world.indicators]
    threshold("JUMPS", "30")
    RuleFactory(code="sum", kind="zone_sum", level="explain", indicators=codes)
    RuleFactory(code="slip", kind="unit_slip", level="fix")
    RuleFactory(code="high", level="explain", parameters={"max": 1})
    RuleFactory(
        code="jump",
        kind="year_on_year",
        level="hint",
        parameters={"threshold_percent": "JUMPS.percent"},
    )
    for indicator in world.indicators:
        stands(indicator, world.zones[0].code, p2026_08=10, p2025_09=9)
        stands(indicator, "CITY", p2026_09=5)
    return world


def threshold(code: str, value: str, *, start: date = date(2020, 1, 1)) -> ReferenceVersion:
    """A table of one number, in force from `start`."""
    column = {"key": "value", "title": "值", "title_en": "Value", "type": "decimal"}
    table, _new = ReferenceTable.objects.get_or_create(
        code=code, defaults={"title": code, "title_en": code, "columns": [column]}
    )
    version = ReferenceVersion.objects.create(
        table=table,
        version=str(table.versions.count() + 1),
        effective_from=start,
        source="-",
        confidence="unverified",
        edited_at=NOW,
    )
    version.rows.create(key="percent", position=1, values={"value": value})
    ReferenceVersion.objects.filter(pk=version.pk).update(state="in-force")
    return version


SIZES = [(2, 2), (5, 9)]


@pytest.mark.parametrize(("zones", "indicators"), SIZES)
def test_pages_of_a_return_keep_their_budget_with_rules_in_force(
    zones: int, indicators: int
) -> None:
    world = doubted(zones, indicators)
    fill(world.own, [12] * indicators, clerk=world.clerk)
    for person in (world.clerk, world.leader):
        client = signed_in(person)
        for page in ("", "check/", "sign/"):
            path = f"/delivery/returns/returns/{world.own.pk}/{page}"
            assert client.get(path).status_code == 200
            with CaptureQueriesContext(connection) as asked:
                client.get(path)
            shown = "\n".join(query["sql"][:90] for query in asked)
            assert len(asked) <= 15, f"{page}\n{shown}"


def token_of(world: Stage) -> dict[str, str]:
    scopes = ["reporting:read", "reporting:write"]
    _row, secret = create_token(
        user=world.clerk, name="t", scopes=scopes, days=1, actor=None, now=NOW
    )
    ApiToken.objects.update(last_used_at=NOW)
    return {"HTTP_AUTHORIZATION": f"Bearer {secret}"}


@pytest.mark.parametrize(("zones", "indicators"), SIZES)
def test_a_submission_costs_the_same_at_any_size(client, zones: int, indicators: int) -> None:
    world = doubted(zones, indicators)
    ValidationRule.objects.exclude(level="hint").update(level="hint")
    path, key = f"/api/v1/reporting/returns/{world.own.pk}", token_of(world)
    changes = [{"cell": cell.pk, "raw": "12"} for cell in cells_of(world.own)]
    judge_return(world.own)  # somebody was here before
    with CaptureQueriesContext(connection) as asked:
        saved = client.put(
            f"{path}/cells", json.dumps({"changes": changes}), "application/json", **key
        )
        sent = client.post(f"{path}/submit", "{}", "application/json", **key)
    assert (saved.status_code, sent.status_code) == (200, 200)
    statements = [q["sql"] for q in asked if "SAVEPOINT" not in q["sql"]]
    assert len(statements) <= 33, "\n".join(sql[:150] for sql in statements)


def test_a_changed_indicator_item_or_verifier_is_seen_at_once() -> None:
    world = stage()

    def seen() -> list[tuple[str, str, bool, str]]:
        return [
            (c.indicator.name, c.indicator.unit, c.item.required, str(c.item.verifier))
            for c in cells_of(world.own)
        ]

    before = seen()
    assert seen() == before
    Indicator.objects.filter(pk=world.indicators[0].pk).update(name="改名")
    assert seen()[0][0] == "改名"
    FormItem.objects.filter(indicator=world.indicators[1]).update(required=False)
    assert seen()[1][2] is False
    body = BodyFactory()
    FormItem.objects.filter(indicator=world.indicators[1]).update(verifier=body)
    assert seen()[1][3] == body.name
    Body.objects.filter(pk=body.pk).update(name="改名委")
    assert seen()[1][3] == "改名委"
    FormItem.objects.filter(indicator=world.indicators[1]).update(verifier=None)
    assert seen()[1][3] == "None"


def test_what_is_undone_is_forgotten() -> None:
    world = stage()
    name = cells_of(world.own)[0].indicator.name
    with transaction.atomic():
        Indicator.objects.filter(pk=world.indicators[0].pk).update(name="从未如此")
        assert cells_of(world.own)[0].indicator.name == "从未如此"
        transaction.set_rollback(True)
    assert cells_of(world.own)[0].indicator.name == name


def limits() -> Iterator[str]:
    return (f"{loaded.row.code}:{loaded.row.parameters}" for loaded in rulebook_on(DAY).rules)


def test_changed_rules_hold_at_once() -> None:
    rule = RuleFactory(code="a", parameters={"min": 0})
    assert list(limits()) == ["a:{'min': 0}"]
    assert rulebook_on(DAY) is rulebook_on(DAY)
    ValidationRule.objects.filter(pk=rule.pk).update(parameters={"min": 1})
    assert list(limits()) == ["a:{'min': 1}"]
    ValidationRule.objects.filter(pk=rule.pk).update(is_active=False)
    assert list(limits()) == []
    RuleFactory(code="a", number=2, parameters={"min": 2})
    RuleFactory(code="b", position=1)
    assert list(limits()) == ["a:{'min': 2}", "b:{'min': 0}"]
    ValidationRule.objects.all().delete()
    assert list(limits()) == []


def test_changed_thresholds_and_named_indicators_hold_at_once() -> None:
    world = stage()
    first, second = world.indicators
    parameters = {"threshold_percent": "JUMPS.percent"}
    RuleFactory(code="jump", kind="year_on_year", level="hint", parameters=parameters)
    assert [error.code for _row, error in rulebook_on(DAY).unusable] == ["lookup_missing"]
    threshold("JUMPS", "30")
    assert rulebook_on(DAY).numbers == {"JUMPS.percent": 30}
    later = threshold("JUMPS", "40", start=date(2026, 5, 1))
    assert rulebook_on(DAY).numbers == {"JUMPS.percent": 40}
    assert rulebook_on(date(2026, 4, 30)).numbers == {"JUMPS.percent": 30}
    ReferenceVersion.objects.filter(pk=later.pk).update(state="withdrawn")
    assert rulebook_on(DAY).numbers == {"JUMPS.percent": 30}
    RuleFactory(
        code="pair",
        kind="cross_indicator",
        parameters={"left": first.code, "op": ">=", "right": second.code},
    )
    assert rulebook_on(DAY).indicators[second.code].name == second.name
    Indicator.objects.filter(pk=second.pk).update(name="改名")
    assert rulebook_on(DAY).indicators[second.code].name == "改名"


def test_a_judgement_is_the_same_from_cells_at_hand() -> None:
    world = doubted(3, 3)
    fill(world.own, [12, 0.5, 9_000_000], clerk=world.clerk)
    own = world.own
    assert judge_return(own).findings
    assert judge_return(own) == judge_return(own, cells=cells_of(own))
