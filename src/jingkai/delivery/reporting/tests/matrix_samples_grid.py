"""A real return of the zone for the permission matrix."""

from __future__ import annotations

from typing import Any

from jingkai.delivery.reporting.models import Return, Signature
from jingkai.delivery.reporting.services import open_campaign
from jingkai.delivery.reporting.snapshots import snapshot_of
from jingkai.masterdata.reference.public import seed_calendar

from .factories import NOW, PERIOD, FormItemFactory, FormVersionFactory

_RETURN = (
    "return",
    "take-back",
    "save-form",
    "guess",
    "send",
    "confirm-form",
    "check",
    "sign",
    "send-back",
    "ask-unlock",
    "note",
    "ask-time",
)
_CELL = ("cell-page", "explain-cell", "comment-cell", "confirm-cell", "prove-cell")


def grid_samples(world: Any) -> dict[str, dict[str, object]]:
    """A return of the zone's own, with a signature; the other zones' stay shut."""
    seed_calendar(now=NOW)
    item = FormItemFactory(version=FormVersionFactory(form__code="matrix-grid"))
    campaign = open_campaign(
        form_id=item.version.form_id, period=PERIOD, actor=world.users["office"], now=NOW
    )
    own = Return.objects.get(campaign=campaign, zone=world.zone)
    cell = own.cells.get()
    snapshot = snapshot_of([cell])
    signature = Signature.objects.create(
        kind="send",
        campaign=campaign,
        in_return=own,
        body=own.body,
        actor=world.users["zone-clerk"],
        at=NOW,
        digest=snapshot.digest,
        snapshot=snapshot.rows,
    )
    return {
        **{f"reporting:{name}": {"return_id": own.pk} for name in _RETURN},
        **{f"reporting:{name}": {"cell_id": cell.pk} for name in _CELL},
        "reporting:receipt": {"return_id": own.pk, "signature_id": signature.pk},
    }
