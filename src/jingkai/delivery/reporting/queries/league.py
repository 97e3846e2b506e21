"""Completeness and timeliness of reporting by body. Kept apart from any rank of performance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, F, Q, Sum

from jingkai.core.accounts.public import User
from jingkai.masterdata.organisations.public import Body

from ..models import (
    Alarm,
    AlarmOutcome,
    CampaignState,
    Cell,
    CellReturn,
    Correction,
    CorrectionState,
)
from .visibility import visible_returns


@dataclass(frozen=True, slots=True)
class LeagueRow:
    """One body over the span. Shares in percent; None where nothing was asked yet."""

    body: Body
    name: str
    due: int
    in_time: int
    late_days: int
    answered: int
    asked: int
    returned: int
    explained: int
    corrected: int

    @property
    def timeliness(self) -> Decimal | None:
        return _share(self.in_time, self.due)

    @property
    def completeness(self) -> Decimal | None:
        return _share(self.answered, self.asked)


def _share(part: int, whole: int) -> Decimal | None:
    return Decimal(part) * 100 / whole if whole else None


def league(user: User, *, since: date, today: date) -> list[LeagueRow]:
    """Bodies whose returns fell due between `since` and `today`; the best kept first. 6 queries.

    In time: first sent by its due date. Complete: required cells that are answered, of returns
    that are due.
    """
    due = (
        visible_returns(user)
        .filter(due_on__gte=since, due_on__lte=today)
        .exclude(campaign__state=CampaignState.CANCELLED)
    )
    rows = (
        due.order_by()
        .values("body")
        .annotate(
            n=Count("pk"),
            in_time=Count(
                "pk",
                filter=Q(first_submitted_at__isnull=False, late_days=0)
                & Q(first_submitted_at__date__lte=F("due_on")),
            ),
            late=Sum("late_days"),
        )
    )
    counts = {row["body"]: (row["n"], row["in_time"], row["late"] or 0) for row in rows}
    cells = Cell.objects.filter(in_return__in=due, item__required=True, part="")
    filled = _by_body(
        cells.filter(Q(value__isnull=False) | ~Q(absence=""))
        .values_list("in_return__body")
        .order_by()
        .annotate(n=Count("pk"))
    )
    asked = _by_body(cells.values_list("in_return__body").order_by().annotate(n=Count("pk")))
    returned = _by_body(
        CellReturn.objects.filter(cell__in_return__in=due)
        .values_list("cell__in_return__body")
        .order_by()
        .annotate(n=Count("pk"))
    )
    explained = _by_body(
        Alarm.objects.filter(cell__in_return__in=due, outcome=AlarmOutcome.EXPLAINED)
        .values_list("cell__in_return__body")
        .order_by()
        .annotate(n=Count("pk"))
    )
    corrected = _by_body(
        Correction.objects.filter(
            state=CorrectionState.APPROVED,
            requested_at__date__gte=since,
            series__zone__isnull=False,
        )
        .values_list("series__zone__committee")
        .order_by()
        .annotate(n=Count("pk"))
    )
    bodies = Body.objects.select_related("zone").in_bulk(list(counts))
    found = [
        LeagueRow(
            body,
            body.zone.short_name if hasattr(body, "zone") else body.name,
            *counts[pk],
            filled.get(pk, 0),
            asked.get(pk, 0),
            returned.get(pk, 0),
            explained.get(pk, 0),
            corrected.get(pk, 0),
        )
        for pk, body in bodies.items()
    ]
    return sorted(
        found,
        key=lambda r: (
            -(r.timeliness or 0),
            r.late_days,
            -(r.completeness or 0),
            r.body.position,
            r.body.pk,
        ),
    )


def _by_body(pairs: object) -> Mapping[int, int]:
    return dict(pairs)  # type: ignore[call-overload,no-any-return]  # rows of (body, count)
