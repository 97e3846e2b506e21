"""The report of one zone, the sensitivity of a run, and who moved between two."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from jingkai.core.http import AuthedRequest, page_of
from jingkai.core.register.public import FORMATS, Column, export

from .. import rules
from ..computing import evaluate, run_table
from ..computing.lifts import lifts_of
from ..computing.reports import lift_data
from ..models import Run, ZoneResult
from ..presenting import charts
from ..presenting.moves import moves_between
from ..presenting.names import Names
from ..presenting.ranking import verdict_sentences
from ..presenting.report import absent_rows, fall_of, lift_rows, named, tree_rows
from ..presenting.sensitivity import page_of_run
from ..queries.runs import light_runs, sees_figures, visible_results, visible_runs
from ..words_runs import WHY, word
from .runs import office_run_or_404

_CHOICES = 12
_SHOWN = 60
_LAZY_REPLICATIONS = 100


def result_or_404(request: AuthedRequest, run_id: int, zone_code: str) -> ZoneResult:
    results = (
        visible_results(request.user)
        .select_related("run__version__scheme", "zone")
        .defer("run__analysis")
        .annotate(field=KeyTextTransform("ranked", KeyTransform("statistics", "run__analysis")))
    )
    return get_object_or_404(results, run=run_id, zone__code=zone_code)


@require_safe
def report(request: AuthedRequest, run_id: int, zone_code: str) -> HttpResponse:
    """Everything about one zone's result."""
    result = result_or_404(request, run_id, zone_code)
    run, detail = result.run, result.detail
    extras: Any = result  # what `result_or_404` annotates
    field = int(extras.field or len(run.zones))
    names = Names(run)
    figures = sees_figures(request.user, result)
    inputs = list(run.inputs.filter(zone=result.zone_id).order_by("pk"))
    peers = (detail.get("vs_median") or {}).get("group", "")
    start = _("median of %(group)s") % {"group": names.group(peers)}
    score = _("score of %(year)s") % {"year": run.year}
    before = fall_of(
        names, detail.get("vs_last_year"), _("score of %(year)s") % {"year": run.year - 1}, score
    )
    median = fall_of(names, detail.get("vs_median"), start, score)
    frequencies = [(int(rank), Decimal(share)) for rank, share in detail.get("frequencies", ())]
    lifts = detail.get("lifts")
    return render(
        request,
        "evaluation/report.html",
        {
            "run": run,
            "result": result,
            "name": names.zones.get(zone_code, zone_code),
            "names": names,
            "group": names.group(result.group),
            "field": field,
            "why": word(WHY, result.why_unranked),
            "figures": figures,
            "tree": tree_rows(names, detail, inputs, figures=figures),
            "falls": [
                (key, title, fall, charts.waterfall(fall))
                for key, title, fall in (
                    ("median", _("Against the median of the peers"), median),
                    ("year", _("Against the year before"), before),
                )
                if fall is not None
            ],
            "has_year": before is not None,
            "frequencies": frequencies,
            "strongest": named(names, result, "strongest"),
            "weakest": named(names, result, "weakest"),
            "lifts": lift_rows(names, lifts) if lifts and figures else [],
            "lifts_later": lifts is None and figures and (result.rank or 0) > 1,
            "absent": absent_rows(names, inputs),
            "ledger": run.ledger_lines.filter(zone=result.zone_id),
            "sees_all": bool(rules.can_see_all(request.user, run)),
            "few_peers": bool(result.group) and result.rank and result.group_rank is None,
        },
    )


@require_safe
def report_lifts(request: AuthedRequest, run_id: int, zone_code: str) -> HttpResponse:
    """What would lift the rank, worked out now: for fields too large to do it for everybody."""
    result = result_or_404(request, run_id, zone_code)
    if not sees_figures(request.user, result):
        raise Http404
    run = result.run
    names = Names(run)
    outcome = evaluate(
        names.definition, run_table(run), seed=run.seed, replications=_LAZY_REPLICATIONS
    )
    found = [lift_data(one) for one in lifts_of(outcome, zone_code)]
    return render(
        request,
        "evaluation/_lifts.html",
        {"lifts": lift_rows(names, found), "result": result},
    )


@require_safe
def sensitivity(request: AuthedRequest, run_id: int) -> HttpResponse:
    """How far the ranking can be relied on: for the office."""
    run = office_run_or_404(request, run_id)
    if not run.analysis:
        raise Http404
    names = Names(run)
    results = list(
        # Below so many ranks, so that the database opens the details of those alone.
        run.results.filter(rank__lte=_SHOWN)
        .select_related("zone")
        .defer("detail")
        .annotate(frequencies=KeyTransform("frequencies", "detail"))
        .order_by("rank", "zone__code")[:_SHOWN]
    )
    return render(
        request,
        "evaluation/sensitivity.html",
        {
            "run": run,
            "names": names,
            "verdicts": verdict_sentences(names, run.analysis.get("verdict")),
            **page_of_run(names, results),
        },
    )


MOVE_COLUMNS = (
    Column("zone", gettext_lazy("zone"), lambda m: m.name, width=26),
    Column(
        "before", gettext_lazy("score before"), lambda m: m.score_before, numeric=True, decimals=4
    ),
    Column("after", gettext_lazy("score after"), lambda m: m.score_after, numeric=True, decimals=4),
    Column("rank_before", gettext_lazy("rank before"), lambda m: m.rank_before, numeric=True),
    Column("rank_after", gettext_lazy("rank after"), lambda m: m.rank_after, numeric=True),
    Column("why", gettext_lazy("because of"), lambda m: "；".join(m.causes), width=60),
)


@require_safe
def compare(request: AuthedRequest, run_id: int, other_id: int) -> HttpResponse:
    """Who moved from one run to the other, and by which figures and points."""
    known = visible_runs(request.user).defer("analysis")
    run, other = (get_object_or_404(known, pk=pk) for pk in (run_id, other_id))
    if not (rules.can_see_all(request.user, run) and rules.can_see_all(request.user, other)):
        raise Http404
    if not run.result_digest or not other.result_digest:
        raise Http404
    found = moves_between(run, other, figures=rules.is_city_side(request.user))
    page = page_of(request, found.order)
    if request.GET.get("format") in FORMATS:
        return export(
            request, name="evaluation.moves", title=_("Who moved"), columns=MOVE_COLUMNS,
            rows=found.moves(found.order), fmt=request.GET["format"],
        )  # fmt: skip
    return render(
        request,
        "evaluation/compare.html",
        {
            "run": run,
            "other": other,
            "found": found,
            "page_obj": page,
            "moves": found.moves(list(page)),
            "choices": _choices(request, run),
        },
    )


def _choices(request: AuthedRequest, run: Run) -> list[Run]:
    """Other runs of the scheme that may be compared. 1 query."""
    runs = light_runs(request.user).filter(version__scheme=run.version.scheme_id)
    return list(runs.exclude(result_digest="").exclude(pk=run.pk)[:_CHOICES])
