"""Pages, exports and API: with and without htmx, in both languages, and closed to outsiders."""

from __future__ import annotations

import io
import json
import re

import pytest
from python_calamine import CalamineWorkbook

from jingkai.core.accounts.roles import OFFICIALS, Role
from jingkai.core.accounts.tests.factories import UserFactory, signed_in
from jingkai.core.audit.models import AuditEvent
from jingkai.delivery.policy.models import Clause, Conflict, KeyTask
from jingkai.delivery.policy.tests.factories import ConflictFactory, shenyang_document
from jingkai.masterdata.organisations.models import Body

ROOT = "/delivery/policy/"
PAGES = [
    "",
    "measures/17/",
    "clauses/",
    "clauses/m01.c01/",
    "tasks/",
    "tasks/21/",
    "bodies/COMMERCE/",
    "graph/",
    "graph/?measure=1",
    "matrix/",
    "conflicts/",
    "conflicts/C01/",
]
LISTS = ["measures", "tasks", "conflicts", "documents", "graph"]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def document(db):
    return shenyang_document()


@pytest.fixture
def office(db):
    return signed_in(UserFactory(role=Role.OFFICE, name="王敏"))


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_open_in_both_languages(document, office, page: str, language: str) -> None:
    office.cookies["django_language"] = language
    answer = office.get(ROOT + page)

    assert answer.status_code == 200
    text = answer.content.decode()
    assert 'style="' not in text
    assert "<script>" not in text
    heading = re.search(r"<h1>(.*?)</h1>", text, re.S)[1]
    assert re.search("[a-z]{4}", heading) if language == "en" else re.search("[一-鿿]", heading)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", [r for r in Role if r not in OFFICIALS])
def test_outsiders_get_nothing(document, page: str, role: Role) -> None:
    assert signed_in(UserFactory(role=role)).get(ROOT + page).status_code == 404


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.django_db
def test_api_is_closed_to_outsiders(name: str) -> None:
    answer = signed_in(UserFactory(role=Role.INSPECTOR)).get(f"/api/v1/policy/{name}")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["", "clauses/", "tasks/", "graph/", "matrix/", "conflicts/"])
def test_empty_house_says_what_to_do(office, page: str) -> None:
    answer = office.get(ROOT + page)
    assert answer.status_code == 200
    assert "empty-state" in answer.content.decode()


@pytest.mark.parametrize(
    "page",
    [
        "clauses/?q=碳",
        "conflicts/?severity=high",
        "graph/?task=9",
        "clauses/m01.c01/",
        "conflicts/C01/",
    ],
)
def test_htmx_gets_the_fragment_alone(document, office, page: str) -> None:
    whole = office.get(ROOT + page)
    piece = office.get(ROOT + page, headers=HTMX)

    assert "<html" in whole.content.decode()
    assert "<html" not in piece.content.decode()
    assert "HX-Request" in piece["Vary"]


@pytest.mark.parametrize(
    "page", ["measures/77/", "clauses/none/", "tasks/77/", "bodies/NONE/", "conflicts/C99/"]
)
def test_what_is_not_there_is_404(document, office, page: str) -> None:
    assert office.get(ROOT + page).status_code == 404


def test_clause_shows_its_sentence_only_when_imported(document, office) -> None:
    clause = Clause.objects.get(code="m01.c02")
    assert "尚无原文" in office.get(f"{ROOT}clauses/m01.c02/").content.decode()
    clause.sentence = "某某负责"
    clause.save()
    text = office.get(f"{ROOT}clauses/m01.c02/", headers=HTMX).content.decode()
    assert "某某负责" in text
    assert "尚无原文" not in text


def test_map_page_holds_the_whole_document(document, office) -> None:
    text = office.get(ROOT).content.decode()
    assert len(re.findall(r'id="measure-\d+"', text)) == 19
    assert all(f'id="{code}"' in text for code in Clause.objects.values_list("code", flat=True))


