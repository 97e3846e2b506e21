"""Many rows at once: judge all, then write all or nothing. Excel and the API come through here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.errors import FieldProblem, InvalidInput
from jingkai.core.verdicts import Verdict, require

from . import bulk
from .cells import CellProblem, SheetColumn, SheetData, SheetRow, typed, typed_choices
from .records import changes_of

M = TypeVar("M", bound=models.Model)
_BATCH = 2000


@dataclass(slots=True)
class RowChange:
    """What one row does: `kind` created or changed."""

    number: int
    label: str
    kind: str
    changes: dict[str, list[Any]]


@dataclass(slots=True)
class ImportResult:
    """What an import did, or would do."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    problems: list[CellProblem] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    changes: list[RowChange] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.problems

    def summary(self) -> str:
        """One sentence with the counts."""
        counts = {
            "created": self.created,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "removed": self.removed,
        }
        if self.removed:
            return (
                _(
                    "%(created)d added, %(changed)d changed, %(unchanged)d unchanged, "
                    "%(removed)d removed."
                )
                % counts
            )
        return _("%(created)d added, %(changed)d changed, %(unchanged)d unchanged.") % counts

    @property
    def writes(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.created or self.changed or self.removed)


def rows_from_json(rows: Iterable[Mapping[str, Any]], columns: Sequence[SheetColumn]) -> SheetData:
    """Rows of an API call, typed like those of a workbook; a place is `rows.3.name`."""
    data = SheetData()
    known = {column.key: column for column in columns}
    choices = {c.key: typed_choices(c) for c in columns if c.kind == "choice"}
    for number, given in enumerate(rows):
        row = SheetRow(number, {}, {key: f"rows.{number}.{key}" for key in known})
        for key in given.keys() - known.keys():
            data.problems.append(
                CellProblem(
                    "",
                    f"rows.{number}.{key}",
                    key,
                    _("Field “%(name)s” is not known here. Known: %(names)s.")
                    % {"name": key, "names": ", ".join(known)},
                    "unknown-column",
                )
            )
        for key, column in known.items():
            if key not in given and not column.required:
                continue
            try:
                row.values[key] = typed(column, given.get(key), choices.get(key, {}))
            except ValueError as error:
                data.problems.append(data.problem(row, key, str(error)))
        data.rows.append(row)
    return data


def raise_problems(result: ImportResult) -> None:
    """Turn problems into the InvalidInput an API answers with."""
    if result.problems:
        raise InvalidInput(
            _("Nothing was written: %(count)d problems.") % {"count": len(result.problems)},
            problems=[FieldProblem(p.place, p.message, p.code) for p in result.problems],
        )


def import_rows(
    data: SheetData,
    *,
    model: type[M],
    key: str,
    verdict: Verdict,
    action: str,
    actor: User,
    now: datetime,
    dry_run: bool,
    prepare: Callable[[M], None] | None = None,
    check: Callable[[M, SheetRow], Iterable[tuple[str, str]]] | None = None,
) -> ImportResult:
    """Add or change objects of `model` by `key`; only the columns present are touched.

    A dry run does everything and takes it back, so its answer is the real one. With one problem
    nothing is written. Cost: 2 reads and a write per 2,000 rows, whatever the number of columns;
    files of 500 rows and more, of a model without rules of its own, are written by `bulk`.
    Raises NotPermitted.
    """
    require(verdict)
    result = ImportResult(problems=list(data.problems), skipped=list(data.skipped))
    try:
        with transaction.atomic():
            if result.ok and prepare is None and check is None and _large(data, model, key):
                _apply_by_column(data, result, model, key, action, actor, now, dry_run)
            elif result.ok:
                _apply(data, result, model, key, action, actor, now, prepare, check)
            if dry_run or result.problems:
                transaction.set_rollback(True)
    except _Clash:
        pass
    return result


_told: ContextVar[bulk.Tell | None] = ContextVar("import_told", default=None)


@contextmanager
def telling(tell: bulk.Tell) -> Iterator[None]:
    """Hear how far an import inside is: `tell(percent, words)`."""
    token = _told.set(tell)
    try:
        yield
    finally:
        _told.reset(token)


def _large(data: SheetData, model: type[models.Model], key: str) -> bool:
    table = data.table
    return (
        table is not None
        and len(data) >= bulk.MIN_ROWS
        and key in table.columns
        and bulk.fits(model, table.columns)
    )


def _apply_by_column(
    data: SheetData,
    result: ImportResult,
    model: type[M],
    key: str,
    action: str,
    actor: User,
    now: datetime,
    dry_run: bool,
) -> None:
    outcome = bulk.import_table(
        data,
        model=model,
        key=key,
        action=action,
        actor=actor,
        now=now,
        dry_run=dry_run,
        tell=_told.get() or (lambda percent, words: None),
    )
    result.problems += outcome.problems
    result.created, result.changed = outcome.created, outcome.changed
    result.unchanged = outcome.unchanged
    result.changes = [RowChange(*shown) for shown in outcome.shown]
    if result.ok and not dry_run:
        _summarise(action, actor, now, result, data.digest)


class _Clash(Exception):
    """A constraint of the database said no; its rows are in the result by now."""


