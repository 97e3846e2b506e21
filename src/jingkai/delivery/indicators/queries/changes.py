"""What changed since a moment, and finding an indicator by what people type."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When
from django.utils import timezone

from jingkai.core.accounts.public import User
from jingkai.engine.periods import Frequency, Period

from ..models import Indicator, ValueEvent
from .board import BoardRow, headline_board
from .figures import any_of
from .indicator import Revision
from .visibility import visible_indicators, visible_series


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
    """Entered values that replaced one known at `moment`, newest first. 2 queries."""
    known = ValueEvent.objects.filter(
        series_id=OuterRef("series_id"),
        period_end=OuterRef("period_end"),
        recorded_at__lte=moment,
    )
    events = list(
        ValueEvent.objects.filter(Exists(known), recorded_at__gt=moment)
        .filter(series__in=visible_series(user))
        .exclude(origin="computed")
        .select_related("series__indicator", "actor")
        .order_by("-id")[:limit]
    )
    cells = any_of(Q(series_id=event.series_id, period=event.period) for event in events)
    before = {
        (row.series_id, row.period): row
        for row in ValueEvent.objects.filter(cells, recorded_at__lte=moment)
        .order_by("series_id", "period", "-id")
        .distinct("series_id", "period")
    }
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
