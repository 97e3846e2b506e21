"""The JSON behind the grid, beside saving figures (tests/doors): remarks, evidence, the panel."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from jingkai.core.accounts.tests.factories import signed_in
from jingkai.delivery.reporting.models import CellOrigin, Effort, Explanation
from jingkai.delivery.reporting.tests.factories import (
    RuleFactory,
    Stage,
    fill,
    people_of,
    signed,
    stage,
    stands,
)

pytestmark = pytest.mark.django_db


def post(client: Client, name: str, pk: int, **body: Any) -> Any:
    return client.post(
        reverse(f"reporting:{name}", args=[pk]), json.dumps(body), content_type="application/json"
    )


def change(world: Stage, raw: Any, **more: Any) -> dict[str, Any]:
    return {"cell": world.cell(0).pk, "raw": raw, **more}


def test_a_figure_its_note_and_its_reason_travel_together() -> None:
    world = stage()
    client = signed_in(world.clerk)
    answer = post(client, "save", world.own.pk, changes=[change(world, "1.5", note="快报")]).json()
    assert answer["revision"] == 1
    assert answer["saved"][0]["value"] == "1.5"
    assert (world.cell(0).value, world.cell(0).note) == (Decimal("1.5"), "快报")
    # Only the note: the figure stays.
    post(client, "save", world.own.pk, changes=[{"cell": world.cell(0).pk, "note": "修订"}])
    assert (world.cell(0).value, world.cell(0).note) == (Decimal("1.5"), "修订")
    post(client, "save", world.own.pk, changes=[change(world, None, absence="missing")])
    assert (world.cell(0).value, world.cell(0).absence) == (None, "missing")


def test_pasted_figures_say_so() -> None:
    world = stage()
    url = reverse("reporting:save", args=[world.own.pk]) + "?how=pasted"
    body = json.dumps({"changes": [change(world, 3)]})
    signed_in(world.clerk).post(url, body, content_type="application/json")
    assert world.cell(0).origin == CellOrigin.PASTED


def test_an_old_revision_of_the_return_or_the_cell_is_a_conflict() -> None:
    world = stage()
    client = signed_in(world.clerk)
    fill(world.own, (1, 2), clerk=world.clerk)
    old = post(client, "save", world.own.pk, revision=0, changes=[change(world, 9)])
    assert old.status_code == 409
    stale = post(client, "save", world.own.pk, changes=[change(world, 9, revision=0)])
    assert stale.status_code == 409
    assert stale.json()["errors"][0]["field"] == f"cells.{world.cell(0).pk}"
    assert world.cell(0).value == 1


@pytest.mark.parametrize("body", [b"", b"[", b"[1]", b'{"changes": 5}', b'{"changes": [{}]}'])
def test_what_is_no_change_is_refused(body: bytes) -> None:
    world = stage()
    url = reverse("reporting:save", args=[world.own.pk])
    answer = signed_in(world.clerk).post(url, body, content_type="application/json")
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"


def test_an_explanation_settles_the_finding() -> None:
    world = stage()
    RuleFactory(code="falls", kind="ytd_not_falling", level="explain")
    stands(world.indicators[0], world.zones[0].code, p2026_08=80)
    client = signed_in(world.clerk)
    saved = post(client, "save", world.own.pk, changes=[change(world, 70)]).json()
    assert [f["is_open"] for f in saved["findings"]] == [True]
    assert not saved["may_be_sent"]
    cell = world.cell(0).pk
    said = post(client, "explain", cell, rule="falls", text="企业搬迁，核减 10 亿元")
    assert said.json()["may_be_sent"]
    assert Explanation.objects.get().text.startswith("企业")
    assert post(client, "explain", cell, rule="no-such", text="x").status_code == 422
    assert post(client, "explain", cell, rule="falls", text=" ").status_code == 422


def test_remarks_evidence_and_time() -> None:
    world = stage()
    client, cell = signed_in(world.clerk), world.cell(0).pk
    assert post(client, "comment", cell, text="请核对").status_code == 201
    url = reverse("reporting:evidence", args=[cell])
    proof = SimpleUploadedFile("证明.pdf", b"%PDF-1.4 demo")
    assert client.post(url, {"file": proof}).status_code == 201
    assert client.post(url).status_code == 422
    assert post(client, "effort", world.own.pk, seconds=30).status_code == 204
    assert post(client, "effort", world.own.pk, seconds="30").status_code == 204
    assert Effort.objects.get().seconds == 30
    found = client.get(reverse("reporting:cell", args=[cell])).json()
    assert [c["text"] for c in found["comments"]] == ["请核对"]
    assert [e["name"] for e in found["evidence"]] == ["证明.pdf"]


def test_the_panel_shows_the_past_and_the_peers_only_to_whom_they_are_open() -> None:
    world = stage(zones=5)
    indicator = world.indicators[0]
    for n, zone in enumerate(world.zones):
        stands(indicator, zone.code, p2026_08=10 * n, p2026_09=11 * n)
    url = reverse("reporting:cell", args=[world.cell(0).pk])
    own = signed_in(world.clerk).get(url).json()
    assert len(own["points"]) == 13
    assert own["points"][-2] == {
        "period": "2026-08", "value": "0", "planned": None, "release": "flash",
    }  # fmt: skip
    assert (own["peers_median"], own["peer_count"]) == (None, 0)
    office = signed_in(world.office).get(url).json()
    assert (office["peers_median"], office["peer_count"]) == ("27.5", 4)


def test_a_returned_cell_says_why() -> None:
    from jingkai.delivery.reporting.services import return_cells
    from jingkai.delivery.reporting.tests.factories import after

    world = stage()
    signed(world)
    return_cells(
        cell_ids=[world.cell(0).pk], code="unit", text="应为亿元", actor=world.verifier,
        now=after(hours=1),
    )  # fmt: skip
    found = signed_in(world.clerk).get(reverse("reporting:cell", args=[world.cell(0).pk])).json()
    assert found["returned"]["text"] == "应为亿元"
    assert [h["value"] for h in found["history"]] == ["10"]


def test_other_peoples_cells_do_not_exist() -> None:
    world = stage()
    other, _leader = people_of(world.zones[1])
    client, cell = signed_in(other), world.cell(0).pk
    assert client.get(reverse("reporting:cell", args=[cell])).status_code == 404
    for name in ("explain", "comment", "evidence"):
        assert post(client, name, cell, text="x", rule="x").status_code == 404
    for name in ("save", "confirm", "effort"):
        assert post(client, name, world.own.pk, changes=[]).status_code == 404


def test_the_panel_costs_the_same_at_any_history(django_assert_max_num_queries: Any) -> None:
    from jingkai.delivery.reporting.queries.panel import cell_panel

    world = stage(zones=6)
    for value in range(5):
        fill(world.own, (value, value), clerk=world.clerk)
    cell = world.cell(0)
    with django_assert_max_num_queries(14):
        cell_panel(cell, world.office)
