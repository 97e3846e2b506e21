"""Words and columns that pages, exports and the API share."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jingkai.core.register.public import Column

from .queries.lists import Row

_FACTS: Final = {
    "overdue_days": _("past its due date"),
    "rejections": _("rejected repeatedly"),
    "report_late_days": _("report late"),
    "sign_late_days": _("not signed for in time"),
    "schedule_gap_percent": _("behind schedule"),
    "working_days_left": _("nearly due"),
    "urges_unanswered": _("urge unanswered"),
}
LIGHT_REASONS: Final = {  # the house's own codes, then those of a pack: light-fact
    "task-overdue": _("past its due date"),
    "rejected-often": _("rejected repeatedly"),
    "report-very-late": _("report very late"),
    "behind-schedule": _("behind schedule"),
    "nearly-due": _("nearly due"),
    "report-late": _("report late"),
    "not-signed": _("not signed for in time"),
    "done": pgettext_lazy("task", "done"),
    **{f"{light}-{fact}": words for fact, words in _FACTS.items() for light in ("yellow", "red")},
}

COLUMNS: Final = (
    Column("number", _("task no."), lambda r: r.item.task.number, numeric=True, width=8),
    Column("task", _("task"), lambda r: r.item.task.title, width=36),
    Column("document", _("document"), lambda r: r.item.task.document.title, width=24),
    Column("kind", _("kind"), lambda r: r.item.get_kind_display(), width=12),
    Column("body", pgettext_lazy("task", "body"), lambda r: r.item.body or "", width=24),
    Column("role", pgettext_lazy("duty", "role"), lambda r: role_words(r), width=16),
    Column("state", _("state"), lambda r: r.item.get_state_display(), width=14),
    Column("light", _("light"), lambda r: light_words(r.item.light), width=8),
    Column(
        "reason",
        _("reason of the light"),
        lambda r: LIGHT_REASONS.get(r.item.light_reason, r.item.light_reason),
        width=20,
    ),
    Column("claimed", _("claimed progress (%)"), lambda r: r.item.claimed_progress, numeric=True),
    Column("accepted", _("accepted progress (%)"), lambda r: r.item.progress, numeric=True),
    Column("files", _("evidence (files)"), lambda r: r.files, numeric=True),
    Column(
        "expected", _("even progress by now (%)"), lambda r: r.expected, numeric=True, decimals=1
    ),
    Column("original", _("original due date"), lambda r: r.item.original_due_on),
    Column("due", _("due date"), lambda r: r.item.due_on),
    Column("late", _("late days of the task"), lambda r: r.item.late_days, numeric=True),
    Column(
        "report_late", _("late days of reporting"), lambda r: r.item.report_late_days, numeric=True
    ),
    Column("claim", _("what the body says"), lambda r: r.item.claim, width=50),
)

_LIGHTS: Final = {
    "green": _("green light"),
    "yellow": _("yellow light"),
    "red": _("red light"),
    "grey": _("no light"),
}


LIGHT_CHOICES: Final = tuple(_LIGHTS.items())


def light_words(light: str) -> str:
    return str(_LIGHTS.get(light, light))


def role_words(row: Row) -> str:
    """Lead, assist or nothing, and who said so."""
    held = row.item.responsibility
    if held is None or held.role == "unspecified":
        return ""
    return f"{held.get_role_display()}（{held.get_assigned_by_display()}）"
