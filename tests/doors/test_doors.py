"""One engine, three doors: the web grid, Excel and the API say the same of the same figures.

Each case is sent through every door into a return of its own, in one campaign under one set of
rules. What is saved must be equal to the digit, every finding and every refusal word for word.
"""

from __future__ import annotations

import io
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from jingkai.core.accounts.models import User
from jingkai.core.accounts.public import create_token
from jingkai.core.accounts.tests.factories import signed_in
from jingkai.delivery.reporting.judging import judge_return
from jingkai.delivery.reporting.models import (
    Cell,
    CellEvent,
    Return,
    ReturnFile,
    ReturnState,
    ValidationRule,
)
from jingkai.delivery.reporting.services import explain, submit_return
from jingkai.delivery.reporting.tests.factories import (
    NOW,
    RuleFactory,
    Stage,
    fill,
    people_of,
    stage,
    stands,
)

pytestmark = pytest.mark.django_db
NEVER = (None, "")


@dataclass(frozen=True)
class Outcome:
    """What came of one sending. Cells are counted in the order of the form."""

    saved: tuple[tuple[Decimal | None, str], ...]
    findings: frozenset[tuple[int, str, str, str]]
    refused: frozenset[tuple[int, str]]
    status: int


@dataclass(frozen=True)
class Case:
    """Figures as written, in the units they are written in, and what must come of them."""

    name: str
    written: tuple[Any, ...]
    saved: tuple[tuple[str | None, str], ...] = (NEVER, NEVER)
    findings: Set[tuple[int, str, str]] = frozenset()
    refused: Set[tuple[int, str]] = frozenset()
    units: tuple[str, ...] = ("", "")


def bad(first: Any, code: str) -> Case:
    """An unreadable figure: named, and the good one beside it is not written either."""
    return Case(f"{first!r}: {code}", (first, 5), refused={(0, code)})


FELL = (1, "falls", "explain")
UNANSWERED = (0, "required", "fix")
CASES = (
    Case("numbers", (1234.5, 20), (("1234.5", ""), ("20", ""))),
    Case("zero is a figure", (0, "0.00"), (("0", ""), ("0", "")), {FELL}),
    Case("full-width and thousands", ("１，２３４．５０", "２０"), (("1234.5", ""), ("20", ""))),
    Case("a unit beside the figure", ("12000万元", "1.2亿元"), (("1.2", ""), ("1.2", ""))),
    Case("a unit beside all figures", (12000, 3), (("1.2", ""), ("3", "")), units=("万元", "")),
    Case("the unit beside the figure wins", ("12亿元", 3), (("12", ""), ("3", "")),
         units=("万元", "")),
    Case("not there yet", ("暂无", "—"), ((None, "missing"), (None, "missing"))),
    Case("cannot be", ("不适用", "N/A"), ((None, "not_applicable"), (None, "not_applicable"))),
    Case("nothing written", (None, 5), (NEVER, ("5", "")), {UNANSWERED}),
    Case("six decimals", ("0.1234564", 1.1 + 2.2), (("0.123456", ""), ("3.3", ""))),
    Case("more digits than a float has", ("123456789012345678.123456", 5),
         (("123456789012345678.123456", ""), ("5", "")), {(0, "too-much", "hint")}),
    Case("must fix", (-5, 20), (("-5", ""), ("20", "")),
         {(0, "not-negative", "fix"), (0, "falls", "explain")}),
    Case("must explain", (1100, 0.5), (("1100", ""), ("0.5", "")), {FELL}),
    Case("a hint", (1234, 20_000_000), (("1234", ""), ("20000000", "")),
         {(1, "too-much", "hint")}),
    bad("约二十", "not_a_number"),
    bad(True, "boolean"),
    bad("2026-09-30", "date"),
    bad("1,23", "separator"),
    bad("12公顷", "unit_mismatch"),
    bad("12帕斯卡", "unit_unknown"),
    bad("#REF!", "excel_error"),
    bad(1e19, "too_large"),
    bad("0.00000001", "too_small"),
    Case("two unreadable", ("x", "y"), refused={(0, "not_a_number"), (1, "not_a_number")}),
)  # fmt: skip


class Door(ABC):
    """One way in, as one clerk of one zone."""

    name = ""

    def __init__(self, world: Stage, place: int) -> None:
        self.world, self.zone = world, world.zones[place]
        self.clerk, self.leader = (
            (world.clerk, world.leader) if place == 0 else people_of(self.zone)
        )

    @property
    def own(self) -> Return:
        return self.world.of(self.zone)

    @property
    def cells(self) -> list[Cell]:
        rows = self.own.cells.select_related("indicator")
        return list(rows.order_by("item__position", "part"))

    def place(self, cell_id: int | None) -> int:
        return [cell.pk for cell in self.cells].index(cell_id)  # type: ignore[arg-type]

    @abstractmethod
    def send(self, written: Sequence[Any], units: Sequence[str], **how: Any) -> Outcome: ...

    def _outcome(self, status: int, findings: Sequence[Mapping[str, Any]], refused: Any) -> Outcome:
        return Outcome(
            tuple((cell.value, cell.absence) for cell in self.cells),
            frozenset(
                (self.place(f["cell"]), f["rule"], str(f["level"]), f["message"]) for f in findings
            ),
            frozenset(refused),
            status,
        )


