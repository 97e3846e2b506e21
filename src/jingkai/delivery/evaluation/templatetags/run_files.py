"""Which files of a run the reader may take, for the run's page."""

from __future__ import annotations

from typing import Any, NamedTuple

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from .. import rules
from ..models import Run

register = template.Library()


class File(NamedTuple):
    """A link to a file, and what it is good for."""

    label: StrOrPromise
    url: str
    use: StrOrPromise


@register.simple_tag(takes_context=True)
def files_of(context: dict[str, Any], run: Run) -> list[File]:
    """Files of `run` for the reader; empty before there is a result."""
    user = context["request"].user
    if not run.result_digest:
        return []
    found = []
    if rules.can_see_all(user, run):
        found.append(
            File(
                _("Official report (Word)"),
                reverse("evaluation:run-report-file", args=[run.pk]),
                _("layout of GB/T 9704, ready to be edited and issued"),
            )
        )
    if rules.can_take_figures(user, run):
        found += [
            File(
                _("Workbook with formulas (Excel)"),
                reverse("evaluation:run-workbook", args=[run.pk]),
                _("every sum can be followed by hand; a last column compares"),
            ),
            File(
                _("Files for the console (zip)"),
                reverse("evaluation:run-files", args=[run.pk]),
                _("`jingkai composite` makes the same scores from them, to the last digit"),
            ),
        ]
    return found
