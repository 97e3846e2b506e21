"""A monthly return through the Excel door: template out, workbook in, painted copy.

Budget (design, section 8): a return of 60 × 15 cells by Excel with full validation and audit ≤ 1 s.
"""

from __future__ import annotations

import io
import random
import sys
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench._common import Line, fresh_database, report, start_django, timed

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 10, 9, 2, tzinfo=UTC)
INDICATORS, PLACES = 60, 15
RUNS = 5
SEED = 20261009


def main() -> int:
    """Fill an empty house with the pack and one department's form, then send it in."""
    fresh_database("bench_returns")
    start_django()
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext

    from jingkai.delivery.reporting.excel.receiving import receive_file
    from jingkai.delivery.reporting.excel.template import template_for

    in_return, clerk = _department_return()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # what autovacuum does within a minute
    rng = random.Random(SEED)
    with timed() as out:
        content = template_for(in_return, now=NOW)
    plausible = _expected()
    good = _filled(content, lambda row, column: round(plausible[row, column], 2))
    bad = _filled(content, lambda _row, _column: rng.choice(["约十", "1,23", 12.5]))

    def send(content: bytes) -> Any:
        return receive_file(
            return_id=in_return.pk,
            upload=SimpleUploadedFile("表.xlsx", content),
            actor=clerk,
            now=NOW,
        )

    taken, own, refused, painted = [], [], [], []
    for _run in range(RUNS):
        with transaction.atomic():
            began = time.process_time()
            with timed() as one:
                answer = send(good)
            own.append(time.process_time() - began)
            assert answer.record.saved_cells == INDICATORS * PLACES
            taken.append(one[0])
            transaction.set_rollback(True)
        with transaction.atomic():
            with timed() as one:
                answer = send(bad)
            assert not answer.saved
            refused.append(one[0])
            with timed() as one:
                assert answer.painted
            painted.append(one[0])
            transaction.set_rollback(True)
    with CaptureQueriesContext(connection) as queries, transaction.atomic():
        found = len(send(good).judgement.findings)
        transaction.set_rollback(True)
    size = f"{INDICATORS} x {PLACES}"
    median = _middle(taken)
    return report(
        "a return by Excel",
        [
            Line(f"template of {size}", f"{out[0]:.2f} s", "-", None),
            Line(
                f"workbook of {size} taken in, {found} findings, {len(queries)} queries",
                f"{median:.2f} s",
                "1 s",
                median <= 1,
            ),
            Line("of it, processor time of the server", f"{_middle(own):.2f} s", "-", None),
            Line("the same with bad cells refused", f"{_middle(refused):.2f} s", "-", None),
            Line("its painted copy", f"{_middle(painted):.2f} s", "-", None),
        ],
    )


def _middle(seconds: list[float]) -> float:
    return sorted(seconds)[len(seconds) // 2]


def _department_return() -> tuple[Any, Any]:
    """An open return of 60 indicators in 15 zones with two years of history, and its clerk."""
    from jingkai.core.accounts.public import Role
    from jingkai.delivery.indicators import public as indicators
    from jingkai.delivery.reporting.models import Form, FormItem, FormVersion
    from jingkai.delivery.reporting.services import open_campaign
    from jingkai.demo.load import extra_zones
    from jingkai.demo.people import make_people
    from jingkai.masterdata.organisations.public import Zone
    from jingkai.masterdata.reference.public import seed_calendar
    from jingkai.packs.public import load_pack

    load_pack(ROOT / "packs" / "shenyang", now=NOW)
    seed_calendar(now=NOW)
    extra_zones()
    people = make_people()
    Zone.objects.exclude(pk__in=Zone.objects.order_by("position")[:PLACES].values("pk")).update(
        valid_to="2020-01-01"
    )
    zones = list(
        Zone.objects.filter(valid_to=None).order_by("position").values_list("code", flat=True)
    )
    model = indicators.Indicator.objects.get(code="IND_VA")
    clerk = people["stat-clerk"]
    body_id = next(iter(clerk.body_ids(Role.DEPARTMENT_CLERK)))
    form = Form.objects.create(
        code="bench", name="基准月报", filled_by="department", body_id=body_id, frequency="month"
    )
    version = FormVersion.objects.create(
        form=form, number=1, state="published", effective_from="2026-01-01", created_at=NOW
    )
    codes = []
    for n in range(INDICATORS):
        copy = indicators.Indicator.objects.get(pk=model.pk)
        copy.pk, copy.code, copy.name, copy.position = None, f"BENCH_{n}", f"基准{n}", 1000 + n
        copy.save()
        codes.append(copy.code)
        indicators.IndicatorVersion.objects.create(
            indicator=copy, number=1, effective_from="2020-01-01", definition="-"
        )
        FormItem.objects.create(version=version, position=n, indicator=copy, coverage="zones")
    months = [f"{year}-{month:02d}" for year in (2024, 2025) for month in range(2, 13)]
    months += [f"2026-{month:02d}" for month in range(2, 9)]
    rows = [
        indicators.HistoryRow(code, zone, month, _grown(rate, month))
        for n, code in enumerate(codes)
        for place, zone in enumerate(zones)
        for month, rate in [(month, _rate(n, place)) for month in months]
    ]
    indicators.load_history(
        rows=rows, actor=None, now=NOW, origin=indicators.Origin.SYNTHETIC, reason="bench"
    )
    campaign = open_campaign(form_id=form.pk, period="2026-09", actor=people["office"], now=NOW)
    found = campaign.returns.select_related("campaign__form", "campaign__version", "body").get()
    return found, clerk


def _rate(row: int, place: int) -> float:
    """What one indicator grows by in one month in one zone."""
    return random.Random(SEED + 1000 * row + place).uniform(5, 90)


def _grown(rate: float, month: str) -> Decimal:
    """The running total at the end of a month: seven percent more than a year before."""
    year, number = int(month[:4]), int(month[-2:])
    return Decimal(f"{rate * number * 1.07 ** (year - 2024):.2f}")


def _expected() -> dict[tuple[int, int], float]:
    """A plausible September figure for each cell; one in fifty jumps."""
    rng = random.Random(SEED)
    return {
        (row, place): float(_grown(_rate(row, place), "2026-09"))
        * (1.8 if rng.random() < 0.02 else rng.uniform(0.97, 1.03))
        for row in range(INDICATORS)
        for place in range(PLACES)
    }


def _filled(content: bytes, figure: Any) -> bytes:
    """The template with a figure in every entry cell, as a spreadsheet saves it."""
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    for row in range(INDICATORS):
        for place in range(PLACES):
            sheet.cell(6 + row, 5 + place).value = figure(row, place)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
