"""Results made elsewhere: entered by the office with their source, verified by a second."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.errors import Conflict
from jingkai.core.register.public import ImportResult, SheetData, problems_of, save_record
from jingkai.core.verdicts import require

from .. import rules
from ..models import PastResult
from ..queries.warnings import visible_past_results


@transaction.atomic
def save_past_result(
    *, obj_id: int | None, values: Mapping[str, Any], actor: User, now: datetime
) -> PastResult:
    """Enter or change a result. Whoever changes it is who entered it; it is then unverified.

    Raises NotPermitted, InvalidInput.
    """
    before: int | None = None
    if obj_id is not None:
        before = PastResult.objects.filter(pk=obj_id).values_list("revision", flat=True).first()

    def prepare(result: PastResult) -> None:
        result.source = result.source.strip()
        result.entered_by, result.entered_at = actor, now
        result.verified, result.verified_by, result.verified_at = False, None, None
        result.revision = 0 if before is None else before + 1

    saved = save_record(
        PastResult,
        obj_id=obj_id,
        values=values,
        verdict=rules.can_keep_past_results(actor),
        action="evaluation.past",
        actor=actor,
        now=now,
        prepare=prepare,
    )
    return visible_past_results(actor).get(pk=saved.pk)


@transaction.atomic
def verify_past_result(*, result_id: int, actor: User, now: datetime) -> PastResult:
    """Say that it was compared with its source; another person than who entered it.

    Raises Http404, NotPermitted, Conflict when it is verified already.
    """
    result = (
        PastResult.objects.select_for_update(of=("self",))
        .filter(pk=result_id, pk__in=visible_past_results(actor).values("pk"))
        .first()
    )
    if result is None:
        raise Http404
    require(rules.can_verify_past_result(actor, result))
    if result.verified:
        raise Conflict(_("This result is verified already."))
    result.verified, result.verified_by, result.verified_at = True, actor, now
    result.revision += 1
    result.full_clean()
    result.save()
    audit.record("evaluation.past.verified", actor=actor, target=result, at=now)
    return visible_past_results(actor).get(pk=result.pk)


def import_past_results(
    data: SheetData, *, actor: User, now: datetime, dry_run: bool
) -> ImportResult:
    """Results from Excel or the API, by scheme, zone, year and group; all or none.

    What is changed has to be verified again. Raises NotPermitted.
    """
    require(rules.can_keep_past_results(actor))
    result = ImportResult(problems=list(data.problems), skipped=list(data.skipped))
    with transaction.atomic():
        for row in data.rows if result.ok else ():
            values = {name: value for name, value in row.values.items() if value is not None}
            values.setdefault("group", "")
            key = {name: values.get(name) for name in ("scheme", "zone", "year", "group")}
            found = PastResult.objects.filter(**key).first() or PastResult()
            changed = {
                name: value for name, value in values.items() if getattr(found, name, None) != value
            } if found.pk else values  # fmt: skip
            if not changed:
                result.unchanged += 1
                continue
            for name, value in changed.items():
                setattr(found, name, value)
            found.entered_by, found.entered_at = actor, now
            found.verified, found.verified_by, found.verified_at = False, None, None
            created = found.pk is None
            found.revision = 0 if created else found.revision + 1
            try:
                found.full_clean()
            except ValidationError as error:
                result.problems += [
                    data.problem(row, one.field or "scheme", one.message)
                    for one in problems_of(error)
                ]
                continue
            found.save()
            audit.record(
                f"evaluation.past.{'created' if created else 'changed'}",
                actor=actor,
                target=found,
                at=now,
                details={"fields": sorted(changed)},
            )
            result.created += created
            result.changed += not created
        if dry_run or result.problems:
            transaction.set_rollback(True)
    return result
