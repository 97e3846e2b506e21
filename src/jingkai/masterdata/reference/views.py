"""Pages of reference tables: a table with its versions, differences, the editor of a draft."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jingkai.core.errors import DomainError
from jingkai.core.http import AuthedRequest
from jingkai.core.register.public import (
    Column,
    Importer,
    SheetData,
    edges_of,
    export,
    history_of,
    import_page,
)
from jingkai.core.verdicts import require

from . import queries, rules, services
from .forms import HeadForm
from .models import ReferenceTable, ReferenceVersion, VersionState
from .registers import TABLES
from .states import VERSION_TABLE
from .values import KEY, key_column, label_of, loaded, sheet_columns, shown

GRID_ROWS = 300
_SPARE_ROWS = 5


def _words() -> dict[str, Any]:
    return {
        "rows-changed": _("Rows changed"),
        "put-in-force": _("Put in force"),
        "withdrawn": _("Withdrawn"),
        "ended": _("Ended"),
        "confidence-set": _("Confidence set"),
        "discarded": _("Draft discarded"),
        "seeded": _("Seeded"),
        "created": _("Draft begun"),
    }


def _table(request: AuthedRequest, code: str) -> ReferenceTable:
    return get_object_or_404(queries.visible_tables(request.user), code=code)


def _version(request: AuthedRequest, table: ReferenceTable, version_id: int) -> ReferenceVersion:
    version = get_object_or_404(table.versions.select_related("table", "editor"), pk=version_id)
    if version.state == VersionState.DRAFT and not rules.can_edit(request.user):
        return get_object_or_404(table.versions.none())
    return version


def table(
    request: AuthedRequest,
    code: str,
    *,
    version_id: int | None = None,
    error: DomainError | None = None,
) -> HttpResponse:
    """One table: the rows of a version, its versions, and the difference to another. 8 queries."""
    found = _table(request, code)
    versions = queries.visible_versions(request.user, found)
    asked = str(version_id or request.GET.get("version", ""))
    chosen = _chosen(versions, asked) or queries.version_on(versions, timezone.localdate())
    if chosen is None and versions:
        chosen = versions[0]
    other = _chosen(versions, request.GET.get("compare", ""))
    rows = list(chosen.rows.order_by("position", "pk")) if chosen else []
    if chosen is not None and request.GET.get("format") in ("xlsx", "csv"):
        return _export(request, found, chosen, rows)
    columns = _shown_columns(found)
    context = {
        "register": TABLES,
        "table": found,
        "versions": versions,
        "chosen": chosen,
        "other": other,
        "columns": [(c, label_of(c)) for c in columns],
        "own_key": key_column(found) == KEY,
        "rows": [
            {
                "key": row.key,
                "cells": [
                    (label_of(c), shown(c, row.values.get(c["key"])), _is_number(c))
                    for c in columns
                ],
            }
            for row in rows
        ],
        "differences": queries.difference(
            columns, list(other.rows.order_by("position", "pk")), rows
        )
        if other and chosen
        else None,
        "history": history_of(chosen, words=_words(), transitions=VERSION_TABLE) if chosen else [],
        "edge_groups": edges_of(request.user, found),
        "may_edit": rules.can_edit(request.user),
        "error": error,
    }
    return render(request, "reference/table.html", context, status=error.status if error else 200)


def _is_number(column: dict[str, Any]) -> bool:
    return column.get("type") in ("decimal", "integer")


def _shown_columns(found: ReferenceTable) -> list[dict[str, Any]]:
    return [c for c in found.columns if not c["key"].endswith("_en")]


def _chosen(versions: list[ReferenceVersion], wanted: str) -> ReferenceVersion | None:
    return next((v for v in versions if str(v.pk) == wanted), None)


def _export(
    request: AuthedRequest, found: ReferenceTable, version: ReferenceVersion, rows: list[Any]
) -> HttpResponse:
    columns = [
        Column(
            c.key,
            c.label,
            c.value or (lambda row: ""),
            numeric=c.kind in ("decimal", "integer"),
            width=c.width,
        )
        for c in sheet_columns(found)
    ]
    return export(
        request,
        name=f"reference.{found.code}",
        title=f"{found.title} {version.version}",
        columns=columns,
        rows=rows,
        fmt=request.GET["format"],
    )


def new_draft(request: AuthedRequest, code: str) -> HttpResponse:
    """Begin a draft: its head, and whose rows it copies."""
    found = _table(request, code)
    require(rules.can_edit(request.user))
    versions = queries.visible_versions(request.user, found)
    source = _chosen(versions, request.GET.get("copy", ""))
    form = HeadForm(
        request.POST or None,
        initial={
            "effective_from": timezone.localdate(),
            "confidence": source.confidence if source else "",
            "source": source.source if source else "",
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            draft = services.start_draft(
                table_id=found.pk,
                copy_of=source.pk if source else None,
                head=form.head(),
                actor=request.user,
                now=timezone.now(),
            )
        except DomainError as error:
            _show_on(form, error)
        else:
            messages.success(
                request, _("The draft is begun. Enter its rows, then put it in force.")
            )
            return HttpResponseRedirect(reverse("reference:draft", args=[found.code, draft.pk]))
    context = {"table": found, "form": form, "source": source, "register": TABLES}
    return render(request, "reference/new_draft.html", context, status=422 if form.errors else 200)


def _show_on(form: HeadForm, error: DomainError) -> None:
    problems = getattr(error, "problems", ())
    for problem in problems:
        form.add_error(problem.field if problem.field in form.fields else None, problem.message)
    if not problems:
        form.add_error(None, str(error))


def draft(request: AuthedRequest, code: str, version_id: int) -> HttpResponse:
    """Edit a draft: head and rows in one form; what was typed stays when refused."""
    found = _table(request, code)
    version = _version(request, found, version_id)
    require(rules.can_edit(request.user))
    if version.state != VersionState.DRAFT:
        return HttpResponseRedirect(
            f"{reverse('reference:table', args=[code])}?version={version.pk}"
        )
    columns = sheet_columns(found)
    count = version.rows.count()
    form = HeadForm(
        request.POST or None,
        initial={
            name: getattr(version, name)
            for name in (
                "version",
                "effective_from",
                "effective_to",
                "source",
                "confidence",
                "note",
            )
        },
    )
    error: DomainError | None = None
    if request.method == "POST":
        typed = _typed_rows(request, [c.key for c in columns])
        if form.is_valid():
            try:
                services.save_draft(
                    version_id=version.pk,
                    head=form.head(),
                    rows=typed if count <= GRID_ROWS else None,
                    actor=request.user,
                    now=timezone.now(),
                )
            except DomainError as refused:
                error = refused
            else:
                messages.success(
                    request, _("The draft is saved. Put it in force when it is complete.")
                )
                return HttpResponseRedirect(request.path)
    else:
        typed = [
            _as_typed(row, found, columns)
            for row in version.rows.order_by("position", "pk")[:GRID_ROWS]
        ]
    spare = [{c.key: "" for c in columns} for _n in range(_SPARE_ROWS)]
    context = {
        "register": TABLES,
        "table": found,
        "version": version,
        "form": form,
        "columns": columns,
        "grid": [[(c, row.get(c.key, "")) for c in columns] for row in [*typed, *spare]],
        "too_many": count > GRID_ROWS,
        "count": count,
        "error": error,
        "history": history_of(version, words=_words(), transitions=VERSION_TABLE),
    }
    status = error.status if error else 422 if form.errors else 200
    return render(request, "reference/draft.html", context, status=status)


def _as_typed(row: Any, found: ReferenceTable, columns: Any) -> dict[str, Any]:
    by_key = {c["key"]: c for c in found.columns}
    cells = {KEY: row.key}
    for column in columns:
        if column.key in by_key:
            value = loaded(by_key[column.key], row.values.get(column.key))
            words = (
                {True: "是", False: "否"}
                if column.kind == "boolean"
                else by_key[column.key].get("choices") or {}
            )
            cells[column.key] = "" if value is None else str(words.get(value, value))
    return cells


def _typed_rows(request: AuthedRequest, keys: list[str]) -> list[dict[str, Any]]:
    """The grid as it was typed; rows left wholly empty or marked for removal are not there."""
    lists = {key: request.POST.getlist(f"cell-{key}") for key in keys}
    removed = set(request.POST.getlist("remove"))
    length = max((len(values) for values in lists.values()), default=0)
    rows = []
    for number in range(length):
        row = {key: values[number] if number < len(values) else "" for key, values in lists.items()}
        if str(number) not in removed and any(str(v).strip() for v in row.values()):
            rows.append(row)
    return rows


@require_POST
def act(request: AuthedRequest, code: str, version_id: int) -> HttpResponse:
    """Put in force, withdraw, confirm or discard a version."""
    found = _table(request, code)
    version = _version(request, found, version_id)
    do, reason = request.POST.get("do", ""), request.POST.get("reason", "")
    back = f"{reverse('reference:table', args=[code])}?version={version.pk}"
    who: dict[str, Any] = {"version_id": version.pk, "actor": request.user, "now": timezone.now()}
    try:
        if do == "put-in-force":
            services.put_in_force(reason=reason, **who)
            said = _("Version %(name)s is in force from %(day)s.") % {
                "name": version.version,
                "day": version.effective_from,
            }
        elif do == "withdraw":
            services.withdraw(reason=reason, **who)
            said = _("Version %(name)s is withdrawn.") % {"name": version.version}
        elif do == "confidence":
            services.set_confidence(
                confidence=request.POST.get("confidence", ""),
                source=request.POST.get("source", "") or version.source,
                reason=reason,
                **who,
            )
            said = _("The confidence of version %(name)s is set.") % {"name": version.version}
        else:
            services.discard_draft(**who)
            said = _("The draft %(name)s is discarded.") % {"name": version.version}
            back = reverse("reference:table", args=[code])
    except DomainError as error:
        return table(request, code, version_id=version.pk, error=error)
    messages.success(request, said)
    return HttpResponseRedirect(back)


def import_rows(request: HttpRequest, code: str, version_id: int) -> HttpResponse:
    """Excel in for a draft: the file becomes all its rows."""
    asked: AuthedRequest = request  # type: ignore[assignment]  # behind SignedInMiddleware
    found = _table(asked, code)
    version = _version(asked, found, version_id)
    require(rules.can_edit(asked.user))

    def run(data: SheetData, *, actor: Any, now: Any, dry_run: bool) -> Any:
        return services.import_draft(
            data, version_id=version.pk, actor=actor, now=now, dry_run=dry_run
        )

    return import_page(
        asked,
        Importer(
            key=f"reference.{version.pk}",
            title=f"{found.title} {version.version}",
            columns=sheet_columns(found),
            run=run,
            back_url=reverse("reference:draft", args=[code, version.pk]),
            rows=lambda: version.rows.order_by("position", "pk"),
        ),
    )
