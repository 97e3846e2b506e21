"""Two documents under supervision: their tasks have the same numbers and are told apart."""

from __future__ import annotations

import io

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from jingkai.core.accounts.models import User
from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory, signed_in
from jingkai.delivery.policy.models import KeyTask, Responsibility, StandingRule
from jingkai.delivery.supervision import services
from jingkai.delivery.supervision.models import Obligation
from jingkai.masterdata.organisations.tests.factories import BodyFactory

from .factories import DUE, NOW, DocumentFactory, KeyTaskFactory

pytestmark = pytest.mark.django_db
ROOT = "/delivery/supervision/"


@pytest.fixture
def office() -> User:
    return UserFactory(role=Role.OFFICE)


@pytest.fixture
def client(office: User) -> Client:
    return signed_in(office)


@pytest.fixture
def tasks(office: User) -> tuple[KeyTask, KeyTask]:
    """Task 1 of the first document and task 1 of a second one, both registered."""
    first = DocumentFactory(code="shenyang", title="沈阳意见")
    second = DocumentFactory(code="dalian", title="大连措施")
    one = KeyTaskFactory(document=first, number=1, code="task-1", title="沈阳第一项任务")
    two = KeyTaskFactory(document=second, number=1, code="dalian-task-1", title="大连第一项任务")
    for task in (two, one):
        Responsibility.objects.create(task=task, body=BodyFactory(), position=0)
        services.register_obligations(document=task.document, due_on=DUE, actor=office, now=NOW)
    return one, two


def page(client: Client, address: str) -> str:
    answer = client.get(f"{ROOT}{address}")
    assert answer.status_code == 200, address
    return str(answer.content.decode())


def test_an_old_address_leads_to_the_first_document(client: Client, tasks) -> None:
    assert "沈阳第一项任务" in page(client, "tasks/1/")
    assert "大连第一项任务" not in page(client, "tasks/1/")


def test_the_document_in_the_address_tells_tasks_apart(client: Client, tasks) -> None:
    shown = page(client, "tasks/1/?document=dalian")
    assert "大连第一项任务" in shown
    assert "大连措施" in shown
    assert client.get(f"{ROOT}tasks/1/?document=nowhere").status_code == 404


def test_the_list_shows_and_filters_the_document(client: Client, tasks) -> None:
    both = page(client, "?kind=task")
    assert f'href="{ROOT}tasks/1/"' in both
    assert f'href="{ROOT}tasks/1/?document=dalian"' in both
    assert "大连措施" in both
    one = page(client, "?kind=task&document=dalian")
    assert "大连第一项任务" in one
    assert "沈阳第一项任务" not in one


def test_one_document_is_not_named_on_every_line(client: Client, office: User) -> None:
    task = KeyTaskFactory(document=DocumentFactory(title="只此一件"), code="task-1", number=1)
    services.register_obligations(document=task.document, due_on=DUE, actor=office, now=NOW)
    assert "只此一件" not in page(client, "?kind=task")


def test_a_lead_is_assigned_to_the_task_of_the_document(client: Client, tasks) -> None:
    one, two = tasks
    body = two.responsibilities.get().body
    answer = client.post(
        f"{ROOT}tasks/1/roles/?document=dalian", {"lead_body": body.pk, "reason": "职责所在"}
    )
    assert answer["Location"] == f"{ROOT}tasks/1/?document=dalian"
    assert Obligation.objects.get(kind="task", task=two).body == body
    assert Obligation.objects.get(kind="task", task=one).body is None


def test_export_and_api_name_the_document(client: Client, tasks) -> None:
    sheet = client.get(f"{ROOT}?kind=task&format=xlsx")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(sheet.content))
    words = {str(cell) for row in rows.get_sheet_by_index(0).to_python() for cell in row}
    assert {"沈阳意见", "大连措施"} <= words
    found = client.get("/api/v1/supervision/obligations?kind=task&document=dalian").json()
    assert [(row["document"], row["task"]) for row in found["items"]] == [("dalian", 1)]


def test_the_office_puts_a_document_under_supervision(client: Client, office: User) -> None:
    document = DocumentFactory(code="dalian", title="大连措施")
    task = KeyTaskFactory(document=document, number=1, code="dalian-task-1")
    Responsibility.objects.create(task=task, body=BodyFactory(), position=0)
    zones = StandingRule.objects.create(
        document=document, code="dalian-R1", title="均由各区落实", place="1", binds_tasks=True
    )
    zones.bodies.add(BodyFactory())
    other = StandingRule.objects.create(
        document=document, code="dalian-R2", title="自查", place="1"
    )
    other.bodies.add(BodyFactory())
    assert "大连措施" in page(client, "issue/")

    answer = client.post(f"{ROOT}register/", {"document": "dalian", "due_on": "2027-06-30"})
    assert answer["Location"] == f"{ROOT}issue/"
    assert Obligation.objects.filter(task=task, kind="share").count() == 2
    again = client.post(
        f"{ROOT}register/", {"document": "dalian", "due_on": "2027-06-30"}, follow=True
    )
    assert "均已登记" in again.content.decode()
    assert Obligation.objects.filter(task=task).count() == 3


def test_registering_is_refused_beside_the_form_and_to_others(client: Client, tasks) -> None:
    refused = client.post(f"{ROOT}register/", {"document": "nowhere", "due_on": ""})
    assert refused.status_code == 422
    assert "field-error" in refused.content.decode()
    leader = signed_in(UserFactory(role=Role.LEADER))
    answer = leader.post(f"{ROOT}register/", {"document": "dalian", "due_on": "2027-06-30"})
    assert answer.status_code == 403
