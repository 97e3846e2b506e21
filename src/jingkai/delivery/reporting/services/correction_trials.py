"""Whether a figure may be corrected by slip, and what that would move. Nothing here remains."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.http import Http404
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import Role, User
from jingkai.core.errors import Conflict, FieldProblem, InvalidInput
from jingkai.core.verdicts import ALLOWED, Verdict, require
from jingkai.delivery.indicators.public import (
    CurrentValue,
    Origin,
    Release,
    Series,
    visible_series,
)

from .. import rules
from ..impact import Impact
from ..models import Correction
from ..moving import preview
from ..queries.corrections import open_collections_of, parts_of, standing

_NAMED_PARTS = 6


def invalid(field: str, message: str, code: str = "invalid") -> InvalidInput:
    return InvalidInput(message, problems=[FieldProblem(field, message, code)])


def series_for(user: User, series_id: int) -> Series:
    """The series, with what rules and sentences need. Raises Http404 outside the user's scope."""
    found = (
        visible_series(user)
        .select_related("indicator__compiler", "zone__committee")
        .filter(pk=series_id)
        .first()
    )
    if found is None:
        raise Http404
    return found


def correctable(series: Series, period: str) -> CurrentValue:
    """The figure that stands, when a slip may change it; with its event.

    Raises InvalidInput for one that does not stand, is computed or is counted from records, and
    Conflict for one whose collection is not published yet: the way to change those is another.
    """
    current = standing(series, period)
    if current is None:
        raise invalid(
            "period",
            _("No figure stands for %(period)s: there is nothing to correct. Record it first.")
            % {"period": period},
            "no_figure",
        )
    if current.event.origin == Origin.COMPUTED:
        raise invalid("period", _computed(current), "computed")
    if current.event.origin == Origin.RECORDS:
        raise invalid(
            "period",
            _(
                "This figure is counted from records: correct the record it counts wrongly, and "
                "the figure follows."
            ),
            "records",
        )
    campaign = open_collections_of([current.event_id]).get(current.event_id)
    if campaign is not None:
        raise Conflict(
            _(
                "“%(form)s” of %(period)s is still being collected: change the figure in its "
                "return. Correction slips are for published figures."
            )
            % {"form": campaign.form.name, "period": campaign.period}
        )
    return current


def _computed(current: CurrentValue) -> str:
    parts = parts_of(current.event)
    named = "、".join(
        f"{part.series.zone.short_name if part.series.zone else part.series.scope} "
        f"{part.series.indicator.name} {part.period}"
        for part in parts[:_NAMED_PARTS]
    )
    more = len(parts) - _NAMED_PARTS
    if more > 0:
        named = _("%(names)s and %(n)d more") % {"names": named, "n": more}
    return _(
        "This figure is computed. Correct the figures it is computed from, and it follows: "
        "%(parts)s."
    ) % {"parts": named or "—"}


def release_of(current: CurrentValue) -> Release:
    """A corrected figure is revised, and one that was final stays final."""
    return Release.FINAL if current.release == Release.FINAL else Release.REVISED


def preview_correction(
    *, series_id: int, period: str, new_value: Decimal, actor: User, now: datetime
) -> Impact:
    """Exactly what a correction would move; nothing remains. For those who may ask or decide.

    Raises Http404, NotPermitted, Conflict, and InvalidInput with the field `new_value` or `period`.
    """
    series = series_for(actor, series_id)
    require(_may_try(actor, series))
    current = correctable(series, period)
    if current.value == new_value:
        raise invalid("new_value", _("The new figure is the same as the old one."), "same")
    return try_out(series, current, new_value, "", actor, now)


def impact_now(correction: Correction, *, actor: User, now: datetime) -> Impact:
    """What an open slip would move today.

    Raises Conflict when the figure changed meanwhile, InvalidInput when it can no longer be said.
    """
    current = standing(correction.series, correction.period)
    require_unchanged(correction, current)
    assert current is not None
    return try_out(correction.series, current, correction.new_value, correction.reason, actor, now)


def _may_try(actor: User, series: Series) -> Verdict:
    asks = rules.can_request_correction(actor, series)
    if asks:
        return asks
    reviews = series.indicator.compiler_id in actor.body_ids(Role.DEPARTMENT_REVIEWER)
    return ALLOWED if reviews else asks


def try_out(
    series: Series,
    current: CurrentValue,
    value: Decimal,
    reason: str,
    actor: User,
    now: datetime,
) -> Impact:
    try:
        return preview(
            series=series,
            period=current.period,
            value=value,
            release=release_of(current),
            reason=reason or _("Correction"),
            actor=actor,
            now=now,
        )
    except InvalidInput as error:
        raise beside_value(error) from error


def beside_value(error: InvalidInput) -> InvalidInput:
    """What the engine says of its only entry, said of the form's field."""
    names = {"period": "period", "value": "new_value"}
    problems = [
        FieldProblem(names.get(p.field.rpartition(".")[2], "new_value"), p.message, p.code)
        for p in error.problems
    ]
    return InvalidInput(problems[0].message if problems else str(error), problems=problems)


def require_unchanged(correction: Correction, current: CurrentValue | None) -> None:
    if current is None or current.event_id != correction.old_event_id:
        raise changed(correction, current)


def changed(correction: Correction, current: CurrentValue | None) -> Conflict:
    params = {
        "old": f"{correction.old_value.normalize():f}",
        "now": f"{current.value.normalize():f} {current.get_release_display()}" if current else "—",
    }
    return Conflict(
        _(
            "The figure changed since this slip was written: it said %(old)s, now %(now)s stands. "
            "Refuse the slip, or let it be withdrawn and written anew."
        )
        % params,
        **params,
    )
