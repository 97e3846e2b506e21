"""What a register is: one declaration, from which list, card, forms, Excel and API follow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

import django_filters
from django.db.models import Model, Q, QuerySet
from django.forms import ModelForm
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from jingkai.core.accounts.public import User
from jingkai.core.verdicts import ALLOWED, Verdict
from jingkai.core.workflow.public import TransitionTable

from .cells import SheetColumn, SheetData
from .export import Column
from .imports import ImportResult

_NOTHING = gettext_lazy("Nothing is recorded yet")


class Save(Protocol):
    """A service that adds (`obj_id` None) or changes one object."""

    def __call__(
        self, *, obj_id: int | None, values: Mapping[str, Any], actor: User, now: datetime
    ) -> Model: ...


class Act(Protocol):
    """A service that moves one object along its transition table."""

    def __call__(
        self, *, obj_id: int, action: str, reason: str, actor: User, now: datetime
    ) -> Model: ...


class Run(Protocol):
    """A service that judges rows and, unless `dry_run`, writes all of them or none."""

    def __call__(
        self, data: SheetData, *, actor: User, now: datetime, dry_run: bool
    ) -> ImportResult: ...


@dataclass(frozen=True)
class Sheet:
    """What comes in by Excel: its columns and the service that takes the rows."""

    columns: tuple[SheetColumn, ...]
    run: Run
    may: Callable[[User], Verdict]


@dataclass(frozen=True)
class Panel:
    """One tab of a card; `context` reads what its template shows."""

    key: str
    label: StrOrPromise
    template: str
    context: Callable[[User, Any], dict[str, Any]]


@dataclass(frozen=True)
class Register:
    """A list of one kind of object, and the card of each.

    `visible` is the visibility queryset (with its `select_related`): list, card, export and API
    start from it. `order` is a total order. URL names are `<namespace>:<name>` and the card's is
    called with `lookup`.
    """

    key: str
    title: StrOrPromise
    model: type[Model]
    visible: Callable[[User], QuerySet[Any]]
    columns: tuple[Column, ...]
    list_url: str
    card_url: str
    lookup: str = "code"
    order: tuple[str, ...] = ("pk",)
    search: tuple[str, ...] = ()
    filters: type[django_filters.FilterSet] | None = None
    facts: tuple[Column, ...] = ()
    panels: tuple[Panel, ...] = ()
    chips: Callable[[Any], Iterable[tuple[StrOrPromise, str]]] = lambda obj: ()
    links: Callable[[User, Any], Iterable[tuple[StrOrPromise, str]]] = lambda user, obj: ()
    list_links: Callable[[User], Iterable[tuple[StrOrPromise, str]]] = lambda user: ()
    may_see: Callable[[User], Verdict] = lambda user: ALLOWED
    may_edit: Callable[[User], Verdict] = lambda user: Verdict(False)
    form: type[ModelForm[Any]] | None = None
    save: Save | None = None
    transitions: TransitionTable | None = None
    act: Act | None = None
    may_act: Callable[[User, Any, str], Verdict] = lambda user, obj, action: ALLOWED
    sheet: Sheet | None = None
    empty_title: StrOrPromise = _NOTHING
    empty_text: StrOrPromise = ""
    words: Mapping[str, StrOrPromise] = field(default_factory=dict)
    """What audit actions of these objects are called in their history."""
    help: StrOrPromise = ""

    def __hash__(self) -> int:
        return hash(self.key)

    def href(self, row: Any) -> str:
        """Address of the card of `row`."""
        return reverse(self.card_url, args=[getattr(row, self.lookup)])

    def url(self, page: str) -> str:
        """Address of `list`, `new` or `import`."""
        return reverse(self.list_url if page == "list" else f"{self.list_url}-{page}")

    def url_of(self, page: str, row: Any) -> str:
        """Address of the `edit` or `act` page of `row`."""
        return reverse(f"{self.card_url}-{page}", args=[getattr(row, self.lookup)])

    def found(self, user: User, text: str) -> QuerySet[Any]:
        """Rows `user` may see that hold every word of `text` in some search field."""
        rows = self.visible(user)
        for word in text.split():
            condition = Q()
            for path in self.search:
                condition |= Q(**{f"{path}__icontains": word})
            rows = rows.filter(condition)
        return rows


def cell_html(column: Column, row: Any) -> Any:
    """What a cell shows; a dash for nothing."""
    if column.html is not None:
        return column.html(row)
    value = column.value(row)
    if value is None or value == "":
        return format_html('<span class="muted">{}</span>', "—")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if column.numeric and isinstance(value, int | float | Decimal):
        return figure(value, column.decimals or 0)
    return str(value)


def figure(value: int | float | Decimal, decimals: int) -> str:
    """Grouped digits with a true minus.

    >>> figure(Decimal("-1234.5"), 1)
    '−1,234.5'
    """
    return f"{value:,.{decimals}f}".replace("-", "\u2212")


def yes_no_filter(path: str, label: StrOrPromise, yes: StrOrPromise, no: StrOrPromise) -> Any:
    """A filter on a yes/no field with words of its own."""

    def narrow(rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(**{path: value == "yes"})

    return django_filters.ChoiceFilter(
        label=label, method=narrow, choices=(("yes", yes), ("no", no))
    )


def chosen_columns(columns: Sequence[Column], keys: Sequence[str] | None) -> list[Column]:
    """The columns a person wants to see, in the list's order; the first always."""
    wanted = set(keys) if keys is not None else {c.key for c in columns if c.shown}
    return [c for i, c in enumerate(columns) if i == 0 or c.key in wanted]
