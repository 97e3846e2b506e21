"""The ledger of points: the list, entering a case, one case with its evidence, deciding."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jingkai.core.accounts.public import CITY_WIDE
from jingkai.core.errors import DomainError, InvalidInput
from jingkai.core.files.public import attachments_of
from jingkai.core.http import AuthedRequest, page_of
from jingkai.core.register.public import FORMATS, Column, export
from jingkai.core.ui.public import local_name
from jingkai.core.verdicts import require
from jingkai.core.workflow.public import history
from jingkai.masterdata.organisations.public import Zone, active_zones

from .. import rules
from ..forms_ledger import CaseForm
from ..models import LedgerEntry, LedgerKind, LedgerState, Scheme, VersionState
from ..points import PointRule, point_rules
from ..queries.ledger import (
    edition_for,
    entries_for_list,
    entry_for_page,
    run_under_way,
    runs_counting,
    standing_points,
    visible_entries,
)
from ..services.ledger import (
    AlikeCase,
    attach_case_evidence,
    confirm_points,
    propose_points,
    refuse_points,
    revoke_points,
    withdraw_points,
)
from ..typing_in import whole, year_of

FILTERS = ("scheme", "year", "zone", "kind", "state")
COLUMNS = (
    Column("number", gettext_lazy("No."), lambda e: e.pk),
    Column("state", gettext_lazy("state"), lambda e: e.get_state_display()),
    Column("scheme", gettext_lazy("evaluation scheme"), lambda e: local_name(e.scheme), width=28),
    Column("year", gettext_lazy("data year"), lambda e: e.year),
    Column("zone", gettext_lazy("zone"), lambda e: local_name(e.zone), width=24),
    Column("kind", gettext_lazy("kind"), lambda e: e.get_kind_display()),
    Column("rule", gettext_lazy("rule"), lambda e: e.rule, width=24),
    Column("points", gettext_lazy("points"), lambda e: e.points, numeric=True, decimals=2),
    Column("date", gettext_lazy("date of the case"), lambda e: e.happened_on),
    Column(
        "outside", gettext_lazy("why it counts for this data year"), lambda e: e.outside_year,
        width=30,
    ),
    Column("reason", gettext_lazy("case"), lambda e: e.reason, width=50),
    Column(
        "by", gettext_lazy("entered by"), lambda e: local_name(e.body) if e.body else _("Office")
    ),
    Column("entered", gettext_lazy("entered at"), lambda e: e.entered_at, width=18),
    Column(
        "decided",
        pgettext_lazy("ledger", "decided by"),
        lambda e: e.decided_by.name if e.decided_by else "",
    ),
    Column("answer", gettext_lazy("answer"), lambda e: e.answer, width=40),
)  # fmt: skip


def officials_or_404(request: AuthedRequest) -> None:
    if not rules.can_follow(request.user):
        raise Http404


def rule_names(entries: list[LedgerEntry]) -> dict[tuple[int, str], PointRule]:
    """The rules of the schemes of these entries, newest edition first. 1 query."""
    schemes = Scheme.objects.filter(pk__in={e.scheme_id for e in entries}).prefetch_related(
        "versions"
    )
    names: dict[tuple[int, str], PointRule] = {}
    for scheme in schemes:
        for version in sorted(scheme.versions.all(), key=lambda v: v.number):
            if version.state != VersionState.DRAFT:
                for code, rule in point_rules(version.ledger_rules).items():
                    names[scheme.pk, code] = rule
    return names


@require_safe
def entry_list(request: AuthedRequest) -> HttpResponse:
    """Cases the person may see."""
    officials_or_404(request)
    user = request.user
    asked = {name: request.GET.get(name, "") for name in FILTERS}
    rows = entries_for_list(user, **asked)
    if request.GET.get("format") in FORMATS:
        return export(
            request,
            name="evaluation.ledger",
            title=_("Ledger of points"),
            columns=COLUMNS,
            rows=rows,
            fmt=request.GET["format"],
        )
    page = page_of(request, rows)
    found = list(page)
    names = rule_names(found)
    return render(
        request,
        "evaluation/ledger.html",
        {
            "page_obj": page,
            "rows": [{"entry": e, "rule": names.get((e.scheme_id, e.rule))} for e in found],
            "asked": asked,
            "is_filtered": any(asked.values()),
            "states": LedgerState.choices,
            "kinds": LedgerKind.choices,
            "schemes": Scheme.objects.filter(ledger__in=visible_entries(user)).distinct(),
            # Zones that occur: a nation has thousands that do not.
            "zones": Zone.objects.filter(pk__in=visible_entries(user).values("zone")).order_by(
                "position", "code"
            ),
            "years": visible_entries(user)
            .order_by("-year")
            .values_list("year", flat=True)
            .distinct(),
            "waiting": visible_entries(user).filter(state=LedgerState.PROPOSED).count(),
            "may_enter": rules.can_propose_points(user),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def entry_new(request: AuthedRequest) -> HttpResponse:
    """Enter a case: first scheme and data year, which give the rules; then the case."""
    officials_or_404(request)
    require(rules.can_propose_points(request.user))
    given = request.POST if request.method == "POST" else request.GET
    schemes = _schemes()
    today = timezone.localdate()
    code, year = given.get("scheme", ""), given.get("year", "")
    scheme = next((one for one in schemes if one.code == code), None)
    edition = edition_for(scheme.pk, int(year)) if scheme and year_of(year) else None
    if scheme is None or edition is None:
        return render(
            request,
            "evaluation/entry_choose.html",
            {
                "schemes": schemes,
                "chosen": scheme,
                "year": year or str(today.year - 1),
                "missing": bool(scheme and year),
            },
            status=422 if request.method == "POST" else 200,
        )
    known = point_rules(edition.ledger_rules)
    form = CaseForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        zones=[(zone.code, local_name(zone)) for zone in active_zones(today)],
        rules=[(rule.code, local_name(rule)) for rule in known.values()],
        initial={"zone": request.GET.get("zone", "")},
    )
    error: DomainError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            entry = _propose(request, form, scheme, int(year), today)
        except DomainError as refused:
            error = refused
            _beside(form, refused)
        else:
            messages.success(
                request, _("Entered. A second person of the office now decides about it.")
            )
            return HttpResponseRedirect(reverse("evaluation:entry", args=[entry.pk]))
    return render(
        request,
        "evaluation/entry_new.html",
        {
            "scheme": scheme,
            "edition": edition,
            "year": int(year),
            "rules": list(known.values()),
            "form": form,
            "error": error,
            "alike": error.params.get("entry") if isinstance(error, AlikeCase) else None,
            "under_way": run_under_way(scheme_id=scheme.pk, year=int(year)),
            "needs_evidence": not request.user.has_role(*CITY_WIDE),
        },
        status=error.status if error else 422 if form.is_bound else 200,
    )


def _schemes() -> list[Scheme]:
    """Schemes with a published edition that has rules of points. 1 query."""
    return list(
        Scheme.objects.filter(versions__state=VersionState.PUBLISHED)
        .exclude(versions__ledger_rules=[])
        .distinct()
    )


def _propose(
    request: AuthedRequest, form: CaseForm, scheme: Scheme, year: int, today: Any
) -> LedgerEntry:
    data = form.cleaned_data
    zone = get_object_or_404(Zone, code=data["zone"])
    return propose_points(
        scheme_id=scheme.pk,
        zone_id=zone.pk,
        year=year,
        rule=data["rule"],
        reason=data["reason"],
        happened_on=data["happened_on"],
        outside_year=data["outside_year"],
        evidence=data["evidence"],
        another_case=data["another_case"],
        actor=request.user,
        now=timezone.now(),
    )


def _beside(form: Any, error: DomainError) -> None:
    """Put each problem beside its field where the form has one."""
    if isinstance(error, InvalidInput):
        for problem in error.problems:
            if problem.field in form.fields:
                form.add_error(problem.field, problem.message)


@require_safe
def entry_detail(request: AuthedRequest, entry_id: int) -> HttpResponse:
    return _entry_page(request, entry_id)


def _entry_page(
    request: AuthedRequest, entry_id: int, *, error: DomainError | None = None, answer: str = ""
) -> HttpResponse:
    officials_or_404(request)
    user = request.user
    entry = entry_for_page(user, entry_id)
    if entry is None:
        raise Http404
    inside = user.has_role(*CITY_WIDE) or entry.body_id in user.body_ids()
    standing = (
        standing_points(scheme_id=entry.scheme_id, zone_id=entry.zone_id, year=entry.year)
        if inside
        else None
    )
    edition = edition_for(entry.scheme_id, entry.year)
    rule = point_rules(edition.ledger_rules).get(entry.rule) if edition else None
    runs = [run for run in runs_counting(entry) if rules.can_see_zone(
        user, run, entry.zone.committee_id)]  # fmt: skip
    return render(
        request,
        "evaluation/entry.html",
        {
            "entry": entry,
            "rule": rule,
            "standing": standing,
            "runs": runs,
            "under_way": run_under_way(scheme_id=entry.scheme_id, year=entry.year)
            if inside
            else None,
            "counted": {run.pk for run in runs},
            "files": attachments_of(entry),
            "steps": history(entry) if inside else [],
            "inside": inside,
            "waits": entry.state == LedgerState.PROPOSED,
            "stands": entry.state == LedgerState.CONFIRMED,
            "can_decide": rules.can_decide_points(user, entry),
            "can_withdraw": rules.can_withdraw_points(user, entry),
            "can_attach": rules.can_add_evidence(user, entry),
            "error": error,
            "answer": answer,
        },
        status=error.status if error else 200,
    )


@require_POST
def entry_act(request: AuthedRequest, entry_id: int, action: str) -> HttpResponse:
    """Confirm, refuse, withdraw or revoke a case, or put a paper to it."""
    officials_or_404(request)
    get_object_or_404(visible_entries(request.user), pk=entry_id)
    answer = request.POST.get("answer", "")
    try:
        said = _run(request, entry_id, action, answer, timezone.now())
    except DomainError as error:
        return _entry_page(request, entry_id, error=error, answer=answer)
    messages.success(request, said)
    return HttpResponseRedirect(reverse("evaluation:entry", args=[entry_id]))


def _run(request: AuthedRequest, entry_id: int, action: str, answer: str, now: datetime) -> str:
    """Carry out one action; what to say of it."""
    given: dict[str, Any] = {"entry_id": entry_id, "actor": request.user, "now": now}
    seen = whole(request.POST.get("revision", ""))
    match action:
        case "confirm":
            confirm_points(**given, answer=answer, revision=seen)
            return _("Confirmed. It counts in every run that is frozen from now on.")
        case "refuse":
            refuse_points(**given, reason=answer, revision=seen)
            return _("Refused. Whoever entered it has been told why.")
        case "withdraw":
            withdraw_points(**given, reason=answer)
            return _("Withdrawn. It does not count.")
        case "revoke":
            revoke_points(**given, reason=answer)
            return _("Revoked. Runs that are frozen already keep it; later ones do not count it.")
        case "evidence":
            upload = request.FILES.get("file")
            if upload is None:
                raise InvalidInput(_("Choose a file first."))
            attach_case_evidence(**given, upload=upload, note=request.POST.get("note", ""))
            return _("The paper is attached.")
        case _:
            raise Http404
