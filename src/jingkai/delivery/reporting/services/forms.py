"""Forms and their versions: drafted, checked, published; a published one never changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Max
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.checks import check_row
from jingkai.core.errors import FieldProblem, InvalidInput, TransitionNotAllowed
from jingkai.core.verdicts import require
from jingkai.core.workflow.public import move
from jingkai.delivery.indicators.public import Indicator, ValueMode
from jingkai.engine.periods import Frequency, Period
from jingkai.masterdata.organisations.public import Body

from .. import rules
from ..models import (
    Coverage,
    EvidenceRule,
    FilledBy,
    Form,
    FormItem,
    FormVersion,
    Prefill,
    Purpose,
    VersionState,
)
from ..states import VERSION_MOVES
from ._steps import needs_text

NEW: Final = "new"  # a page's address where a form's code stands in the others


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """One item as the editor or a pack says it. Bodies and indicators by code."""

    indicator: str
    coverage: str = Coverage.OWN
    purpose: str = Purpose.RECORD
    with_month: bool = False
    required: bool = True
    prefill: str = Prefill.NONE
    evidence: str = EvidenceRule.NONE
    verifier: str = ""
    note: str = ""


@transaction.atomic
def create_form(
    *,
    code: str,
    name: str,
    frequency: str,
    filled_by: str,
    actor: User | None,
    now: datetime,
    body: Body | None = None,
    name_en: str = "",
    joins_january: bool = False,
    position: int = 0,
) -> Form:
    """A new form without a version. `actor` None is the pack. Raises InvalidInput, Conflict."""
    if actor is not None:
        require(rules.can_administer(actor))
    if code.lower() == NEW:
        message = _("“%(code)s” is taken by the page for new forms.") % {"code": code}
        raise InvalidInput(message, problems=[FieldProblem("code", message)])
    form = Form(
        code=code,
        name=name.strip(),
        name_en=name_en.strip(),
        frequency=frequency,
        filled_by=filled_by,
        body=body,
        joins_january=joins_january,
        position=position,
    )
    check_row(form)
    form.save()
    audit.record("reporting.form.created", actor=actor, target=form, at=now, details={"code": code})
    return form


def _lock_form(form_id: int) -> Form:
    form = Form.objects.select_for_update(of=("self",)).filter(pk=form_id).first()
    if form is None:
        raise Http404
    return form


@transaction.atomic
def start_draft(*, form_id: int, actor: User | None, now: datetime) -> FormVersion:
    """A draft with the items of the newest version; the present draft when there is one."""
    if actor is not None:
        require(rules.can_administer(actor))
    form = _lock_form(form_id)
    draft = form.versions.filter(state=VersionState.DRAFT).first()
    if draft is not None:
        return draft
    newest = form.versions.order_by("-number").first()
    number = (form.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    draft = FormVersion.objects.create(
        form=form,
        number=number,
        effective_from=_begins(form, newest, now),
        due_working_days=newest.due_working_days if newest else 7,
        reminder_days=newest.reminder_days if newest else [3, 1],
        source=newest.source if newest else "",
        created_by=actor,
        created_at=now,
    )
    if newest is not None:
        items = list(newest.items.all())
        for item in items:
            item.pk, item.version = None, draft
        FormItem.objects.bulk_create(items)
    audit.record("reporting.form.drafted", actor=actor, target=draft, at=now)
    return draft


def _begins(form: Form, newest: FormVersion | None, now: datetime) -> date:
    """The period that runs now is the first a new version can still ask for whole."""
    frequency, today = Frequency(form.frequency), timezone.localdate(now)
    part = (today.month - 1) // frequency.length + 1
    running = Period.of(today.year, frequency, part).start
    return max(running, newest.effective_from) if newest else running


def _lock_draft(version_id: int) -> FormVersion:
    version = (
        FormVersion.objects.select_for_update(of=("self",))
        .select_related("form")
        .filter(pk=version_id)
        .first()
    )
    if version is None:
        raise Http404
    if version.state != VersionState.DRAFT:
        raise TransitionNotAllowed(
            action=_("Edit"),
            state=version.get_state_display(),
            message=_("A published version never changes: start a new one."),
        )
    return version


@transaction.atomic
def save_version(
    *,
    version_id: int,
    items: Sequence[ItemDraft],
    effective_from: date,
    due_working_days: int,
    reminder_days: Sequence[int],
    reason: str,
    actor: User | None,
    now: datetime,
    burden_note: str = "",
    source: str = "",
) -> FormVersion:
    """Replace what a draft says. Raises InvalidInput naming each wrong item (`items.<index>.…`)."""
    if actor is not None:
        require(rules.can_administer(actor))
    version = _lock_draft(version_id)
    rows = _items(version, items)
    version.effective_from = effective_from
    version.due_working_days = due_working_days
    version.reminder_days = sorted({int(n) for n in reminder_days}, reverse=True)
    version.reason, version.burden_note = reason.strip(), burden_note.strip()
    version.source = source.strip() or version.source
    if any(not 0 < n <= 60 for n in version.reminder_days):
        message = _("Remind between 1 and 60 working days before.")
        raise InvalidInput(message, problems=[FieldProblem("reminder_days", message)])
    check_row(version)
    version.save()
    version.items.all().delete()
    FormItem.objects.bulk_create(rows)
    audit.record(
        "reporting.form.edited",
        actor=actor,
        target=version,
        at=now,
        details={"items": [row.indicator.code for row in rows]},
        row_count=len(rows),
    )
    return version


def _items(version: FormVersion, drafts: Sequence[ItemDraft]) -> list[FormItem]:
    indicators = Indicator.objects.in_bulk([d.indicator for d in drafts], field_name="code")
    bodies = Body.objects.in_bulk([d.verifier for d in drafts if d.verifier], field_name="code")
    problems: list[FieldProblem] = []
    rows: list[FormItem] = []
    seen: set[str] = set()
    for index, draft in enumerate(drafts):
        for field, message in _faults(version.form, draft, indicators, bodies, seen):
            problems.append(FieldProblem(f"items.{index}.{field}", message))
        seen.add(draft.indicator)
        if not problems:
            rows.append(
                FormItem(
                    version=version,
                    position=index + 1,
                    indicator=indicators[draft.indicator],
                    coverage=draft.coverage,
                    purpose=draft.purpose,
                    with_month=draft.with_month,
                    required=draft.required,
                    prefill=draft.prefill,
                    evidence=draft.evidence,
                    verifier=bodies.get(draft.verifier),
                    note=draft.note.strip(),
                )
            )
    if problems:
        raise InvalidInput(problems=problems)
    return rows


def _faults(
    form: Form,
    draft: ItemDraft,
    indicators: Mapping[str, Indicator],
    bodies: Mapping[str, Body],
    seen: set[str],
) -> list[tuple[str, str]]:
    """What is wrong with one item: field and sentence."""
    indicator = indicators.get(draft.indicator)
    if indicator is None:
        return [("indicator", _("There is no indicator “%(code)s”.") % {"code": draft.indicator})]
    named = {"indicator": indicator.name}
    found: list[tuple[str, str]] = []
    if draft.indicator in seen:
        found.append(("indicator", _("“%(indicator)s” is asked twice.") % named))
    if indicator.frequency != form.frequency:
        found.append(
            (
                "indicator",
                _("“%(indicator)s” is %(own)s, the form is %(form)s.")
                % {
                    **named,
                    "own": indicator.get_frequency_display(),
                    "form": form.get_frequency_display(),
                },
            )
        )
    for field, value, words in (
        ("coverage", draft.coverage, Coverage),
        ("purpose", draft.purpose, Purpose),
        ("prefill", draft.prefill, Prefill),
        ("evidence", draft.evidence, EvidenceRule),
    ):
        if value not in words.values:
            found.append((field, _("Choose one from the list.")))
    own = draft.coverage == Coverage.OWN
    if own != (form.filled_by == FilledBy.ZONE):
        found.append(
            (
                "coverage",
                _("A form filled by each zone asks for the own zone; a department's does not."),
            )
        )
    if draft.with_month and indicator.value_mode != ValueMode.YTD:
        found.append(("with_month", _("“%(indicator)s” is not a year-to-date figure.") % named))
    if draft.verifier and draft.verifier not in bodies:
        found.append(("verifier", _("There is no body “%(code)s”.") % {"code": draft.verifier}))
    if not draft.verifier and indicator.compiler_id is None:
        found.append(
            (
                "verifier",
                _("“%(indicator)s” has no compiling body: name who verifies it.") % named,
            )
        )
    return found


@transaction.atomic
def publish_version(
    *, version_id: int, reason: str, actor: User | None, now: datetime
) -> FormVersion:
    """Put a draft in force. Campaigns opened from its date on use it; older ones keep theirs.

    Raises InvalidInput without items or reason, TransitionNotAllowed.
    """
    if actor is not None:
        require(rules.can_administer(actor))
    version = _lock_draft(version_id)
    version.reason = needs_text("reason", reason or version.reason)
    if not version.items.exists():
        message = _("This form asks for nothing: add items first.")
        raise InvalidInput(message, problems=[FieldProblem("items", message, "required")])
    _move(version, "publish", actor=actor, now=now)
    version.published_by, version.published_at = actor, now
    version.save()
    return version


@transaction.atomic
def retire_version(*, version_id: int, reason: str, actor: User, now: datetime) -> FormVersion:
    """Take a published version out of force; campaigns that use it go on."""
    require(rules.can_administer(actor))
    version = FormVersion.objects.select_for_update().filter(pk=version_id).first()
    if version is None:
        raise Http404
    _move(version, "retire", actor=actor, now=now, reason=reason)
    version.save()
    return version


def _move(
    version: FormVersion, action: str, *, actor: Any, now: datetime, reason: str = ""
) -> None:
    move(
        version,
        action,
        table=VERSION_MOVES,
        actor=actor,
        at=now,
        reason=reason,
        audit_action=f"reporting.form.{action}",
    )
