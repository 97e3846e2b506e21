"""Two months of returns in every state, told through the services people use, the clock moved.

September is published; of October most is verified, the rest stands at somebody's desk.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from django.core.files.uploadedfile import SimpleUploadedFile

from jingkai.core.accounts.public import Role, User
from jingkai.delivery.reporting import public as reporting
from jingkai.engine.periods import Period

from .figures import LAST, figures

SEPTEMBER: Final = "2026-09"
OCTOBER: Final = LAST.code
OPENED: Final = {
    SEPTEMBER: datetime(2026, 10, 8, 1, tzinfo=UTC),
    OCTOBER: datetime(2026, 11, 2, 1, tzinfo=UTC),
}
SOURCES: Final = ("CUSTOMS_MONTHLY", "COMMERCE_MONTHLY")
STATISTICS: Final = "STATISTICS_MONTHLY"
ZONES: Final = "ZONE_MONTHLY"
UNTOUCHED: Final = frozenset({"LIAOZHONG", "FAKU"})  # October is not begun: late
WAITING: Final = "KANGPING"  # signed, waits for verification
MENDING: Final = "XINMIN"  # one cell came back
EXPLAINED: Final = (
    "演示说明：项目集中入统，附佐证材料。",
    "演示说明：上年同期基数偏低，已与统计部门核对。",
    "演示说明：龙头企业订单集中交付，附企业报表。",
)
SURPRISING: Final = frozenset({(WAITING, OCTOBER), (MENDING, OCTOBER)})
SURPRISE: Final = Decimal("2.5")
"""Months that are unusual and right: explained, and not verified yet."""
SLIPS: Final = (Decimal(10_000), Decimal(10), Decimal("0.1"), Decimal(-1))
"""Ordinary mistakes of entry: the unit below, a digit too many or too few, a sign."""

Values = Mapping[tuple[str, str, str], Decimal]
"""By indicator, scope and period."""


def file_returns(people: Mapping[str, User], zones: Sequence[str], *, now: datetime) -> None:
    """Open, fill, send, sign, verify, return and publish; reminders and late marks last."""
    cast = _cast(people)
    values = {
        (row.indicator, row.scope, row.period.code): row.value
        for row in figures(zones, withheld=True)
    }
    office = people["office"]
    for period, opened in OPENED.items():
        stage = _Stage(period, opened, values, cast, office)
        for code in (*SOURCES, *((STATISTICS,) if period == OCTOBER else ())):
            stage.collect(code)
        campaign = stage.collect(ZONES, leave=UNTOUCHED if period == OCTOBER else frozenset())
        waiting = {WAITING, MENDING} if period == OCTOBER else set()
        stage.verify(campaign, leave=waiting)
        if period == SEPTEMBER:
            reporting.publish_campaign(
                campaign_id=campaign.pk, actor=office, now=opened + timedelta(days=9)
            )
        else:
            stage.send_one_back(campaign)
    reporting.daily_tick(now=now)


@dataclass(frozen=True)
class _People:
    clerk: User
    head: User


def _cast(people: Mapping[str, User]) -> dict[int, _People]:
    """Who fills and who signs for each body."""
    roles: dict[int, dict[str, User]] = {}
    for user in people.values():
        for membership in user.memberships.all():
            roles.setdefault(membership.body_id, {})[membership.role] = user
    found: dict[int, _People] = {}
    for body_id, held in roles.items():
        clerk = held.get(Role.ZONE_CLERK) or held.get(Role.DEPARTMENT_CLERK)
        head = held.get(Role.ZONE_LEADER) or held.get(Role.DEPARTMENT_REVIEWER)
        if clerk is not None and head is not None:
            found[body_id] = _People(clerk, head)
    return found


@dataclass(frozen=True)
class _Stage:
    """One month."""

    period: str
    opened: datetime
    values: Values
    cast: Mapping[int, _People]
    office: User

    def collect(self, code: str, leave: frozenset[str] = frozenset()) -> reporting.Campaign:
        """Open a form and let everybody fill, send and sign it, but those in `leave`."""
        form = reporting.Form.objects.get(code=code)
        campaign = reporting.open_campaign(
            form_id=form.pk, period=self.period, actor=self.office, now=self.opened
        )
        rows = campaign.returns.select_related("zone").order_by("pk")
        for turn, row in enumerate(rows):
            if row.zone is not None and row.zone.code in leave:
                continue
            at = self.opened + timedelta(days=1 + turn % 4, minutes=7 * turn)
            self._mistype(row, turn, at - timedelta(minutes=20))
            self._fill(row, at)
        return campaign

    def _mistype(self, row: reporting.Return, turn: int, at: datetime) -> None:
        """Two out of three clerks slip in a figure or two, and mend what the rules then doubt."""
        figures = [
            (cell, value)
            for cell in row.cells.select_related("indicator").order_by("pk")
            if not cell.part and (value := self._value(cell))
        ]
        if not figures or turn % 3 == 2:
            return
        chosen = dict(figures[(turn * 5 + n * 7) % len(figures)] for n in range(2))
        reporting.save_cells(
            return_id=row.pk,
            changes=[
                reporting.CellChange(
                    cell.pk, round(value * SLIPS[(turn + n) % len(SLIPS)], cell.indicator.decimals)
                )
                for n, (cell, value) in enumerate(chosen.items())
            ],
            actor=self.cast[row.body_id].clerk,
            now=at,
            origin=reporting.CellOrigin.TYPED,
        )

    def _fill(self, row: reporting.Return, at: datetime) -> None:
        staff = self.cast[row.body_id]
        cells = list(row.cells.select_related("indicator"))
        changes = [
            reporting.CellChange(
                cell.pk,
                value := self._value(cell),
                absence="" if value is not None else "missing",
            )
            for cell in cells
        ]
        result = reporting.save_cells(
            return_id=row.pk,
            changes=changes,
            actor=staff.clerk,
            now=at,
            origin=reporting.CellOrigin.TYPED,
        )
        proved: set[int] = set()
        for finding in result.judgement.open:
            reporting.explain(
                cell_id=finding.cell_id,
                rule=finding.rule,
                text=EXPLAINED[finding.cell_id % len(EXPLAINED)],
                actor=staff.clerk,
                now=at,
            )
            if finding.cell_id not in proved:
                proved.add(finding.cell_id)
                proof = SimpleUploadedFile(
                    f"佐证-{finding.cell_id}.txt",
                    f"演示数据：{row.pk}-{finding.cell_id}".encode(),
                    content_type="text/plain",
                )
                reporting.attach_evidence(
                    cell_id=finding.cell_id, upload=proof, actor=staff.clerk, now=at
                )
        reporting.submit_return(return_id=row.pk, actor=staff.clerk, now=at)
        reporting.sign_return(return_id=row.pk, actor=staff.head, now=at + timedelta(hours=3))

    def _value(self, cell: reporting.Cell) -> Decimal | None:
        """The synthetic figure; for the month's own figure the difference of two totals."""
        code, scope = cell.indicator.code, cell.scope
        value = self.values.get((code, scope, self.period))
        before = self.values.get((code, scope, Period.parse(self.period).previous().code))
        if value is None or before is None:
            return None if cell.part else value
        if (scope, self.period) in SURPRISING and cell.indicator.value_mode == "ytd":
            value = round(before + (value - before) * SURPRISE, cell.indicator.decimals)
        return value - before if cell.part else value

    def _cells(
        self, campaign: reporting.Campaign, state: reporting.CellState
    ) -> list[reporting.Cell]:
        return list(
            reporting.Cell.objects.filter(in_return__campaign=campaign, state=state)
            .select_related("indicator", "item")
            .order_by("indicator__position", "pk")
        )

    def verify(self, campaign: reporting.Campaign, leave: Iterable[str]) -> None:
        """Each compiling department verifies its indicators across the zones."""
        groups: dict[int, list[int]] = {}
        for cell in self._cells(campaign, reporting.CellState.SIGNED):
            body_id = cell.item.verifier_id or cell.indicator.compiler_id
            if cell.scope not in leave and body_id is not None:
                groups.setdefault(body_id, []).append(cell.pk)
        for turn, (body_id, ids) in enumerate(sorted(groups.items())):
            reporting.verify_cells(
                cell_ids=ids,
                actor=self.cast[body_id].head,
                now=self.opened + timedelta(days=7, minutes=11 * turn),
            )

    def send_one_back(self, campaign: reporting.Campaign) -> None:
        """The statistics bureau returns one investment figure."""
        cell = next(
            cell
            for cell in self._cells(campaign, reporting.CellState.SIGNED)
            if cell.scope == MENDING and cell.indicator.code == "FAI" and not cell.part
        )
        assert cell.indicator.compiler_id is not None
        reporting.return_cells(
            cell_ids=[cell.pk],
            code="source",
            text="与统计部门核算数差距较大，请核对新开工项目的入统时间。",
            actor=self.cast[cell.indicator.compiler_id].head,
            now=self.opened + timedelta(days=8),
        )
