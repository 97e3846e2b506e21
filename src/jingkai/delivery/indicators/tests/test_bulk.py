"""Loading history: the same events, values, totals and audit as recording one by one."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from django.db import connection

from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.audit.public import AuditEvent
from jingkai.core.errors import InvalidInput, NotPermitted
from jingkai.delivery.indicators.models import CurrentValue, Origin, ValueEvent
from jingkai.delivery.indicators.services.bulk import HistoryRow, load_history
from jingkai.delivery.indicators.services.sources import (
    IndicatorSource,
    only_sources,
    refresh_from_source,
    register_source,
)
from jingkai.masterdata.organisations.tests.factories import ZoneFactory

from .factories import NOW, IndicatorFactory
from .test_record import current, say

pytestmark = pytest.mark.django_db


def load(rows, **more):
    return load_history(rows=rows, actor=None, now=NOW, origin=Origin.SYNTHETIC, **more)


def test_history_ends_like_recording_one_by_one() -> None:
    zones = ZoneFactory.create_batch(3)
    pairs = []
    for _ in range(2):
        top, bottom = IndicatorFactory(), IndicatorFactory()
        share = IndicatorFactory(
            unit="%",
            place_aggregation="weighted_ratio",
            time_aggregation="weighted_ratio",
            definition={"numerator": top, "denominator": bottom, "multiplier": 100},
        )
        pairs.append((top, bottom, share))
    cells = [
        (n, z.code, f"2026-{m:02}", Decimal(m * (n + 3) + i))
        for n in (0, 1)
        for i, z in enumerate(zones)
        for m in range(1, 9 + i % 2)
    ]
    load([HistoryRow(pairs[0][n].code, s, p, v) for n, s, p, v in cells])
    say(
        None,
        *[(pairs[1][n].code, s, p, str(v)) for n, s, p, v in cells],
        origin=Origin.RECORDS,
        release="final",
    )

    def state(pair):
        rows = CurrentValue.objects.filter(series__indicator__in=pair).select_related("series")
        return {
            (pair.index(r.series.indicator), r.series.scope, r.period): (
                r.value,
                r.release,
                r.observed,
                r.expected,
            )
            for r in rows.select_related("series__indicator")
        }

    assert state(pairs[0]) == state(pairs[1])
    assert len(state(pairs[0])) > len(cells)
    trail = AuditEvent.objects.get(action="indicators.history.loaded")
    assert trail.row_count == len(cells)


def test_terms_are_added_up_and_rolled_up() -> None:
    a, b = ZoneFactory.create_batch(2)
    stock = {"unit": "家", "decimals": 0, "frequency": "quarter", "value_mode": "stock"}
    eagle, gazelle = IndicatorFactory(**stock), IndicatorFactory(**stock)
    ladder = IndicatorFactory(**stock, definition={"terms": [eagle.code, gazelle.code]})
    load(
        [
            HistoryRow(i.code, z.code, "2026-Q2", Decimal(n))
            for n, (i, z) in enumerate(
                [(eagle, a), (gazelle, a), (eagle, b), (gazelle, b)], start=1
            )
        ]
    )
    assert current(ladder, a.code, "2026-Q2").value == 3
    assert current(ladder, "EDZ", "2026-Q2").value == 10
    say(None, (eagle.code, a.code, "2026-Q3", "5"), origin=Origin.RECORDS)
    assert current(ladder, a.code, "2026-Q3").value == 7
    assert current(ladder, "EDZ", "2026-Q3").value == 14


def test_history_fills_empty_cells_only_and_names_each_wrong_row() -> None:
    zone, row = ZoneFactory(), IndicatorFactory()
    load([HistoryRow(row.code, zone.code, "2025-12", Decimal(1))])
    with pytest.raises(InvalidInput, match="already has"):
        load([HistoryRow(row.code, zone.code, "2025-12", Decimal(2))])
    with pytest.raises(InvalidInput) as caught:
        load(
            [
                HistoryRow(row.code, zone.code, "2025-Q1", Decimal(2)),
                HistoryRow("NO", zone.code, "2025-11", Decimal(2)),
                HistoryRow(row.code, "no", "2025-11", Decimal(2)),
            ]
        )
    assert [p.field for p in caught.value.problems] == ["rows.0", "rows.1", "rows.2"]
    with pytest.raises(NotPermitted):
        load_history(rows=[], actor=UserFactory(), now=NOW, origin=Origin.EXCEL)


def test_loading_stays_near_plain_copy() -> None:
    zones = ZoneFactory.create_batch(20)
    rows = IndicatorFactory.create_batch(10)
    history = [
        HistoryRow(r.code, z.code, f"{y}-{m:02}", Decimal(m))
        for r in rows
        for z in zones
        for y in range(2020, 2026)
        for m in range(1, 13)
    ]
    start = time.perf_counter()
    load(history, roll_up=False)
    loaded = time.perf_counter() - start
    columns = "series_id, period, period_end, value, release, origin, definition_id, inputs, "
    kept = list(
        ValueEvent.objects.values_list(
            "series_id", "period", "period_end", "value", "release", "origin", "definition_id"
        )
    )
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE plain (LIKE indicators_valueevent INCLUDING ALL)")
        start = time.perf_counter()
        with cursor.copy(f"COPY plain ({columns} reason, recorded_at) FROM STDIN") as copy:
            for event in kept:
                copy.write_row((*event, "{}", "", NOW))
        plain = time.perf_counter() - start
    print(f"{len(history)} rows: {loaded:.2f} s, plain COPY {plain:.2f} s")  # noqa: T201
    assert ValueEvent.objects.count() == len(history)
    assert loaded < 12 * plain


def test_an_indicator_is_counted_from_records() -> None:
    a, b = ZoneFactory.create_batch(2)
    starts = IndicatorFactory(code="STARTS", unit="个", decimals=0)
    register = {(a.code, "2026-10"): 3, (b.code, "2026-10"): 4}

    def count(period):
        return {s: Decimal(n) for (s, p), n in register.items() if p == period.code}

    with only_sources(IndicatorSource("STARTS", count, "projects started")):
        with pytest.raises(ValueError, match="already"):
            register_source(IndicatorSource("STARTS", count, "twice"))
        refresh_from_source("STARTS", "2026-10", now=NOW)
        register[a.code, "2026-10"] = 5
        result = refresh_from_source("STARTS", "2026-10", now=NOW)
        assert len(result.events) == 1
        assert result.events[0].origin == Origin.RECORDS
        assert current(starts, "EDZ", "2026-10").value == 9
        with pytest.raises(InvalidInput, match="not computed from records"):
            refresh_from_source("OTHER", "2026-10", now=NOW)
