"""Writing, sealing and verifying the trail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db import connection, models, transaction
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.statements import insert_rows

from .chain import DEFAULT_ALGORITHM, SEALED_FIELDS, link
from .models import AuditEvent, AuditSeal

_SEAL_LOCK = 0x4A4B5EA1  # advisory lock number: one sealer at a time
_address: ContextVar[str | None] = ContextVar("audit_address", default=None)


@contextmanager
def request_address(address: str | None) -> Iterator[None]:
    """Remember the caller's network address for the events written inside."""
    token = _address.set(address)
    try:
        yield
    finally:
        _address.reset(token)


def record(
    action: str,
    *,
    actor: Any,
    target: models.Model | None = None,
    at: datetime,
    summary: str = "",
    details: dict[str, Any] | None = None,
    row_count: int | None = None,
) -> AuditEvent:
    """Write one event in the caller's transaction.

    `actor` is a user, or None for the system itself. `details` must be JSON-able.
    """
    event = AuditEvent(
        at=at.astimezone(UTC),
        action=action,
        actor_id=getattr(actor, "pk", None),
        actor_label=str(actor)[:120] if actor is not None else "system",
        target_type=target._meta.label_lower if target is not None else "",
        target_id=str(target.pk) if target is not None else "",
        target_label=str(target)[:300] if target is not None else "",
        summary=summary[:500],
        details=details or {},
        row_count=row_count,
        address=_address.get(),
    )
    insert_rows([event])
    return event


def record_many(events: list[AuditEvent]) -> None:
    """Write prepared events in one statement, for bulk work."""
    for start in range(0, len(events), 2000):
        insert_rows(events[start : start + 2000])


def record_read(
    request: HttpRequest, what: str, target: models.Model | None = None, rows: int | None = None
) -> AuditEvent:
    """Write that the signed-in person looked at something sensitive: `what` in a few words."""
    return record(
        "record.read",
        actor=request.user,
        target=target,
        at=timezone.now(),
        summary=what,
        details={"path": request.path},
        row_count=rows,
    )


def seal_pending(*, now: datetime, limit: int = 10_000) -> int:
    """Give committed, unsealed events their place in the chain; return how many.

    Returns 0 at once when another sealer is at work. Order is that of becoming visible to the
    sealer, that is commit order up to one pass; inside a pass by id. Looks at the whole trail; who
    seals again and again uses a `Sealer`.
    """
    return _seal(now, limit, 0)[0]


class Sealer:
    """Seals pass by pass, and looks only at what may have come since the one before.

    What a transaction wrote that had ended when a pass began, that pass has seen. So the next one
    asks for events of later transactions, however late these commit. The first looks at all.
    """

    def __init__(self) -> None:
        self._since = 0

    def seal(self, *, now: datetime, limit: int = 10_000) -> int:
        """As `seal_pending`."""
        sealed, horizon = _seal(now, limit, self._since)
        if horizon is not None and sealed < limit:
            self._since = horizon
        return sealed


@transaction.atomic
def _seal(now: datetime, limit: int, since: int) -> tuple[int, int | None]:
    """Seal events written by transaction `since` or later; how many, and where to go on from.

    (0, None) when another sealer is at work.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_SEAL_LOCK])
        if not cursor.fetchone()[0]:
            return 0, None
        # Read before the events: every transaction below it has ended.
        cursor.execute("SELECT txid_snapshot_xmin(txid_current_snapshot())")
        horizon = int(cursor.fetchone()[0])
    last = AuditSeal.objects.order_by("-position").first()
    position, previous = (last.position, last.digest) if last else (0, "")
    unsealed = AuditEvent.objects.filter(
        ~Exists(AuditSeal.objects.filter(event_id=OuterRef("pk"))), txid__gte=since
    )
    seals = []
    for row in unsealed.order_by("pk").values(*SEALED_FIELDS)[:limit]:
        position += 1
        digest = link(previous, row)
        seals.append(
            AuditSeal(
                position=position,
                event_id=row["id"],
                algorithm=DEFAULT_ALGORITHM,
                previous=previous,
                digest=digest,
                sealed_at=now,
            )
        )
        previous = digest
    AuditSeal.objects.bulk_create(seals, batch_size=2000)
    return len(seals), horizon


@dataclass(frozen=True, slots=True)
class ChainProblem:
    """One place where the chain does not hold."""

    event_id: int | None
    position: int | None
    kind: str  # changed | removed | reordered | link
    message: str


@dataclass(slots=True)
class ChainReport:
    """Outcome of a verification."""

    checked: int = 0
    unsealed: int = 0
    head: str = ""
    problems: list[ChainProblem] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.problems


def unsealed_count() -> int:
    """Number of committed events that wait for the sealer."""
    return AuditEvent.objects.exclude(pk__in=AuditSeal.objects.values("event_id")).count()


def verify_chain(*, max_problems: int = 50) -> ChainReport:
    """Walk the whole chain and name each changed, removed or re-ordered row.

    After a break the walk goes on from the stored digest, so one changed row is one problem.
    """
    report = ChainReport(unsealed=unsealed_count())
    previous, expected = "", 1
    for seals in _batches():
        places = AuditSeal.objects.filter(
            position__gte=seals[0].position, position__lte=seals[-1].position
        )
        rows = AuditEvent.objects.filter(pk__in=places.values("event_id"))
        events = {row["id"]: row for row in rows.values(*SEALED_FIELDS)}
        for seal in seals:
            report.checked += 1
            if seal.position != expected:
                _add(
                    report,
                    seal,
                    "removed",
                    _("Seals %(a)d to %(b)d are missing.")
                    % {"a": expected, "b": seal.position - 1},
                )
            elif seal.previous != previous:
                _add(
                    report,
                    seal,
                    "reordered",
                    _("Seal %(n)d does not follow the one before it: seals were re-ordered.")
                    % {"n": seal.position},
                )
            row = events.get(seal.event_id)
            if row is None:
                _add(
                    report, seal, "removed", _("Event %(id)d was removed.") % {"id": seal.event_id}
                )
            elif link(seal.previous, row, seal.algorithm) != seal.digest:
                _add(
                    report,
                    seal,
                    "changed",
                    _("Event %(id)d was changed after it was sealed.") % {"id": seal.event_id},
                )
            previous, expected = seal.digest, seal.position + 1
            if len(report.problems) >= max_problems:
                return report
    report.head = previous
    return report


def digests_of(event_ids: Iterable[int]) -> dict[int, str]:
    """Digest by event id, of those that are sealed already. 1 query."""
    seals = AuditSeal.objects.filter(event_id__in=list(event_ids))
    return dict(seals.values_list("event_id", "digest"))


class _Seal(NamedTuple):
    """What the walk needs of a seal; making whole model objects takes a tenth of its time."""

    position: int
    event_id: int
    algorithm: str
    previous: str
    digest: str


def _batches(size: int = 10_000) -> Iterator[list[_Seal]]:
    after: int | None = None
    while True:
        seals = AuditSeal.objects.order_by("position")
        if after is not None:
            seals = seals.filter(position__gt=after)
        batch = [_Seal(*row) for row in seals.values_list(*_Seal._fields)[:size]]
        if not batch:
            return
        yield batch
        after = batch[-1].position


def _add(report: ChainReport, seal: _Seal, kind: str, message: str) -> None:
    report.problems.append(ChainProblem(seal.event_id, seal.position, kind, message))
