"""The list page of a register: search, filter chips, columns, totals, saved views, exports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.db.models import QuerySet, Sum
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.errors import FieldProblem, InvalidInput
from jingkai.core.http import AuthedRequest, page_of
from jingkai.core.verdicts import require

from .declare import Register, cell_html, chosen_columns, figure
from .export import FORMATS, Column, export
from .models import ColumnChoice, SavedView

_NOT_FILTERS = {"page", "format", "sort"}


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter in force, and the address of the list without it."""

    label: str
    value: str
    url: str


def list_page(request: AuthedRequest, register: Register) -> HttpResponse:
    """Show, export (`?format=`) or arrange (POST) the list.

    6 queries at any length: rows, their number, totals, views, columns and the frame's own.
    Raises NotPermitted for people the register is not for.
    """
    require(register.may_see(request.user))
    if request.method == "POST":
        return _arrange(request, register)
    rows, form = narrowed(register, request.user, request.GET)
    choice = ColumnChoice.objects.filter(user=request.user, register=register.key).first()
    columns = chosen_columns(register.columns, choice.keys if choice else None)
    rows = rows.order_by(*_order(register, request.GET.get("sort", "")))
    if (fmt := request.GET.get("format", "")) in FORMATS:
        return export(
            request,
            name=register.key,
            title=str(register.title),
            columns=columns,
            rows=rows,
            fmt=fmt,
        )
    page = page_of(request, rows)
    query = _filters_only(request.GET)
    views = list(SavedView.objects.filter(user=request.user, register=register.key))
    may_edit = register.may_edit(request.user)
    may_import = register.sheet.may(request.user) if register.sheet else None
    context = {
        "register": register,
        "heads": [_head(request.GET, column) for column in columns],
        "rows": [
            {"href": register.href(row), "cells": [(c, cell_html(c, row)) for c in columns]}
            for row in page.object_list
        ],
        "page_obj": page,
        "totals": _totals(rows, columns) if page.paginator.count else [],
        "filter_form": form,
        "chips": _chips(request.GET, form),
        "all_columns": [(c, c in columns) for c in register.columns[1:]],
        "views": views,
        "query": query,
        "filtered": bool(query),
        "new_url": register.url("new") if register.form and may_edit else "",
        "import_url": register.url("import") if may_import else "",
        "links": list(register.list_links(request.user)),
    }
    return render(request, "register/list.html", context)


def narrowed(register: Register, user: User, query: QueryDict) -> tuple[QuerySet[Any], Any]:
    """Rows `user` may see that fit search and filters, and the bound filter form (None without)."""
    rows = register.found(user, query.get("q", ""))
    if register.filters is None:
        return rows, None
    bound = register.filters(query, queryset=rows)
    for field in bound.form.fields.values():
        if hasattr(field, "empty_label"):
            field.empty_label = str(field.label)
        field.widget.attrs["aria-label"] = str(field.label)
    return bound.qs, bound.form


def _filters_only(query: QueryDict) -> str:
    kept = query.copy()
    for name in list(kept):
        if name in _NOT_FILTERS or not any(kept.getlist(name)):
            del kept[name]
    return kept.urlencode()


def _order(register: Register, wanted: str) -> list[str]:
    paths = {column.key: column.sort for column in register.columns if column.sort}
    path = paths.get(wanted.lstrip("-"))
    if path is None:
        return list(register.order)
    return [f"{'-' if wanted.startswith('-') else ''}{path}", *register.order]


def _head(query: QueryDict, column: Column) -> dict[str, Any]:
    head: dict[str, Any] = {"column": column, "url": "", "mark": ""}
    if column.sort:
        now = query.get("sort", "")
        changed = query.copy()
        changed.pop("page", None)
        changed["sort"] = f"-{column.key}" if now == column.key else column.key
        head["url"] = f"?{changed.urlencode()}"
        head["mark"] = {column.key: "↑", f"-{column.key}": "↓"}.get(now, "")
        head["aria"] = {"↑": "ascending", "↓": "descending"}.get(head["mark"], "")
    return head


def _totals(rows: QuerySet[Any], columns: list[Column]) -> list[str]:
    """The totals row: one text per column, empty where nothing is summed. 1 query, or none."""
    sums = {c.key: Sum(c.total) for c in columns if c.total}
    if not sums:
        return []
    found = rows.order_by().aggregate(**sums)
    return [
        figure(found[c.key], c.decimals or 0) if found.get(c.key) is not None else ""
        for c in columns
    ]


def _chips(query: QueryDict, form: Any) -> list[Chip]:
    chips = []

    def without(name: str) -> str:
        kept = query.copy()
        kept.pop(name, None)
        kept.pop("page", None)
        return f"?{kept.urlencode()}"

    if text := query.get("q", "").strip():
        chips.append(Chip(_("search"), text, without("q")))
    for name, field in form.fields.items() if form is not None and form.is_bound else ():
        value = (
            form.cleaned_data.get(name)
            if form.is_valid() or hasattr(form, "cleaned_data")
            else None
        )
        if value in (None, "") or not query.get(name):
            continue
        words = dict(field.choices) if hasattr(field, "choices") and isinstance(value, str) else {}
        chips.append(Chip(str(field.label), str(words.get(value, value)), without(name)))
    return chips


def _arrange(request: AuthedRequest, register: Register) -> HttpResponse:
    """Keep columns, or add or drop a saved view; back to the same list."""
    what = request.POST.get("do", "")
    query = request.POST.get("query", "")[:1000]
    mine: dict[str, Any] = {"user": request.user, "register": register.key}
    if what == "columns":
        known = {column.key for column in register.columns}
        keys = [key for key in request.POST.getlist("columns") if key in known]
        ColumnChoice.objects.update_or_create(**mine, defaults={"keys": keys})
    elif what == "columns-reset":
        ColumnChoice.objects.filter(**mine).delete()
    elif what == "save-view":
        name = request.POST.get("name", "").strip()[:40]
        if not name:
            message = _("Give the view a name.")
            raise InvalidInput(message, problems=[FieldProblem("name", message, "required")])
        try:
            with transaction.atomic():
                SavedView.objects.update_or_create(**mine, name=name, defaults={"query": query})
        except IntegrityError:  # two windows at once: the other one has saved it
            pass
        messages.success(
            request, _("The view “%(name)s” is saved: find it under “Views”.") % {"name": name}
        )
    elif what == "drop-view":
        SavedView.objects.filter(**mine, pk=request.POST.get("view") or 0).delete()
        messages.success(request, _("The view is removed."))
    else:
        raise InvalidInput(_("This request is not understood. Reload the page."))
    return HttpResponseRedirect(
        f"{register.url('list')}?{query}" if query else register.url("list")
    )


def list_query(**filters: str) -> str:
    """A query string for links to a filtered list."""
    return urlencode({name: value for name, value in filters.items() if value})
