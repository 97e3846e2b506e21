"""The page of warnings: every generation of rules side by side, zone by zone."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from jingkai.core.http import AuthedRequest
from jingkai.core.register.public import FORMATS, Column, export
from jingkai.core.ui.public import local_name

from .. import rules
from ..exit_words import EFFECTS, LIGHTS, OUTCOMES, finding_sentence, rule_sentence
from ..queries.warnings import Generation, generations
from .ledger import officials_or_404

COLUMNS = (
    Column("scheme", gettext_lazy("evaluation scheme"), lambda r: local_name(r["scheme"]), width=30),
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
            "applies": sum(
                line["code"] == "applies" for one in found for line in lines_of(one)
            ),
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
