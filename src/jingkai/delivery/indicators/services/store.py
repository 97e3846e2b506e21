"""Reading what is known and writing what is said: the only place that writes values.

One lock protects a figure and everything computed from it: the row of its indicator, taken in
order of id. So two writers of one indicator follow one another and never wait in a circle.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from jingkai.core.accounts.public import User
from jingkai.masterdata.organisations.public import Zone

from ..catalogue import CITY, EDZ
from ..models import (
    CurrentValue,
    Indicator,
    Origin,
    ScopeKind,
    Series,
    ValueEvent,
    ValueMode,
)
from .entries import Cell, Known, SeriesKey
from .rollup import Book, Derived

_KNOWN = (
    "series__indicator_id",
    "series__scope",
    "value",
    "period",
    "period_end",
    "release",
    "event__origin",
    "event_id",
    "observed",
    "expected",
    "event__inputs",
)


def lock_indicators(ids: Iterable[int]) -> None:
    """Wait for every other writer of these indicators. 1 query."""
    locked = Indicator.objects.select_for_update(no_key=True).order_by("pk")
    list(locked.filter(pk__in=set(ids)).values_list("pk"))


@dataclass(slots=True)
class SeriesMap:
    """Series by indicator and scope; missing ones are made in a fixed order."""

    indicators: Mapping[int, Indicator]
    zones: Mapping[str, Zone]
    found: dict[SeriesKey, Series]

    @classmethod
    def read(
        cls, indicators: Mapping[int, Indicator], zones: Mapping[str, Zone], ids: Iterable[int]
    ) -> SeriesMap:
        """All series of the indicators `ids`. 1 query."""
        rows = Series.objects.filter(indicator_id__in=set(ids)).order_by("pk")
        series = cls(indicators, zones, {})
        for row in rows:
            series._keep(row)
        return series

    def _keep(self, row: Series) -> None:
        row.indicator = self.indicators[row.indicator_id]
        row.zone = self.zones.get(row.scope)
        self.found[row.indicator_id, row.scope] = row

    def drafted(self, key: SeriesKey) -> Series:
        """The series of `key`, unsaved when it is not there yet."""
        if key in self.found:
            return self.found[key]
        indicator_id, scope = key
        kinds = {CITY: ScopeKind.CITY, EDZ: ScopeKind.ZONES}
        return Series(
            indicator=self.indicators[indicator_id],
            scope=scope,
            zone=self.zones.get(scope),
            scope_kind=kinds.get(scope, ScopeKind.ZONE),
        )

    def make(self, keys: Iterable[SeriesKey]) -> None:
        """Save the missing ones. 0 or 1 query; the indicators must be locked."""
        missing = sorted(set(keys) - set(self.found))
        if missing:
            for row in Series.objects.bulk_create([self.drafted(key) for key in missing]):
                self._keep(row)


def read_book(indicator_ids: Collection[int], since: date) -> Book:
    """Current values of all scopes from `since` on, and the last stock values before. 2 queries."""
    rows = CurrentValue.objects.filter(
        series__indicator_id__in=indicator_ids, period_end__gte=since
    ).order_by("series_id", "period_end")
    book = Book()
    for row in rows.values_list(*_KNOWN):
        key, known = _known(row)
        book.put(key, known.end, known)
    before = (
        CurrentValue.objects.filter(
            series__indicator_id__in=indicator_ids,
            series__indicator__value_mode=ValueMode.STOCK,
            period_end__lt=since,
        )
        .order_by("series_id", "-period_end")
        .distinct("series_id")
    )
    for row in before.values_list(*_KNOWN):
        key, known = _known(row)
        book.earlier[key] = known
    return book


def _known(row: Sequence[Any]) -> tuple[SeriesKey, Known]:
    indicator_id, scope, value, period, end, release, origin, event_id, seen, due, inputs = row
    return (indicator_id, scope), Known(
        value, period, end, release, origin, event_id, seen, due, inputs
    )


@dataclass(frozen=True, slots=True)
class Said:
    """Under which circumstances the events of one call are written."""

    actor: User | None
    now: datetime
    origin: str
    release: str
    reason: str = ""


class Writer:
    """Writes events and keeps the book and the current values in step."""

    def __init__(self, series: SeriesMap, book: Book, said: Said) -> None:
        self.series, self.book, self.said = series, book, said
        self.events: list[ValueEvent] = []

    def enter(self, cells: Sequence[Cell]) -> list[ValueEvent]:
        """Events of what people or programs said. 0 to 2 queries."""
        said = self.said
        self.series.make(cell.key for cell in cells)
        return self._write(
            [
                ValueEvent(
                    series=self.series.found[cell.key],
                    period=cell.period.code,
                    period_end=cell.period.end,
                    value=cell.value,
                    release=said.release,
                    origin=said.origin,
                    definition=cell.definition,
                    actor=said.actor,
                    reason=cell.comment or said.reason,
                    recorded_at=said.now,
                )
                for cell in cells
            ]
        )

    def derive(self, derived: Sequence[Derived]) -> list[ValueEvent]:
        """Events of computed cells that differ from what stands. 0 to 2 queries."""
        new = [d for d in derived if d.says_new(self.book.at(d.key, d.period.end))]
        self.series.make(d.key for d in new)
        return self._write(
            [
                ValueEvent(
                    series=self.series.found[d.key],
                    period=d.period.code,
                    period_end=d.period.end,
                    value=d.value,
                    release=d.release,
                    origin=Origin.COMPUTED,
                    definition=d.definition,
                    actor=None,
                    inputs=d.inputs,
                    recorded_at=self.said.now,
                )
                for d in new
            ]
        )

    def _write(self, events: list[ValueEvent]) -> list[ValueEvent]:
        written = ValueEvent.objects.bulk_create(events) if events else []
        self.events += written
        for event in written:
            key = (event.series.indicator_id, event.series.scope)
            known = (
                None
                if event.value is None
                else Known(
                    event.value,
                    event.period,
                    event.period_end,
                    event.release,
                    event.origin,
                    event.pk,
                    event.inputs.get("observed"),
                    event.inputs.get("expected"),
                    event.inputs,
                )
            )
            self.book.put(key, event.period_end, known)
        return written

    def settle(self) -> None:
        """Bring the current values to the last event of each cell. 0 to 2 queries."""
        last = {(e.series_id, e.period): e for e in self.events}
        kept = [(e, e.value) for e in last.values() if e.value is not None]
        gone = [e for e in last.values() if e.value is None]
        if kept:
            CurrentValue.objects.bulk_create(
                [
                    CurrentValue(
                        series_id=e.series_id,
                        indicator_id=e.series.indicator_id,
                        zone_id=e.series.zone_id,
                        period=e.period,
                        period_end=e.period_end,
                        value=value,
                        release=e.release,
                        event=e,
                        observed=e.inputs.get("observed"),
                        expected=e.inputs.get("expected"),
                    )
                    for e, value in kept
                ],
                update_conflicts=True,
                unique_fields=["series", "period"],
                update_fields=["value", "release", "event", "observed", "expected", "period_end"],
            )
        if gone:
            cells = Q()
            for event in gone:
                cells |= Q(series_id=event.series_id, period=event.period)
            CurrentValue.objects.filter(cells).delete()
