"""Loading a pack: what is new is added, what people changed is kept and shown.

Three sides are compared field by field: what the pack said at its last load, what it says now, and
what the database holds. A field people changed is never overwritten, also when the pack changed it
too; it shows in the differences until somebody decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction

from jingkai.core.audit import public as audit
from jingkai.delivery.policy.public import KeyTask, roles_changed

from . import form_stores, policy_records, rule_stores, scheme_stores
from . import masterdata_stores as masterdata
from . import policy_stores as policy
from .model import Pack
from .models import LoadedRecord
from .problems import PackError, Problem
from .stores import Fields, MissingRecord, Store

Records = Callable[[Pack], Iterable[tuple[str, Fields]]]
PLAN: Final[tuple[tuple[Store, Records], ...]] = (
    (masterdata.BODIES, masterdata.body_records),
    (masterdata.ZONES, masterdata.zone_records),
    (masterdata.REFERENCES, masterdata.reference_records),
    (policy.DOCUMENTS, policy_records.document_records),
    (policy.PARTS, policy_records.part_records),
    (policy.MEASURES, policy_records.measure_records),
    (policy.CLAUSES, policy_records.clause_records),
    (policy.TASKS, policy_records.task_records),
    (policy.RULES, policy_records.rule_records),
    (policy.INDICATORS, policy_records.indicator_records),
    (form_stores.FORMS, form_stores.form_records),
    (rule_stores.VALIDATION_RULES, rule_stores.validation_rule_records),
    (scheme_stores.SCHEMES, scheme_stores.scheme_records),
    (policy.CONFLICTS, policy_records.conflict_records),
    (policy.TARGETS, policy_records.target_records),
)

_ROLES: Final = frozenset({"bodies", "lead", "assist"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is not as the pack says.

    `kind_of`: "missing" (not loaded yet), "news" (the pack changed, the next load takes it),
    "edited" (people changed it), "clash" (both changed it), "extra" (only in the database, once
    loaded from the pack).
    """

    kind: str
    code: str
    field: str
    pack: Any
    local: Any
    kind_of: str

    def __str__(self) -> str:
        where = f"{self.kind} {self.code} {self.field}".strip()
        return f"{self.kind_of:8} {where}: pack {self.pack!r}, here {self.local!r}"


@dataclass(slots=True)
class LoadReport:
    """What a load did."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    kept: list[Difference] = field(default_factory=list)
    roles: set[str] = field(default_factory=set)
    """Key tasks whose bodies or their roles were written."""

    @property
    def changed(self) -> bool:
        return bool(self.created or self.updated)


def compare(pack: Pack) -> list[Difference]:
    """Every difference between the pack and the database. One set of queries per kind."""
    found: list[Difference] = []
    for store, records in PLAN:
        local, last = store.read_all(), _last(pack.id, store.kind)
        seen = set()
        for code, fields in records(pack):
            seen.add(code)
            if code not in local:
                found.append(Difference(store.kind, code, "", "…", None, "missing"))
                continue
            found += _differences(store.kind, code, fields, local[code], last.get(code))
        found += [
            Difference(store.kind, code, "", None, "…", "extra")
            for code in last
            if code not in seen and code in local
        ]
    return found


def _differences(
    kind: str, code: str, fields: Fields, local: Fields, last: Fields | None
) -> list[Difference]:
    found = []
    for name, wanted in fields.items():
        have = local.get(name)
        if have == wanted:
            continue
        before = wanted if last is None else last.get(name)
        if last is not None and have == before:
            sort = "news"
        elif before == wanted:
            sort = "edited"
        else:
            sort = "clash"
        found.append(Difference(kind, code, name, wanted, have, sort))
    return found


@transaction.atomic
def load(pack: Pack, *, actor: Any, now: datetime) -> LoadReport:
    """Bring the database up to the pack; all or nothing. Loading twice changes nothing.

    Raises PackError naming the record that the database refuses.
    """
    report = LoadReport()
    digests = _digests(pack.id)
    for store, records in PLAN:
        local, last = store.read_all(), _last(pack.id, store.kind)
        late: list[tuple[str, Fields]] = []
        remembered: list[LoadedRecord] = []
        for code, fields in records(pack):
            try:
                if code not in local:
                    store.write(code, fields, create=True)
                    late.append((code, fields))
                    report.created += 1
                    _note_roles(store, code, fields, report)
                else:
                    _update(store, code, fields, local[code], last.get(code), report, late)
            except (ValidationError, MissingRecord) as error:
                raise PackError([_problem(pack, store.kind, code, error)]) from error
            if last.get(code) != fields or pack.digest not in digests.get(store.kind, set()):
                remembered.append(
                    LoadedRecord(
                        pack=pack.id,
                        kind=store.kind,
                        code=code,
                        fields=fields,
                        version=pack.version,
                        digest=pack.digest,
                        loaded_at=now,
                    )
                )
        for code, fields in late:
            store.write_late(code, fields)
        LoadedRecord.objects.bulk_create(
            remembered,
            update_conflicts=True,
            unique_fields=["pack", "kind", "code"],
            update_fields=["fields", "version", "digest", "loaded_at"],
        )
    for task in KeyTask.objects.filter(code__in=report.roles).order_by("code"):
        roles_changed(task, actor, now)
    if report.changed:
        audit.record(
            "packs.loaded",
            actor=actor,
            at=now,
            summary=f"{pack.title_zh} {pack.version}",
            details={
                "pack": pack.id,
                "digest": pack.digest,
                "created": report.created,
                "updated": report.updated,
                "kept": len(report.kept),
            },
        )
    return report


def _update(
    store: Store,
    code: str,
    fields: Fields,
    local: Fields,
    last: Fields | None,
    report: LoadReport,
    late: list[tuple[str, Fields]],
) -> None:
    differences = _differences(store.kind, code, fields, local, last)
    news = {d.field: fields[d.field] for d in differences if d.kind_of == "news"}
    report.kept += [d for d in differences if d.kind_of != "news"]
    if news:
        store.write(code, news, create=False)
        late.append((code, news))
        report.updated += 1
        _note_roles(store, code, news, report)
    else:
        report.unchanged += 1


def _note_roles(store: Store, code: str, written: Fields, report: LoadReport) -> None:
    if store is policy.TASKS and not _ROLES.isdisjoint(written):
        report.roles.add(code)


def _last(pack: str, kind: str) -> dict[str, Fields]:
    rows = LoadedRecord.objects.filter(pack=pack, kind=kind)
    return dict(rows.values_list("code", "fields"))


def _digests(pack: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for kind, digest in LoadedRecord.objects.filter(pack=pack).values_list("kind", "digest"):
        found.setdefault(kind, set()).add(digest)
    return found


def _problem(pack: Pack, kind: str, code: str, error: Exception) -> Problem:
    if isinstance(error, ValidationError):
        parts = getattr(error, "message_dict", {"": error.messages})
        text = "; ".join(f"{name}: {' '.join(messages)}" for name, messages in parts.items())
    else:
        text = f"It points at {error}, which does not exist."
    return Problem(pack.id, 0, f"{kind} {code}", text, "Correct the pack, then load it again.")
