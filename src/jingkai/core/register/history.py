"""What happened to one object: its audit events told as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django_stubs_ext import StrOrPromise

from jingkai.core.audit import public as audit
from jingkai.core.workflow.public import TransitionTable

_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Step:
    """One event: when, who, what, why, and which fields changed (label, old, new)."""

    at: datetime
    actor: str
    what: str
    reason: str
    changes: tuple[tuple[str, Any, Any], ...]


def history_of(
    obj: Model,
    *,
    words: Mapping[str, StrOrPromise],
    transitions: TransitionTable | None = None,
) -> list[Step]:
    """The newest hundred events of `obj`. Moves appear with their states. 1 query."""
    labels = dict(transitions.labels) if transitions else {}
    steps = []
    for event in audit.AuditEvent.objects.filter(
        target_type=obj._meta.label_lower, target_id=str(obj.pk)
    )[:_LIMIT]:
        details = event.details
        changes = [
            (_field_label(obj, name), old, new)
            for name, (old, new) in details.get("changes", {}).items()
        ]
        if "to" in details:
            changes.insert(
                0,
                (
                    _("state"),
                    str(labels.get(details.get("from"), details.get("from"))),
                    str(labels.get(details["to"], details["to"])),
                ),
            )
        steps.append(
            Step(
                event.at,
                event.actor_label,
                _word(event.action, words),
                event.summary,
                tuple(changes),
            )
        )
    return steps


def _word(action: str, words: Mapping[str, StrOrPromise]) -> str:
    own = {
        "created": pgettext("entry", "Recorded"),
        "changed": _("Changed"),
        "imported": _("Imported"),
        "attached": _("File attached"),
    }
    last = action.rsplit(".", 1)[-1]
    return str(words.get(action) or words.get(last) or own.get(last) or action)


def _field_label(obj: Model, name: str) -> str:
    try:
        return str(getattr(obj._meta.get_field(name), "verbose_name", name))
    except FieldDoesNotExist:
        return name
