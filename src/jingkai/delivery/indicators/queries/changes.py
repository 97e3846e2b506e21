"""What changed since a moment, and finding an indicator by what people type."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, IntegerField, OuterRef, Q, Subquery, Value, When
from django.utils import timezone

from jingkai.core.accounts.public import User
from jingkai.engine.periods import Frequency, Period

from ..models import Indicator, ValueEvent
from .board import BoardRow, headline_board
from .indicator import Revision
from .visibility import sees_every_series, visible_indicators, visible_series


@dataclass(frozen=True, slots=True)
class LightChange:
    """A headline target whose light turned. `before` is the row as it was known then."""

    before: BoardRow
    after: BoardRow

    @property
    def lights(self) -> tuple[str, str]:
        return self.before.status.light.light.value, self.after.status.light.light.value


@dataclass(frozen=True, slots=True)
class Changes:
    """Since `moment`: lights that turned, headline figures that moved, values that were revised."""

    moment: datetime
    lights: tuple[LightChange, ...]
    moved: tuple[LightChange, ...]
    """Same light, new figure."""
    revisions: tuple[Revision, ...]


def changes_since(moment: datetime, *, user: User, period: str, limit: int = 100) -> Changes:
    """Compare the board of `period` with the board as it was known at `moment`. 20 queries.

    Then, the data period was the month before `moment`.
    """
    local = timezone.localtime(moment)
    then = Period.of(local.year, Frequency.MONTH, local.month).previous()
    before = headline_board(user=user, period=then.code, as_of=moment)
    after = headline_board(user=user, period=period)
    rows = {row.indicator.pk: row for row in before.rows}
    pairs = [
        LightChange(rows[row.indicator.pk], row) for row in after.rows if row.indicator.pk in rows
    ]
    turned = tuple(pair for pair in pairs if pair.lights[0] != pair.lights[1])
    moved = tuple(
        pair
        for pair in pairs
        if pair.lights[0] == pair.lights[1]
        and pair.before.status.figure != pair.after.status.figure
    )
    return Changes(moment, turned, moved, revisions_since(moment, user=user, limit=limit))


def revisions_since(moment: datetime, *, user: User, limit: int = 100) -> tuple[Revision, ...]:
    """Values that people or programs put in the place of one known at `moment`, newest first.

    Looks at the latest 2 · `limit` corrections, however many there were. 2 queries.
    """
    known = ValueEvent.objects.filter(
        series_id=OuterRef("series_id"),
        period_end=OuterRef("period_end"),
        recorded_at__lte=moment,
    )
    rows = ValueEvent.objects.filter(is_revision=True, recorded_at__gt=moment)
    if not sees_every_series(user):
        rows = rows.filter(series__in=visible_series(user))
    order = ("-recorded_at", "-id")
    latest = rows.exclude(origin="computed").order_by(*order).values("pk")[: 2 * limit]
    events = list(
        ValueEvent.objects.filter(pk__in=latest)
        .annotate(known=Subquery(known.order_by("-id").values("id")[:1]))
        .filter(known__isnull=False)
        .select_related("series__indicator", "actor")
        .order_by(*order)[:limit]
    )
    said = ValueEvent.objects.in_bulk([event.known for event in events])
    before = {(event.series_id, event.period): said[event.known] for event in events}
    last: dict[tuple[int, str], ValueEvent] = {}
    for event in events:
        last.setdefault((event.series_id, event.period), event)
    return tuple(
        Revision(
            event.pk,
            event.series.indicator.code,
            event.series.scope,
            event.period,
            before[cell].value,
            event.value,
            before[cell].release,
            event.release,
            event.origin,
            str(event.actor) if event.actor else "",
            event.reason,
            event.recorded_at,
        )
        for cell, event in last.items()
        if before[cell].value != event.value
    )


def search_indicators(*, user: User, text: str, limit: int = 20) -> list[Indicator]:
    """Indicators by code, either name or pinyin initials; beginnings first. 1 query."""
    words = text.strip()
    if not words:
        return []
    fields = ("code", "name", "initials", "name_en")
    matches, begins = Q(), Q()
    for name in fields:
        matches |= Q(**{f"{name}__icontains": words})
        begins |= Q(**{f"{name}__istartswith": words})
    order = Case(When(begins, then=Value(0)), default=Value(1), output_field=IntegerField())
    found = visible_indicators(user).filter(matches).select_related("responsible")
    return list(found.order_by(order, "position", "code")[:limit])
