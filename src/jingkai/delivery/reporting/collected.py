"""Which figures a return collects: those are filled in there, or corrected by slip."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext as _

from jingkai.delivery.indicators.public import Address

from .models import CampaignState, Cell, Purpose


def collected_by_return(addresses: Collection[Address]) -> dict[Address, str]:
    """Why these figures are not typed in directly, for those a collection asks for. 1 query."""
    cells = (
        Cell.objects.filter(
            indicator__in={address.indicator_id for address in addresses},
            scope__in={address.scope for address in addresses},
            in_return__campaign__period__in={address.period for address in addresses},
            item__purpose=Purpose.RECORD,
            part="",
        )
        .exclude(in_return__campaign__state=CampaignState.CANCELLED)
        .values_list(
            "indicator",
            "scope",
            "in_return__campaign__period",
            "in_return__campaign__state",
            "in_return__campaign__form__name",
            "indicator__name",
        )
    )
    found: dict[Address, str] = {}
    for indicator_id, scope, period, state, form, name in cells:
        text = _(
            "“%(indicator)s” of %(period)s is collected by a return (%(form)s): fill it in there."
        )
        if state == CampaignState.PUBLISHED:
            text = _("“%(indicator)s” of %(period)s is published: change it by correction slip.")
        found[Address(indicator_id, scope, period)] = text % {
            "indicator": name,
            "period": period,
            "form": form,
        }
    return found
