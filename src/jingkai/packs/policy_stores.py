"""Document, measures, clauses, tasks, conflicts, indicators and targets of a pack."""

from __future__ import annotations

from typing import Any

from django.db import models

from jingkai.delivery.indicators.public import Indicator, IndicatorVersion, Target, TargetTask
from jingkai.delivery.policy.public import (
    AssignedBy,
    Clause,
    Conflict,
    Document,
    KeyTask,
    Measure,
    Part,
    Responsibility,
    ResponsibilityRole,
    StandingRule,
)
from jingkai.masterdata.organisations.public import Body

from .stores import Extra, Store, code_list, find, text_of

_LEADS = ResponsibilityRole.LEAD


def _read_bodies(row: models.Model) -> list[str]:
    """Bodies the document names; those the office added are not the pack's."""
    named = row.responsibilities.all()  # type: ignore[attr-defined]  # clause or task
    return [r.body.code for r in sorted(named, key=_place) if r.stated_role]


def _write_bodies(row: models.Model, codes: list[str]) -> None:
    """Let the document name `codes`; what the office assigned stays."""
    link = "clause" if isinstance(row, Clause) else "task"
    known = {
        r.body.code: r for r in Responsibility.objects.filter(**{link: row}).select_related("body")
    }
    for code in known.keys() - set(codes):
        duty = known[code]
        assigned = duty.assigned_by == AssignedBy.PERSON
        if assigned and duty.role != ResponsibilityRole.UNSPECIFIED:
            duty.document_role = ""
            duty.save(update_fields=["document_role"])
        else:
            duty.delete()
    for position, body in enumerate(code_list(Body, codes)):
        code = codes[position]
        if code in known:
            known[code].position = position
            if not known[code].stated_role:
                known[code].document_role = ResponsibilityRole.UNSPECIFIED
            known[code].save(update_fields=["position", "document_role"])
        else:
            Responsibility.objects.create(**{link: row}, body=body, position=position)


def _read_lead(row: models.Model) -> str | None:
    """The body the document itself lets lead."""
    named = row.responsibilities.all()  # type: ignore[attr-defined]  # clause or task
    return next((r.body.code for r in named if r.stated_role == ResponsibilityRole.LEAD), None)


def _write_lead(row: models.Model, code: str | None) -> None:
    """Let the document's own word on who leads be `code`; what the office assigned stays."""
    # The lead that steps back first: there is one at a time.
    duties = sorted(_duties(row), key=lambda duty: duty.body.code == code)
    by_office = next(
        (d for d in duties if (d.role, d.assigned_by) == (_LEADS, AssignedBy.PERSON)), None
    )
    for duty in duties:
        if not duty.stated_role:
            continue
        if duty.body.code == code:
            _say(duty, _LEADS, gives_way_to=by_office if by_office != duty else None)
        elif duty.stated_role == _LEADS:
            _say(duty, ResponsibilityRole.UNSPECIFIED)


def _read_assist(row: models.Model) -> list[str] | None:
    """Bodies the document itself lets assist, in its order; None for none, as before packs said."""
    named = row.responsibilities.all()  # type: ignore[attr-defined]  # clause or task
    found = sorted((r for r in named if r.stated_role == ResponsibilityRole.ASSIST), key=_place)
    return [duty.body.code for duty in found] or None


def _write_assist(row: models.Model, codes: list[str] | None) -> None:
    """Let the document's own word on who assists be `codes`; what the office assigned stays."""
    for duty in _duties(row):
        if not duty.stated_role:
            continue
        if duty.body.code in (codes or ()):
            _say(duty, ResponsibilityRole.ASSIST)
        elif duty.stated_role == ResponsibilityRole.ASSIST:
            _say(duty, ResponsibilityRole.UNSPECIFIED)


def _place(duty: Responsibility) -> tuple[int, int]:
    return duty.position, duty.pk


def _duties(row: models.Model) -> list[Responsibility]:
    """Duties as written just now: what was fetched before does not count."""
    link = "clause" if isinstance(row, Clause) else "task"
    return list(Responsibility.objects.filter(**{link: row}).select_related("body"))


def _say(
    duty: Responsibility,
    word: ResponsibilityRole,
    gives_way_to: Responsibility | None = None,
) -> None:
    """Let the document's word on one body be `word`; a role given by a person stays beside it.

    A document's lead gives way to the office's, in that person's name, as if it were assigned now.
    """
    if duty.stated_role == word:
        return
    if gives_way_to is not None:
        duty.role, duty.assigned_by = ResponsibilityRole.UNSPECIFIED, AssignedBy.PERSON
        duty.assigned_actor, duty.assigned_at = (
            gives_way_to.assigned_actor,
            gives_way_to.assigned_at,
        )
        duty.reason = gives_way_to.reason
        duty.document_role = word
    elif duty.assigned_by == AssignedBy.DOCUMENT:
        duty.role = word
    else:
        duty.document_role = word
    duty.save()


