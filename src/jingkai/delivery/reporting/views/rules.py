"""Pages of the validation rules: the list, one rule, its editor, its switch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from jingkai.core.errors import DomainError, InvalidInput
from jingkai.core.http import AuthedRequest, page_of
from jingkai.core.register.public import FORMATS, Column, export
from jingkai.core.ui.public import local_name
from jingkai.core.verdicts import require
from jingkai.delivery.indicators.public import Indicator
from jingkai.engine.validation import Kind, RuleError

from .. import rules
from ..forms_rules import EMPTY_EXAMPLES, PREFIX, RuleForm, initial_of
from ..models import Alarm, Level, ValidationRule
from ..phrases import codes_in, say
from ..queries.precision import (
    Precision,
    RuleRow,
    noise_limits,
    precision_by_indicator,
    precisions,
    rule_rows,
)
from ..queries.visibility import visible_cells
from ..rule_words import DOES, KINDS, parameter_lines, problem_text
from ..rulebook import advice_of, numbers_on, rule_of, title_of
from ..services import RuleDraft, prove, rule_fields, save_rule, switch_off, switch_on

ALARMS_SHOWN = 12


def _percent(precision: Precision) -> Any:
    return None if precision.percent is None else round(precision.percent, 1)


_COLUMNS = (
    Column("code", gettext_lazy("code"), lambda r: r.rule.code, width=24),
    Column("title", gettext_lazy("what it checks"), lambda r: title_of(r.rule), width=36),
    Column("kind", gettext_lazy("kind"), lambda r: KINDS[Kind(r.rule.kind)], width=14),
    Column("level", gettext_lazy("level"), lambda r: r.rule.get_level_display(), width=10),
    Column("number", gettext_lazy("version"), lambda r: r.rule.number, numeric=True, width=8),
    Column("state", gettext_lazy("state"), lambda r: _state(r), width=10),
    Column("raised", gettext_lazy("alarms"), lambda r: r.precision.raised, numeric=True),
    Column("settled", gettext_lazy("settled"), lambda r: r.precision.settled, numeric=True),
    Column("changed", gettext_lazy("figure changed"), lambda r: r.precision.changed, numeric=True),
    Column(
        "precision",
        gettext_lazy("precision (%)"),
        lambda r: _percent(r.precision),
        numeric=True,
        decimals=1,
    ),
    Column("confidence", gettext_lazy("confidence"), lambda r: r.rule.get_confidence_display()),
    Column("source", gettext_lazy("source"), lambda r: r.rule.source, width=30),
)


def _state(row: RuleRow) -> str:
    if not row.rule.is_active:
        return _("switched off")
    return _("noisy") if row.noisy else _("in force")


def _official(request: AuthedRequest) -> None:
    """404 for whom there is nothing to check."""
    if not rules.can_follow(request.user):
        raise Http404


@require_safe
def rule_list(request: AuthedRequest) -> HttpResponse:
    """Every rule with how it has done; `?format=` gives a file. 5 queries at any length."""
    _official(request)
    everything = rule_rows(timezone.localdate())
    rows = _narrowed(everything, request)
    if (fmt := request.GET.get("format", "")) in FORMATS:
        return export(
            request,
            name="reporting.rules",
            title=_("Validation rules"),
            columns=_COLUMNS,
            rows=rows,
            fmt=fmt,
        )
    context = {
        "page_obj": page_of(request, rows),
        "kinds": KINDS,
        "levels": Level.choices,
        "counts": {
            "all": len(everything),
            "on": sum(row.rule.is_active for row in everything),
            "noisy": sum(row.noisy and row.rule.is_active for row in everything),
            "alarms": sum(row.precision.raised for row in everything),
        },
        "filtered": any(request.GET.get(name) for name in ("q", "kind", "level", "state")),
        "may_edit": rules.can_administer(request.user),
    }
    return render(request, "reporting/rules.html", context)


def _narrowed(rows: Iterable[RuleRow], request: AuthedRequest) -> list[RuleRow]:
    text = request.GET.get("q", "").strip().casefold()
    kind, level = request.GET.get("kind", ""), request.GET.get("level", "")
    state = request.GET.get("state", "")
    return [
        row
        for row in rows
        if (not kind or row.rule.kind == kind)
        and (not level or row.rule.level == level)
        and (not state or state == _state_key(row))
        and (not text or text in f"{row.rule.code} {title_of(row.rule)}".casefold())
    ]


def _state_key(row: RuleRow) -> str:
    return "off" if not row.rule.is_active else "noisy" if row.noisy else "on"


def _editions(request: AuthedRequest, code: str) -> list[ValidationRule]:
    """Every edition, the newest first; 404 where there is none or it is nobody's business."""
    _official(request)
    rows = ValidationRule.objects.filter(code=code).order_by("-number")
    editions = list(rows.select_related("created_by"))
    if not editions:
        raise Http404
    return editions