def test_graph_option_is_json_with_every_node(document, office) -> None:
    answer = office.get(f"{ROOT}graph/")
    found = re.search(
        r'id="policy-graph-data" type="application/json">(.*?)</script>',
        answer.content.decode(),
        re.S,
    )
    series = json.loads(found[1])["series"][0]
    assert (len(series["data"]), series["layout"]) == (77, "none")
    assert all(node["url"].startswith(ROOT) for node in series["data"])


def _sheet(answer):
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0)
    return [
        row for row in rows.to_python(skip_empty_area=True) if any(cell != "" for cell in row[1:])
    ]


@pytest.mark.parametrize(
    ("page", "rows"), [("clauses/", 102), ("tasks/", 23), ("matrix/", 35), ("conflicts/", 28)]
)
def test_lists_leave_as_excel_and_are_logged(document, office, page: str, rows: int) -> None:
    found = _sheet(office.get(f"{ROOT}{page}?format=xlsx"))
    csv = office.get(f"{ROOT}{page}?format=csv").content.decode("utf-8-sig").splitlines()

    assert (len(found), len(csv)) == (rows + 1, rows + 1)
    assert set(
        AuditEvent.objects.filter(action="list.exported").values_list("row_count", flat=True)
    ) == {rows}


def test_deciding_without_javascript(document, office) -> None:
    url = f"{ROOT}conflicts/C01/"
    answer = office.post(url + "decide/", {"chosen": "s2", "reason": "以附件1为准"}, follow=True)

    assert answer.redirect_chain == [(url, 302)]
    text = answer.content.decode()
    assert "statement-chosen" in text
    assert "以附件1为准" in text
    assert "王敏" in text
    again = office.post(url + "decide/", {"chosen": "s1", "reason": "以正文为准"})
    assert again.status_code == 409
    assert "王敏" in again.content.decode()
    back = office.post(url + "reopen/", {"reason": "重议"}, follow=True)
    assert 'name="chosen"' in back.content.decode()


def test_deciding_with_htmx_keeps_what_was_typed(document, office) -> None:
    url = f"{ROOT}conflicts/C01/decide/"
    refused = office.post(url, {"chosen": "s9", "reason": "我的理由"}, headers=HTMX)
    assert refused.status_code == 422
    assert "我的理由" in refused.content.decode()
    done = office.post(url, {"chosen": "s1", "reason": "我的理由"}, headers=HTMX)
    assert (done.status_code, "<html" in done.content.decode()) == (200, False)
    assert Conflict.objects.get(code="C01").chosen == "s1"


def test_others_see_why_they_may_not_decide_or_assign(document) -> None:
    leader = signed_in(UserFactory(role=Role.LEADER))
    text = leader.get(f"{ROOT}conflicts/C01/").content.decode()
    assert "由领导小组办公室裁定" in text
    assert "<textarea" not in text
    assert "由领导小组办公室指派" in leader.get(f"{ROOT}tasks/9/").content.decode()
    refused = leader.post(f"{ROOT}conflicts/C01/decide/", {"chosen": "s1", "reason": "x"})
    assert refused.status_code == 403


def test_assigning_roles_on_a_page(document, office) -> None:
    url = f"{ROOT}tasks/9/"
    drc, transport = Body.objects.get(code="DRC"), Body.objects.get(code="TRANSPORT")
    given = {"lead": drc.pk, "assist": [transport.pk], "reason": "会议议定"}

    missing = office.post(url + "roles/", given | {"reason": ""})
    assert missing.status_code == 422
    nonsense = office.post(url + "roles/", given | {"assist": ["x"]})
    assert nonsense.status_code == 422
    done = office.post(url + "roles/", given, follow=True)
    assert done.redirect_chain == [(url, 302)]
    text = done.content.decode()
    assert "会议议定" in text
    assert "未明确" in text  # what the document says stays beside it
    assert KeyTask.objects.get(number=9).responsibilities.get(role="lead").body == drc
    matrix = office.get(f"{ROOT}matrix/").content.decode()
    assert "牵1" in matrix.replace("\n", "")
    office.post(url + "roles/", {"remove": "1", "reason": "撤回"})
    assert not KeyTask.objects.get(number=9).responsibilities.exclude(role="unspecified").exists()
    clause = office.post(f"{ROOT}clauses/m09.c01/roles/", given)
    assert clause.status_code == 302