def _read_clauses(row: models.Model) -> list[str]:
    assert isinstance(row, KeyTask)
    return sorted(clause.code for clause in row.clauses.all())


def _write_clauses(row: models.Model, codes: list[str]) -> None:
    assert isinstance(row, KeyTask)
    row.clauses.set(code_list(Clause, codes))


def _read_rule_bodies(row: models.Model) -> list[str]:
    assert isinstance(row, StandingRule)
    return sorted(body.code for body in row.bodies.all())


def _write_rule_bodies(row: models.Model, codes: list[str]) -> None:
    assert isinstance(row, StandingRule)
    row.bodies.set(code_list(Body, codes))


def _first_version(row: models.Model) -> IndicatorVersion | None:
    assert isinstance(row, Indicator)
    return next((v for v in row.versions.all() if v.number == 1), None)


def _read_definition(row: models.Model) -> dict[str, Any] | None:
    version = _first_version(row)
    if version is None:
        return None
    return {
        "definition": version.definition,
        "verified": version.verified,
        "numerator": version.numerator.code if version.numerator else None,
        "denominator": version.denominator.code if version.denominator else None,
        "denominator_scope": version.denominator_scope,
        "multiplier": text_of(version.multiplier),
        "terms": list(version.terms),
    }


def _write_definition(row: models.Model, fields: dict[str, Any] | None) -> None:
    assert isinstance(row, Indicator)
    if fields is None:
        return
    IndicatorVersion.objects.update_or_create(
        indicator=row,
        number=1,
        defaults={
            **fields,
            "effective_from": "2023-01-01",
            "numerator": find(Indicator, fields["numerator"]),
            "denominator": find(Indicator, fields["denominator"]),
        },
    )


def _read_tasks(row: models.Model) -> list[str]:
    assert isinstance(row, Target)
    return sorted(link.task.code for link in row.task_links.all())


def _write_tasks(row: models.Model, codes: list[str]) -> None:
    assert isinstance(row, Target)
    row.task_links.all().delete()
    TargetTask.objects.bulk_create(
        [TargetTask(target=row, task=task) for task in code_list(KeyTask, codes)]
    )


_BODIES = Extra(_read_bodies, _write_bodies)
_LEAD = Extra(_read_lead, _write_lead)
_ASSIST = Extra(_read_assist, _write_assist)
DOCUMENTS = Store(
    "document",
    Document,
    ("title", "title_en", "number", "issuer", "stage", "version", "references"),
)
PARTS = Store("part", Part, ("position", "title", "title_en"), {"document": Document})
MEASURES = Store("measure", Measure, ("number", "title", "title_en"), {"part": Part})
CLAUSES = Store(
    "clause",
    Clause,
    ("position", "title", "title_en", "wording"),
    {"measure": Measure},
    extras={"bodies": _BODIES, "lead": _LEAD, "assist": _ASSIST},
    prefetch=("responsibilities__body",),
)
TASKS = Store(
    "task",
    KeyTask,
    ("number", "group", "group_title", "group_title_en", "title", "title_en", "goal", "goal_en"),
    {"document": Document},
    extras={
        "bodies": _BODIES,
        "lead": _LEAD,
        "assist": _ASSIST,
        "clauses": Extra(_read_clauses, _write_clauses),
    },
    prefetch=("responsibilities__body", "clauses"),
)
RULES = Store(
    "standing-rule",
    StandingRule,
    ("title", "title_en", "place", "binds_tasks"),
    {"document": Document},
    extras={"bodies": Extra(_read_rule_bodies, _write_rule_bodies)},
    prefetch=("bodies",),
)
CONFLICTS = Store(
    "conflict",
    Conflict,
    ("position", "kind", "title", "title_en", "severity", "statements", "arithmetic"),
    {"document": Document},
)
INDICATORS = Store(
    "indicator",
    Indicator,
    (
        "name",
        "name_en",
        "initials",
        "position",
        "unit",
        "unit_en",
        "decimals",
        "direction",
        "frequency",
        "value_mode",
        "time_aggregation",
        "place_aggregation",
        "price_basis",
        "is_headline",
        "is_benchmark",
    ),
    {"responsible": Body, "compiler": Body},
    extras={"definition": Extra(_read_definition, _write_definition)},
    prefetch=("versions__numerator", "versions__denominator"),
)
TARGETS = Store(
    "target",
    Target,
    (
        "position",
        "scope",
        "kind",
        "modality",
        "value",
        "unit",
        "horizon",
        "base_year",
        "stated_rate",
        "text",
        "text_en",
        "place",
        "statement_group",
        "is_leading",
        "agreement",
    ),
    {"indicator": Indicator, "benchmark": Indicator, "clause": Clause, "conflict": Conflict},
    extras={"tasks": Extra(_read_tasks, _write_tasks)},
    prefetch=("task_links__task",),
)
