"""Loading many figures at once: history, demonstration data, benchmarks. Set-based, with COPY.

The same events, current values, totals, ratios and audit as one call of `record_values` per
figure; what it leaves out is the judging of each figure against its neighbours.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection, transaction
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.errors import FieldProblem, InvalidInput, NotPermitted
from jingkai.engine.errors import PeriodError
from jingkai.engine.periods import Period
from jingkai.engine.rounding import round_to
from jingkai.masterdata.organisations.public import Zone

from ..catalogue import CITY, EDZ, Catalogue, frequency_of, zones_counted
from ..models import Origin, Release
from .entries import PLACES, Known, SeriesKey
from .rollup import Book, Derived, Rollup
from .status import relight
from .store import SeriesMap, lock_indicators, read_book

_MAX_PROBLEMS = 50
_EVENT_COLUMNS = (
    "id",
    "series_id",
    "period",
    "period_end",
    "value",
    "release",
    "origin",
    "definition_id",
    "actor_id",
    "reason",
    "inputs",
    "recorded_at",
)


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One figure in the indicator's own unit. `recorded_at` None is the moment of loading."""

    indicator: str
    scope: str
    period: str
    value: Decimal
    release: str = Release.FINAL
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LoadResult:
    """How many events were written: loaded ones, and those that followed from them."""

    loaded: int
    computed: int
    series: int


@dataclass(slots=True)
class _Row:
    """An event ready for COPY."""

    id: int
    key: SeriesKey
    period: Period
    value: Decimal
    release: str
    origin: str
    definition_id: int
    inputs: dict[str, object]
    at: datetime


@transaction.atomic
def load_history(
    *,
    rows: Iterable[HistoryRow],
    actor: User | None,
    now: datetime,
    origin: Origin,
    reason: str = "",
    roll_up: bool = True,
) -> LoadResult:
    """Load figures for series and periods that have none yet, with what follows from them.

    Memory grows with the rows; load nations in pieces. `roll_up` False writes the rows alone (for
    rows that bring their own totals). A computed figure is recorded when the last of its parts is.
    Rule lights are spoken for each series' last period.

    Raises
    ------
    NotPermitted
        A person loads: only the system does, for imports and demonstration data.
    InvalidInput
        Unknown indicators or scopes, periods that do not fit, cells that already hold a value;
        the first 50 are named by row. Nothing is written then.
    """
    if actor is not None and not actor.has_role("office"):
        raise NotPermitted(_("History is loaded by the leading-group office."))
    catalogue = Catalogue.read()
    zones = {zone.code: zone for zone in Zone.objects.all()}
    given = list(rows)
    loaded = _understand(given, catalogue, zones, now, Origin(origin))
    touched = {row.key[0] for row in loaded}
    affected = catalogue.affected_by(touched) if roll_up else touched
    lock_indicators(affected)
    series = SeriesMap.read(catalogue.by_id, zones, affected)
    series.make(row.key for row in loaded)
    _refuse_known(loaded, series)
    ids = _reserve(len(loaded))
    for row, number in zip(loaded, ids, strict=True):
        row.id = number
    computed = _derive(loaded, catalogue, series, now) if roll_up else []
    everything = [*loaded, *computed]
    _copy_events(everything, series, actor, reason)
    _copy_current(everything, series)
    relight([series.found[key] for key in {row.key for row in everything}], now=now)
    audit.record(
        "indicators.history.loaded",
        actor=actor,
        at=now,
        summary=reason or str(origin.label),
        details={
            "loaded": len(loaded),
            "computed": len(computed),
            "origin": str(origin.value),
            "indicators": sorted({catalogue.by_id[row.key[0]].code for row in loaded}),
            "events": [[everything[0].id, everything[-1].id]] if everything else [],
        },
        row_count=len(loaded),
    )
    return LoadResult(len(loaded), len(computed), len({row.key for row in everything}))


def _understand(
    given: Sequence[HistoryRow],
    catalogue: Catalogue,
    zones: dict[str, Zone],
    now: datetime,
    origin: Origin,
) -> list[_Row]:
    problems: list[FieldProblem] = []
    found: list[_Row] = []
    periods: dict[str, Period | None] = {}
    seen: set[tuple[SeriesKey, date]] = set()
    for index, row in enumerate(given):
        indicator = catalogue.by_code.get(row.indicator)
        if row.period not in periods:
            try:
                periods[row.period] = Period.parse(row.period)
            except PeriodError:
                periods[row.period] = None
        period = periods[row.period]
        definition = (
            catalogue.definition_on(indicator.pk, period.end) if indicator and period else None
        )
        key = (indicator.pk if indicator else 0, row.scope)
        wrong = ""
        if indicator is None:
            wrong = _("There is no indicator “%(code)s”.") % {"code": row.indicator}
        elif row.scope not in (CITY, EDZ) and row.scope not in zones:
            wrong = _("There is no scope “%(scope)s”: write CITY, EDZ or the code of a zone.") % {
                "scope": row.scope
            }
        elif period is None or period.frequency is not frequency_of(indicator):
            wrong = _("%(period)s does not fit “%(indicator)s”.") % {
                "period": row.period,
                "indicator": indicator.name,
            }
        elif definition is None:
            wrong = _("“%(indicator)s” has no definition yet: state what it counts first.") % {
                "indicator": indicator.name
            }
        elif (key, period.end) in seen:
            wrong = _("This figure stands twice.")
        if wrong or period is None or definition is None:
            problems.append(FieldProblem(f"rows.{index}", wrong, "invalid"))
            if len(problems) == _MAX_PROBLEMS:
                break
            continue
        seen.add((key, period.end))
        found.append(
            _Row(
                0,
                key,
                period,
                round_to(row.value, PLACES),
                row.release,
                origin.value,
                definition.pk,
                {},
                row.recorded_at or now,
            )
        )
    if problems:
        raise InvalidInput(
            _("The history cannot be loaded; nothing was written. %(first)s")
            % {"first": problems[0].message},
            problems=problems,
        )
    return found


