"""Real objects for the desks' rows of the permission matrix."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from jingkai.delivery.reporting.models import Delegation, UnlockTicket

from .factories import NOW, signed, stage


def desk_samples(world: Any) -> dict[str, dict[str, object]]:
    """A collection whose first return is signed, a ticket that waits, a deputy of the zone."""
    scene = stage(zones=1, indicators=1)
    signed(scene, (10,))
    ticket = UnlockTicket.objects.create(
        in_return=scene.own, reason="补报", requested_by=scene.clerk, requested_at=NOW
    )
    ticket.cells.set([scene.cell()])
    today = timezone.localdate()
    deputy = Delegation.objects.create(
        body=scene.zones[0].committee, giver=scene.leader, deputy=scene.clerk, from_date=today,
        to_date=today + timedelta(days=1), reason="出差", created_at=NOW,
    )  # fmt: skip
    campaign = {"campaign_id": scene.campaign.pk}
    form = {"code": scene.campaign.form.code}
    return {
        "reporting:campaign": campaign,
        "reporting:campaign-act": {**campaign, "name": "urge"},
        "reporting:verify": {**campaign, "code": scene.indicators[0].code},
        "reporting:unlock-act": {"ticket_id": ticket.pk},
        "reporting:delegation-end": {"delegation_id": deputy.pk},
        "reporting:form": form,
        "reporting:form-draft": form,
        "reporting:form-edit": form,
    }
