"""The draft with the changes that were confirmed, or as one more would leave it."""

from __future__ import annotations

from collections.abc import Mapping

from .anchors import with_changes
from .models import Anchor, Consultation, Decision, DecisionState


def confirmed_wordings(consultation: Consultation) -> dict[int, str]:
    """The wording in force by anchor: that of the latest confirmed change. 1 query."""
    found = (
        Decision.objects.filter(
            topic__consultation=consultation, state=DecisionState.CONFIRMED,
            topic__anchor__isnull=False,
        )
        .exclude(wording="")
        .order_by("settled_at", "pk")
        .values_list("topic__anchor_id", "wording")
    )  # fmt: skip
    return dict(found)


def wording_of(consultation: Consultation, anchor: Anchor) -> str:
    """The words of a clause as confirmed so far. 1 query."""
    original = consultation.text[anchor.start : anchor.end]
    return confirmed_wordings(consultation).get(anchor.pk, original)


def revised_text(consultation: Consultation, extra: Mapping[int, str] | None = None) -> str:
    """The whole text with the confirmed wordings, and `extra` (by anchor) over them. 2 queries."""
    words = {**confirmed_wordings(consultation), **(extra or {})}
    anchors = Anchor.objects.filter(consultation=consultation, pk__in=words)
    return with_changes(
        consultation.text, [(anchor.start, anchor.end, words[anchor.pk]) for anchor in anchors]
    )
