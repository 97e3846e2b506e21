"""Obligations for tests: a task with its whole and one share, people of the body, a calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from factory import LazyAttribute, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from jingkai.core.accounts.models import User
from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.delivery.policy.models import Document, KeyTask
from jingkai.delivery.supervision.ground import Ground
from jingkai.delivery.supervision.models import Obligation, ObligationKind, ObligationState
from jingkai.delivery.supervision.rulebook import Rulebook
from jingkai.masterdata.organisations.models import Body
from jingkai.masterdata.organisations.tests.factories import BodyFactory

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # Monday, 09:00 in Shenyang
TODAY = date(2026, 3, 2)
DUE = date(2026, 6, 30)


def at(day: date, hour: int = 1) -> datetime:
    """`day` at 09:00 local time."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def after(days: int) -> datetime:
    return NOW + timedelta(days=days)


class WeekCalendar:
    """Five-day weeks without holidays, for any year: what tests can count by hand."""

    def add_working_days(self, start: date, days: int) -> date:
        step = timedelta(days=1 if days >= 0 else -1)
        left = abs(days)
        while left:
            start += step
            left -= start.weekday() < 5
        return start

    def working_days_between(self, start: date, end: date) -> int:
        span = range(1, (end - start).days + 1)
        return sum((start + timedelta(days=n)).weekday() < 5 for n in span)


GROUND = Ground(WeekCalendar(), Rulebook())


class DocumentFactory(DjangoModelFactory):
    class Meta:
        model = Document

    code = Sequence(lambda n: f"policy-{n}")
    title = "落实意见"
    title_en = "Opinions"
    stage = "draft"
    version = "1"


class KeyTaskFactory(DjangoModelFactory):
    class Meta:
        model = KeyTask

    document = SubFactory(DocumentFactory)
    number = Sequence(lambda n: n + 1)
    code = Sequence(lambda n: f"task-{n}")
    group = 1
    group_title = "第一组"
    title = Sequence(lambda n: f"重点任务{n}")
    title_en = Sequence(lambda n: f"Key task {n}")
    goal = "目标"


class TaskObligationFactory(DjangoModelFactory):
    class Meta:
        model = Obligation

    kind = ObligationKind.TASK
    task = SubFactory(KeyTaskFactory)
    original_due_on = DUE
    due_on = DUE


class ShareFactory(DjangoModelFactory):
    class Meta:
        model = Obligation

    kind = ObligationKind.SHARE
    body = SubFactory(BodyFactory)
    parent = SubFactory(TaskObligationFactory)
    task = SelfAttribute("parent.task")
    original_due_on = DUE
    due_on = LazyAttribute(lambda row: row.original_due_on)


@dataclass(frozen=True)
class Cast:
    """A share and the people around it."""

    share: Obligation
    body: Body
    office: User
    leader: User
    clerk: User
    reviewer: User


def cast(state: str = ObligationState.ACTIVE, **fields: object) -> Cast:
    """A share in `state` (its whole task moved along), with one person per role."""
    share = ShareFactory(**fields)
    running = state not in (ObligationState.REGISTERED, ObligationState.WITHDRAWN)
    if running:
        whole_state = (
            ObligationState.ISSUED
            if state in (ObligationState.ISSUED, ObligationState.DISPUTED)
            else ObligationState.ACTIVE
        )
        Obligation.objects.filter(pk=share.parent_id).update(state=whole_state, issued_at=NOW)
        share.issued_at = NOW
        share.sign_by = date(2026, 3, 5)
    share.state = state
    if state == ObligationState.ACTIVE:
        share.signed_at = NOW
        share.next_report_due = share.next_report_due or date(2026, 3, 30)
    share.save()
    share = Obligation.objects.get(pk=share.pk)
    body = share.body
    assert body is not None
    return Cast(
        share=share,
        body=body,
        office=UserFactory(role=Role.OFFICE),
        leader=UserFactory(role=Role.LEADER),
        clerk=UserFactory(role=Role.DEPARTMENT_CLERK, body=body),
        reviewer=UserFactory(role=Role.DEPARTMENT_REVIEWER, body=body),
    )


def evidence(name: str = "证明.txt", text: str = "验收意见") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode(), content_type="text/plain")


def fresh(obligation: Obligation) -> Obligation:
    """The row as it stands now."""
    return Obligation.objects.get(pk=obligation.pk)
