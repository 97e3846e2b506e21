"""An evaluation run: freezing, computing, making again, and its pages, for a city and a nation.

City: 15 zones × 30 leaves, 10,000 replications. Nation: 2,800 zones × 60 leaves, 1,000
replications; name it as an argument (`evaluation.py nation`). Budget (design, section 8): a page
within 100 ms; the rest has none and is shown for comparison. Beside the clock stands the processor
time of Python, which other work on the machine moves less.
"""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench._common import Line, fresh_database, p95, repeat, report, start_django, timed

NOW: Final = datetime(2026, 11, 22, 2, tzinfo=UTC)
YEAR: Final = 2025
MEASURED: Final = 10
WHOLE: Final = 300
"""Zones up to which all ranks are lifted; of more, one."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many zones and leaves, and how often the evaluation is repeated."""

    name: str
    zones: int
    leaves: int
    replications: int


SIZES: Final = {
    "city": Size("city", 15, 30, 10_000),
    "nation": Size("nation", 2_800, 60, 1_000),
}


def main() -> int:
    """Build each size in an empty database and time it."""
    names = [name for name in sys.argv[1:] if name in SIZES] or ["city"]
    fresh_database("bench_evaluation")
    start_django()
    failed = 0
    for name in names:
        failed |= measure(SIZES[name])
    return failed


def measure(size: Size) -> int:
    """One size: make the scene, freeze, compute, make again, open the pages."""
    from django.db import connection
    from django.urls import reverse

    from jingkai.core.accounts.tests.factories import signed_in
    from jingkai.delivery.evaluation.computing import evaluate, run_definition, run_table
    from jingkai.delivery.evaluation.computing.lifts import lifts_by_unit, lifts_of
    from jingkai.delivery.evaluation.public import compute_run, freeze_run, start_draft, verify_run

    office, version, zone = scene(size)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with timed() as frozen:
        run = freeze_run(
            version_id=version.pk, year=YEAR, kind="trial", as_of=NOW, seed=1,
            replications=size.replications, actor=office, now=NOW,
        )  # fmt: skip
    with timed() as computed:
        run = compute_run(run_id=run.pk, actor=office, now=NOW)
    with timed() as again:
        holds = verify_run(run).holds
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    outcome = evaluate(run_definition(run), run_table(run), seed=1, replications=100)
    whole = size.zones <= WHOLE
    start = time.process_time()
    lifts = sum(len(found) for _zone, found in lifts_by_unit(outcome)) if whole else len(
        lifts_of(outcome, zone)
    )  # fmt: skip
    lifting = time.process_time() - start
    browser = signed_in(office)
    code = version.scheme.code
    draft = start_draft(scheme_id=version.scheme_id, actor=office, now=NOW)
    pages = {
        "ranking": reverse("evaluation:run", args=[run.pk]),
        "report of a zone": reverse("evaluation:report", args=[run.pk, zone]),
        "sensitivity": reverse("evaluation:sensitivity", args=[run.pk]),
        "overview": reverse("evaluation:overview"),
        "scheme": reverse("evaluation:scheme", args=[code]),
        "editor of a scheme": reverse("evaluation:edit-scheme", args=[code, draft.number]),
        "publication": reverse("evaluation:publication", args=[run.pk]),
        "who moved": reverse("evaluation:compare", args=[run.pk, run.pk]),
    }
    what = f"{size.zones:,} x {size.leaves}"
    lines = [
        Line(f"freeze {what}, two years", f"{frozen[0]:.2f} s", "-", None),
        Line(f"compute, {size.replications:,} replications", f"{computed[0]:.2f} s", "-", None),
        Line("make again and compare digests", f"{again[0]:.2f} s", "the same", holds),
        Line(
            f"what would lift the rank of {'all zones' if whole else 'one zone'}, {lifts:,} found",
            f"{lifting:.2f} s of processor",
            "-",
            None,
        ),
        Line("peak memory of the process", f"{memory:,.0f} MB", "-", None),
    ]
    for name, address in pages.items():
        start = time.process_time()
        slow = p95(repeat(lambda at=address: browser.get(at), MEASURED)) * 1000
        spent = (time.process_time() - start) * 1000 / (MEASURED + 1)
        said = f"{slow:.0f} ms, {spent:.0f} of processor"
        lines.append(Line(f"page: {name} (p95)", said, "100 ms", slow <= 100))
    return report(f"evaluation: {size.name}", lines)


def scene(size: Size) -> tuple[Any, Any, str]:
    """Zones, yearly indicators with figures of two years, a published scheme; filled by SQL."""
    from django.db import connection

    from jingkai.core.accounts.public import Role
    from jingkai.core.accounts.tests.factories import UserFactory
    from jingkai.delivery.evaluation.tests.factories import Leaf, version_of
    from jingkai.delivery.indicators.tests.factories import IndicatorFactory
    from jingkai.masterdata.organisations.public import Zone
    from jingkai.masterdata.organisations.tests.factories import BodyFactory, ZoneFactory

    Zone.objects.update(evaluated=False)
    host = BodyFactory()
    zones = [ZoneFactory(host_district=host) for _ in range(size.zones)]
    found = [
        IndicatorFactory(
            frequency="year", value_mode="stock", place_aggregation="never", responsible=host,
            compiler=host,
        )
        for _ in range(size.leaves)
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO indicators_series (indicator_id, scope_kind, scope, zone_id, source)"
            " SELECT i, 'zone', z.code, z.id, '' FROM unnest(%s::bigint[]) i,"
            " organisations_zone z WHERE z.evaluated",
            [[one.pk for one in found]],
        )
        cursor.execute(
            "INSERT INTO indicators_valueevent (series_id, period, period_end, value, release,"
            " origin, definition_id, reason, inputs, recorded_at)"
            " SELECT s.id, y::text, make_date(y, 12, 31),"
            " 100 + (s.id * 7919 %% 997) * (1 + (y - 2023) * 0.05), 'final', 'synthetic', v.id,"
            " '', '{}', '2026-03-01' FROM indicators_series s JOIN indicators_indicatorversion v"
            " ON v.indicator_id = s.indicator_id, generate_series(%s, %s) y"
            " WHERE s.indicator_id = ANY(%s)",
            [YEAR - 1, YEAR, [one.pk for one in found]],
        )
    classes = 5
    each = size.leaves // classes
    points = [(Decimal(100) / size.leaves).quantize(Decimal("0.0001")) for _ in found]
    points[-1] += 100 - sum(points)
    leaves = [
        Leaf(f"L{n}", str(points[n]), one, growth_share="0.3" if n % 3 == 0 else None)
        for n, one in enumerate(found)
    ]
    tree = {f"C{c}": leaves[c * each : (c + 1) * each] for c in range(classes)}
    return UserFactory(role=Role.OFFICE), version_of(tree), zones[0].code


if __name__ == "__main__":
    sys.exit(main())
