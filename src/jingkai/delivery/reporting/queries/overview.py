"""Who has filed, signed, verified and what came back, for one month of collections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from jingkai.core.accounts.public import User

from ..models import (
    Campaign,
    CampaignState,
    Cell,
    CellState,
    FilledBy,
    FormItem,
    Return,
    ReturnState,
)
from ..states import FILLING_STATES
from .visibility import visible_campaigns, visible_returns

PAGE_SIZE = 50
SENT_STATES = (ReturnState.SUBMITTED, ReturnState.SIGNED, ReturnState.VERIFIED)


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts of returns. `filed`: sent at least once; `overdue`: never sent and past due."""

    asked: int = 0
    filed: int = 0
    signed: int = 0
    verified: int = 0
    returned: int = 0
    overdue: int = 0
    late: int = 0

    @property
    def missing(self) -> int:
        return self.asked - self.filed


@dataclass(frozen=True, slots=True)
class Row:
    """One zone and its return in each collection, None where it is not asked."""

    name: str
    cells: tuple[Return | None, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """One month: its collections, the zones' matrix (a page of it), the departments' returns."""

    months: tuple[date, ...]
    month: date | None
    campaigns: tuple[Campaign, ...]
    zone_campaigns: tuple[Campaign, ...]
    totals: Totals
    by_campaign: dict[int, Totals]
    rows: tuple[Row, ...]
    page: Page[int] | None
    departments: tuple[Return, ...]


def overview(
    user: User, *, month: date | None, today: date, page: str | int | None = 1
) -> Overview:
    """The month's collections (the newest one without `month`). At most 7 queries at any size."""
    campaigns = visible_campaigns(user).exclude(state=CampaignState.CANCELLED)
    months = tuple(
        campaigns.order_by("-period_end").values_list("period_end", flat=True).distinct()[:24]
    )
    chosen = month if month in months else (months[0] if months else None)
    if chosen is None:
        return Overview((), None, (), (), Totals(), {}, (), None, ())
    found = tuple(
        campaigns.filter(period_end=chosen)
        .select_related("form__body", "version")
        .order_by("form__position", "form__code", "pk")
    )
    returns = visible_returns(user).filter(campaign__in=found)
    by_campaign = totals_of(returns, today)
    zoned = tuple(c for c in found if c.form.filled_by == FilledBy.ZONE)
    rows, shown = _matrix(returns.filter(campaign__in=zoned), zoned, page)
    departments = tuple(
        returns.filter(campaign__form__filled_by=FilledBy.DEPARTMENT)
        .select_related("campaign__form", "body")
        .order_by("campaign__form__position", "pk")
    )
    total = Totals(
        *(
            sum(getattr(part, name) for part in by_campaign.values())
            for name in Totals.__dataclass_fields__
        )
    )
    return Overview(months, chosen, found, zoned, total, by_campaign, rows, shown, departments)


def totals_of(returns: QuerySet[Return], today: date) -> dict[int, Totals]:
    """Counts per campaign. 1 query."""
    never = Q(first_submitted_at__isnull=True)
    rows = (
        returns.order_by()
        .values("campaign")
        .annotate(
            asked=Count("pk"),
            filed=Count("pk", filter=~never),
            signed=Count("pk", filter=Q(state__in=[ReturnState.SIGNED, ReturnState.VERIFIED])),
            verified=Count("pk", filter=Q(state=ReturnState.VERIFIED)),
            returned=Count("pk", filter=Q(state=ReturnState.RETURNED)),
            overdue=Count("pk", filter=never & Q(due_on__lt=today)),
            late=Count("pk", filter=Q(late_days__gt=0)),
        )
    )
    return {
        row["campaign"]: Totals(
            row["asked"],
            row["filed"],
            row["signed"],
            row["verified"],
            row["returned"],
            row["overdue"],
            row["late"],
        )
        for row in rows
    }


def _matrix(
    returns: QuerySet[Return], campaigns: Sequence[Campaign], page: str | int | None
) -> tuple[tuple[Row, ...], Page[int] | None]:
    if not campaigns:
        return (), None
    bodies = (
        returns.order_by("zone__position", "body__position", "body")
        .values_list("body", flat=True)
        .distinct()
    )
    shown = Paginator(list(dict.fromkeys(bodies)), PAGE_SIZE).get_page(page)
    cells = {
        (row.body_id, row.campaign_id): row
        for row in returns.filter(body__in=shown.object_list).select_related("zone", "body")
    }
    names = {
        body: (row.zone.short_name if row.zone else row.body.name)
        for (body, _campaign), row in cells.items()
    }
    return (
        tuple(
            Row(names[body], tuple(cells.get((body, campaign.pk)) for campaign in campaigns))
            for body in shown.object_list
        ),
        shown,
    )


@dataclass(frozen=True, slots=True)
class ItemProgress:
    """How far one indicator of a collection is verified across the zones."""

    item: FormItem
    signed: int
    verified: int
    returned: int
    total: int


def item_progress(campaign: Campaign, user: User) -> list[ItemProgress]:
    """The items of a collection with counts of their cells that `user` may see. 2 queries."""
    seen = visible_returns(user).filter(campaign=campaign)
    rows = (
        Cell.objects.filter(in_return__in=seen, part="")
        .order_by()
        .values("item")
        .annotate(
            signed=Count("pk", filter=Q(state=CellState.SIGNED)),
            verified=Count("pk", filter=Q(state=CellState.VERIFIED)),
            returned=Count("pk", filter=Q(state__in=[CellState.RETURNED, CellState.UNLOCKED])),
            total=Count("pk"),
        )
    )
    counts = {
        row["item"]: (row["signed"], row["verified"], row["returned"], row["total"]) for row in rows
    }
    items = FormItem.objects.filter(version=campaign.version_id).select_related(
        "indicator__compiler", "verifier"
    )
    return [ItemProgress(item, *counts.get(item.pk, (0, 0, 0, 0))) for item in items]


def returns_for_list(
    user: User, campaign: Campaign, *, state: str = "", today: date
) -> QuerySet[Return]:
    """Returns of one collection in the order of the zones; `state` also "missing", "overdue"."""
    rows = visible_returns(user).filter(campaign=campaign)
    if state == "missing":
        rows = rows.filter(first_submitted_at__isnull=True)
    elif state == "overdue":
        rows = rows.filter(first_submitted_at__isnull=True, due_on__lt=today)
    elif state in ReturnState.values:
        rows = rows.filter(state=state)
    cells = Cell.objects.filter(in_return=OuterRef("pk"))
    return (
        rows.select_related("zone", "body", "submitted_by")
        .annotate(
            returned_cells=Exists(cells.filter(state=CellState.RETURNED)),
            answered=Count("cells", filter=Q(cells__value__isnull=False) | ~Q(cells__absence="")),
            cell_count=Count("cells"),
        )
        .order_by("zone__position", "body__position", "pk")
    )


def may_be_urged(row: Return) -> bool:
    """Still at the filler's desk."""
    return row.state in FILLING_STATES
