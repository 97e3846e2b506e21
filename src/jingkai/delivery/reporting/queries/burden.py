"""What reporting costs: minutes measured, fields known elsewhere, share filled in beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.delivery.indicators.public import IndicatorVersion, source_of

from ..models import (
    CampaignState,
    Cell,
    CellOrigin,
    Effort,
    FilledBy,
    Form,
    FormItem,
    Prefill,
    VersionState,
)
from .visibility import visible_returns


@dataclass(frozen=True, slots=True)
class Known:
    """A field that is asked although the answer is known: where it is known."""

    item: FormItem
    where: str


@dataclass(frozen=True, slots=True)
class Burden:
    """One form over the span. `minutes` per return that was worked on; shares in percent."""

    form: Form
    returns: int
    measured: int
    minutes: Decimal | None
    fields: int
    prefilled: Decimal | None
    known: tuple[Known, ...]


def burden(user: User, *, since: date) -> list[Burden]:
    """Every form in use, in their order. At most 7 queries at any number of returns."""
    returns = (
        visible_returns(user)
        .filter(campaign__period_end__gte=since)
        .exclude(campaign__state=CampaignState.CANCELLED)
    )
    asked = dict(returns.order_by().values_list("campaign__form").annotate(n=Count("pk")))
    spent = {
        form: (seconds or 0, n)
        for form, seconds, n in Effort.objects.filter(in_return__in=returns)
        .order_by()
        .values_list("in_return__campaign__form")
        .annotate(seconds=Sum("seconds"), n=Count("in_return", distinct=True))
    }
    answered = {
        form: (total, ready)
        for form, total, ready in Cell.objects.filter(in_return__in=returns, part="")
        .filter(Q(value__isnull=False) | ~Q(absence=""))
        .order_by()
        .values_list("in_return__campaign__form")
        .annotate(
            n=Count("pk"),
            ready=Count("pk", filter=Q(origin__in=[CellOrigin.PREFILLED, CellOrigin.CONFIRMED])),
        )
    }
    items = list(
        FormItem.objects.filter(
            version__state=VersionState.PUBLISHED, version__form__is_active=True
        ).select_related("version__form", "indicator")
    )
    newest: dict[int, int] = {}
    for item in items:
        form_id = item.version.form_id
        newest[form_id] = max(newest.get(form_id, 0), item.version.number)
    items = [item for item in items if item.version.number == newest[item.version.form_id]]
    known = known_elsewhere(items)
    found = []
    for form in Form.objects.filter(is_active=True):
        seconds, measured = spent.get(form.pk, (0, 0))
        total, ready = answered.get(form.pk, (0, 0))
        mine = [item for item in items if item.version.form_id == form.pk]
        found.append(
            Burden(
                form,
                asked.get(form.pk, 0),
                measured,
                Decimal(seconds) / 60 / measured if measured else None,
                sum(2 if item.with_month else 1 for item in mine),
                Decimal(ready) * 100 / total if total else None,
                tuple(k for k in known if k.item.version.form_id == form.pk),
            )
        )
    return found


def known_elsewhere(items: Sequence[FormItem]) -> list[Known]:
    """Items that need not be asked, or could be filled in beforehand. 1 query."""
    computed = set(
        IndicatorVersion.objects.filter(indicator__in={item.indicator_id for item in items})
        .filter(Q(numerator__isnull=False) | ~Q(terms=[]))
        .values_list("indicator_id", flat=True)
    )
    compiled = {
        item.indicator_id: item.version.form
        for item in items
        if item.version.form.filled_by == FilledBy.DEPARTMENT and item.coverage in ("zones", "both")
    }
    seen: dict[tuple[str, int | None, int], FormItem] = {}
    found: list[Known] = []
    for item in items:
        form = item.version.form
        if item.indicator_id in computed:
            found.append(Known(item, _("computed from other figures")))
        elif source_of(item.indicator.code) is not None and item.prefill != Prefill.RECORDS:
            found.append(Known(item, _("counted from the registers")))
        elif (
            form.filled_by == FilledBy.ZONE
            and item.indicator_id in compiled
            and item.prefill != Prefill.COMPILER
        ):
            found.append(
                Known(item, _("also sent by “%(form)s”") % {"form": compiled[item.indicator_id]})
            )
        key = (form.filled_by, form.body_id, item.indicator_id)
        if (first := seen.setdefault(key, item)) is not item:
            found.append(
                Known(item, _("already asked in “%(form)s”") % {"form": first.version.form})
            )
    return found
