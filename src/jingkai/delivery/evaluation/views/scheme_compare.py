"""Two schemes on the same figures. Scores before publication: the office alone sees them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from jingkai.core.errors import DomainError, InvalidInput
from jingkai.core.http import AuthedRequest
from jingkai.core.register.public import FORMATS, Column, export
from jingkai.core.ui.public import local_name
from jingkai.core.ui.templatetags.jingkai import signed
from jingkai.core.verdicts import require

from .. import rules
from ..comparing import Comparison, Line
from ..models import SchemeVersion
from ..queries.schemes import visible_versions
from ..scheme_comparison import compared
from ..templatetags.schemes import interval_text, part_name
from ..typing_in import year_of
from .schemes import label_of, official

SHOWN_PARTS = 4


def key_of(version: SchemeVersion) -> str:
    """An edition in an address: code and number."""
    return f"{version.scheme.code}-{version.number}"


def _columns(comparison: Comparison) -> tuple[Column, ...]:
    def score(place: int) -> Any:
        return lambda line: line.scores[place]

    def rank(place: int) -> Any:
        return lambda line: line.ranks[place] or None

    def ledger(place: int) -> Any:
        return lambda line: line.ledger[place]

    def interval(place: int) -> Any:
        return lambda line: interval_text(line.intervals[place])

    return (
        Column("zone", gettext_lazy("zone"), lambda line: local_name(line.zone), width=30),
        Column("score_one", _("score under the first"), score(0), numeric=True, decimals=4),
        Column("score_two", _("score under the second"), score(1), numeric=True, decimals=4),
        Column(
            "ledger_one",
            _("bonus and deduction under the first"),
            ledger(0),
            numeric=True,
            decimals=4,
        ),
        Column(
            "ledger_two",
            _("bonus and deduction under the second"),
            ledger(1),
            numeric=True,
            decimals=4,
        ),
        Column(
            "difference", _("difference"), lambda line: line.difference, numeric=True, decimals=4
        ),
        Column("rank_one", _("rank under the first"), rank(0), numeric=True),
        Column("rank_two", _("rank under the second"), rank(1), numeric=True),
        Column("interval_one", _("interval under the first (5–95 %)"), interval(0), width=18),
        Column("interval_two", _("interval under the second (5–95 %)"), interval(1), width=18),
        Column("moved", _("places won"), lambda line: line.moved, numeric=True),
        Column("parts", _("by what, beyond the mean"), _parts_text, width=60),
    )


def _parts_text(line: Line) -> str:
    return "；".join(
        f"{part_name(part)} {signed(part.beyond, 2)}" for part in line.parts[:SHOWN_PARTS]
    )


@require_safe
def compare_schemes(request: AuthedRequest) -> HttpResponse:
    """Choose two editions and a year; `?format=` gives a file. 15 queries at any size."""
    official(request)
    require(rules.can_edit_schemes(request.user))
    versions = list(
        visible_versions(request.user).order_by("scheme__position", "scheme", "-number")
    )
    by_key = {key_of(version): version for version in versions}
    today = timezone.localdate()
    one = by_key.get(request.GET.get("one", ""))
    two = by_key.get(request.GET.get("two", ""))
    year = _year(request.GET.get("year", ""), today)
    error: DomainError | None = None
    comparison: Comparison | None = None
    if one is not None and two is not None:
        try:
            comparison = compared(one, two, year)
        except InvalidInput as refused:
            error = refused
    if comparison is not None and (fmt := request.GET.get("format", "")) in FORMATS:
        return export(
            request,
            name="evaluation.comparison",
            title=_("Two schemes on the figures of %(year)s") % {"year": year},
            columns=_columns(comparison),
            rows=comparison.lines,
            fmt=fmt,
        )
    context = {
        "choices": [(key, label_of(version)) for key, version in by_key.items()],
        "years": range(today.year, today.year - 8, -1),
        "year": year,
        "one": one,
        "two": two,
        "one_key": key_of(one) if one else "",
        "two_key": key_of(two) if two else "",
        "one_label": label_of(one) if one else "",
        "two_label": label_of(two) if two else "",
        "comparison": comparison,
        "shown": SHOWN_PARTS,
        "error": error,
    }
    status = error.status if error else 200
    return render(request, "evaluation/scheme_compare.html", context, status=status)


def _year(text: str, today: date) -> int:
    """The data year asked for; without one, the last that is over."""
    return year_of(text) or today.year - 1