@require_safe
def rule_page(request: AuthedRequest, code: str) -> HttpResponse:
    """What a rule checks, what proves it, and how it has done. 12 queries at any length."""
    editions = _editions(request, code)
    return _card(request, editions, None)


def _card(
    request: AuthedRequest, editions: list[ValidationRule], error: DomainError | None
) -> HttpResponse:
    row, now = editions[0], timezone.now()
    names = {found.code: local_name(found) for found in Indicator.objects.all()}
    precision = precisions([row.code]).get(row.code, Precision())
    limits = noise_limits(timezone.localdate(now))
    context = {
        "rule": row,
        "title": title_of(row),
        "advice": advice_of(row),
        "kind": KINDS[Kind(row.kind)],
        "does": DOES[Kind(row.kind)],
        "lines": [],
        "problem": "",
        "indicators": [(each, names.get(each, each)) for each in row.indicators],
        "proofs": [],
        "precision": precision,
        "noisy": limits is not None and limits.is_noisy(precision),
        "limits": limits,
        "by_indicator": [
            (names.get(each, each), found)
            for each, found in sorted(precision_by_indicator(row.code).items())
        ],
        "alarms": _alarms(request, row.code, names),
        "editions": editions,
        "may_edit": rules.can_administer(request.user),
        "error": error,
    }
    try:
        numbers = numbers_on(timezone.localdate(now), [rule_of(row)])
        context["lines"] = parameter_lines(Kind(row.kind), row.parameters, names, numbers)
        context["proofs"] = prove(RuleDraft(**rule_fields(row)), now=now)
    except RuleError as broken:
        context["problem"] = problem_text(broken)
    except InvalidInput as broken:
        context["problem"] = str(broken)
    return render(request, "reporting/rule.html", context, status=error.status if error else 200)


def _alarms(request: AuthedRequest, code: str, names: dict[str, str]) -> list[dict[str, Any]]:
    """The last alarms about cells this person may see. 1 query."""
    rows = (
        Alarm.objects.filter(rule__code=code, cell__in=visible_cells(request.user))
        .select_related("cell__indicator", "cell__in_return__body", "cell__in_return__campaign")
        .order_by("-id")[:ALARMS_SHOWN]
    )
    return [
        {
            "alarm": row,
            "body": local_name(row.cell.in_return.body),
            "period": row.cell.in_return.campaign.period,
            "return_id": row.cell.in_return_id,
            "text": _said(row, names),
        }
        for row in rows
    ]


def _said(row: Alarm, names: dict[str, str]) -> str:
    """The alarm in the reader's language; as it was written where its parts are not kept."""
    if "key" not in row.figures or not codes_in(row.figures) <= set(names):
        return row.message
    return say(row.figures, row.cell.indicator.code, names, part=row.cell.part)


