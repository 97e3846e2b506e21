"""Where a figure comes from: formula, parts, who said them, corrections, the trail's seal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

from django.db.models import Q
from django.http import Http404

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit

from ..models import Series, ValueEvent
from .board import TargetText, targets_by_indicator
from .figures import any_of
from .visibility import visible_series

_ACTIONS = ("indicators.values.recorded", "indicators.history.loaded")
_DEPTH = 4  # ratio ← total of all zones ← zone ← terms


@dataclass(frozen=True, slots=True)
class Correction:
    """The value before, and what replaced it with which reason."""

    before: Decimal | None
    after: Decimal | None
    release: str
    reason: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ProvenanceStep:
    """What happened to a figure before it was recorded: entered, explained, signed, verified."""

    label: str
    actor: str
    body: str
    at: datetime
    text: str = ""
    url: str = ""


Provenance = Callable[[Collection[int]], Mapping[int, Sequence[ProvenanceStep]]]
_provenance: dict[str, Provenance] = {}


@dataclass(frozen=True, slots=True)
class Trail:
    """The audit event a figure was written with. `digest` is empty until it is sealed."""

    event_id: int
    digest: str


@dataclass(frozen=True, slots=True)
class LineageNode:
    """One figure in the tree. `is_hidden`: another zone's, named but not shown."""

    event_id: int
    indicator_code: str
    indicator: str
    unit: str
    decimals: int
    scope: str
    scope_name: str
    period: str
    value: Decimal | None
    release: str
    origin: str
    actor: str
    reason: str
    recorded_at: datetime | None
    definition: str
    definition_number: int
    definition_from: date
    definition_verified: bool
    formula: str
    observed: int | None
    expected: int | None
    missing: tuple[str, ...]
    is_carried: bool
    is_hidden: bool
    corrections: tuple[Correction, ...]
    trail: Trail | None
    parts: tuple[LineageNode, ...]
    steps: tuple[ProvenanceStep, ...] = ()


@dataclass(frozen=True, slots=True)
class Lineage:
    """A figure's tree, and the targets it is held against."""

    root: LineageNode
    targets: tuple[TargetText, ...]


def register_provenance(name: str, provenance: Provenance) -> None:
    """Let a room above tell what led to a figure: event ids → steps, oldest first.

    Asked once per tree with the ids the user may see. Raises ValueError for a name in use.
    """
    if name in _provenance:
        raise ValueError(f"{name} already tells provenance")
    _provenance[name] = provenance


def _steps(event_ids: Collection[int]) -> dict[int, tuple[ProvenanceStep, ...]]:
    told: defaultdict[int, list[ProvenanceStep]] = defaultdict(list)
    for provenance in _provenance.values():
        for event_id, steps in provenance(event_ids).items():
            told[event_id] += steps
    return {event_id: tuple(steps) for event_id, steps in told.items()}


def lineage(event_id: int, user: User) -> Lineage:
    """The tree of one figure. At most 10 queries at any number of zones, beside those of
    registered provenance.

    Raises Http404 when there is no such figure or the user may not see it. Parts the user may not
    see are named without their values.
    """
    events = _tree(event_id)
    root = events.get(event_id)
    if root is None:
        raise Http404
    seen = set(
        visible_series(user)
        .filter(pk__in={event.series_id for event in events.values()})
        .values_list("pk", flat=True)
    )
    if root.series_id not in seen:
        raise Http404
    shown = [event.pk for event in events.values() if event.series_id in seen]
    build = _Builder(
        events, seen, _earlier(events.values()), _trails(events.values()), _steps(shown)
    )
    targets = targets_by_indicator([root.series.indicator_id], scope=root.series.scope)
    said = targets.get(root.series.indicator_id, ())
    return Lineage(build.node(root, root.period_end), tuple(said))


