"""Pages of schemes: the list, one scheme with its editions, a new one, putting in force."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jingkai.core.errors import Conflict, DomainError, InvalidInput
from jingkai.core.http import AuthedRequest
from jingkai.core.register.public import FORMATS, Column, export
from jingkai.core.ui.public import local_name
from jingkai.core.verdicts import require

from .. import rules
from ..checking import hints_of, problems_of
from ..differences import differences
from ..method_words import method_lines, node_method_words
from ..models import Scheme, SchemeVersion, VersionState
from ..problem_words import sentence
from ..queries.scheme_pages import SchemeRow, TreeLine, editions, scheme_rows, tree_lines
from ..queries.schemes import (
    definition_of,
    facts_of,
    nodes_of,
    visible_schemes,
    visible_versions,
)
from ..rule_sentences import exit_sentence, ledger_sentence
from ..services.schemes import create_scheme, publish_version, retire_version, start_draft
from ..typing_in import whole

_LIST = (
    Column("code", gettext_lazy("code"), lambda r: r.scheme.code, width=24),
    Column("name", gettext_lazy("name"), lambda r: local_name(r.scheme), width=36),
    Column("issuer", gettext_lazy("whose scheme it is"), lambda r: r.scheme.issuer, width=20),
    Column("years", gettext_lazy("data years"), lambda r: years_of(r.version), width=14),
    Column("leaves", gettext_lazy("indicators"), lambda r: r.leaves, numeric=True, width=10),
    Column(
        "supplied",
        gettext_lazy("points supplied"),
        lambda r: r.supplied,
        numeric=True,
        decimals=2,
    ),
    Column("unverified", gettext_lazy("unverified"), lambda r: r.unverified, numeric=True),
)
_TREE = (
    Column("code", gettext_lazy("code"), lambda t: t.node.code, width=20),
    Column("depth", gettext_lazy("level"), lambda t: t.depth, numeric=True, width=8),
    Column("name", gettext_lazy("name"), lambda t: local_name(t.node), width=40),
    Column(
        "points", gettext_lazy("points"), lambda t: t.node.points, numeric=True, decimals=4
    ),
    Column("direction", gettext_lazy("direction"), lambda t: _direction(t), width=12),
    Column("indicator", gettext_lazy("indicator"), lambda t: _indicator(t), width=30),
    Column(
        "growth", gettext_lazy("growth share (%)"), lambda t: _growth(t), numeric=True, decimals=1
    ),
    Column("verified", gettext_lazy("verified"), lambda t: _yes(t.node.verified), width=10),
    Column("note", gettext_lazy("note"), lambda t: t.node.note, width=40),
)  # fmt: skip


def _direction(line: TreeLine) -> str:
    return str(line.node.get_direction_display() or "")


def _indicator(line: TreeLine) -> str:
    return local_name(line.node.indicator) if line.node.indicator else ""


def _growth(line: TreeLine) -> Decimal | None:
    share = line.node.growth_share
    return None if share is None else share * 100


def _yes(value: bool) -> str:
    return _("yes") if value else _("no")


def years_of(version: SchemeVersion | None) -> str:
    """Data years of an edition: 2021–2024, or 2025 on."""
    if version is None:
        return ""
    if version.last_year is None:
        return _("%(year)s on") % {"year": version.first_year}
    return f"{version.first_year}–{version.last_year}"


def label_of(version: SchemeVersion) -> str:
    """An edition in a list of choices."""
    edition = _("edition %(n)s") % {"n": version.number}
    return f"{local_name(version.scheme)} · {edition}（{years_of(version)}）"


def official(request: AuthedRequest) -> None:
    """404 for whom there is nothing to see."""
    if not rules.can_follow(request.user):
        raise Http404


@require_safe
def scheme_list(request: AuthedRequest) -> HttpResponse:
    """Every scheme with its edition in force; `?format=` gives a file. 3 queries at any length."""
    official(request)
    rows = scheme_rows(request.user)
    if (fmt := request.GET.get("format", "")) in FORMATS:
        return export(
            request,
            name="evaluation.schemes",
            title=_("Evaluation schemes"),
            columns=_LIST,
            rows=rows,
            fmt=fmt,
        )
    context = {
        "rows": [(row, years_of(row.version), _percent(row)) for row in rows],
        "may_edit": rules.can_edit_schemes(request.user),
    }
    return render(request, "evaluation/schemes.html", context)


def _percent(row: SchemeRow) -> int:
    return round(row.supplied)


def scheme_or_404(request: AuthedRequest, code: str) -> Scheme:
    """The scheme, where this person sees it."""
    scheme = visible_schemes(request.user).filter(code=code).first()
    if scheme is None:
        raise Http404
    return scheme


@require_safe
def scheme_page(request: AuthedRequest, code: str) -> HttpResponse:
    """One scheme: `?edition=` its tree and method, `?against=` the differences. 9 queries."""
    return show_scheme(request, scheme_or_404(request, code))


def show_scheme(
    request: AuthedRequest, scheme: Scheme, error: DomainError | None = None, *, edition: str = ""
) -> HttpResponse:
    """The page, with a refusal on top where an action was refused."""
    rows = editions(request.user, scheme)
    version = _chosen(rows, edition or request.GET.get("edition", "")) or _default(rows)
    if version is None:
        raise Http404
    rows_of_tree = nodes_of(version)
    lines = tree_lines(rows_of_tree)
    if (fmt := request.GET.get("format", "")) in FORMATS:
        return export(
            request,
            name="evaluation.scheme",
            title=f"{local_name(scheme)} {_('edition %(n)s') % {'n': version.number}}",
            columns=_TREE,
            rows=lines,
            fmt=fmt,
        )
    definition = definition_of(version, rows_of_tree)
    facts = facts_of(leaf.indicator for leaf in definition.leaves if leaf.indicator)
    is_draft = version.state == VersionState.DRAFT
    problems = problems_of(definition, facts) if is_draft else ()
    other = _chosen(rows, request.GET.get("against", "")) or _before(rows, version)
    changes = differences(definition_of(other), definition) if other else ()
    context = {
        "scheme": scheme,
        "version": version,
        "years": years_of(version),
        "editions": [(row, years_of(row)) for row in rows],
        "lines": [
            {
                "line": line,
                "indent": min(line.depth, 6),
                "own": node_method_words(definition.by_code[line.node.code]),
                "growth": _growth(line),
            }
            for line in lines
        ],
        "leaves": len(definition.leaves),
        "unsupplied": [leaf for leaf in definition.leaves if not leaf.indicator],
        "supplied": lines[0].supplied if lines else Decimal(0),
        "unverified": sum(not leaf.verified for leaf in definition.leaves),
        "method": method_lines(definition),
        "problems": [sentence(each, definition) for each in problems],
        "hints": [
            sentence(each, definition)
            for each in hints_of(definition, facts)
            if each.code != "no_indicator"
        ],
        "ledger": [(rule, ledger_sentence(rule)) for rule in version.ledger_rules],
        "exits": [(rule, exit_sentence(rule)) for rule in version.exit_rules],
        "other": other,
        "changes": changes,
        "draft": next((row for row in rows if row.state == VersionState.DRAFT), None),
        "may_edit": rules.can_edit_schemes(request.user),
        "error": error,
    }
    status = error.status if error else 200
    return render(request, "evaluation/scheme.html", context, status=status)


def _chosen(rows: list[SchemeVersion], number: str) -> SchemeVersion | None:
    return next((row for row in rows if str(row.number) == number), None)


def _default(rows: list[SchemeVersion]) -> SchemeVersion | None:
    in_force = [row for row in rows if row.state == VersionState.PUBLISHED]
    return next(iter(in_force or rows), None)


def _before(rows: list[SchemeVersion], version: SchemeVersion) -> SchemeVersion | None:
    return next((row for row in rows if row.number < version.number), None)


class NewSchemeForm(forms.Form):
    """A new scheme: empty, or from an edition that is there."""

    code = forms.SlugField(
        label=gettext_lazy("code"),
        max_length=40,
        help_text=gettext_lazy("Letters, digits, - and _; it stays for good."),
    )
    name = forms.CharField(label=gettext_lazy("name"), max_length=120)
    name_en = forms.CharField(label=gettext_lazy("English name"), max_length=200, required=False)
    issuer = forms.CharField(
        label=gettext_lazy("whose scheme it is"), max_length=80, required=False
    )
    copy_of = forms.ModelChoiceField(
        label=gettext_lazy("copy of"),
        queryset=SchemeVersion.objects.none(),
        required=False,
        empty_label=gettext_lazy("begin with an empty tree"),
    )

    def __init__(self, *args: Any, versions: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["copy_of"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = versions
        # One sentence for each edition; the model's own text is for logs.
        field.label_from_instance = label_of  # type: ignore[assignment]  # Django's own hook
        for each in self.fields.values():
            select = isinstance(each.widget, forms.Select)
            each.widget.attrs["class"] = "form-select" if select else "form-control"


@require_http_methods(["GET", "HEAD", "POST"])
def new_scheme(request: AuthedRequest) -> HttpResponse:
    """Begin a scheme; its draft opens."""
    official(request)
    require(rules.can_edit_schemes(request.user))
    versions = visible_versions(request.user).order_by("scheme__position", "scheme", "-number")
    sent = request.method == "POST"
    initial = {"copy_of": request.GET.get("copy_of", "")}
    form = NewSchemeForm(request.POST if sent else None, versions=versions, initial=initial)
    error: DomainError | None = None
    if sent and form.is_valid():
        data = form.cleaned_data
        try:
            scheme = create_scheme(
                code=data["code"],
                name=data["name"],
                name_en=data["name_en"],
                issuer=data["issuer"],
                copy_of=data["copy_of"].pk if data["copy_of"] else None,
                actor=request.user,
                now=timezone.now(),
            )
        except (InvalidInput, Conflict) as refused:
            error = refused
        else:
            messages.success(request, _("The scheme is there as a draft: fill its tree."))
            return HttpResponseRedirect(reverse("evaluation:edit-scheme", args=[scheme.code, 1]))
    status = error.status if error else 422 if sent else 200
    context = {"form": form, "error": error}
    return render(request, "evaluation/scheme_new.html", context, status=status)


@require_POST
def draft_scheme(request: AuthedRequest, code: str) -> HttpResponse:
    """Begin the next edition, from the one that was looked at; the present draft where one is."""
    scheme = scheme_or_404(request, code)
    require(rules.can_edit_schemes(request.user))
    number = request.POST.get("edition", "")
    chosen = _chosen(editions(request.user, scheme), number)
    draft = start_draft(
        scheme_id=scheme.pk,
        copy_of=chosen.pk if chosen else None,
        actor=request.user,
        now=timezone.now(),
    )
    messages.success(
        request, _("Edition %(n)s is a draft: change it, then publish.") % {"n": draft.number}
    )
    return HttpResponseRedirect(reverse("evaluation:edit-scheme", args=[code, draft.number]))


def _version_or_404(request: AuthedRequest, code: str, number: int) -> SchemeVersion:
    versions = visible_versions(request.user)
    version = versions.filter(scheme__code=code, number=number).first()
    if version is None:
        raise Http404
    require(rules.can_edit_schemes(request.user))
    return version


@require_POST
def publish(request: AuthedRequest, code: str, number: int) -> HttpResponse:
    """Put a draft in force; what forbids it is said on the scheme's page."""
    version = _version_or_404(request, code, number)
    try:
        version = publish_version(
            version_id=version.pk,
            reason=request.POST.get("reason", ""),
            revision=whole(request.POST.get("revision", "")),
            actor=request.user,
            now=timezone.now(),
        )
    except (InvalidInput, Conflict) as refused:
        return show_scheme(request, version.scheme, refused, edition=str(number))
    told = _("Edition %(n)s is in force for data years %(years)s. Next: freeze a trial run.")
    messages.success(request, told % {"n": version.number, "years": years_of(version)})
    return HttpResponseRedirect(reverse("evaluation:scheme", args=[code]))


@require_POST
def retire(request: AuthedRequest, code: str, number: int) -> HttpResponse:
    """Take an edition out of force, with the reason."""
    version = _version_or_404(request, code, number)
    try:
        retire_version(
            version_id=version.pk,
            reason=request.POST.get("reason", ""),
            actor=request.user,
            now=timezone.now(),
        )
    except (InvalidInput, Conflict) as refused:
        return show_scheme(request, version.scheme, refused, edition=str(number))
    told = _("Edition %(n)s is out of force; runs that used it keep their own copy.")
    messages.success(request, told % {"n": number})
    return HttpResponseRedirect(f"{reverse('evaluation:scheme', args=[code])}?edition={number}")
