"""Which obligations a person may see: the queryset twin of `rules.can_see`."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from jingkai.core.accounts.public import User

from .. import rules
from ..models import Obligation, ObligationKind


def visible_obligations(user: User) -> QuerySet[Obligation]:
    """Leaders and the office: all. A body's people: its issued shares, and the whole tasks these
    belong to. Anybody else: none.
    """
    if rules.can_see_all(user):
        return Obligation.objects.all()
    bodies = user.body_ids(*rules.BODY_PEOPLE)
    if not bodies:
        return Obligation.objects.none()
    shared = Obligation.objects.filter(
        parent=OuterRef("pk"), body_id__in=bodies, issued_at__isnull=False
    )
    return Obligation.objects.filter(
        Q(body_id__in=bodies) | Q(Exists(shared), kind=ObligationKind.TASK),
        issued_at__isnull=False,
    )