def _refuse_known(loaded: Sequence[_Row], series: SeriesMap) -> None:
    """History fills empty cells; changing a figure is `record_values`' business. 1 query."""
    ids = sorted({series.found[row.key].pk for row in loaded})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT series_id, period FROM indicators_currentvalue WHERE series_id = ANY(%s)", [ids]
        )
        known = set(cursor.fetchall())
    if not known:
        return
    problems = [
        FieldProblem(
            f"rows.{index}",
            _("%(scope)s already has a figure for %(period)s: record a revision instead.")
            % {"scope": row.key[1], "period": row.period},
            "known",
        )
        for index, row in enumerate(loaded)
        if (series.found[row.key].pk, row.period.code) in known
    ]
    if problems:
        raise InvalidInput(problems=problems[:_MAX_PROBLEMS])


def _derive(
    loaded: Sequence[_Row], catalogue: Catalogue, series: SeriesMap, now: datetime
) -> list[_Row]:
    """Sums, totals and ratios over everything loaded and everything that stood before."""
    book = Book()
    times: dict[int, datetime] = {}
    first: dict[int, date] = {}
    if loaded:
        parts = catalogue.parts_of(catalogue.by_id[row.key[0]] for row in loaded)
        affected = catalogue.affected_by({row.key[0] for row in loaded})
        parts |= catalogue.parts_of(catalogue.by_id[i] for i in affected)
        since = min(row.period.end for row in loaded)
        book = read_book(affected | parts, date(since.year, 1, 1))
    standing = {(key, end) for key, line in book.values.items() for end in line}
    _note(loaded, book, times, first)
    rollup = Rollup(catalogue, zones_counted(), book)
    computed: list[_Row] = []
    for stage in (rollup.sums, rollup.totals, rollup.ratios):
        derived = [
            item
            for item in stage(first)
            if item.value is not None and (item.key, item.period.end) not in standing
        ]
        series.make(item.key for item in derived)
        rows = [
            _computed(item, item.value, number, times, now)
            for item, number in zip(derived, _reserve(len(derived)), strict=True)
            if item.value is not None
        ]
        _note(rows, book, times, first)
        computed += rows
    return computed


def _computed(
    item: Derived, value: Decimal, number: int, times: dict[int, datetime], now: datetime
) -> _Row:
    at = max((times[event] for event in item.events if event in times), default=now)
    return _Row(
        number,
        item.key,
        item.period,
        value,
        item.release,
        Origin.COMPUTED.value,
        item.definition.pk,
        item.inputs,
        at,
    )


def _note(
    rows: Iterable[_Row], book: Book, times: dict[int, datetime], first: dict[int, date]
) -> None:
    for row in rows:
        end, indicator_id = row.period.end, row.key[0]
        book.put(
            row.key,
            end,
            Known(
                row.value,
                row.period.code,
                end,
                row.release,
                row.origin,
                row.id,
                _int(row.inputs.get("observed")),
                _int(row.inputs.get("expected")),
                row.inputs,
            ),
        )
        times[row.id] = row.at
        first[indicator_id] = min(end, first.get(indicator_id, end))


def _int(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _reserve(count: int) -> list[int]:
    """Ids from the table's own sequence, one statement."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('indicators_valueevent', 'id')) "
            "FROM generate_series(1, %s)",
            [count],
        )
        return [number for (number,) in cursor.fetchall()]


def _copy_events(rows: Sequence[_Row], series: SeriesMap, actor: User | None, reason: str) -> None:
    actor_id = actor.pk if actor else None
    with connection.cursor() as cursor:
        statement = f"COPY indicators_valueevent ({', '.join(_EVENT_COLUMNS)}) FROM STDIN"
        with cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(
                    (
                        row.id,
                        series.found[row.key].pk,
                        row.period.code,
                        row.period.end,
                        row.value,
                        row.release,
                        row.origin,
                        row.definition_id,
                        actor_id,
                        reason[:500],
                        json.dumps(row.inputs) if row.inputs else "{}",
                        row.at,
                    )
                )


def _copy_current(rows: Sequence[_Row], series: SeriesMap) -> None:
    columns = (
        "series_id, indicator_id, zone_id, period, period_end, value, release, event_id,"
        " observed, expected"
    )
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY indicators_currentvalue ({columns}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(
                (
                    series.found[row.key].pk,
                    row.key[0],
                    series.found[row.key].zone_id,
                    row.period.code,
                    row.period.end,
                    row.value,
                    row.release,
                    row.id,
                    row.inputs.get("observed"),
                    row.inputs.get("expected"),
                )
            )
