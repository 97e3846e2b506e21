"""Recording figures: all are judged before any is written, and one call is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.errors import InvalidInput, NotPermitted
from jingkai.core.verdicts import Verdict, require
from jingkai.masterdata.organisations.public import Zone

from ..catalogue import Catalogue, zones_counted
from ..models import Origin, Release, Series, StatusVoice, ValueEvent
from ..rules import can_record
from .entries import (
    Cell,
    Judge,
    Known,
    RecordWarning,
    SeriesKey,
    ValueEntry,
    judge_falls,
    judge_releases,
)
from .procedures import Address, collected_elsewhere
from .rollup import Rollup
from .status import speak_rule_lights
from .store import Said, SeriesMap, Writer, lock_indicators, read_book

AUDIT_ACTION = "indicators.values.recorded"
_UNATTENDED = (Origin.RECORDS, Origin.SYNTHETIC)


@dataclass(frozen=True, slots=True)
class RecordResult:
    """What one call did. `events` are the entered ones, `computed` what followed from them."""

    events: tuple[ValueEvent, ...]
    computed: tuple[ValueEvent, ...]
    unchanged: int
    lights: tuple[StatusVoice, ...]
    warnings: tuple[RecordWarning, ...]


@transaction.atomic
def record_values(
    *,
    entries: Sequence[ValueEntry],
    actor: User | None,
    now: datetime,
    origin: Origin,
    release: Release,
    reason: str = "",
    permit: Callable[[User, Series], Verdict] = can_record,
) -> RecordResult:
    """Record figures and everything that follows from them: totals, ratios, rule lights.

    A figure that already stands with this value and release is left alone. `actor` None is the
    system itself, for figures from records and demonstration data only. `permit` says who may:
    a room above that has its own procedure (a signed and verified return) brings its own rule.
    About 20 queries at any number of entries.

    Raises
    ------
    InvalidInput
        `problems` names each entry as `entries.<index>.<field>`; then nothing is written.
    NotPermitted
        At least one figure is not this person's to record; then nothing is written.
    """
    origin, release, reason = Origin(origin), Release(release), reason.strip()
    if actor is None and origin not in _UNATTENDED:
        raise NotPermitted(_("A figure that is entered names who entered it."))
    if origin is Origin.COMPUTED:
        raise InvalidInput(_("Computed figures follow from others: correct those."))
    if not entries:
        raise InvalidInput(_("Nothing was sent: give at least one figure."))
    catalogue = Catalogue.read()
    zones = {zone.code: zone for zone in Zone.objects.all()}
    judge = Judge(catalogue, zones, timezone.localdate(now))
    cells = judge.understand(entries, release)
    touched = {cell.indicator.pk for cell in cells}
    affected = catalogue.affected_by(touched)
    lock_indicators(affected)
    affected |= catalogue.parts_of(catalogue.by_id[i] for i in affected)
    series = SeriesMap.read(catalogue.by_id, zones, affected)
    if actor is not None:
        for cell in cells:
            require(permit(actor, series.drafted(cell.key)))
    since = date(min((cell.period.year for cell in cells), default=judge.today.year), 1, 1)
    book = read_book(affected, since)
    standing = {
        (key, end): known for key, line in book.values.items() for end, known in line.items()
    }
    _judge_computed(judge, cells, standing)
    fresh = judge_releases(judge, cells, standing, release, reason)
    if actor is not None and permit is can_record:
        _judge_collected(judge, fresh)
    judge_falls(judge, fresh, book.values, release, reason)
    if judge.problems:
        count = len(judge.problems)
        raise InvalidInput(
            ngettext(
                "%(n)d figure cannot be recorded; nothing was written. %(first)s",
                "%(n)d figures cannot be recorded; nothing was written. %(first)s",
                count,
            )
            % {"n": count, "first": judge.problems[0].message},
            problems=judge.problems,
        )
    writer = Writer(series, book, Said(actor, now, origin, release, reason))
    events = writer.enter(fresh)
    computed = follow(writer, catalogue)
    writer.settle()
    lights = speak_rule_lights(
        [(e.series, e.period, e.period_end, e.value) for e in writer.events], now=now
    )
    result = RecordResult(
        tuple(events),
        tuple(computed),
        len(cells) - len(fresh),
        tuple(lights),
        tuple(judge.warnings),
    )
    _log(result, actor=actor, now=now, origin=origin, release=release, reason=reason)
    return result


def follow(writer: Writer, catalogue: Catalogue) -> list[ValueEvent]:
    """Write what follows from the entered events: sums, totals of all zones, ratios."""
    first: dict[int, date] = {}
    for event in writer.events:
        indicator_id = event.series.indicator_id
        first[indicator_id] = min(event.period_end, first.get(indicator_id, event.period_end))
    rollup = Rollup(catalogue, zones_counted(), writer.book)
    computed = writer.derive(rollup.sums(first))
    for event in computed:
        indicator_id = event.series.indicator_id
        first[indicator_id] = min(event.period_end, first.get(indicator_id, event.period_end))
    computed += writer.derive(rollup.totals(first))
    return computed + writer.derive(rollup.ratios(first))


def _judge_computed(
    judge: Judge, cells: Sequence[Cell], standing: Mapping[tuple[SeriesKey, date], Known]
) -> None:
    for cell in cells:
        known = standing.get(cell.address)
        if known is not None and known.origin == Origin.COMPUTED:
            judge.refuse(
                cell.index,
                "value",
                _(
                    "“%(indicator)s” of %(scope)s is computed for %(period)s. "
                    "Correct the figures it is computed from."
                )
                % {"indicator": cell.indicator.name, "scope": cell.scope, "period": cell.period},
                "computed",
            )


def _judge_collected(judge: Judge, cells: Sequence[Cell]) -> None:
    """Refuse what is being, or was, collected by return: two people stand behind those."""
    addresses = {
        cell.index: Address(cell.indicator.pk, cell.scope, cell.period.code) for cell in cells
    }
    reasons = collected_elsewhere(set(addresses.values()))
    for cell in cells:
        if reason := reasons.get(addresses[cell.index]):
            judge.refuse(cell.index, "value", reason, "collected")


def _log(
    result: RecordResult,
    *,
    actor: User | None,
    now: datetime,
    origin: Origin,
    release: Release,
    reason: str,
) -> None:
    written = sorted(event.pk for event in (*result.events, *result.computed))
    audit.record(
        AUDIT_ACTION,
        actor=actor,
        at=now,
        summary=reason or str(origin.label),
        details={
            "entered": len(result.events),
            "computed": len(result.computed),
            "unchanged": result.unchanged,
            "lights": len(result.lights),
            "origin": origin.value,
            "release": release.value,
            "indicators": sorted({e.series.indicator.code for e in result.events}),
            "periods": sorted({e.period for e in result.events}),
            "events": id_ranges(written),
        },
        row_count=len(result.events),
    )


def id_ranges(ids: Sequence[int]) -> list[list[int]]:
    """Sorted ids as closed ranges, for the trail: [4, 5, 6, 9] becomes [[4, 6], [9, 9]]."""
    ranges: list[list[int]] = []
    for number in ids:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ranges