def _apply(
    data: SheetData,
    result: ImportResult,
    model: type[M],
    key: str,
    action: str,
    actor: User,
    now: datetime,
    prepare: Callable[[M], None] | None,
    check: Callable[[M, SheetRow], Iterable[tuple[str, str]]] | None,
) -> None:
    existing = {
        getattr(obj, key): obj
        for obj in model._default_manager.select_for_update(of=("self",))
        .filter(**{f"{key}__in": [row.values.get(key) for row in data.rows]})
        .order_by("pk")
    }
    fields: set[str] = set()
    new: list[tuple[SheetRow, M, dict[str, list[Any]]]] = []
    old: list[tuple[SheetRow, M, dict[str, list[Any]]]] = []
    seen: dict[Any, int] = {}
    for row in data.rows:
        identity = row.values.get(key)
        if identity in seen:
            result.problems.append(
                data.problem(
                    row,
                    key,
                    _("“%(key)s” already stands in row %(row)d. Keep one of them.")
                    % {"key": identity, "row": seen[identity]},
                    "doubled",
                )
            )
            continue
        seen[identity] = row.number
        obj = existing.get(identity)
        before = (
            None if obj is None else {f.attname: getattr(obj, f.attname) for f in obj._meta.fields}
        )
        obj = model() if obj is None else obj
        changed = changes_of(obj, row.values)
        if before is not None and not changed:
            result.unchanged += 1
            continue
        for name, value in row.values.items():
            setattr(obj, name, _fitting(model, name, value))
        if prepare is not None:
            prepare(obj)
        result.problems += _judge(data, row, obj, check)
        if before is None:
            new.append((row, obj, changed))
        else:
            fields |= {
                f.name for f in obj._meta.fields if getattr(obj, f.attname) != before[f.attname]
            }
            old.append((row, obj, changed))
    if result.problems:
        return
    _write(data, result, model, new, old, fields)
    result.created, result.changed = len(new), len(old)
    result.changes = [RowChange(r.number, str(o), "created", c) for r, o, c in new[:50]]
    result.changes += [RowChange(r.number, str(o), "changed", c) for r, o, c in old[:50]]
    _record(new, old, action, actor, now, result, data.digest)


def _fitting(model: type[models.Model], name: str, value: Any) -> Any:
    field_ = model._meta.get_field(name)
    return (
        ""
        if value is None
        and isinstance(field_, models.CharField | models.TextField)
        and not field_.null
        else value
    )


def _judge(
    data: SheetData,
    row: SheetRow,
    obj: M,
    check: Callable[[M, SheetRow], Iterable[tuple[str, str]]] | None,
) -> list[CellProblem]:
    # Foreign keys come from a choice column and exist; asking for each would cost a query a row.
    links = {f.name for f in obj._meta.fields if f.is_relation}
    problems = [
        data.problem(row, f.name, _("This cell must be filled in."), "required")
        for f in obj._meta.fields
        if f.is_relation and not f.null and getattr(obj, f.attname) is None
    ]
    try:
        obj.clean_fields(exclude=links)
        obj.clean()
    except ValidationError as error:
        problems += (
            [
                data.problem(row, "" if name == "__all__" else name, " ".join(messages))
                for name, messages in error.message_dict.items()
            ]
            if hasattr(error, "error_dict")
            else [data.problem(row, "", " ".join(error.messages))]
        )
    if check is not None:
        problems += [data.problem(row, name, message) for name, message in check(obj, row)]
    return problems


def _write(
    data: SheetData,
    result: ImportResult,
    model: type[M],
    new: list[tuple[SheetRow, M, dict[str, list[Any]]]],
    old: list[tuple[SheetRow, M, dict[str, list[Any]]]],
    fields: set[str],
) -> None:
    try:
        with transaction.atomic():
            if old:
                model._default_manager.bulk_update([o for _r, o, _c in old], sorted(fields), _BATCH)
            model._default_manager.bulk_create([o for _r, o, _c in new], _BATCH)
    except IntegrityError as error:
        # The database names a constraint, not a row: ask each row which it breaks.
        for row, obj, _changed in new + old:
            try:
                obj.full_clean()
            except ValidationError as complaint:
                result.problems.append(data.problem(row, "", " ".join(complaint.messages)))
        if not result.problems:
            result.problems.append(
                CellProblem(
                    data.sheet,
                    "",
                    "",
                    _(
                        "Two rows of the file clash with each other: a value that "
                        "must be unique stands in both."
                    ),
                    "clash",
                )
            )
        raise _Clash from error


def _record(
    new: list[tuple[SheetRow, M, dict[str, list[Any]]]],
    old: list[tuple[SheetRow, M, dict[str, list[Any]]]],
    action: str,
    actor: User,
    now: datetime,
    result: ImportResult,
    digest: str,
) -> None:
    at = now.astimezone(UTC)
    audit.record_many(
        [
            audit.AuditEvent(
                at=at,
                action=f"{action}.{kind}",
                actor=actor,
                actor_label=str(actor)[:120],
                target_type=obj._meta.label_lower,
                target_id=str(obj.pk),
                target_label=str(obj)[:300],
                summary=_("by import"),
                details={"changes": changed},
            )
            for kind, rows in (("created", new), ("changed", old))
            for _row, obj, changed in rows
        ]
    )
    _summarise(action, actor, now, result, digest)


def _summarise(action: str, actor: User, now: datetime, result: ImportResult, digest: str) -> None:
    audit.record(
        f"{action}.imported",
        actor=actor,
        at=now,
        summary=result.summary(),
        row_count=result.created + result.changed,
        details={
            "created": result.created,
            "changed": result.changed,
            "unchanged": result.unchanged,
            **({"digest": digest} if digest else {}),
        },
    )