class JsonDoor(Door):
    """What the web and the API have in common: the shape of what is sent and answered."""

    @abstractmethod
    def client(self, user: User) -> tuple[Client, dict[str, str]]: ...

    @abstractmethod
    def url(self) -> str: ...

    method = "post"

    def send(self, written: Sequence[Any], units: Sequence[str], **how: Any) -> Outcome:
        revisions = how.get("revisions") or [cell.revision for cell in self.cells]
        changes = [
            {"cell": cell.pk, "raw": raw, "unit": unit, "revision": revision}
            for cell, raw, unit, revision in zip(self.cells, written, units, revisions, strict=True)
        ]
        client, headers = self.client(how.get("user", self.clerk))
        response = getattr(client, self.method)(
            self.url(),
            json.dumps({"revision": self.own.revision, "changes": changes}),
            content_type="application/json",
            headers=headers,
        )
        answer = response.json()
        refused = {
            (self.place(int(e["field"].removeprefix("cells."))), e["code"])
            for e in answer.get("errors", ())
            if e["field"].startswith("cells.")
        }
        return self._outcome(response.status_code, answer.get("findings", ()), refused)


class Web(JsonDoor):
    name = "web"

    def client(self, user: User) -> tuple[Client, dict[str, str]]:
        return signed_in(user), {}

    def url(self) -> str:
        return reverse("reporting:save", args=[self.own.pk])


class Api(JsonDoor):
    name = "api"
    method = "put"

    def client(self, user: User) -> tuple[Client, dict[str, str]]:
        return Client(), {"Authorization": f"Bearer {token(user, 'reporting:write')}"}

    def url(self) -> str:
        return f"/api/v1/reporting/returns/{self.own.pk}/cells"


def token(user: User, *scopes: str) -> str:
    _row, secret = create_token(
        user=user, name="上报系统", scopes=scopes, days=30, actor=user, now=datetime.now(UTC)
    )
    return secret


class Excel(Door):
    name = "excel"

    def template(self, user: User) -> bytes:
        url = reverse("reporting:excel-template", args=[self.own.pk])
        return signed_in(user).get(url).content

    def filled(self, content: bytes, written: Sequence[Any], units: Sequence[str]) -> bytes:
        book = openpyxl.load_workbook(io.BytesIO(content))
        sheet = book.worksheets[0]
        for row, (raw, unit) in enumerate(zip(written, units, strict=True), start=6):
            sheet.cell(row, 5).value = raw
            if isinstance(raw, str):
                sheet.cell(row, 5).data_type = "s"
            if unit:
                sheet.cell(row, 4).value = unit
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    def send(self, written: Sequence[Any], units: Sequence[str], **how: Any) -> Outcome:
        user = how.get("user", self.clerk)
        content = how.get("template") or self.template(self.clerk)
        response = signed_in(user).post(
            reverse("reporting:excel", args=[self.own.pk]),
            {"file": SimpleUploadedFile("表.xlsx", self.filled(content, written, units))},
        )
        if response.status_code != 302:
            return self._outcome(response.status_code, [], [])
        record = ReturnFile.objects.latest("pk")
        findings = [
            {"cell": f.cell_id, "rule": f.rule, "level": f.level, "message": f.message}
            for f in judge_return(self.own).findings
        ]
        marks = record.answer["marks"]
        if record.outcome != "saved":
            rules = set(ValidationRule.objects.values_list("code", flat=True))
            named = [m for m in marks if m[0] == "fix" and m[4] not in rules]
            return self._outcome(422, [], [(self.place(m[5]), m[4]) for m in named])
        # What the painted copy tells is what the rules say.
        told = {(m[5], m[4], m[0]) for m in marks if m[5] is not None}
        assert told == {(f["cell"], f["rule"], str(f["level"])) for f in findings}
        return self._outcome(200, findings, [])


DOORS = (Web, Excel, Api)


def ruled_stage() -> Stage:
    """Three zones alike, each with figures before, under rules of every level."""
    world = stage(zones=3, indicators=2)
    RuleFactory(code="not-negative", kind="range", level="fix", parameters={"min": 0})
    RuleFactory(code="too-much", kind="range", level="hint", parameters={"max": 10_000_000})
    RuleFactory(code="falls", kind="ytd_not_falling", level="explain")
    RuleFactory(code="required", kind="required", level="fix")
    for zone in world.zones:
        stands(world.indicators[1], zone.code, p2026_08=1)
        stands(world.indicators[0], zone.code, p2026_08=0)
    return world


