"""The list of targets and indicators."""

from __future__ import annotations

from collections import Counter
from functools import partial

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from jingkai.core.accounts.public import OFFICIALS
from jingkai.core.http import AuthedRequest, page_or_fragment
from jingkai.core.register.public import FORMATS, Column, export
from jingkai.core.ui.public import localname
from jingkai.core.ui.templatetags.jingkai import LIGHTS, light_word
from jingkai.masterdata.organisations.public import Body

from ..catalogue import CITY, EDZ
from ..models import Light, Release
from ..queries.pages import HORIZONS, BoardFilter, IndicatorRow, indicator_rows, visible_scopes
from .common import lens_of
from .recording import RECORDERS


def _asked(row: IndicatorRow, horizon: str) -> str:
    cell = row.targets.get(horizon)
    return cell.text if cell is not None else ""


_COLUMNS = (
    Column("code", gettext_lazy("code"), lambda r: r.indicator.code),
    Column("name", gettext_lazy("indicator"), lambda r: localname(r.indicator), width=28),
    Column("unit", gettext_lazy("unit"), lambda r: localname(r.indicator, "unit"), width=10),
    *(Column(f"target_{h}", h, partial(_asked, horizon=h)) for h in HORIZONS),
    Column("period", gettext_lazy("period"), lambda r: r.figure and r.figure.period),
    Column(
        "value",
        gettext_lazy("value"),
        lambda r: r.figure and r.figure.value,
        numeric=True,
        decimals=2,
    ),
    Column(
        "release", gettext_lazy("release"), lambda r: r.figure and Release(r.figure.release).label
    ),
    Column("light", gettext_lazy("light"), lambda r: light_word(r.light)),
    Column("why", gettext_lazy("why not judged"), lambda r: r.light_reason, width=30),
    Column(
        "distance",
        gettext_lazy("distance to the path"),
        lambda r: r.status.distance and r.status.distance.amount,
        numeric=True,
        decimals=1,
    ),
    Column("observed", gettext_lazy("zones reported"), lambda r: r.figure and r.figure.observed),
    Column("expected", gettext_lazy("zones expected"), lambda r: r.figure and r.figure.expected),
    Column(
        "body",
        gettext_lazy("responsible body"),
        lambda r: localname(r.indicator.responsible),
        width=22,
    ),
    Column(
        "judgement",
        gettext_lazy("judgement"),
        lambda r: r.status.person.reason if r.status.person else "",
        width=40,
    ),
)


@require_safe
def indicator_list(request: AuthedRequest) -> HttpResponse:
    """All targets and indicators of one scope. 9 queries beside the frame's, at any size."""
    if not request.user.has_role(*OFFICIALS):
        raise Http404
    lens, query = lens_of(request), request.GET
    scopes = visible_scopes(request.user, lens.scope)
    scope = lens.scope or EDZ
    if lens.scope and lens.scope not in {CITY, EDZ} and lens.scope not in scopes:
        raise Http404
    rows = indicator_rows(user=request.user, scope=scope, now=lens.period, as_of=lens.as_of)
    chosen = BoardFilter(
        query.get("light", ""),
        query.get("body", ""),
        query.get("kind", ""),
        query.get("q", "").strip(),
    )
    shown = [row for row in rows if chosen.keeps(row)]
    if query.get("format") in FORMATS:
        return export(
            request,
            name="indicators",
            title=_("Targets and indicators"),
            columns=_COLUMNS,
            rows=shown,
            fmt=query["format"],
        )
    return page_or_fragment(
        request,
        page="indicators/list.html",
        fragment="indicators/_board.html",
        context={
            "rows": shown,
            "total": len(rows),
            "counts": _counts(rows),
            "figures": sum(row.figure is not None for row in rows),
            "disputed": sum(row.is_disputed for row in rows),
            "chosen": chosen,
            "is_filtered": chosen != BoardFilter(),
            "bodies": _bodies(rows),
            "lights": [(light, LIGHTS[light], light_word(light)) for light in Light.values],
            "horizons": HORIZONS,
            "lens": lens,
            "scope": scope,
            "scopes": scopes.shown,
            "more_scopes": reverse("organisations:zones") if scopes.more else "",
            "can_record": request.user.has_role(*RECORDERS),
        },
    )


def _counts(rows: list[IndicatorRow]) -> list[tuple[str, int]]:
    """How many of each light, in the order of the lights."""
    found = Counter(row.light for row in rows)
    return [(light, found[light]) for light in Light.values]


def _bodies(rows: list[IndicatorRow]) -> list[Body]:
    bodies = {r.indicator.responsible_id: r.indicator.responsible for r in rows}
    return sorted((b for b in bodies.values() if b is not None), key=lambda b: (b.position, b.code))
