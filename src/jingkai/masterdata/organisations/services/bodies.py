"""Bodies: names, aliases with dates, merges with dates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from pypinyin import Style, lazy_pinyin

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.errors import Conflict, FieldProblem, InvalidInput
from jingkai.core.register.public import (
    ImportResult,
    SheetData,
    SheetRow,
    import_rows,
    problems_of,
    save_record,
)
from jingkai.core.verdicts import require

from .. import rules
from ..models import Body, BodyAlias
from ..resolving import normalised


def initials_of(name: str) -> str:
    """First letters of the pinyin of a name, for search: 市商务局 → sswj."""
    return "".join(part[:1] for part in lazy_pinyin(name, style=Style.FIRST_LETTER)).lower()[:80]


def _prepare(body: Body) -> None:
    body.initials = initials_of(body.name)


def _invalid(field: str, message: str, code: str = "invalid") -> InvalidInput:
    return InvalidInput(message, problems=[FieldProblem(field, message, code)])


@transaction.atomic
def save_body(*, obj_id: int | None, values: Mapping[str, Any], actor: User, now: datetime) -> Body:
    """Add or change a body; its pinyin initials follow its name.

    Raises NotPermitted; InvalidInput, also when the name is an alias of another body or the parent
    would make a circle.
    """
    name = values.get("name")
    if name:
        _require_name_free(name, except_body=obj_id)
    if obj_id is not None and values.get("parent") is not None:
        _require_no_circle(obj_id, values["parent"])
    return save_record(
        Body,
        obj_id=obj_id,
        values=values,
        verdict=rules.can_edit(actor),
        action="organisations.body",
        actor=actor,
        now=now,
        prepare=_prepare,
    )


def _require_name_free(name: str, *, except_body: int | None) -> None:
    for alias in BodyAlias.objects.filter(valid_to__isnull=True).select_related("body"):
        if alias.body_id != except_body and normalised(alias.name) == normalised(name):
            raise _invalid(
                "name",
                _("“%(name)s” is an alias of %(body)s. End the alias first.")
                % {"name": name, "body": alias.body},
                "taken",
            )


def _require_no_circle(body_id: int, parent: Body) -> None:
    above: Body | None = parent
    while above is not None:
        if above.pk == body_id:
            raise _invalid(
                "parent",
                _("“%(name)s” stands below this body: that would be a circle.") % {"name": parent},
            )
        above = above.parent


@transaction.atomic
def add_alias(
    *,
    body_id: int,
    name: str,
    valid_from: date | None,
    valid_to: date | None,
    note: str,
    actor: User,
    now: datetime,
) -> BodyAlias:
    """Let a body be known by another name from one day to another.

    Raises NotPermitted; Conflict naming both bodies when the name stands for another one in the
    same days; InvalidInput.
    """
    # One alias at a time: the check below reads all of them.
    bodies = {b.pk: b for b in Body.objects.select_for_update().order_by("pk")}
    body = bodies[body_id]
    require(rules.can_edit(actor))
    name = name.strip()
    if valid_from and valid_to and valid_to < valid_from:
        raise _invalid("valid_to", _("The end lies before the beginning."))
    for other in bodies.values():
        if normalised(other.name) == normalised(name):
            raise Conflict(
                _(
                    "“%(name)s” is the official name of %(other)s; it cannot also "
                    "stand for %(body)s."
                )
                % {"name": name, "other": other, "body": body},
                name=name,
            )
    for alias in BodyAlias.objects.all():
        if normalised(alias.name) == normalised(name) and _overlap(
            (alias.valid_from, alias.valid_to), (valid_from, valid_to)
        ):
            raise Conflict(
                _(
                    "“%(name)s” already stands for %(other)s; it cannot also stand "
                    "for %(body)s. End it there first."
                )
                % {"name": name, "other": bodies[alias.body_id], "body": body},
                name=name,
            )
    alias = BodyAlias(
        body=body, name=name, valid_from=valid_from, valid_to=valid_to, note=note.strip()
    )
    try:
        alias.full_clean()
    except ValidationError as error:
        raise InvalidInput(
            _("Please correct what is marked."), problems=problems_of(error)
        ) from error
    alias.save()
    audit.record(
        "organisations.body.alias-added",
        actor=actor,
        target=body,
        at=now,
        summary=name,
        details={"alias": name, "from": str(valid_from or ""), "until": str(valid_to or "")},
    )
    return alias


def _overlap(a: tuple[date | None, date | None], b: tuple[date | None, date | None]) -> bool:
    start = max(a[0] or date.min, b[0] or date.min)
    return start <= min(a[1] or date.max, b[1] or date.max)


@transaction.atomic
def end_alias(*, alias_id: int, last_day: date, actor: User, now: datetime) -> BodyAlias:
    """Let an alias hold until `last_day` and no longer; what was written under it stays readable.

    Raises NotPermitted, Conflict when it has ended already, InvalidInput.
    """
    alias = (
        BodyAlias.objects.select_for_update(of=("self",)).select_related("body").get(pk=alias_id)
    )
    require(rules.can_edit(actor))
    if alias.valid_to is not None:
        raise Conflict(
            _("“%(name)s” has ended on %(day)s already.")
            % {"name": alias.name, "day": alias.valid_to}
        )
    if alias.valid_from and last_day < alias.valid_from:
        raise _invalid("last_day", _("The end lies before the beginning."))
    alias.valid_to = last_day
    alias.save(update_fields=["valid_to"])
    audit.record(
        "organisations.body.alias-ended",
        actor=actor,
        target=alias.body,
        at=now,
        summary=alias.name,
        details={"alias": alias.name, "until": last_day.isoformat()},
    )
    return alias


@transaction.atomic
def merge_bodies(
    *, from_id: int, into_id: int, on: date, reason: str, actor: User, now: datetime
) -> Body:
    """Let `into` take over from `from` on the day `on`. Both codes stay.

    Figures and tasks written before stay under the old body; a name is answered by the new one from
    `on`. Raises NotPermitted; InvalidInput without reason or for one body twice; Conflict when
    either has ended before `on`.
    """
    locked = {
        b.pk: b
        for b in Body.objects.select_for_update().filter(pk__in=(from_id, into_id)).order_by("pk")
    }
    require(rules.can_edit(actor))
    if from_id == into_id:
        raise _invalid("into", _("A body cannot be merged into itself."))
    source, target = locked[from_id], locked[into_id]
    if not reason.strip():
        raise _invalid("reason", _("Give a reason: others will read it."), "required")
    if source.merged_into_id is not None:
        raise Conflict(
            _("%(body)s was merged already, until %(day)s.")
            % {"body": source, "day": source.valid_to}
        )
    if target.valid_to is not None and target.valid_to < on:
        raise Conflict(
            _("%(body)s ended on %(day)s: it cannot take over later.")
            % {"body": target, "day": target.valid_to}
        )
    if source.valid_from is not None and on <= source.valid_from:
        raise _invalid(
            "on",
            _("%(body)s begins on %(day)s: it cannot end before.")
            % {"body": source, "day": source.valid_from},
        )
    source.merged_into, source.valid_to = target, on - timedelta(days=1)
    source.full_clean()
    source.save(update_fields=["merged_into", "valid_to"])
    details = {"into": target.code, "on": on.isoformat()}
    audit.record(
        "organisations.body.merged",
        actor=actor,
        target=source,
        at=now,
        summary=reason.strip(),
        details={
            **details,
            "changes": {
                "merged_into": [None, target.name],
                "valid_to": [None, source.valid_to.isoformat()],
            },
        },
    )
    audit.record(
        "organisations.body.took-over",
        actor=actor,
        target=target,
        at=now,
        summary=reason.strip(),
        details={"from_body": source.code, "on": on.isoformat()},
    )
    return source


@transaction.atomic
def mark_body(*, body_id: int, verified: bool, source: str, actor: User, now: datetime) -> Body:
    """Say that a body's record was checked against `source`, or that it no longer is.

    Raises NotPermitted, InvalidInput when verified without a source.
    """
    if verified and not source.strip():
        raise _invalid("source", _("Name the document the record was checked against."), "required")
    values: dict[str, Any] = {"verified": verified}
    if source.strip():
        values["source"] = source.strip()
    return save_record(
        Body,
        obj_id=body_id,
        values=values,
        verdict=rules.can_edit(actor),
        action="organisations.body",
        actor=actor,
        now=now,
    )


def import_bodies(data: SheetData, *, actor: User, now: datetime, dry_run: bool) -> ImportResult:
    """Take bodies by code from Excel or the API. Raises NotPermitted."""
    aliases = {
        normalised(alias.name): alias
        for alias in BodyAlias.objects.filter(valid_to__isnull=True).select_related("body")
    }

    def check(body: Body, row: SheetRow) -> Iterable[tuple[str, str]]:
        alias = aliases.get(normalised(body.name))
        if alias is not None and alias.body_id != body.pk:
            yield (
                "name",
                _("“%(name)s” is an alias of %(body)s. End the alias first.")
                % {"name": body.name, "body": alias.body},
            )
        above, steps = body.parent, 0
        while above is not None and steps < 50:
            if body.pk and above.pk == body.pk:
                yield (
                    "parent",
                    _("“%(name)s” stands below this body: that would be a circle.")
                    % {"name": body.parent},
                )
                return
            above, steps = above.parent, steps + 1

    return import_rows(
        data,
        model=Body,
        key="code",
        verdict=rules.can_edit(actor),
        action="organisations.body",
        actor=actor,
        now=now,
        dry_run=dry_run,
        prepare=_prepare,
        check=check,
    )
