"""Scenes of ledger, objections and publication on the stage of the room's tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from jingkai.core.accounts.models import User
from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.delivery.evaluation.models import (
    LedgerEntry,
    Objection,
    ObjectionSubject,
    Run,
    RunKind,
)
from jingkai.delivery.evaluation.services.ledger import confirm_points, propose_points
from jingkai.delivery.evaluation.services.objections import draft_objection, file_objection
from jingkai.delivery.evaluation.services.publication import (
    approve_run,
    circulate_run,
    publish_run,
)
from jingkai.delivery.evaluation.services.runs import compute_run, freeze_run
from jingkai.delivery.evaluation.terms import Terms
from jingkai.masterdata.organisations.tests.factories import BodyFactory
from jingkai.masterdata.reference.public import calendar_loaded, seed_calendar

from .factories import NOW, YEAR, Stage, stage

TERMS = Terms(objection=5, again=3, answer=10, remind=1)
TODAY = date(2026, 11, 22)
LATER = NOW + timedelta(days=9)
"""After the time for objections."""


def paper(name: str = "通报.pdf", text: str = "") -> SimpleUploadedFile:
    """A small paper; other `text`, other content."""
    content = f"%PDF-1.4\n{name}{text}\n%%EOF".encode()
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def department() -> User:
    """A clerk of some department."""
    return UserFactory(role=Role.DEPARTMENT_CLERK, body=BodyFactory())


def propose(world: Stage, actor: User | None = None, **fields: Any) -> LedgerEntry:
    """A case of the first zone with its evidence."""
    given: dict[str, Any] = {
        "scheme_id": world.scheme.pk,
        "zone_id": world.zones[0].pk,
        "year": YEAR,
        "rule": "accident",
        "reason": "较大生产安全事故一起",
        "happened_on": date(YEAR, 6, 1),
        "evidence": [paper()],
        "actor": actor or department(),
        "now": NOW,
    }
    return propose_points(**{**given, **fields})


def confirmed(world: Stage, **fields: Any) -> LedgerEntry:
    """A case that the office has confirmed."""
    entry = propose(world, **fields)
    return confirm_points(entry_id=entry.pk, actor=world.office, now=NOW)


def computed(world: Stage, *, kind: str = RunKind.OFFICIAL, now: datetime = NOW) -> Run:
    """A run of the stage with its results."""
    run = freeze_run(
        version_id=world.version.pk,
        year=YEAR,
        kind=kind,
        as_of=None,
        seed=7,
        replications=100,
        actor=world.office,
        now=now,
    )
    return compute_run(run_id=run.pk, actor=world.office, now=now)


def circulated(world: Stage, run: Run | None = None, *, now: datetime = NOW) -> Run:
    run = run or computed(world, now=now)
    if not calendar_loaded(now.year):
        seed_calendar(now=now)
    return circulate_run(run_id=run.pk, actor=world.office, now=now)


def approved(world: Stage, run: Run | None = None) -> Run:
    run = run or circulated(world)
    return approve_run(run_id=run.pk, actor=world.leader, now=LATER)


def published(world: Stage, run: Run | None = None) -> Run:
    run = approved(world, run)
    return publish_run(run_id=run.pk, actor=world.office, now=LATER)


@dataclass(frozen=True, slots=True)
class Zone:
    """The people of the first zone."""

    clerk: User
    leader: User


def people(world: Stage, place: int = 0) -> Zone:
    return Zone(world.clerk(place), world.clerk(place, Role.ZONE_LEADER))


def drafted(world: Stage, run: Run, clerk: User, **fields: Any) -> Objection:
    """An objection of the first zone against its tax figure."""
    given: dict[str, Any] = {
        "run_id": run.pk,
        "zone_id": world.zones[0].pk,
        "subject": ObjectionSubject.FIGURE,
        "node": "TAX",
        "text": "税收漏计一户企业，应为二十一亿元。",
        "actor": clerk,
        "now": NOW,
    }
    return draft_objection(**{**given, **fields})


def filed(world: Stage, run: Run, zone: Zone, **fields: Any) -> Objection:
    draft = drafted(world, run, zone.clerk, **fields)
    return file_objection(objection_id=draft.pk, actor=zone.leader, now=NOW)


__all__ = ["NOW", "YEAR", "Stage", "stage"]
