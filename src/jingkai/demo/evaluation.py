"""Two years of the city's own evaluation: one published, one with the zones for objections.

Made as people make them, through the services, each step by the person it belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from jingkai.core.accounts.public import User
from jingkai.delivery.evaluation.public import (
    Run,
    SchemeVersion,
    VersionState,
    approve_run,
    circulate_run,
    compute_run,
    freeze_run,
    publish_run,
)

SCHEME: Final = "SHENYANG"
NOTE: Final = "演示数据"
REPLICATIONS: Final = 1_000
_SEED: Final = 2030
# Of the first year: frozen, circulated until, approved and published.
_FROZEN: Final = datetime(2026, 1, 20, 1, tzinfo=UTC)
_UNTIL: Final = date(2026, 2, 5)
_APPROVED: Final = datetime(2026, 2, 9, 1, tzinfo=UTC)


def evaluate(people: Mapping[str, User], *, now: datetime) -> list[Run]:
    """The published run of 2024 and the circulated one of 2025; none without the scheme."""
    version = SchemeVersion.objects.filter(
        scheme__code=SCHEME, state=VersionState.PUBLISHED, first_year__lte=2024
    ).first()
    if version is None:
        return []
    office, leader = people["office"], people["leader"]
    first = _computed(version, 2024, office, _FROZEN)
    circulate_run(run_id=first.pk, until=_UNTIL, actor=office, now=_FROZEN + timedelta(hours=2))
    approve_run(run_id=first.pk, actor=leader, now=_APPROVED)
    first = publish_run(run_id=first.pk, actor=office, now=_APPROVED + timedelta(hours=3))
    second = _computed(version, 2025, office, now)
    return [first, circulate_run(run_id=second.pk, actor=office, now=now)]


def _computed(version: SchemeVersion, year: int, office: User, now: datetime) -> Run:
    run = freeze_run(
        version_id=version.pk, year=year, kind="official", as_of=now, seed=_SEED,
        replications=REPLICATIONS, note=NOTE, actor=office, now=now,
    )  # fmt: skip
    return compute_run(run_id=run.pk, actor=office, now=now)
