"""A year of supervision in every state, told through the services people use, the clock moved.

Deterministic: who is late, who disputes and who is done follows from the task's number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.core.files.uploadedfile import SimpleUploadedFile

from jingkai.core.accounts.public import Role, User
from jingkai.delivery.indicators import public as indicators
from jingkai.delivery.policy import public as policy
from jingkai.delivery.reporting import public as reporting
from jingkai.delivery.supervision import public as supervision

START: Final = datetime(2026, 6, 29, 2, tzinfo=UTC)
ZONES_START: Final = datetime(2026, 10, 12, 2, tzinfo=UTC)
ROUNDS: Final = tuple(date(2026, 7, 22) + timedelta(days=14 * n) for n in range(9))
LAST_ROUND: Final = date(2026, 11, 6)
DUE: Final = {
    3: date(2026, 10, 20),
    10: date(2026, 9, 30),
    14: date(2026, 11, 26),
    17: date(2026, 10, 15),
    12: date(2026, 10, 31),
    8: date(2026, 9, 30),
}
LATER: Final = date(2026, 12, 31)
DONE: Final = frozenset({8, 12})
SLOW: Final = frozenset({3, 10, 17})
BEHIND: Final = frozenset({6, 15})
FOR_ZONES: Final = frozenset({1, 21})
MEETINGS: Final = (
    (datetime(2026, 9, 23, 1, 30, tzinfo=UTC), "九月调度会（演示）"),
    (datetime(2026, 10, 28, 1, 30, tzinfo=UTC), "十月调度会（演示）"),
)


def tell(people: Mapping[str, User], *, now: datetime) -> None:
    """Register, issue, sign, report, review, extend, urge, complete and close."""
    office = people["office"]
    document = policy.Document.objects.order_by("pk").first()
    assert document is not None
    cast = _Cast(people)
    supervision.register_obligations(document=document, due_on=LATER, actor=office, now=START)
    _assign_leads(office)
    departments, zones = _shares()
    _issue(departments, office, START)
    _sign(departments, cast, START)
    before, after = ROUNDS[:7], ROUNDS[7:]
    for day in before:
        supervision.daily_tick(now=_at(day - timedelta(days=1)))
        _report(departments, cast, day)
    _issue(zones, office, ZONES_START)
    _sign(zones, cast, ZONES_START)
    _finish(departments, cast, office, people["leader"])
    for held_at, title in MEETINGS:
        supervision.record_meeting(title=title, held_at=held_at, actor=office, now=held_at)
    supervision.daily_tick(now=datetime(2026, 10, 27, 20, tzinfo=UTC))
    _after_the_meeting(departments, cast, office)
    for day in after:
        _report(departments, cast, day)
    _report(zones, cast, LAST_ROUND)
    supervision.daily_tick(now=now)
    _voices(people, now)


def _at(day: date, hour: int = 3) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


class _Cast:
    """Who prepares and who signs for each body."""

    def __init__(self, people: Mapping[str, User]) -> None:
        self._by_body: dict[int, dict[str, User]] = {}
        for user in people.values():
            for membership in user.memberships.all():
                self._by_body.setdefault(membership.body_id, {})[membership.role] = user

    def clerk(self, body_id: int) -> User | None:
        roles = self._by_body.get(body_id, {})
        return roles.get(Role.DEPARTMENT_CLERK) or roles.get(Role.ZONE_CLERK)

    def head(self, body_id: int) -> User | None:
        roles = self._by_body.get(body_id, {})
        return roles.get(Role.DEPARTMENT_REVIEWER) or roles.get(Role.ZONE_LEADER)


def _assign_leads(office: User) -> None:
    for task in policy.KeyTask.objects.filter(number__in=(4, 5, 9, 17, 19)).order_by("number"):
        bodies = [r.body_id for r in task.responsibilities.order_by("position")]
        supervision.assign_roles(
            task_id=task.pk,
            lead_body_id=bodies[0],
            assist_body_ids=bodies[1:],
            reason="演示：按三定职责指定牵头单位",
            actor=office,
            now=START,
        )


def _shares() -> tuple[list[supervision.Obligation], list[supervision.Obligation]]:
    """The shares that the document names: of departments, and of districts and zones."""
    named = set(
        policy.Responsibility.objects.filter(task__isnull=False).values_list("task_id", "body_id")
    )
    departments, zones = [], []
    for share in (
        supervision.Obligation.objects.filter(kind="share")
        .select_related("task", "body")
        .order_by("task__number", "pk")
    ):
        if (share.task_id, share.body_id) in named:
            departments.append(share)
        elif share.task.number in FOR_ZONES:
            zones.append(share)
    return departments, zones


def _issue(shares: Iterable[supervision.Obligation], office: User, now: datetime) -> None:
    by_due: dict[date, list[int]] = {}
    for share in shares:
        by_due.setdefault(DUE.get(share.task.number, LATER), []).append(share.pk)
    for due_on, ids in sorted(by_due.items()):
        supervision.issue_many(obligation_ids=ids, due_on=due_on, actor=office, now=now)


def _sign(shares: Iterable[supervision.Obligation], cast: _Cast, now: datetime) -> None:
    for share in shares:
        assert share.body is not None  # a share, not the whole task
        head = cast.head(share.body.pk)
        when = now + timedelta(days=1 + share.pk % 2)
        if head is None or (share.task.number, share.body.code) == (9, "TRANSPORT"):
            continue  # one share stays unsigned, and turns yellow for it
        if (share.task.number, share.body.code) == (19, "MARKET"):
            supervision.dispute(
                obligation_id=share.pk,
                actor=head,
                now=when,
                reason="演示：电力接入投资界面事项主要由供电公司与发改部门承担",
            )
            continue
        supervision.sign(obligation_id=share.pk, actor=head, now=when)


def _report(shares: Iterable[supervision.Obligation], cast: _Cast, day: date) -> None:
    for share in shares:
        share.refresh_from_db()
        clerk, head = cast.clerk(share.body_id or 0), cast.head(share.body_id or 0)
        if share.state != "active" or clerk is None or head is None:
            continue
        number = share.task.number
        due = share.next_report_due
        if due is not None and due > day + timedelta(days=13):
            continue
        if number in SLOW:
            if day.isocalendar().week % 4 < 2:
                continue  # leaves every other report undone until it is late
            progress = _expected(share, day) * 6 // 10
        elif number in BEHIND:
            progress = _expected(share, day) * 8 // 10
        else:
            progress = _expected(share, day + timedelta(days=24))
        when = day
        report = supervision.report_progress(
            obligation_id=share.pk,
            progress=max(progress, share.progress),
            actor=clerk,
            now=_at(when),
            text=f"演示：第{number}项任务按计划推进，已完成{progress}%",
            next_step="演示：推进下一阶段工作",
            problems="演示：前期手续办理慢于计划" if number in SLOW else "",
        )
        supervision.review_report(
            report_id=report.pk, accept=True, actor=head, now=_at(when, 6), note="演示：已核"
        )


def _expected(share: supervision.Obligation, day: date) -> int:
    assert share.issued_at is not None
    began = share.issued_at.date()
    return min(96, 100 * (day - began).days // max(1, (share.due_on - began).days))


def _finish(
    shares: Iterable[supervision.Obligation], cast: _Cast, office: User, leader: User
) -> None:
    """Two tasks are completed with evidence; the struck-off one stays late in the record."""
    for share in shares:
        if share.task.number not in DONE:
            continue
        clerk, head = cast.clerk(share.body_id or 0), cast.head(share.body_id or 0)
        if clerk is None or head is None:
            continue
        day = date(2026, 10, 14 if share.task.number == 8 else 22)
        evidence = SimpleUploadedFile(
            f"办结材料-任务{share.task.number}.txt", f"演示办结材料 {share.pk}".encode()
        )
        report = supervision.claim_completion(
            obligation_id=share.pk,
            text="演示：目标任务全部完成，申请办结",
            evidence=[evidence],
            actor=clerk,
            now=_at(day),
        )
        supervision.endorse_completion(report_id=report.pk, actor=head, now=_at(day, 5))
        supervision.review_report(
            report_id=report.pk, accept=True, actor=office, now=_at(day, 8), note="演示：同意办结"
        )
        if share.task.number == 8:
            supervision.close(obligation_id=share.pk, actor=office, now=_at(day, 9))
            _strike_off(share.parent_id or 0, office, leader, _at(day, 10))


def _strike_off(whole_id: int, office: User, leader: User, now: datetime) -> None:
    """A whole task whose goal has no figure of its own: the leader lets it go without."""
    supervision.conclude(obligation_id=whole_id, actor=office, now=now)
    supervision.exempt_from_figure(
        obligation_id=whole_id, reason="演示：机制类任务，无对应数据", actor=leader, now=now
    )
    supervision.close(obligation_id=whole_id, actor=office, now=now)


def _after_the_meeting(shares: Iterable[supervision.Obligation], cast: _Cast, office: User) -> None:
    """What the office finds since the last meeting."""
    for share in shares:
        share.refresh_from_db()
        clerk, head = cast.clerk(share.body_id or 0), cast.head(share.body_id or 0)
        if clerk is None or head is None or share.state != "active":
            continue
        number = share.task.number
        if number == 14:
            supervision.request_extension(
                obligation_id=share.pk,
                to_date=date(2026, 12, 15),
                actor=head,
                reason="演示：省级计划指标下达晚于预期",
                now=_at(date(2026, 10, 29)),
            )
        if number == 17:
            supervision.urge(
                obligation_id=share.pk,
                text="演示：请说明分布式光伏项目进度滞后的原因和补救措施",
                actor=office,
                now=_at(date(2026, 11, 3)),
            )
        if number == 5 and share.pk % 2:
            report = supervision.report_progress(
                obligation_id=share.pk,
                progress=78,
                actor=clerk,
                now=_at(date(2026, 11, 18)),
                text="演示：新增备案中试基地，材料待补充",
                period="2026-11",
            )
            if share.body is not None and share.body.code == "SCITECH":
                supervision.review_report(
                    report_id=report.pk,
                    accept=False,
                    actor=head,
                    now=_at(date(2026, 11, 19)),
                    note="演示：缺少备案文件，请补充",
                )


def _voices(people: Mapping[str, User], now: datetime) -> None:
    """A person's judgement beside the rule, and two corrections after the fact."""
    office = people["office"]
    series = indicators.Series.objects.select_related("indicator").get(
        indicator__code="BUDGET_REV", scope="EDZ"
    )
    indicators.judge(
        series=series,
        period="2026-10",
        light=indicators.Light.YELLOW,
        actor=office,
        now=now,
        reason="演示：土地出让滞后，预计12月集中入库",
    )
    wrong = indicators.CurrentValue.objects.select_related("series").get(
        series__indicator__code="TRADE", series__scope="LIAOZHONG", period="2026-09"
    )
    slip = reporting.request_correction(
        series_id=wrong.series_id,
        period="2026-09",
        new_value=wrong.value - 1,
        code="error",
        reason="演示：一票报关单重复计入，予以更正",
        actor=people["zone-clerk"],
        now=now,
    )
    reporting.approve_correction(
        correction_id=slip.pk, actor=people["customs-reviewer"], now=now, answer="演示：已核对"
    )
