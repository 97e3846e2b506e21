"""The page of warnings: every generation of rules side by side, zone by zone."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from jingkai.core.errors import DomainError
from jingkai.core.http import AuthedRequest
from jingkai.core.register.public import FORMATS, Column, card_page, export
from jingkai.core.ui.public import local_name

from .. import rules
from ..exit_words import EFFECTS, LIGHTS, OUTCOMES, finding_sentence, rule_sentence
from ..past_register import PAST
from ..queries.warnings import Generation, generations, visible_past_results
from ..services.past import verify_past_result
from .ledger import officials_or_404

COLUMNS = (
    Column(
        "scheme", gettext_lazy("evaluation scheme"), lambda r: local_name(r["scheme"]), width=30
    ),
    Column("edition", gettext_lazy("version"), lambda r: r["edition"]),
    Column("zone", gettext_lazy("zone"), lambda r: local_name(r["zone"]), width=26),
    Column("rule", gettext_lazy("rule"), lambda r: r["name"], width=36),
    Column("effect", pgettext_lazy("exit rule", "effect"), lambda r: r["effect"]),
    Column("outcome", pgettext_lazy("exit rule", "finding"), lambda r: r["outcome"]),
    Column("words", gettext_lazy("in words"), lambda r: r["words"], width=60),
    Column("source", gettext_lazy("source"), lambda r: r["source"], width=40),
    Column(
        "verified",
        gettext_lazy("verified"),
        lambda r: _("verified") if r["verified"] else _("unverified"),
    ),
)


@require_safe
def warning_page(request: AuthedRequest) -> HttpResponse:
    """Where zones stand under the exit rules, with the years used and what is missing."""
    officials_or_404(request)
    found = generations(request.user)
    if request.GET.get("format") in FORMATS:
        return export(
            request,
            name="evaluation.warnings",
            title=_("Warnings and exit rules"),
            columns=COLUMNS,
            rows=[line for one in found for line in lines_of(one)],
            fmt=request.GET["format"],
        )
    return render(
        request,
        "evaluation/warnings.html",
        {
            "generations": [_shown(one) for one in found],
            "applies": sum(line["code"] == "applies" for one in found for line in lines_of(one)),
            "can_keep": rules.can_keep_past_results(request.user),
        },
    )


def lines_of(generation: Generation) -> list[dict[str, Any]]:
    """One line for each zone and rule."""
    return [
        {
            "scheme": generation.scheme,
            "edition": generation.edition.number,
            "zone": row.zone,
            "code": finding.outcome.value,
            "name": local_name(finding.rule),
            "effect": str(EFFECTS[finding.rule.effect]),
            "outcome": str(OUTCOMES[finding.outcome]),
            "light": LIGHTS[finding.outcome],
            "words": finding_sentence(finding),
            "source": finding.rule.source,
            "verified": finding.rule.verified,
            "years": list(finding.years),
            "missing": [{"year": year, "why": gap.value} for year, gap in finding.missing],
            "rule": finding.rule,
            "until": finding.until,
            "average": finding.average,
        }
        for row in generation.rows
        for finding in row.findings
    ]


def _shown(generation: Generation) -> dict[str, Any]:
    lines: dict[str, list[dict[str, Any]]] = {}
    for line in lines_of(generation):
        lines.setdefault(line["zone"].code, []).append(line)
    return {
        "scheme": generation.scheme,
        "edition": generation.edition,
        "until": generation.until,
        "rules": [
            {"rule": rule, "says": rule_sentence(rule), "effect": EFFECTS[rule.effect]}
            for rule in generation.rules
        ],
        "rows": [
            {"zone": row.zone, "results": row.results, "lines": lines[row.zone.code]}
            for row in generation.rows
        ],
    }


@require_POST
def past_verify(request: AuthedRequest, result_id: int) -> HttpResponse:
    """A second person says that an earlier result agrees with its source."""
    officials_or_404(request)
    result = get_object_or_404(visible_past_results(request.user), pk=result_id)
    try:
        verify_past_result(result_id=result.pk, actor=request.user, now=timezone.now())
    except DomainError as error:
        return card_page(request, PAST, result, error=error, opened="second")
    messages.success(request, _("Verified."))
    return HttpResponseRedirect(reverse("evaluation:past-result", args=[result.pk]))
