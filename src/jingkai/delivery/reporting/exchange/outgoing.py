"""Which figures leave the house in a file: visible, and published."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.errors import FieldProblem, InvalidInput, NotPermitted
from jingkai.delivery.indicators.public import (
    Figure,
    Origin,
    Release,
    Series,
    ValueEvent,
    figures,
    visible_series,
)
from jingkai.engine.errors import PeriodError
from jingkai.engine.periods import Frequency, Period

from .. import rules
from ..models import CampaignState, Cell
from .codes import FREQ_CODES, STRUCTURE_ID, measure_of
from .files import MAX_ROWS, write

_DEPTH = 4  # ratio ← total of all zones ← zone ← terms


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked for; empty means everything the person may see."""

    indicators: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    as_of: datetime | None = None
    unpublished: bool = False


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Rows of the file, and how many figures were held back because they are not published."""

    rows: tuple[Mapping[str, str], ...]
    held_back: int


@dataclass(frozen=True, slots=True)
class Exported:
    """The text of a file; how many figures are in it and how many were held back."""

    text: str
    count: int
    held_back: int


def export_figures(*, selection: Selection, actor: User, now: datetime) -> Exported:
    """The figures as SDMX-CSV 2.0; that they left the house is written into the trail.

    Raises
    ------
    NotPermitted
        There are no figures for this person.
    InvalidInput
        As `select`.
    """
    if not rules.can_follow(actor):
        raise NotPermitted(_("There are no figures for this account to take."))
    found = select(user=actor, selection=selection)
    asked = {name: getattr(selection, name) for name in Selection.__slots__}
    audit.record(
        "reporting.exchange.exported",
        actor=actor,
        at=now,
        summary=STRUCTURE_ID,
        details={
            "asked": {name: value for name, value in asked.items() if value},
            "held_back": found.held_back,
        },
        row_count=len(found.rows),
    )
    return Exported(write(found.rows), len(found.rows), found.held_back)


def select(*, user: User, selection: Selection) -> Outgoing:
    """The figures to write, in the order of indicator, scope and period. At most 9 queries.

    Raises InvalidInput for a period that is none or for more rows than a file holds.
    """
    since, until = _bound(selection.since, "from"), _bound(selection.until, "to")
    series = visible_series(user).select_related("indicator", "zone")
    if selection.indicators:
        series = series.filter(indicator__code__in=selection.indicators)
    if selection.scopes:
        series = series.filter(scope__in=selection.scopes)
    by_id = {row.pk: row for row in series.order_by("indicator__position", "indicator", "scope")}
    lines = figures(
        by_id,
        since=since.end if since else None,
        until=until.end if until else None,
        as_of=selection.as_of,
    )
    found = [figure for pk in by_id for _end, figure in sorted(lines.get(pk, {}).items())]
    closed = _not_published(found)
    inside = selection.unpublished and rules.can_take_unpublished(user)
    kept = [figure for figure in found if inside or figure.event_id not in closed]
    if len(kept) > MAX_ROWS:
        raise InvalidInput(
            _("%(n)d figures are more than one file holds (%(limit)d): choose fewer.")
            % {"n": len(kept), "limit": MAX_ROWS}
        )
    return Outgoing(
        tuple(
            _row(by_id[figure.series_id], figure, closed=figure.event_id in closed)
            for figure in kept
        ),
        len(found) - len(kept),
    )


def _bound(code: str, field: str) -> Period | None:
    if not code:
        return None
    try:
        return Period.parse(code)
    except PeriodError:
        message = _("“%(text)s” is not a period. Write 2026, 2026-S1, 2026-Q3 or 2026-09.") % {
            "text": code
        }
        raise InvalidInput(message, problems=[FieldProblem(field, message)]) from None


def _not_published(found: Sequence[Figure]) -> set[int]:
    """Events of collections that are not published, and what was computed from them."""
    unpublished = ~Q(in_return__campaign__state=CampaignState.PUBLISHED)
    pairs = Cell.objects.filter(unpublished).values_list("event_id", "releases__event_id")
    closed = {event for pair in pairs for event in pair if event is not None}
    if not closed:
        return set()
    published = Cell.objects.filter(~unpublished).filter(
        Q(event_id__in=closed) | Q(releases__event_id__in=closed)
    )
    closed -= {
        event
        for pair in published.values_list("event_id", "releases__event_id")
        for event in pair
        if event is not None
    }
    parts = _parts_of({f.event_id for f in found if f.origin == Origin.COMPUTED})
    return closed | {event for event in parts if _leads_to(event, parts, closed)}


def _parts_of(ids: Collection[int]) -> dict[int, list[int]]:
    """Computed events with the events they follow from, level by level."""
    known: dict[int, list[int]] = {}
    wanted = set(ids)
    for _level in range(_DEPTH):
        if not wanted:
            break
        rows = ValueEvent.objects.filter(pk__in=wanted, origin=Origin.COMPUTED).values_list(
            "pk", "inputs"
        )
        level = {
            pk: [p for p in inputs.get("events", ()) if isinstance(p, int)] for pk, inputs in rows
        }
        known |= level
        wanted = {part for parts in level.values() for part in parts} - set(known)
    return known


def _leads_to(event: int, parts: Mapping[int, Sequence[int]], closed: Collection[int]) -> bool:
    return any(part in closed or _leads_to(part, parts, closed) for part in parts.get(event, ()))


def _row(series: Series, figure: Figure, *, closed: bool) -> Mapping[str, str]:
    indicator = series.indicator
    measure = measure_of(indicator.unit)
    return {
        "STRUCTURE": "dataflow",
        "STRUCTURE_ID": STRUCTURE_ID,
        "ACTION": "I",
        "FREQ": FREQ_CODES[Frequency(indicator.frequency)],
        "INDICATOR": indicator.code,
        "REF_AREA": series.scope,
        "TIME_PERIOD": figure.period,
        "OBS_VALUE": f"{figure.value.normalize():f}",
        "OBS_STATUS": status_of(figure),
        "CONF_STATUS": "N" if closed else "F",
        "RELEASE": figure.release.upper(),
        "ORIGIN": figure.origin.upper(),
        "UNIT_MEASURE": measure.code,
        "UNIT_MULT": str(measure.mult),
    }


def status_of(figure: Figure) -> str:
    """E: some zones are carried forward in it; P: flash; A: revised or final."""
    if figure.is_partial:
        return "E"
    return "P" if figure.release == Release.FLASH else "A"
