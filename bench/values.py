"""Writing figures: a monthly return through the service, and bulk history against raw COPY.

Budget (design, section 8): a return of 60 × 15 cells with full validation and audit ≤ 1 s. The
ratio to raw COPY has no budget; the peer is PostgreSQL's own COPY of the rows into a bare table.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench._common import Line, fresh_database, report, start_django, timed

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
CELLS = (60, 15)


def main() -> int:
    """Fill an empty house with the pack, then time both ways in."""
    fresh_database("bench_values")
    start_django()
    from django.db import connection, transaction

    from jingkai.delivery.indicators import public as indicators
    from jingkai.demo.load import extra_zones
    from jingkai.demo.people import make_people
    from jingkai.masterdata.organisations.public import Zone
    from jingkai.packs.public import load_pack

    load_pack(ROOT / "packs" / "shenyang", now=NOW)
    extra_zones()
    people = make_people()
    zones = list(Zone.objects.order_by("position")[:15].values_list("code", flat=True))
    model = indicators.Indicator.objects.get(code="IND_VA")
    codes = [f"BENCH_{n}" for n in range(CELLS[0])]
    for n, code in enumerate(codes):
        copy = indicators.Indicator.objects.get(pk=model.pk)
        copy.pk, copy.code, copy.name, copy.position = None, code, f"基准{n}", 1000 + n
        copy.save()
        indicators.IndicatorVersion.objects.create(
            indicator=copy, number=1, effective_from="2020-01-01", definition="-"
        )
    months = [f"{year}-{month:02d}" for year in (2024, 2025) for month in range(2, 13)]
    rows = [
        indicators.HistoryRow(code, zone, month, Decimal(n * int(month[-2:]) + 10))
        for code in codes
        for zone in zones
        for n, month in enumerate(months, start=1)
    ]
    with timed() as bulk:
        indicators.load_history(
            rows=rows, actor=None, now=NOW, origin=indicators.Origin.SYNTHETIC, reason="bench"
        )
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute(
            "CREATE TABLE bare (series int, period text, ends date,"
            " value numeric(24,6), at timestamptz)"
        )
        with timed() as raw, cursor.copy("COPY bare FROM STDIN") as copy_in:
            for n, row in enumerate(rows):
                copy_in.write_row((n, row.period, "2024-12-31", row.value, NOW))
    entries = [
        indicators.ValueEntry(code, zone, "2026-09", Decimal(500))
        for code in codes
        for zone in zones
    ]
    seconds = []
    for step in range(5):
        said = [
            indicators.ValueEntry(e.indicator, e.scope, e.period, (e.value or 0) + step)
            for e in entries
        ]
        with timed() as one:
            indicators.record_values(
                entries=said,
                actor=people["office"],
                now=NOW,
                origin=indicators.Origin.EXCEL,
                release=indicators.Release.FLASH,
            )
        seconds.append(one[0])
    median = sorted(seconds)[len(seconds) // 2]
    size = f"{CELLS[0]} x {len(zones)}"
    return report(
        "writing figures",
        [
            Line(
                f"return of {size} cells, validation, roll-up, audit",
                f"{median:.2f} s",
                "1 s",
                median <= 1,
            ),
            Line(f"history of {len(rows):,} values", f"{len(rows) / bulk[0]:,.0f} /s", "-", None),
            Line(f"raw COPY of {len(rows):,} rows", f"{len(rows) / raw[0]:,.0f} /s", "-", None),
            Line("history against raw COPY", f"{bulk[0] / raw[0]:.1f} x slower", "-", None),
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