def _tree(event_id: int) -> dict[int, ValueEvent]:
    """The event and everything under it, level by level."""
    found: dict[int, ValueEvent] = {}
    wanted = {event_id}
    for _level in range(_DEPTH + 1):
        rows = ValueEvent.objects.filter(pk__in=wanted).select_related(
            "series__indicator", "series__zone", "definition", "actor"
        )
        level = {row.pk: row for row in rows}
        found |= level
        wanted = {part for row in level.values() for part in _parts(row)} - set(found)
        if not wanted:
            break
    return found


def _parts(event: ValueEvent) -> list[int]:
    return [part for part in event.inputs.get("events", ()) if isinstance(part, int)]


def _earlier(events: Iterable[ValueEvent]) -> dict[tuple[int, str], list[ValueEvent]]:
    """All events of the same cells, oldest first. 1 query."""
    by_period: defaultdict[str, set[int]] = defaultdict(set)
    for event in events:
        by_period[event.period].add(event.series_id)
    cells = any_of(Q(period=period, series_id__in=ids) for period, ids in by_period.items())
    found: defaultdict[tuple[int, str], list[ValueEvent]] = defaultdict(list)
    for row in ValueEvent.objects.filter(cells).select_related("actor").order_by("id"):
        found[row.series_id, row.period].append(row)
    return dict(found)


def _trails(events: Iterable[ValueEvent]) -> dict[int, Trail]:
    """The audit event of each figure, found by time and the ids it names. 1 or 2 queries."""
    ids = {event.pk for event in events}
    moments = {event.recorded_at for event in events}
    rows = audit.AuditEvent.objects.filter(action__in=_ACTIONS, at__in=moments)
    owners: dict[int, int] = {}
    for row in rows:
        for low, high in row.details.get("events", ()):
            owners |= {number: row.pk for number in ids if low <= number <= high}
    digests = audit.digests_of(set(owners.values()))
    return {number: Trail(owner, digests.get(owner, "")) for number, owner in owners.items()}


@dataclass(frozen=True, slots=True)
class _Builder:
    events: Mapping[int, ValueEvent]
    visible: set[int]
    cells: Mapping[tuple[int, str], list[ValueEvent]]
    trails: Mapping[int, Trail]
    steps: Mapping[int, tuple[ProvenanceStep, ...]]

    def node(self, event: ValueEvent, asked: date) -> LineageNode:
        series, indicator, definition = event.series, event.series.indicator, event.definition
        hidden = series.pk not in self.visible
        inputs = event.inputs
        parts = (
            ()
            if hidden
            else tuple(
                self.node(self.events[part], event.period_end)
                for part in _parts(event)
                if part in self.events
            )
        )
        return LineageNode(
            event.pk,
            indicator.code,
            indicator.name,
            indicator.unit,
            indicator.decimals,
            series.scope,
            _scope_name(series),
            event.period,
            None if hidden else event.value,
            "" if hidden else event.release,
            event.origin,
            "" if hidden or event.actor is None else str(event.actor),
            "" if hidden else event.reason,
            None if hidden else event.recorded_at,
            definition.definition,
            definition.number,
            definition.effective_from,
            definition.verified,
            inputs.get("formula", ""),
            inputs.get("observed"),
            inputs.get("expected"),
            tuple(inputs.get("missing", ())),
            event.period_end < asked,
            hidden,
            () if hidden else self._corrections(event),
            None if hidden else self.trails.get(event.pk),
            parts,
            () if hidden else self.steps.get(event.pk, ()),
        )

    def _corrections(self, event: ValueEvent) -> tuple[Correction, ...]:
        said = [e for e in self.cells.get((event.series_id, event.period), ()) if e.pk <= event.pk]
        return tuple(
            Correction(
                before.value,
                after.value,
                after.release,
                after.reason,
                str(after.actor) if after.actor else "",
                after.recorded_at,
            )
            for before, after in pairwise(said)
            if before.value != after.value
        )


def _scope_name(series: Series) -> str:
    return series.zone.short_name if series.zone else series.get_scope_kind_display()
