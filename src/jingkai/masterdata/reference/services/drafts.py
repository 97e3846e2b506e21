"""Drafts of reference tables: begun, edited row by row or by file, thrown away."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.errors import Conflict, InvalidInput
from jingkai.core.register.public import (
    ImportResult,
    RowChange,
    SheetData,
    SheetRow,
    problems_of,
    raise_problems,
    rows_from_json,
)
from jingkai.core.verdicts import require

from .. import calendar, rules
from ..models import ReferenceRow, ReferenceTable, ReferenceVersion, VersionState
from ..values import KEY, kept, key_column, sheet_columns

Rows = Sequence[tuple[str, Mapping[str, Any]]]
Check = Callable[[Iterable[tuple[str, Mapping[str, Any]]]], Iterable[tuple[str, str]]]
CHECKS: Final[Mapping[str, Check]] = {calendar.CALENDAR: calendar.row_problems}


@dataclass(frozen=True, slots=True)
class VersionHead:
    """What stands above the rows of a version."""

    version: str
    effective_from: date
    effective_to: date | None
    source: str
    confidence: str
    note: str = ""


def cleaned(obj: ReferenceVersion | ReferenceTable) -> None:
    try:
        obj.full_clean()
    except ValidationError as error:
        raise InvalidInput(
            _("Please correct what is marked."), problems=problems_of(error)
        ) from error


def _locked_draft(version_id: int, actor: User) -> ReferenceVersion:
    """A version locked for editing. Raises NotPermitted; Conflict when it is no draft."""
    version = (
        ReferenceVersion.objects.select_for_update(of=("self",))
        .select_related("table")
        .get(pk=version_id)
    )
    require(rules.can_edit(actor))
    may = rules.rows_may_change(version)
    if not may:
        raise Conflict(may.reason)
    return version


@transaction.atomic
def start_draft(
    *, table_id: int, copy_of: int | None, head: VersionHead, actor: User, now: datetime
) -> ReferenceVersion:
    """Begin a draft, with the rows of another version of the table when `copy_of` is given.

    Raises NotPermitted; InvalidInput, also when the name of the version is taken.
    """
    table = ReferenceTable.objects.select_for_update().get(pk=table_id)
    require(rules.can_edit(actor))
    version = ReferenceVersion(
        table=table, state=VersionState.DRAFT, editor=actor, edited_at=now, **_fields(head)
    )
    cleaned(version)
    version.save()
    source = table.versions.filter(pk=copy_of).first() if copy_of else None
    if source is not None:
        ReferenceRow.objects.bulk_create(
            ReferenceRow(version=version, key=row.key, position=row.position, values=row.values)
            for row in source.rows.order_by("position", "pk")
        )
    audit.record(
        "reference.version.created",
        actor=actor,
        target=version,
        at=now,
        details={"table": table.code, "copy_of": source.version if source else ""},
    )
    return version


def _fields(head: VersionHead) -> dict[str, Any]:
    return {name: getattr(head, name) for name in VersionHead.__slots__}


@transaction.atomic
def change_draft(
    *, version_id: int, head: VersionHead, actor: User, now: datetime
) -> ReferenceVersion:
    """Change what stands above the rows of a draft. Raises NotPermitted, Conflict, InvalidInput."""
    version = _locked_draft(version_id, actor)
    changed = {
        name: [str(getattr(version, name) or ""), str(value or "")]
        for name, value in _fields(head).items()
        if getattr(version, name) != value
    }
    if not changed:
        return version
    for name, value in _fields(head).items():
        setattr(version, name, value)
    version.editor, version.edited_at = actor, now
    cleaned(version)
    version.save()
    audit.record(
        "reference.version.changed",
        actor=actor,
        target=version,
        at=now,
        details={"changes": changed},
    )
    return version


@transaction.atomic
def replace_rows(
    *, version_id: int, rows: Iterable[Mapping[str, Any]], actor: User, now: datetime
) -> ImportResult:
    """Make `rows` (by column key, untyped) all the rows of a draft; the order given is kept.

    Raises NotPermitted; Conflict when it is no draft; InvalidInput naming each wrong place.
    """
    table = ReferenceVersion.objects.select_related("table").get(pk=version_id).table
    data = rows_from_json(rows, sheet_columns(table))
    result = import_draft(data, version_id=version_id, actor=actor, now=now, dry_run=False)
    raise_problems(result)
    return result


@transaction.atomic
def save_draft(
    *,
    version_id: int,
    head: VersionHead,
    rows: Iterable[Mapping[str, Any]] | None,
    actor: User,
    now: datetime,
) -> ReferenceVersion:
    """Change head and, unless `rows` is None, all rows of a draft: both or neither.

    Raises NotPermitted, Conflict, InvalidInput.
    """
    version = change_draft(version_id=version_id, head=head, actor=actor, now=now)
    if rows is not None:
        replace_rows(version_id=version_id, rows=rows, actor=actor, now=now)
    return version


def import_draft(
    data: SheetData, *, version_id: int, actor: User, now: datetime, dry_run: bool
) -> ImportResult:
    """Make the rows of a workbook all the rows of a draft. What the file lacks is removed.

    Raises NotPermitted, Conflict.
    """
    result = ImportResult(problems=list(data.problems), skipped=list(data.skipped))
    with transaction.atomic():
        version = _locked_draft(version_id, actor)
        if result.ok:
            _replace(data, result, version, actor, now)
        if dry_run or result.problems:
            transaction.set_rollback(True)
    return result


def _replace(
    data: SheetData, result: ImportResult, version: ReferenceVersion, actor: User, now: datetime
) -> None:
    own = key_column(version.table)
    names = [column["key"] for column in version.table.columns]
    before = {row.key: row.values for row in version.rows.all()}
    wanted: dict[str, tuple[SheetRow, dict[str, Any]]] = {}
    for row in data.rows:
        key = str(kept(row.values.get(own if own != KEY else KEY)))
        if len(key) > 80:
            result.problems.append(
                data.problem(row, own, _("The key is longer than 80 characters."))
            )
        elif key in wanted:
            result.problems.append(
                data.problem(
                    row,
                    own,
                    _("“%(key)s” already stands in row %(row)d. Keep one of them.")
                    % {"key": key, "row": wanted[key][0].number},
                    "doubled",
                )
            )
        else:
            wanted[key] = (row, {name: kept(row.values.get(name)) for name in names})
    check = CHECKS.get(version.table.code)
    for key, message in check([(k, v) for k, (_r, v) in wanted.items()]) if check else ():
        result.problems.append(data.problem(wanted[key][0], own, message))
    if result.problems:
        return
    ReferenceRow.objects.filter(version=version).delete()
    ReferenceRow.objects.bulk_create(
        [
            ReferenceRow(version=version, key=key, position=position, values=values)
            for position, (key, (_row, values)) in enumerate(wanted.items())
        ],
        batch_size=2000,
    )
    for key, (row, values) in wanted.items():
        if key not in before:
            result.created += 1
            result.changes.append(RowChange(row.number, key, "created", {}))
        elif different := {
            n: [before[key].get(n), values[n]]
            for n in names
            if (before[key].get(n) or None) != (values[n] or None)
        }:
            result.changed += 1
            result.changes.append(RowChange(row.number, key, "changed", different))
        else:
            result.unchanged += 1
    result.removed = len(before.keys() - wanted.keys())
    result.changes = result.changes[:100]
    if not result.writes:
        return
    version.editor, version.edited_at = actor, now
    version.save(update_fields=["editor", "edited_at"])
    audit.record(
        "reference.version.rows-changed",
        actor=actor,
        target=version,
        at=now,
        summary=result.summary(),
        row_count=len(wanted),
        details={"added": result.created, "changed": result.changed, "removed": result.removed},
    )


@transaction.atomic
def discard_draft(*, version_id: int, actor: User, now: datetime) -> str:
    """Throw a draft away with its rows; return its name. Raises NotPermitted, Conflict."""
    version = _locked_draft(version_id, actor)
    audit.record(
        "reference.version.discarded",
        actor=actor,
        target=version,
        at=now,
        summary=version.version,
        details={"table": version.table.code, "rows": version.rows.count()},
    )
    name = version.version
    version.rows.all().delete()
    version.delete()
    return name