def new_rule(request: AuthedRequest) -> HttpResponse:
    """Choose a kind (`?kind=`), then write the rule."""
    _official(request)
    require(rules.can_administer(request.user))
    wanted = request.POST.get("kind") or request.GET.get("kind", "")
    if wanted not in set(Kind):
        kinds = [(kind, KINDS[kind], DOES[kind]) for kind in Kind]
        return render(request, "reporting/rule_kinds.html", {"kinds": kinds})
    return _editor(request, Kind(wanted), None)


def edit_rule(request: AuthedRequest, code: str) -> HttpResponse:
    """Write a new edition; its examples are run before it is kept."""
    editions = _editions(request, code)
    require(rules.can_administer(request.user))
    return _editor(request, Kind(editions[0].kind), editions[0])


def _editor(request: AuthedRequest, kind: Kind, row: ValidationRule | None) -> HttpResponse:
    initial = initial_of(row) if row else {"confidence": "unverified", "examples": EMPTY_EXAMPLES}
    data = request.POST if request.method == "POST" else None
    form = RuleForm(data, kind=kind, is_new=row is None, initial=initial)
    error: DomainError | None = None
    proofs: list[Any] = []
    if data is not None and "try" in data:
        form.fields["reason"].required = False
    if data is not None and form.is_valid():
        draft = form.draft(position=row.position if row else 500)
        try:
            if "try" in data:
                proofs = prove(draft, now=timezone.now())
            else:
                return _kept(request, form, draft, row)
        except DomainError as refused:
            error = refused
            _mark(form, refused)
    context = {
        "form": form,
        "rule": row,
        "kind": kind,
        "kind_name": KINDS[kind],
        "does": DOES[kind],
        "proofs": proofs,
        "tried": bool(proofs),
        "all_hold": all(proof.holds for proof in proofs),
        "number": request.POST.get("number", row.number if row else 0),
        "error": error,
    }
    invalid = data is not None and not form.is_valid()
    status = error.status if error else 422 if invalid else 200
    return render(request, "reporting/rule_edit.html", context, status=status)


def _kept(
    request: AuthedRequest, form: RuleForm, draft: RuleDraft, row: ValidationRule | None
) -> HttpResponse:
    number = request.POST.get("number", "")
    saved = save_rule(
        code=row.code if row else form.cleaned_data["code"],
        draft=draft,
        actor=request.user,
        now=timezone.now(),
        reason=form.cleaned_data["reason"],
        number=int(number) if number.isascii() and number.isdigit() else 0,
    )
    text = _("Version %(number)s of “%(title)s” is kept; it judges returns from now on.")
    if not saved.is_active:
        text = _("Version %(number)s of “%(title)s” is kept; the rule is switched off.")
    messages.success(request, text % {"number": saved.number, "title": title_of(saved)})
    return HttpResponseRedirect(reverse("reporting:rule", args=[saved.code]))


def _mark(form: RuleForm, refused: DomainError) -> None:
    """Say each problem at the field it is about."""
    if not isinstance(refused, InvalidInput):
        return
    for problem in refused.problems:
        if problem.field in form.fields:
            form.add_error(problem.field, str(problem.message))
        elif f"{PREFIX}{problem.field}" in form.fields:
            form.add_error(f"{PREFIX}{problem.field}", str(problem.message))


@require_POST
def switch_rule(request: AuthedRequest, code: str) -> HttpResponse:
    """Switch a rule off, or on again, with a reason."""
    editions = _editions(request, code)
    reason = request.POST.get("reason", "")
    turn = switch_off if editions[0].is_active else switch_on
    if request.POST.get("do") in ("off", "on"):
        turn = switch_off if request.POST["do"] == "off" else switch_on
    try:
        row = turn(code=code, reason=reason, actor=request.user, now=timezone.now())
    except InvalidInput as refused:
        return _card(request, editions, refused)
    text = (
        _("“%(title)s” is in force again.")
        if row.is_active
        else _(
            "“%(title)s” is switched off; its versions and alarms stay. It can be put in force "
            "again."
        )
    )
    messages.success(request, text % {"title": title_of(row)})
    return HttpResponseRedirect(reverse("reporting:rule", args=[code]))