def test_api_gives_the_document(document, office) -> None:
    measures = office.get("/api/v1/policy/measures").json()
    assert len(measures["items"]) == 19
    assert sum(len(m["clauses"]) for m in measures["items"]) == 102
    first = office.get("/api/v1/policy/measures?limit=7").json()
    rest = office.get(f"/api/v1/policy/measures?cursor={first['next_cursor']}").json()
    assert [m["number"] for m in first["items"] + rest["items"]] == list(range(1, 20))
    tasks = office.get("/api/v1/policy/tasks").json()["items"]
    assert [t["number"] for t in tasks] == list(range(1, 24))
    assert tasks[8]["bodies"][0] | {"reason": ""} == {
        "body": "DRC",
        "name": "市发展改革委",
        "role": "unspecified",
        "assigned_by": "document",
        "document_says": "unspecified",
        "assigned_at": None,
        "reason": "",
    }
    graph = office.get("/api/v1/policy/graph").json()
    assert len(graph["nodes"]) == 19 + 102 + 23 + 35
    assert office.get("/api/v1/policy/graph?detail=false&measure=1").json()["detail"] is False
    (only,) = office.get("/api/v1/policy/documents").json()["items"]
    assert only["code"] == "shenyang"
    assert len(_sheet(office.get("/api/v1/policy/measures?format=xlsx"))) == 103
    assert office.get("/api/v1/policy/measures?cursor=x").status_code == 422


def test_api_decides_conflicts(document, office) -> None:
    url = "/api/v1/policy/conflicts/C06"
    shown = office.get(url).json()
    bases = [round(float(step["result"])) for step in shown["arithmetic"][:2]]
    assert bases == [311, 318]

    def post(path: str, **body: str):
        return office.post(url + path, json.dumps(body), content_type="application/json")

    assert post("/decide", chosen="s1", reason="").status_code == 422
    done = post("/decide", chosen="s1", reason="以2028年栏为准").json()
    assert (done["state"], done["chosen"], done["decided_by"]) == ("decided", "s1", "王敏")
    late = post("/decide", chosen="s2", reason="以2030年栏为准")
    assert (late.status_code, late["Content-Type"]) == (409, "application/problem+json")
    assert "王敏" in late.json()["detail"]
    assert len(office.get("/api/v1/policy/conflicts?state=open").json()["items"]) == 27
    assert post("/reopen", reason="重议").json()["state"] == "open"


def test_api_assigns_roles(document, office) -> None:
    url = "/api/v1/policy/tasks/9/roles"

    def post(where: str, body):
        return office.post(where, json.dumps(body), content_type="application/json")

    done = post(url, {"lead": "DRC", "assist": ["TRANSPORT"], "reason": "议定"}).json()
    assert [(b["body"], b["role"], b["document_says"]) for b in done["bodies"]] == [
        ("DRC", "lead", "unspecified"),
        ("TRANSPORT", "assist", "unspecified"),
    ]
    assert post(url, {"lead": "NOBODY", "reason": "议定"}).status_code == 422
    assert post(url, {"reason": "撤回"}).status_code == 200
    assert post(url, {"reason": "撤回"}).status_code == 409
    clause = post("/api/v1/policy/clauses/m09.c01/roles", {"lead": "COMMERCE", "reason": "议定"})
    assert clause.json()["code"] == "m09.c01"
    leader = signed_in(UserFactory(role=Role.LEADER))
    refused = leader.post(
        url, json.dumps({"lead": "NOBODY", "reason": "x"}), content_type="application/json"
    )
    assert refused.status_code == 403


@pytest.mark.parametrize("size", [1, 20])
def test_conflict_pages_cost_the_same(office, size: int, django_assert_max_num_queries) -> None:
    for _ in range(size):
        ConflictFactory()
    with django_assert_max_num_queries(15):
        office.get(f"{ROOT}conflicts/")


def test_pages_stay_in_their_budget(document, office, django_assert_max_num_queries) -> None:
    for page in PAGES:
        with django_assert_max_num_queries(15):
            office.get(ROOT + page)
