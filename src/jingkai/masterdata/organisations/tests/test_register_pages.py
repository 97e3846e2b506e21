"""The kit as its two users see it: lists, cards, forms, Excel in and out, API."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from python_calamine import CalamineWorkbook

from jingkai.core.accounts.public import Role, User
from jingkai.core.accounts.tests.factories import UserFactory, signed_in
from jingkai.core.audit.public import AuditEvent
from jingkai.core.register.models import ColumnChoice, PendingImport, SavedView
from jingkai.core.register.public import Edge, EdgeGroup, edges_of, provide_edges
from jingkai.masterdata.organisations.models import Body, Zone
from jingkai.masterdata.organisations.tests.factories import BodyFactory, ZoneFactory

BODIES = "/masterdata/organisations/bodies/"
ZONES = "/masterdata/organisations/zones/"


@pytest.fixture
def office(db: None) -> User:
    return UserFactory(role=Role.OFFICE)


@pytest.fixture
def browser_of_office(office: User) -> Client:
    return signed_in(office)


def sheet(rows: list[list[Any]]) -> SimpleUploadedFile:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    page = book.add_worksheet("单位")
    for line, row in enumerate(rows):
        page.write_row(line, 0, row)
    book.close()
    return SimpleUploadedFile("单位.xlsx", out.getvalue())


HEAD = ["编码", "类型", "规范名称", "英文名称"]


@pytest.mark.django_db
@pytest.mark.parametrize(("url", "factory"), [(BODIES, BodyFactory), (ZONES, ZoneFactory)])
def test_list_cost_does_not_grow(
    url: str, factory: Any, django_assert_max_num_queries: Any
) -> None:
    costs = []
    browser = signed_in(UserFactory(role=Role.LEADER))
    browser.get(url)
    for size in (2, 20):
        factory.create_batch(size)
        with django_assert_max_num_queries(15) as counted:
            assert browser.get(url).status_code == 200
        costs.append(len(counted))
    assert costs[0] == costs[1]


def test_filters_show_as_chips_that_can_be_removed(browser_of_office: Client) -> None:
    BodyFactory(name="市甲局")
    BodyFactory(name="乙区", kind="district")
    page = browser_of_office.get(f"{BODIES}?kind=district&q=乙").content.decode()
    assert "乙区" in page
    assert "市甲局" not in page
    assert 'href="?q=%E4%B9%99"' in page  # the kind's chip leads to the list without it


def test_nothing_fits_offers_to_clear(browser_of_office: Client) -> None:
    page = browser_of_office.get(f"{BODIES}?q=nobody").content.decode()
    assert "清除" in page


def test_totals_are_those_of_all_pages(browser_of_office: Client) -> None:
    ZoneFactory.create_batch(60, planned_area="10.50")
    page = browser_of_office.get(ZONES).content.decode()
    assert "630.00" in page


def test_columns_are_remembered_and_exported(browser_of_office: Client, office: User) -> None:
    BodyFactory(code="ONE", admin_code="210106")
    browser_of_office.post(BODIES, {"do": "columns", "columns": ["code", "admin_code", "nonsense"]})
    assert ColumnChoice.objects.get(user=office).keys == ["code", "admin_code"]
    page = browser_of_office.get(f"{BODIES}?format=xlsx")
    rows = (
        CalamineWorkbook.from_filelike(io.BytesIO(page.content)).get_sheet_by_index(0).to_python()
    )
    assert rows[0] == ["单位", "编码", "行政区划代码"]
    assert AuditEvent.objects.filter(action="list.exported", actor=office).exists()


def test_a_view_is_saved_for_its_owner_only(browser_of_office: Client, office: User) -> None:
    browser_of_office.post(BODIES, {"do": "save-view", "name": "区县", "query": "kind=district"})
    view = SavedView.objects.get(user=office)
    other = signed_in(UserFactory(role=Role.LEADER))
    assert "?kind=district" in browser_of_office.get(BODIES).content.decode()
    assert "区县</a>" not in other.get(BODIES).content.decode()
    other.post(BODIES, {"do": "drop-view", "view": view.pk})
    assert SavedView.objects.filter(pk=view.pk).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "role", [Role.ENTERPRISE, Role.INSPECTOR, Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN]
)
def test_people_outside_the_policy_see_no_register(role: str) -> None:
    body = BodyFactory()
    browser = signed_in(UserFactory(role=role))
    assert browser.get(BODIES).status_code == 403
    assert browser.get(f"{BODIES}{body.code}/").status_code == 404
    assert browser.get("/api/v1/organisations/bodies").status_code == 403


@pytest.mark.django_db
def test_a_zone_sees_itself_and_not_its_neighbour() -> None:
    mine, other = ZoneFactory.create_batch(2)
    browser = signed_in(UserFactory(role=Role.ZONE_LEADER, body=mine.committee))
    assert browser.get(f"{ZONES}{mine.code}/").status_code == 200
    assert browser.get(f"{ZONES}{other.code}/").status_code == 404
    found = browser.get("/api/v1/organisations/zones").json()["items"]
    assert [zone["code"] for zone in found] == [mine.code]
    assert browser.post(f"{ZONES}{mine.code}/industries/", {"names": "甲"}).status_code == 403


def test_form_keeps_what_was_typed_and_history_tells_the_change(browser_of_office: Client) -> None:
    body = BodyFactory(code="OLD", name="市旧局")
    url = f"{BODIES}{body.code}/edit/"
    data = {"code": "OLD", "kind": "department", "name": "", "name_en": "New Bureau", "position": 1}
    refused = browser_of_office.post(url, data)
    assert refused.status_code == 422
    assert "New Bureau" in refused.content.decode()
    done = browser_of_office.post(url, {**data, "name": "市新局"})
    assert done["Location"] == f"{BODIES}OLD/"
    body.refresh_from_db()
    assert (body.name, body.initials) == ("市新局", "sxj")
    card = browser_of_office.get(f"{BODIES}OLD/").content.decode()
    assert "市旧局" in card


def test_a_fourth_industry_is_refused_with_the_clause(browser_of_office: Client) -> None:
    zone = ZoneFactory()
    answer = browser_of_office.post(f"{ZONES}{zone.code}/industries/", {"names": "甲\n乙\n丙\n丁"})
    assert answer.status_code == 422
    assert "主导产业一般不超过3个（落实意见 措施一）" in answer.content.decode()
    assert "丁</textarea>" in answer.content.decode()  # what was typed is still there
    assert zone.industries.count() == 0
    browser_of_office.post(f"{ZONES}{zone.code}/industries/", {"names": "甲\n乙\n丙"})
    assert [i.name for i in zone.industries.order_by("rank")] == ["甲", "乙", "丙"]


def test_an_outline_is_kept_in_versions_and_drawn(browser_of_office: Client) -> None:
    zone = ZoneFactory()
    ring = [[123.2, 41.7], [123.3, 41.7], [123.3, 41.8], [123.2, 41.7]]
    data = {"effective_from": "2026-01-01", "source": "目录"}

    def send(points: Any) -> Any:
        content = json.dumps({"type": "Polygon", "coordinates": [points]}).encode()
        file = SimpleUploadedFile("a.geojson", content)
        return browser_of_office.post(f"{ZONES}{zone.code}/boundary/", {**data, "file": file})

    assert send(ring).status_code == 302
    assert send(ring).status_code == 422  # the same again is no new version
    assert send(ring[:-1]).status_code == 422
    assert zone.boundaries.count() == 1
    assert "<path d=" in browser_of_office.get(f"{ZONES}{zone.code}/").content.decode()


def test_import_shows_first_and_writes_after_yes(browser_of_office: Client, office: User) -> None:
    BodyFactory(code="OLD", name="市旧局", kind="department", name_en="Old")
    file = sheet(
        [HEAD, ["OLD", "部门", "市新局", "Old"], ["NEW", "区县（市）", "某区", "District"]]
    )
    shown = browser_of_office.post(f"{BODIES}import/", {"file": file})
    assert shown.status_code == 200
    assert Body.objects.count() == 2  # OLD, and the office's own body
    digest = PendingImport.objects.get(user=office).digest
    assert browser_of_office.post(f"{BODIES}import/", {"confirm": digest})["Location"] == BODIES
    assert Body.objects.get(code="OLD").name == "市新局"
    assert Body.objects.get(code="NEW").initials == "mq"
    assert AuditEvent.objects.get(action="organisations.body.imported").row_count == 2
    again = browser_of_office.post(f"{BODIES}import/", {"confirm": digest})
    assert again.status_code == 422  # a yes counts once


def test_one_bad_row_and_nothing_is_written(browser_of_office: Client) -> None:
    file = sheet([HEAD, ["GOOD", "部门", "市好局", "Good"], ["BAD", "部门", "", "Bad"]])
    answer = browser_of_office.post(f"{BODIES}import/", {"file": file})
    assert answer.status_code == 422
    assert "单位!C3" in answer.content.decode()
    assert not Body.objects.filter(code="GOOD").exists()


def test_what_only_the_database_sees_is_named_by_row(browser_of_office: Client) -> None:
    BodyFactory(code="A", name="市甲局")
    file = sheet([HEAD, ["B", "部门", "市乙局", "B"], ["C", "部门", "市甲局", "C"]])
    answer = browser_of_office.post(f"{BODIES}import/", {"file": file})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "第3行" in page
    assert not Body.objects.filter(code="B").exists()


def test_the_template_comes_back_unchanged(browser_of_office: Client) -> None:
    ZoneFactory.create_batch(3, planned_area="12.30")
    template = browser_of_office.get(f"{ZONES}import/?format=xlsx").content
    file = SimpleUploadedFile("经开区.xlsx", template)
    result = browser_of_office.post(f"{ZONES}import/", {"file": file}).context["result"]
    assert (result.created, result.changed, result.unchanged) == (0, 0, 3)
    assert len(result.skipped) == 1  # the note on who exported it


def test_api_rows_go_through_the_same_service(browser_of_office: Client) -> None:
    def post(rows: list[dict[str, Any]], dry_run: bool = False) -> Any:
        return browser_of_office.post(
            "/api/v1/organisations/bodies/import",
            {"rows": rows, "dry_run": dry_run},
            content_type="application/json",
        )

    row = {"code": "NEW", "kind": "department", "name": "市新局", "name_en": "New"}
    assert post([row], dry_run=True).json()["created"] == 1
    assert not Body.objects.filter(code="NEW").exists()
    assert post([row]).json()["created"] == 1
    assert post([row]).json()["unchanged"] == 1
    wrong = post([{**row, "kind": "ministry", "colour": "red"}])
    assert wrong.status_code == 422
    assert {e["field"] for e in wrong.json()["errors"]} == {"rows.0.colour", "rows.0.kind"}


def test_api_pages_by_cursor_and_filters(browser_of_office: Client) -> None:
    BodyFactory.create_batch(5, kind="district")
    first = browser_of_office.get("/api/v1/organisations/bodies?kind=district&limit=3").json()
    rest = browser_of_office.get(
        "/api/v1/organisations/bodies",
        {"kind": "district", "limit": 3, "cursor": first["next_cursor"]},
    ).json()
    codes = [b["code"] for b in first["items"] + rest["items"]]
    assert len(codes) == len(set(codes)) == 5
    assert rest["next_cursor"] == ""
    assert browser_of_office.get("/api/v1/organisations/bodies?kind=nonsense").status_code == 422


def test_api_resolves_a_name(browser_of_office: Client) -> None:
    BodyFactory(code="X", name="市商务局")
    url = "/api/v1/organisations/bodies/resolve"
    assert browser_of_office.get(url, {"name": "市商务局"}).json()["code"] == "X"
    unknown = browser_of_office.get(url, {"name": "市商局"}).json()
    assert (unknown["kind"], unknown["code"]) == ("unknown", "")
    assert unknown["suggestions"][0]["code"] == "X"


def test_rooms_above_add_edges_to_a_card(browser_of_office: Client, office: User) -> None:
    zone = ZoneFactory()

    def provider(user: User, obj: Zone) -> list[EdgeGroup]:
        return [EdgeGroup("任务", (Edge(f"任务 {obj.code}", "/x/"),)), EdgeGroup("空")]

    provide_edges("organisations.Zone", provider)
    provide_edges("organisations.Zone", provider)
    try:
        assert [g.title for g in edges_of(office, zone)] == ["任务"]
        assert f"任务 {zone.code}" in browser_of_office.get(f"{ZONES}{zone.code}/").content.decode()
    finally:
        from jingkai.core.register import edges

        edges._providers["organisations.zone"].remove(provider)


def test_a_file_is_attached_by_the_office_and_listed(browser_of_office: Client) -> None:
    body = BodyFactory()
    file = SimpleUploadedFile("批复.pdf", b"%PDF-1.4 test")
    browser_of_office.post(f"{BODIES}{body.code}/", {"file": file})
    assert "批复.pdf" in browser_of_office.get(f"{BODIES}{body.code}/").content.decode()
    reader = signed_in(UserFactory(role=Role.LEADER))
    assert reader.post(f"{BODIES}{body.code}/", {"file": file}).status_code == 403
