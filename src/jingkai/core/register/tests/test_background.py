"""Large files: one job judges, another writes; pages may be left and reloaded meanwhile."""

from __future__ import annotations

import io
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from jingkai.core.accounts.public import User
from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory, signed_in
from jingkai.core.audit.public import AuditEvent
from jingkai.core.jobs.public import Job, JobState, run_job
from jingkai.core.register import background
from jingkai.core.register.models import PendingImport
from jingkai.masterdata.organisations.tests.factories import BodyFactory

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/masterdata/organisations/bodies/import/"
LIST = "/masterdata/organisations/bodies/"
Body = BodyFactory._meta.model


def sheet(rows: list[list[Any]]) -> SimpleUploadedFile:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        page = made.add_worksheet("单位")
        for number, row in enumerate([["编码", "类型", "规范名称", "英文名称"], *rows]):
            page.write_row(number, 0, row)
    return SimpleUploadedFile("单位.xlsx", out.getvalue())


@pytest.fixture
def office() -> User:
    return UserFactory(role=Role.OFFICE)


@pytest.fixture
def browser(office: User, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(background, "LARGE_ROWS", 1)
    return signed_in(office)


def carry_out() -> Job:
    job = Job.objects.order_by("-created_at").first()
    assert job is not None
    run_job(job_id=str(job.pk))
    job.refresh_from_db()
    return job


def rows(count: int) -> list[list[Any]]:
    return [[f"N{n}", "部门", f"市{n}局", f"Body {n}"] for n in range(count)]


def test_judged_then_written_each_by_a_job(browser: Client) -> None:
    before = Body.objects.count()
    answer = browser.post(PAGE, {"file": sheet(rows(3))})
    job = Job.objects.get()
    assert answer["Location"] == f"/jobs/{job.pk}/"
    assert f"/jobs/{job.pk}/" in browser.get(PAGE).content.decode()  # progress, after any reload
    job = carry_out()
    assert (job.state, job.result_url) == (JobState.DONE, PAGE)
    assert Body.objects.count() == before
    shown = browser.get(PAGE).content.decode()
    assert "市2局" in shown
    digest = PendingImport.objects.get().digest
    browser.post(PAGE, {"confirm": digest})
    assert browser.post(PAGE, {"confirm": digest}).status_code == 422  # a yes counts once
    job = carry_out()
    assert (job.state, job.result_url, Job.objects.count()) == (JobState.DONE, LIST, 2)
    assert Body.objects.count() == before + 3
    assert not PendingImport.objects.exists()
    assert AuditEvent.objects.get(action="organisations.body.imported").row_count == 3
    assert browser.get(PAGE).status_code == 200


def test_problems_are_shown_where_the_file_was_sent(browser: Client) -> None:
    browser.post(PAGE, {"file": sheet([*rows(2), ["BAD", "部门", "", "Bad"]])})
    job = carry_out()
    assert (job.state, job.result_url) == (JobState.FAILED, PAGE)
    assert "单位!C4" in browser.get(PAGE).content.decode()
    assert "单位!C4" not in browser.get(f"{PAGE}?other=1").content.decode()
    assert not Body.objects.filter(code="N0").exists()


def test_a_right_taken_away_meanwhile_is_asked_for_again(browser: Client, office: User) -> None:
    browser.post(PAGE, {"file": sheet(rows(3))})
    carry_out()
    browser.post(PAGE, {"confirm": PendingImport.objects.get().digest})
    office.memberships.all().delete()
    job = carry_out()
    assert job.state == JobState.FAILED
    assert not Body.objects.filter(code="N0").exists()


def test_a_file_that_is_gone_is_said(browser: Client) -> None:
    browser.post(PAGE, {"file": sheet(rows(3))})
    PendingImport.objects.all().delete()
    job = carry_out()
    assert job.state == JobState.FAILED
    assert "重新" in job.message
