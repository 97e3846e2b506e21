"""Scenes for corrections: published figures of five zones, and a return that is still open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from jingkai.core.accounts.models import User
from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.delivery.indicators.light_rules import thresholds_from
from jingkai.delivery.indicators.models import CurrentValue, Series
from jingkai.delivery.indicators.tests.factories import THRESHOLDS
from jingkai.delivery.indicators.tests.scenes import Scene, indicator_scene
from jingkai.delivery.reporting.models import (
    Campaign,
    CampaignState,
    Cell,
    CellState,
    Correction,
    Form,
    FormItem,
    FormVersion,
    Return,
    VersionState,
)
from jingkai.delivery.reporting.services.corrections import request_correction

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
PERIOD = "2026-09"


@dataclass(frozen=True, slots=True)
class Cast:
    """The figures and one person for each part in a correction; `zone` is the second of five."""

    scene: Scene
    clerk: User
    zone_leader: User
    stranger: User
    stat_clerk: User
    reviewer: User
    office: User
    leader: User

    def series(self, scope: str = "") -> Series:
        return self.scene.series(scope or self.scene.zones[1].code)

    def current(self, scope: str = "", period: str = PERIOD) -> CurrentValue:
        return CurrentValue.objects.get(series=self.series(scope), period=period)

    def ask(self, value: str = "40", *, by: User | None = None, period: str = PERIOD) -> Correction:
        return request_correction(
            series_id=self.series().pk,
            period=period,
            new_value=Decimal(value),
            code="error",
            reason="漏报两家企业",
            actor=by or self.clerk,
            now=NOW,
        )


def correction_cast(*, zones: int = 5) -> Cast:
    """Zone k's running total of month m of 2026 is 2·k·m, so the second's September is 36."""
    scene = indicator_scene(zones=zones)
    body, compiler = scene.zones[1].committee, scene.indicator.compiler
    return Cast(
        scene,
        clerk=UserFactory(role=Role.ZONE_CLERK, body=body),
        zone_leader=UserFactory(role=Role.ZONE_LEADER, body=body),
        stranger=UserFactory(role=Role.ZONE_CLERK, body=scene.zones[0].committee),
        stat_clerk=UserFactory(role=Role.DEPARTMENT_CLERK, body=compiler),
        reviewer=UserFactory(role=Role.DEPARTMENT_REVIEWER, body=compiler),
        office=scene.office,
        leader=UserFactory(role=Role.LEADER),
    )


@contextmanager
def judged_in_english() -> Iterator[None]:
    """Light thresholds as an installation has them, and English sentences."""
    with thresholds_from(lambda code, day: THRESHOLDS), translation.override("en"):
        yield


def put_into_return(
    cast: Cast, *, state: CampaignState = CampaignState.OPEN, period: str = PERIOD
) -> Cell:
    """Make the second zone's figure come from a return of a collection in `state`."""
    zone, number = cast.scene.zones[1], Form.objects.count() + 1
    form = Form.objects.create(
        code=f"form-{number}", name=f"测试报表{number}", filled_by="zone", frequency="month"
    )
    version = FormVersion.objects.create(
        form=form,
        number=1,
        state=VersionState.PUBLISHED,
        effective_from=date(2026, 1, 1),
        created_at=NOW,
    )
    item = FormItem.objects.create(version=version, indicator=cast.scene.indicator)
    campaign = Campaign.objects.create(
        form=form,
        version=version,
        period=period,
        period_end=date(2026, 9, 30),
        due_on=date(2026, 10, 14),
        state=state,
        opened_at=NOW,
    )
    answer = Return.objects.create(
        campaign=campaign, body=zone.committee, zone=zone, due_on=campaign.due_on
    )
    current = cast.current(period=period)
    return Cell.objects.create(
        in_return=answer,
        item=item,
        indicator=cast.scene.indicator,
        scope=zone.code,
        state=CellState.VERIFIED,
        value=current.value,
        verified_value=current.value,
        event=current.event,
    )


def paper(text: str = "统计局复核说明") -> SimpleUploadedFile:
    return SimpleUploadedFile("复核.txt", text.encode(), content_type="text/plain")
