"""Whether a workbook is the one that is meant for a return."""

from __future__ import annotations

from django.utils.translation import gettext as _

from jingkai.core.errors import FieldProblem, InvalidInput

from ..models import Return
from .workbook import BookSeen


def _refuse(code: str, message: str) -> InvalidInput:
    return InvalidInput(message, problems=[FieldProblem("file", message, code)])


def judge_facts(book: BookSeen, in_return: Return, *, unsigned: bool) -> None:
    """Raise InvalidInput for another form's, period's, body's or edition's template, or none."""
    facts, campaign = book.facts, in_return.campaign
    here = {"body": in_return.body.name, "period": campaign.period, "form": campaign.form.name}
    if facts is None:
        if unsigned:
            return
        raise _refuse(
            "unsigned",
            _(
                "This is not a template of the system. Download the template of %(body)s for "
                "%(period)s and fill it in, or confirm that your own table is meant for them."
            )
            % here,
        )
    if facts.form != campaign.form.code:
        raise _refuse(
            "other-form",
            _("This is the template of another form (%(other)s). Send the one of “%(form)s”.")
            % {**here, "other": facts.form},
        )
    if facts.period != campaign.period:
        raise _refuse(
            "other-period",
            _(
                "This is the template of %(other)s; the return is for %(period)s. Download the "
                "template of %(period)s and copy the figures of that period into it."
            )
            % {**here, "other": facts.period},
        )
    if facts.body != in_return.body.code:
        raise _refuse(
            "other-body",
            _("This template was made for another body (%(other)s). Download the one of %(body)s.")
            % {**here, "other": facts.body},
        )
    if facts.version != campaign.version.number or facts.return_id != in_return.pk:
        raise _refuse(
            "old-version",
            _(
                "This template was made for an earlier edition of “%(form)s” (version %(old)d; now "
                "%(new)d). Download the template again and copy the figures into it."
            )
            % {**here, "old": facts.version, "new": campaign.version.number},
        )
