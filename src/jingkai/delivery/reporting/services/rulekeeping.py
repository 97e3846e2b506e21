"""Rules as data: a new edition for every change, proved by its own examples before it is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.checks import check_row
from jingkai.core.errors import Conflict, FieldProblem, InvalidInput, TransitionNotAllowed
from jingkai.core.verdicts import require
from jingkai.delivery.indicators.public import Indicator
from jingkai.engine.validation import (
    Proof,
    RuleError,
    check_examples,
    make_rule,
    read_example,
    run_examples,
)

from .. import rules
from ..models import Confidence, Level, ValidationRule
from ..rule_words import problem_text
from ..rulebook import facts_of, numbers_on
from ._steps import needs_text

_CODE = re.compile(r"[a-z][a-z0-9_]{2,59}")


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """A rule as the editor or a pack says it. `examples`: [{name, expect, given}]."""

    kind: str
    level: str
    title: str
    title_en: str = ""
    advice: str = ""
    advice_en: str = ""
    indicators: Sequence[str] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    examples: Sequence[Mapping[str, Any]] = ()
    confidence: str = Confidence.UNVERIFIED
    source: str = ""
    position: int = 0


def newest(code: str) -> ValidationRule | None:
    """The newest edition of a rule, in force or not. 1 query."""
    return ValidationRule.objects.filter(code=code).order_by("-number").first()


def _locked(code: str) -> ValidationRule | None:
    """The newest edition, while nobody else can add one: the first edition serves as the lock."""
    rows = ValidationRule.objects.filter(code=code).select_for_update().order_by("number")
    return newest(code) if rows.first() is not None else None


def prove(draft: RuleDraft, *, now: datetime) -> list[Proof]:
    """Run the draft's examples against it. At most 3 queries.

    Raises
    ------
    InvalidInput
        The rule or an example is not usable as written; `problems` name the field.
    """
    try:
        rule = make_rule(
            "draft",
            draft.kind,
            draft.level,
            indicators=draft.indicators,
            parameters=draft.parameters,
        )
    except RuleError as error:
        raise _invalid(_field_of(error), problem_text(error), error.code) from error
    facts = {row.code: facts_of(row) for row in Indicator.objects.all()}
    unknown = sorted({*draft.indicators, *rule.named} - set(facts))
    if unknown:
        where = "indicators" if set(unknown) & set(draft.indicators) else "parameters"
        text = _("There is no indicator “%(code)s”.") % {"code": unknown[0]}
        raise _invalid(where, text, "indicator_unknown")
    try:
        examples = [read_example(each, facts) for each in draft.examples]
        check_examples(examples)
        numbers = numbers_on(timezone.localdate(now), [rule])
        return list(run_examples(rule, examples, numbers))
    except RuleError as error:
        place = "parameters" if error.code == "lookup_missing" else "examples"
        raise _invalid(place, problem_text(error), error.code) from error


def _field_of(error: RuleError) -> str:
    if error.code in ("kind_unknown", "level_unknown"):
        return error.code.removesuffix("_unknown")
    return "parameters"


def _invalid(name: str, text: str, code: str) -> InvalidInput:
    return InvalidInput(text, problems=[FieldProblem(name, text, code)])


@transaction.atomic
def save_rule(
    *,
    code: str,
    draft: RuleDraft,
    actor: User | None,
    now: datetime,
    reason: str,
    number: int | None = None,
) -> ValidationRule:
    """Keep a new edition of the rule `code`, or its first one; the same again changes nothing.

    `actor` None is the pack. `number` is the edition the editor was looking at (0 for a new rule).
    A rule that was switched off stays off.

    Raises
    ------
    InvalidInput
        A field is wrong, or an example does not come out as it says; then nothing is kept.
    Conflict
        Somebody saved another edition meanwhile, or the code is taken.
    NotPermitted
        Not the office.
    """
    if actor is not None:
        require(rules.can_administer(actor))
    before = _locked(code)
    _check_number(code, before, number)
    if before is not None and rule_fields(before) == _plain(draft):
        return before
    if not _CODE.fullmatch(code):
        text = _("A code has 3 to 60 small letters, digits and _, a letter first.")
        raise _invalid("code", text, "code")
    reason = needs_text("reason", reason)
    failed = [proof for proof in prove(draft, now=now) if not proof.holds]
    if failed:
        raise _failed(failed)
    row = _edition(code, before, _plain(draft), actor, now, reason)
    if before is None:
        row.is_active = True
    _replace(before, row)
    audit.record(
        "reporting.rule.saved",
        actor=actor,
        target=row,
        at=now,
        summary=f"{row.title} v{row.number}",
        details={"code": code, "number": row.number, "reason": reason},
    )
    return row


def _check_number(code: str, before: ValidationRule | None, number: int | None) -> None:
    if number is None:
        return
    if number == 0 and before is not None:
        raise Conflict(_("There is a rule “%(code)s” already.") % {"code": code})
    if before is not None and before.number != number:
        raise Conflict(
            _("Version %(number)s of this rule was saved meanwhile. Look at it, then edit again.")
            % {"number": before.number}
        )


def _failed(proofs: Sequence[Proof]) -> InvalidInput:
    problems = []
    for proof in proofs:
        text = (
            _("Example “%(name)s” should be caught, but the rule lets it through.")
            if proof.example.expect == "alarm"
            else _("Example “%(name)s” should pass, but the rule speaks.")
        )
        problems.append(
            FieldProblem("examples", text % {"name": proof.example.name}, "example_fails")
        )
    return InvalidInput(problems[0].message, problems=problems)


def _plain(draft: RuleDraft) -> dict[str, Any]:
    """The draft as it lies in the database, texts trimmed."""
    plain = asdict(draft)
    for name in ("title", "title_en", "advice", "advice_en", "source"):
        plain[name] = plain[name].strip()
    plain["indicators"] = list(draft.indicators)
    plain["parameters"] = dict(draft.parameters)
    plain["examples"] = [dict(example) for example in draft.examples]
    return plain


def rule_fields(row: ValidationRule) -> dict[str, Any]:
    """What an edition says, by the fields of a draft."""
    return {name: getattr(row, name) for name in RuleDraft.__dataclass_fields__}


def _edition(
    code: str,
    before: ValidationRule | None,
    fields: Mapping[str, Any],
    actor: User | None,
    now: datetime,
    reason: str,
) -> ValidationRule:
    if fields["level"] not in Level.values:
        raise _invalid("level", _("Choose a level."), "level")
    return ValidationRule(
        code=code,
        number=before.number + 1 if before else 1,
        is_active=before.is_active if before else True,
        created_by=actor,
        created_at=now,
        reason=reason,
        **fields,
    )


def _replace(before: ValidationRule | None, row: ValidationRule) -> None:
    """Put the new edition in the place of the old one, which keeps its alarms."""
    active = row.is_active
    if before is not None and before.is_active:
        before.is_active = False
        before.save(update_fields=["is_active"])
    row.is_active = active
    check_row(row)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        # Two people wrote the first edition of one code at the same moment.
        raise Conflict(_("There is a rule “%(code)s” already.") % {"code": row.code}) from None


def switch_off(*, code: str, reason: str, actor: User, now: datetime) -> ValidationRule:
    """End a rule, with the reason; its alarms and editions stay.

    Raises NotPermitted, InvalidInput without a reason, TransitionNotAllowed when it is off.
    """
    return _switch(code, False, reason, actor, now)


def switch_on(*, code: str, reason: str, actor: User, now: datetime) -> ValidationRule:
    """Put a rule in force again, with the reason. Raises as `switch_off`."""
    return _switch(code, True, reason, actor, now)


@transaction.atomic
def _switch(code: str, on: bool, reason: str, actor: User, now: datetime) -> ValidationRule:
    before = _locked(code)
    if before is None:
        raise Http404
    require(rules.can_administer(actor))
    if before.is_active is on:
        raise TransitionNotAllowed(
            action=_("Switch on") if on else _("Switch off"),
            state=_("in force") if on else _("switched off"),
        )
    reason = needs_text("reason", reason)
    row = _edition(code, before, rule_fields(before), actor, now, reason)
    row.is_active = on
    _replace(before, row)
    audit.record(
        "reporting.rule.switched_on" if on else "reporting.rule.switched_off",
        actor=actor,
        target=row,
        at=now,
        summary=reason,
        details={"code": code, "number": row.number},
    )
    return row
