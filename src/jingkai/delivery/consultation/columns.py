"""Columns of the lists as files."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from jingkai.core.register.public import Column

ROUND_COLUMNS: Final = (
    Column("title", gettext_lazy("title"), lambda row: row.title, width=40),
    Column("draft", gettext_lazy("draft"), lambda row: row.version.document.title, width=32),
    Column("state", gettext_lazy("state"), lambda row: row.get_state_display()),
    Column("opens_on", gettext_lazy("opens on"), lambda row: row.opens_on),
    Column("closes_on", pgettext_lazy("consultation", "last day"), lambda row: row.closes_on),
    Column("opinions", gettext_lazy("opinions"), lambda row: row.opinions, numeric=True),
    Column("asked", gettext_lazy("bodies asked"), lambda row: row.asked, numeric=True),
    Column("answered", gettext_lazy("bodies that replied"), lambda row: row.answered, numeric=True),
)
# Neither name nor contact: what leaves the house as a file cannot be erased after its period.
COMMENT_COLUMNS: Final = (
    Column("number", pgettext_lazy("adoption table", "No."), lambda row: row.number, numeric=True),
    Column(
        "clause",
        pgettext_lazy("adoption table", "Clause"),
        lambda row: row.anchor.heading if row.anchor is not None else _("Whole draft"),
        width=28,
    ),
    Column(
        "source",
        gettext_lazy("Source of the opinion"),
        lambda row: (
            row.invitation.body.name
            if row.invitation is not None
            else row.get_sender_kind_display() or row.get_origin_display()
        ),
        width=22,
    ),
    Column("text", gettext_lazy("Opinion"), lambda row: row.text, width=60),
    Column("proposal", gettext_lazy("Proposed wording"), lambda row: row.proposal, width=40),
    Column("state", gettext_lazy("state"), lambda row: row.get_state_display()),
    Column(
        "topic",
        pgettext_lazy("opinion", "Topic"),
        lambda row: row.topic.number if row.topic is not None else None,
        numeric=True,
    ),
    Column("received_at", gettext_lazy("received at"), lambda row: row.received_at),
    Column("hidden", gettext_lazy("why hidden"), lambda row: row.hidden_reason, width=24),
)
