"""Correction slips somebody may see, and whether a figure may be corrected by slip at all."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import F, Q, QuerySet

from jingkai.core.accounts.public import User
from jingkai.delivery.indicators.public import CurrentValue, Series, ValueEvent, visible_series

from ..models import Campaign, CampaignState, Cell, Correction, CorrectionState


def visible_corrections(user: User) -> QuerySet[Correction]:
    """Slips about figures `user` may see."""
    return Correction.objects.filter(series__in=visible_series(user))


def corrections_for_list(
    user: User, *, state: str = "", indicator: str = "", scope: str = "", period: str = ""
) -> QuerySet[Correction]:
    """Visible slips, newest first, with what a row shows. Unknown filters find nothing."""
    rows = visible_corrections(user).select_related(
        "series__indicator", "series__zone", "requested_by", "decided_by"
    )
    if state:
        rows = rows.filter(state=state)
    if indicator:
        rows = rows.filter(series__indicator__code=indicator)
    if scope:
        rows = rows.filter(series__scope=scope)
    if period:
        rows = rows.filter(period=period)
    return rows.order_by("-id")


def correction_for_page(user: User, correction_id: int) -> Correction | None:
    """One slip with everything its page names. 1 query."""
    return (
        visible_corrections(user)
        .select_related(
            "series__indicator__compiler",
            "series__zone",
            "requested_by",
            "decided_by",
            "old_event",
            "new_event",
        )
        .filter(pk=correction_id)
        .first()
    )


def standing(series: Series, period: str) -> CurrentValue | None:
    """The figure that stands now, with its event. 1 query."""
    return CurrentValue.objects.filter(series=series, period=period).select_related("event").first()


def open_collections_of(event_ids: Iterable[int]) -> dict[int, Campaign]:
    """Of these value events those that come from a collection not published yet. 1 query.

    A figure that did not come from a return belongs to none, and is published.
    """
    ids = set(event_ids)
    rows = (
        Cell.objects.filter(Q(event_id__in=ids) | Q(releases__event_id__in=ids))
        .annotate(released_id=F("releases__event_id"))
        .select_related("in_return__campaign__form")
    )
    waiting: dict[int, Campaign] = {}
    published: set[int] = set()
    for cell in rows:
        campaign = cell.in_return.campaign
        for event_id in {cell.event_id, cell.released_id} & ids:
            if campaign.state == CampaignState.PUBLISHED:
                published.add(event_id)
            else:
                waiting[event_id] = campaign
    return {key: campaign for key, campaign in waiting.items() if key not in published}


def open_slip(series: Series, period: str) -> Correction | None:
    """The slip that waits about this figure. 1 query."""
    return (
        Correction.objects.filter(series=series, period=period, state=CorrectionState.REQUESTED)
        .select_related("requested_by")
        .first()
    )


def parts_of(event: ValueEvent) -> list[ValueEvent]:
    """The figures a computed one follows from. 1 query."""
    ids = [part for part in event.inputs.get("events", ()) if isinstance(part, int)]
    return list(
        ValueEvent.objects.filter(pk__in=ids)
        .select_related("series__indicator", "series__zone")
        .order_by("series__indicator__position", "series__zone__position", "pk")
    )
