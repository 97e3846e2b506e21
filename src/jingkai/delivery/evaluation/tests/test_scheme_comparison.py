"""Two schemes on the same figures: exact parts, honest ranks, the office alone."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory, signed_in
from jingkai.delivery.evaluation.comparing import LEDGER, compare
from jingkai.delivery.evaluation.definition import Definition
from jingkai.delivery.evaluation.queries.schemes import definition_of
from jingkai.delivery.evaluation.scheme_comparison import compared

from .factories import NOW, YEAR, Leaf, Stage, ledger_entry, record, stage, version_of

pytestmark = pytest.mark.django_db


def changed(given: Definition, points: dict[str, str], **more: Any) -> Definition:
    nodes = tuple(
        replace(n, points=Decimal(points[n.code])) if n.code in points else n for n in given.nodes
    )
    return replace(given, nodes=nodes, number=2, **more)


def both(scene: Stage, two: Definition) -> Any:
    one = definition_of(scene.version)
    return compare(one, two, year=YEAR, as_of=NOW, names={})


def test_a_scheme_compared_with_itself_moves_nobody() -> None:
    scene = stage()
    found = both(scene, definition_of(scene.version))
    assert found.movers == 0
    assert found.agreement == pytest.approx(1)
    assert all(line.parts == () for line in found.lines)
    assert all(line.difference == 0 for line in found.lines)
    assert [line.ranks[1] for line in found.lines] == [1, 2, 3, 4, 5]


def test_the_parts_of_a_difference_add_up_to_it() -> None:
    scene = stage()
    two = changed(
        definition_of(scene.version),
        {"SIZE": "90", "OUT": "5", "TAX": "85", "GREEN": "10", "ENERGY": "5", "JOBS": "5"},
    )
    found = both(scene, two)
    assert found.movers > 0
    for key in {part.key for line in found.lines for part in line.parts}:
        assert sum(
            part.beyond for line in found.lines for part in line.parts if part.key == key
        ) == pytest.approx(0, abs=1e-6)
    for line in found.lines:
        assert line.difference == pytest.approx(sum(part.amount for part in line.parts))
        largest = [abs(part.beyond) for part in line.parts]
        assert largest == sorted(largest, reverse=True)


def test_parts_add_up_when_the_scales_differ_too() -> None:
    scene = stage()
    one = definition_of(scene.version)
    method = {
        "normalise": {"method": "minmax", "range": [1, 100], "constant": "middle"},
        "aggregate": "geometric",
    }
    found = both(scene, replace(one, method=method, number=2))
    for line in found.lines:
        assert line.difference == pytest.approx(sum(part.amount for part in line.parts))


def test_the_same_indicator_is_one_part_whatever_the_schemes_call_it() -> None:
    scene = stage()
    other = version_of(
        {"ALL": [Leaf("TURNOVER", "50", scene.indicators["OUT"]),
                 Leaf("PEOPLE", "50", scene.indicators["JOBS"])]}
    )  # fmt: skip
    found = both(scene, definition_of(other))
    keys = {weight.key: weight.points for weight in found.weights}
    assert keys[scene.indicators["OUT"].code] == (40, 50)
    assert keys[scene.indicators["TAX"].code] == (20, 0)
    assert len(keys) == 4


def test_too_little_observed_is_told_and_not_ranked() -> None:
    scene = stage()
    zone = scene.zones[0]
    record(
        scene,
        [(scene.indicators[leaf], zone, "2025-12" if leaf == "OUT" else "2025", None)
         for leaf in ("OUT", "TAX")],
        reason="撤销",
    )  # fmt: skip
    found = both(scene, definition_of(scene.version))
    line = next(line for line in found.lines if line.zone.code == zone.code)
    assert line.ranks == (0, 0)
    assert line.moved is None
    assert found.lines[-1] is line


def test_the_page_is_for_the_office_and_says_who_moves() -> None:
    scene = stage()
    other = version_of(
        {"ALL": [Leaf("TURNOVER", "1", scene.indicators["OUT"]),
                 Leaf("PEOPLE", "99", scene.indicators["ENERGY"], direction=-1)]}
    )  # fmt: skip
    url = reverse("evaluation:compare-schemes")
    query = {
        "one": f"{scene.scheme.code}-1",
        "two": f"{other.scheme.code}-1",
        "year": str(YEAR),
    }
    client = signed_in(scene.office)
    page = client.get(url, query)
    assert page.status_code == 200
    for zone in scene.zones:
        assert zone.name in page.content.decode()
    assert client.get(url).status_code == 200
    file = client.get(url, {**query, "format": "csv"})
    assert scene.zones[0].name in file.content.decode("utf-8-sig")
    for role in (Role.LEADER, Role.ZONE_LEADER, Role.DEPARTMENT_REVIEWER):
        assert signed_in(UserFactory(role=role)).get(url, query).status_code == 403


def test_what_cannot_be_computed_is_refused_in_words() -> None:
    scene = stage()
    broken = version_of({"ALL": [Leaf("OUT", "99", scene.indicators["OUT"])]})
    url = reverse("evaluation:compare-schemes")
    query = {"one": f"{scene.scheme.code}-1", "two": f"{broken.scheme.code}-1", "year": str(YEAR)}
    answer = signed_in(scene.office).get(url, query)
    assert answer.status_code == 422
    assert "99" in answer.content.decode()


@pytest.mark.parametrize("zones", [3, 9])
def test_comparing_costs_the_same_at_any_size(zones, django_assert_num_queries) -> None:
    scene = stage(zones=zones)
    one = definition_of(scene.version)
    with django_assert_num_queries(4):
        compare(one, one, year=YEAR, as_of=NOW, names={})


def test_each_scheme_counts_its_own_ledger_and_the_parts_still_add_up() -> None:
    scene = stage()
    other = version_of(
        {"ALL": [Leaf("TURNOVER", "50", scene.indicators["OUT"]),
                 Leaf("PEOPLE", "50", scene.indicators["JOBS"])]}
    )  # fmt: skip
    for _case in range(3):  # above the rule's own cap of 4
        ledger_entry(scene, place=0)
    ledger_entry(scene, place=1, kind="deduction", rule="accident", points="3")
    ledger_entry(scene, place=2, state="proposed")
    with translation.override("en"):
        found = compared(scene.version, other, YEAR)
    lines = {line.zone.code: line for line in found.lines}
    first, second, third = (lines[zone.code] for zone in scene.zones[:3])
    assert first.ledger == pytest.approx((4.0, 0.0))
    assert second.ledger == pytest.approx((-3.0, 0.0))
    assert third.ledger == (0.0, 0.0)
    for line in found.lines:
        assert line.difference == pytest.approx(sum(part.amount for part in line.parts))
    assert [part.amount for part in first.parts if part.key == LEDGER] == [pytest.approx(-4.0)]


def test_a_vetoed_zone_has_no_rank_under_the_scheme_that_vetoes_it() -> None:
    scene = stage()
    other = version_of({"ALL": [Leaf("TURNOVER", "100", scene.indicators["OUT"])]})
    ledger_entry(scene, place=0, kind="veto", rule="fraud", points="0")
    found = compared(scene.version, other, YEAR)
    line = next(line for line in found.lines if line.zone.code == scene.zones[0].code)
    assert (line.scores[0], line.ranks[0], line.intervals[0]) == (None, 0, None)
    assert line.ranks[1] > 0
    assert line.intervals[1] is not None
    assert line.is_firm is None


def test_intervals_tell_a_firm_move_from_one_that_a_choice_undoes() -> None:
    scene = stage(zones=8)
    found = both(scene, definition_of(scene.version))
    assert found.firm == 0
    assert all(line.is_firm is False for line in found.lines)
    for line in found.lines:
        one, two = line.intervals
        assert one == two
        assert one is not None
        assert one[0] <= line.ranks[0] <= one[1]
    apart = replace(found.lines[0], ranks=(2, 7), intervals=((1.0, 3.0), (6.0, 8.0)))
    assert apart.is_firm is True
    assert replace(found, lines=(apart,)).firm == 1


def test_the_page_shows_ledger_and_intervals() -> None:
    scene = stage()
    ledger_entry(scene, place=0)
    key = f"{scene.scheme.code}-1"
    client = signed_in(scene.office)
    address = reverse("evaluation:compare-schemes")
    page = client.get(address, {"one": key, "two": key, "year": str(YEAR)})
    assert "+2.00 → +2.00" in page.content.decode()
    assert all(line.is_firm is not None for line in page.context["comparison"].lines)
    sent = {"one": key, "two": key, "year": YEAR}
    items = client.get("/api/v1/evaluation/schemes/compare", sent).json()["items"]
    assert [2.0, 2.0] in [item["ledger"] for item in items]
    assert all(len(item["intervals"][0]) == 2 for item in items)
    refused = client.get("/api/v1/evaluation/schemes/compare", {**sent, "year": 0})
    assert refused.status_code == 422
