"""What the use cases of ledger, objections and publication share: checks of texts and rows."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from jingkai.core.errors import Conflict, FieldProblem, InvalidInput


def invalid(field: str, message: str, code: str = "invalid") -> InvalidInput:
    """The error for one field."""
    return InvalidInput(message, problems=[FieldProblem(field, message, code)])


def needs_text(field: str, value: str, limit: int = 500) -> str:
    """`value` without outer blanks; InvalidInput when nothing is left or it is too long."""
    value = value.strip()
    if not value:
        raise invalid(field, _("Give a reason: others will read it."), "required")
    if len(value) > limit:
        message = _("The text has %(length)d characters; at most %(limit)d fit. Shorten it.") % {
            "length": len(value),
            "limit": limit,
        }
        raise invalid(field, message, "too-long")
    return value


def same_revision(row: Any, revision: int | None) -> None:
    """Raise Conflict when the row moved on since the page was read. None asks nothing."""
    if revision is not None and revision != row.revision:
        raise Conflict(
            _("Somebody changed this in the meantime. Reload the page and look at it again.")
        )