def same(outcomes: Sequence[Outcome]) -> Outcome:
    """The one outcome of all doors; scopes stand in sentences nowhere, so words are equal too."""
    first, *rest = outcomes
    for outcome in rest:
        assert outcome == first
    return first


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_same_figures_come_to_the_same_through_every_door(case: Case) -> None:
    world = ruled_stage()
    outcome = same([door(world, n).send(case.written, case.units) for n, door in enumerate(DOORS)])
    expected = [(None if v is None else Decimal(v), absence) for v, absence in case.saved]
    assert list(outcome.saved) == expected
    assert outcome.refused == case.refused
    if case.refused:
        assert outcome.status == 422
        assert not CellEvent.objects.exists()
    else:
        assert outcome.status == 200
        assert {finding[:3] for finding in outcome.findings} == case.findings


def test_the_same_figures_again_write_nothing() -> None:
    world = ruled_stage()
    for n, kind in enumerate(DOORS):
        door = kind(world, n)
        first = door.send((7, 8), ("", ""))
        events, revision = CellEvent.objects.count(), door.own.revision
        assert door.send((7, 8), ("", "")) == first
        assert (CellEvent.objects.count(), door.own.revision) == (events, revision)


def test_a_figure_somebody_else_changed_meanwhile_is_not_overwritten() -> None:
    world = ruled_stage()
    outcomes = []
    for n, kind in enumerate(DOORS):
        door = kind(world, n)
        how: dict[str, Any] = {"revisions": [cell.revision for cell in door.cells]}
        if isinstance(door, Excel):
            how = {"template": door.template(door.clerk)}
        fill(door.own, (3, 4), clerk=door.clerk)
        outcomes.append(door.send((9, 9), ("", ""), **how))
        assert outcomes[-1].status in (409, 422)
    saved = {outcome.saved for outcome in outcomes}
    assert saved == {((Decimal(3), ""), (Decimal(4), ""))}


def test_a_closed_figure_stays_closed() -> None:
    world = ruled_stage()
    for n, kind in enumerate(DOORS):
        door = kind(world, n)
        fill(door.own, (3, 4), clerk=door.clerk)
        submit_return(return_id=door.own.pk, actor=door.clerk, now=NOW)
        outcome = door.send((9, 4), ("", ""))
        assert outcome.status == (422 if isinstance(door, Excel) else 409)
        assert outcome.saved[0] == (Decimal(3), "")


def test_who_may_not_may_not_through_any_door() -> None:
    world = ruled_stage()
    doors = [kind(world, n) for n, kind in enumerate(DOORS)]
    for n, door in enumerate(doors):
        neighbour = doors[(n + 1) % 3].clerk
        assert door.send((9, 9), ("", ""), user=neighbour).status == 404
        assert door.send((9, 9), ("", ""), user=door.leader).status == 403
        assert set(door.send((9, 9), ("", ""), user=world.office).saved) == {NEVER}


def sending(door: Door) -> tuple[int, set[str]]:
    """Status and reasons of sending a return that is filled in, by Excel or the API."""
    if isinstance(door, Excel):
        content = door.template(door.clerk)
        signed_in(door.clerk).post(
            reverse("reporting:excel", args=[door.own.pk]),
            {"file": SimpleUploadedFile("表.xlsx", content), "send": "on"},
        )
        record = ReturnFile.objects.latest("pk")
        marks = [m for m in record.answer["marks"] if m[0] != "hint"]
        return (200 if record.outcome == "sent" else 422), {m[4] for m in marks}
    headers = {"Authorization": f"Bearer {token(door.clerk, 'reporting:write')}"}
    response = Client().post(
        f"/api/v1/reporting/returns/{door.own.pk}/submit",
        "{}",
        content_type="application/json",
        headers=headers,
    )
    return response.status_code, {e["code"] for e in response.json().get("errors", ())}


def test_doubts_keep_a_return_from_being_sent_until_they_are_explained() -> None:
    world = ruled_stage()
    for place, kind in ((1, Excel), (2, Api)):
        door = kind(world, place)
        assert door.send((5, 0.5), ("", "")).status == 200
        assert sending(door) == (422, {"falls"})
        assert door.own.state == ReturnState.DRAFT
        explain(
            cell_id=door.cells[1].pk, rule="falls", text="统计口径未变，企业搬迁", actor=door.clerk,
            now=NOW,
        )  # fmt: skip
        status, _reasons = sending(door)
        assert status == 200
        assert door.own.state == ReturnState.SUBMITTED


def test_a_token_reaches_only_what_its_scopes_say() -> None:
    world = ruled_stage()
    url = f"/api/v1/reporting/returns/{world.own.pk}"
    read_only = {"Authorization": f"Bearer {token(world.clerk, 'reporting:read')}"}
    strange = {"Authorization": f"Bearer {token(world.clerk, 'indicators:read')}"}
    assert Client().get(url, headers=read_only).status_code == 200
    assert Client().get(url, headers=strange).status_code == 403
    assert Client().put(f"{url}/cells", b"{}", headers=read_only).status_code == 403
    assert Client().get(url).status_code == 401
