"""The editor of a draft: one page, one form; every button sends all of it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from jingkai.core.errors import Conflict, DomainError, InvalidInput
from jingkai.core.http import AuthedRequest
from jingkai.core.ui.public import local_name
from jingkai.core.verdicts import require
from jingkai.delivery.indicators.public import Indicator

from .. import rules
from ..editing import Check, Typed, apply_move, check_edition, lost_with
from ..method_words import AGGREGATIONS
from ..method_words import SCALES as SCALE_WORDS
from ..models import Direction, GrowthRule, PeriodRule, SchemeVersion, VersionState
from ..queries.schemes import edition_of_version, visible_versions
from ..services.schemes import discard_draft, save_draft
from ..typing_in import whole


def draft_or_404(request: AuthedRequest, code: str, number: int) -> SchemeVersion:
    """The draft; 404 where this person sees none, 403 for those who do not edit."""
    versions = visible_versions(request.user)
    version = versions.filter(scheme__code=code, number=number).first()
    if version is None:
        raise Http404
    require(rules.can_edit_schemes(request.user))
    return version


@require_http_methods(["GET", "HEAD", "POST"])
def edit_scheme(request: AuthedRequest, code: str, number: int) -> HttpResponse:
    """Show and take the draft. 6 queries at any size of the tree."""
    version = draft_or_404(request, code, number)
    if version.state != VersionState.DRAFT:
        if request.method == "POST":
            raise Conflict(_("A published edition never changes: start a new draft."))
        return HttpResponseRedirect(reverse("evaluation:scheme", args=[code]))
    before = edition_of_version(version)
    if request.method != "POST":
        typed = Typed.of(before)
        return _page(request, version, typed, check_edition(before, typed.rows, []))
    typed = Typed.sent(request.POST)
    do, __, key = request.POST.get("do", "save").partition(":")
    look_at = key
    if do == "delete":
        loss = lost_with(typed.rows, key)
        if loss is not None and (loss.below or loss.indicators):
            edition, problems = typed.edition(before)
            check = check_edition(edition, typed.rows, problems)
            return _page(request, version, typed, check, loss=loss)
    if do in ("delete", "delete-sure") and lost_with(typed.rows, key) is not None:
        typed.rows, look_at = apply_move(typed.rows, "delete", key)
    elif do in ("add-leaf", "add-part", "up", "down"):
        typed.rows, look_at = apply_move(typed.rows, do, key)
    return _save(request, version, typed, do, look_at)


def _save(
    request: AuthedRequest, version: SchemeVersion, typed: Typed, do: str, look_at: str
) -> HttpResponse:
    before = edition_of_version(version)
    edition, problems = typed.edition(before)
    error: DomainError | None = None
    if problems or not typed.forms_are_valid:
        error = InvalidInput()
    else:
        try:
            version = save_draft(
                version_id=version.pk,
                edition=edition,
                revision=-1 if (seen := whole(request.POST.get("revision", ""))) is None else seen,
                actor=request.user,
                now=timezone.now(),
            )
        except (InvalidInput, Conflict) as refused:
            error = refused
    check = check_edition(edition, typed.rows, problems)
    if error is not None:
        return _page(request, version, typed, check, error=error)
    address = reverse("evaluation:edit-scheme", args=[version.scheme.code, version.number])
    if do == "save":
        if check.count:
            told = _("Draft saved. It cannot be published yet: %(n)s things are wrong.")
            messages.warning(request, told % {"n": check.count})
        else:
            messages.success(request, _("Draft saved. Nothing is wrong: it can be published."))
        return HttpResponseRedirect(address)
    at = next((n for n, row in enumerate(typed.rows) if row.key == look_at), 0)
    return HttpResponseRedirect(f"{address}#row-{edition.nodes[at].code}")


@require_POST
def check_scheme(request: AuthedRequest, code: str, number: int) -> HttpResponse:
    """What is wrong with what is on the page right now; nothing is saved. 4 queries."""
    version = draft_or_404(request, code, number)
    typed = Typed.sent(request.POST)
    edition, problems = typed.edition(edition_of_version(version))
    check = check_edition(edition, typed.rows, problems)
    return render(
        request,
        "evaluation/_check.html",
        {**_check_context(typed, check), "live": True},
    )


@require_POST
def discard(request: AuthedRequest, code: str, number: int) -> HttpResponse:
    """Throw a draft away."""
    version = draft_or_404(request, code, number)
    alone = version.scheme.versions.count() == 1
    discard_draft(version_id=version.pk, actor=request.user, now=timezone.now())
    messages.success(request, _("The draft is discarded."))
    if alone:
        return HttpResponseRedirect(reverse("evaluation:schemes"))
    return HttpResponseRedirect(reverse("evaluation:scheme", args=[code]))


def _page(
    request: AuthedRequest,
    version: SchemeVersion,
    typed: Typed,
    check: Check,
    *,
    error: DomainError | None = None,
    loss: Any = None,
) -> HttpResponse:
    sent = request.method == "POST"
    context = {
        "version": version,
        "scheme": version.scheme,
        "typed": typed,
        "revision": request.POST.get("revision") if sent else version.revision,
        "error": error,
        "loss": loss,
        **_check_context(typed, check),
    }
    return render(
        request,
        "evaluation/scheme_edit.html",
        context,
        status=error.status if error else 200,
    )


def _check_context(typed: Typed, check: Check) -> dict[str, Any]:
    definition = check.definition
    nodes = definition.nodes
    points = {row.key: node.points for row, node in zip(typed.rows, nodes, strict=True)}
    indicators = _options(
        [(i.code, f"{local_name(i)}（{i.unit}）") for i in Indicator.objects.all()],
        _("— none yet —"),
    )
    holders = _options(
        [
            (row.key, "　" * row.depth + row.label)
            for row in typed.rows
            if not row.leaf or any(r.parent == row.key for r in typed.rows)
        ]
    )
    scales = _options(list(SCALE_WORDS.items()), _("as the edition says"))
    means = _options(list(AGGREGATIONS.items()), _("as the edition says"))
    directions = _options([(str(value), label) for value, label in Direction.choices], "—")
    periods, growths = _options(PeriodRule.choices), _options(GrowthRule.choices)
    lines = []
    for row in typed.rows:
        below = [r.key for r in typed.rows if r.parent == row.key]
        total = sum((points[key] for key in below), Decimal(0))
        lines.append(
            {
                "row": row,
                "is_root": not row.parent,
                "indent": min(row.depth, 6),
                "problems": check.by_row.get(row.key, []),
                "below": total if below else None,
                "fits": total == points[row.key],
                "parents": _chosen(holders, row.parent),
                "indicators": _chosen(indicators, row.indicator),
                "directions": _chosen(directions, row.direction),
                "periods": _chosen(periods, row.period),
                "growths": _chosen(growths, row.growth),
                "owns": _chosen(scales if row.leaf else means, row.own),
            }
        )
    leaves = sum((n.points for n in definition.leaves), Decimal(0))
    first = [line for line, row in zip(lines, typed.rows, strict=True) if row.depth == 1]
    return {
        "check": check,
        "lines": lines,
        "total": leaves,
        "whole_fits": leaves == 100,
        "classes": first,
        "points": points,
    }


def _options(choices: Iterable[tuple[str, Any]], empty: str = "") -> SafeString:
    """The options of a list that many rows share, built once."""
    parts = [format_html('<option value="">{}</option>', empty)] if empty else []
    parts += [
        format_html('<option value="{}">{}</option>', value, label) for value, label in choices
    ]
    return mark_safe("".join(parts))


def _chosen(options: SafeString, value: str) -> SafeString:
    """The same options with one chosen; a value that is not among them is added."""
    quoted = f'<option value="{escape(value)}"'
    if value and quoted not in options:
        return format_html('<option value="{}" selected>{}</option>', value, value) + options
    return mark_safe(options.replace(f"{quoted}>", f"{quoted} selected>", 1))
