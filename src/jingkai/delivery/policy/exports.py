"""Columns of the lists that leave as Excel or CSV."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from jingkai.core.register.public import Column
from jingkai.core.ui.public import local_name

from .labels import kind_label, severity_label
from .models import Conflict, KeyTask, Responsibility, ResponsibilityRole
from .numerals import ordinal
from .queries import Matrix


def _names(duties: Iterable[Responsibility], *roles: str) -> str:
    chosen = [d for d in duties if not roles or d.role in roles]
    return "、".join(local_name(duty.body) for duty in chosen)


def _titles(rows: Iterable[KeyTask]) -> str:
    return "、".join(str(task.number) for task in rows)


def clause_columns() -> list[Column]:
    """For rows of `clauses_for_list`."""
    return [
        Column("part", _("Part"), lambda c: local_name(c.measure.part, "title"), width=22),
        Column("number", _("Measure"), lambda c: c.measure.number, numeric=True, width=8),
        Column("measure", _("Title"), lambda c: local_name(c.measure, "title"), width=30),
        Column("code", _("Clause"), lambda c: c.code, width=10),
        Column("title", _("Subject"), lambda c: local_name(c, "title"), width=36),
        Column(
            "wording", pgettext_lazy("duty", "Wording"), lambda c: c.get_wording_display(), width=14
        ),
        *_duty_columns(lambda c: c.responsibilities.all()),
        Column("tasks", _("Key tasks"), lambda c: _titles(c.key_tasks.all()), width=10),
        Column("sentence", _("Sentence"), lambda c: c.sentence, width=60),
    ]


def task_columns() -> list[Column]:
    """For `TaskRow`s."""
    return [
        Column("number", _("Number"), lambda r: r.task.number, numeric=True, width=8),
        Column("group", _("Group"), lambda r: local_name(r.task, "group_title"), width=24),
        Column("title", _("Task"), lambda r: local_name(r.task, "title"), width=36),
        Column("goal", _("Goal"), lambda r: local_name(r.task, "goal"), width=36),
        *_duty_columns(lambda r: r.duties),
        Column("clauses", _("Clauses"), lambda r: "、".join(c.code for c in r.clauses), width=14),
    ]


def _duty_columns(duties_of: Any) -> list[Column]:
    lead, assist = ResponsibilityRole.LEAD, ResponsibilityRole.ASSIST
    return [
        Column(
            "named",
            _("Bodies named by the document"),
            lambda r: _names(d for d in duties_of(r) if d.stated_role),
            width=40,
        ),
        Column("lead", _("Lead"), lambda r: _names(duties_of(r), lead), width=18),
        Column("assist", _("Assist"), lambda r: _names(duties_of(r), assist), width=30),
    ]


def conflict_columns() -> list[Column]:
    """For conflicts."""

    def chosen(conflict: Conflict) -> str:
        texts = [e for e in conflict.statements if str(e.get("key")) == conflict.chosen]
        return str(texts[0].get("text", "")) if conflict.chosen and texts else ""

    return [
        Column("code", _("Code"), lambda c: c.code, width=8),
        Column("title", _("Conflict"), lambda c: local_name(c, "title"), width=40),
        Column("kind", _("Kind"), lambda c: kind_label(c.kind), width=14),
        Column("severity", _("Severity"), lambda c: severity_label(c.severity), width=8),
        Column("statements", _("Statements"), lambda c: len(c.statements), numeric=True, width=8),
        Column("state", _("State"), lambda c: c.get_state_display(), width=10),
        Column("chosen", _("Statement chosen"), chosen, width=30),
        Column("reason", _("Reason"), lambda c: c.reason, width=40),
        Column("by", _("Decided by"), lambda c: getattr(c.decided_by, "name", ""), width=12),
        Column("at", _("Decided at"), lambda c: c.decided_at, width=18),
    ]


def matrix_columns(matrix: Matrix) -> list[Column]:
    """One column per measure, then the sums."""

    def cell(index: int) -> Any:
        return lambda row: row.cells[index].clauses or None

    return [
        Column("body", _("Body"), lambda r: local_name(r.body), width=28),
        *(
            Column(f"m{measure.number}", ordinal(measure.number), cell(i), numeric=True, width=7)
            for i, measure in enumerate(matrix.measures)
        ),
        Column("total", _("Sum"), lambda r: r.total, numeric=True, width=10),
        Column("lead", _("Lead"), lambda r: r.leads, numeric=True, width=8),
        Column("tasks", _("Key tasks"), lambda r: r.tasks.clauses, numeric=True, width=10),
    ]
