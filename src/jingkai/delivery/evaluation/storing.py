"""Results into rows: one `ZoneResult` per zone of the run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from jingkai.engine.composite.changes import acts_alone

from .computing import Outcome
from .computing.lifts import lifts_by_unit
from .computing.reports import Reporter
from .computing.typical import YearBefore
from .models import Run, ZoneResult

LIFTS_AHEAD: Final = 5_000_000
"""Zones × zones × leaves up to which what would lift each rank is worked out with the run; beyond,
when somebody opens the zone's report. A change of one figure is looked at in every zone."""
LIFTS_ANEW: Final = 30_000
"""The same for methods under which a figure touches other indicators: each trial is a whole build.
"""
_SCORE: Final = Decimal("0.00000001")
_SHARE: Final = Decimal("0.0001")
_PLACE: Final = Decimal("0.01")
_BATCH: Final = 500


def store_results(
    run: Run,
    outcome: Outcome,
    years: YearBefore | None,
    zone_ids: Mapping[str, int],
    step: Callable[[], None] = lambda: None,
) -> int:
    """Replace the run's results; returns how many. `step` is called once for each zone."""
    reporter = Reporter(outcome, years)
    alone = acts_alone(outcome.result.method, outcome.result.tree)
    size = len(outcome.units) ** 2 * len(outcome.definition.leaves)
    ahead = size <= (LIFTS_AHEAD if alone else LIFTS_ANEW)
    lifts = lifts_by_unit(outcome) if ahead else ((unit, None) for unit in outcome.units)
    root = outcome.definition.root.code
    classes = [node.code for node in outcome.definition.children(root)]
    run.results.all().delete()
    rows: list[ZoneResult] = []
    for row, (unit, found) in enumerate(lifts):
        rank = int(outcome.ranks[row])
        group_rank = int(outcome.group_ranks[row])
        detail = reporter.detail(unit, found)
        nodes = detail["nodes"]
        rows.append(
            ZoneResult(
                run=run,
                zone_id=zone_ids[unit],
                score=_decimal(float(outcome.scores[row]), _SCORE),
                before_points=_decimal(float(outcome.before[row]), _SCORE),
                rank=rank or None,
                group=outcome.groups[row],
                group_rank=(group_rank or None) if rank else None,
                group_size=int(outcome.group_sizes[row]),
                rank_low=_decimal(float(outcome.low[row]), _PLACE),
                rank_high=_decimal(float(outcome.high[row]), _PLACE),
                coverage=_decimal(float(outcome.coverage[row]), _SHARE) or Decimal(0),
                why_unranked=outcome.why[row],
                class_points={code: nodes[code]["points"] for code in classes},
                detail=detail,
            )
        )
        if len(rows) == _BATCH:
            ZoneResult.objects.bulk_create(rows)
            rows.clear()
        step()
    ZoneResult.objects.bulk_create(rows)
    return len(outcome.units)


def _decimal(value: float, step: Decimal) -> Decimal | None:
    if value != value:
        return None
    return Decimal(repr(value)).quantize(step, ROUND_HALF_EVEN)
