"""Who sees which round and which opinion: the queryset twins of the rules."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.notices.public import Deadline

from .. import rules
from ..models import (
    Comment,
    CommentState,
    Consultation,
    ConsultationState,
    Decision,
    InvitationState,
    InvitedBody,
    Topic,
)


def visible_consultations(user: User) -> QuerySet[Consultation]:
    """Rounds `user` may see: the twin of `rules.can_see`."""
    if rules.can_see_all(user):
        return Consultation.objects.all()
    asked = InvitedBody.objects.filter(body_id__in=user.body_ids(*rules.BODY_PEOPLE))
    return Consultation.objects.filter(pk__in=asked.values("consultation")).exclude(
        state__in=[ConsultationState.DRAFT, ConsultationState.CANCELLED]
    )


def visible_comments(user: User) -> QuerySet[Comment]:
    """Opinions `user` may read before publication: the twin of `rules.can_see_comment`."""
    own = Comment.objects.filter(invitation__body_id__in=user.body_ids(*rules.BODY_PEOPLE))
    if not rules.can_see_all(user):
        return own
    return Comment.objects.exclude(state=CommentState.DRAFT) | own


def public_consultations() -> QuerySet[Consultation]:
    """What anybody may see without signing in, those still open first."""
    return Consultation.objects.filter(is_public=True).exclude(
        state__in=[ConsultationState.DRAFT, ConsultationState.CANCELLED]
    )


def own_invitations(user: User) -> QuerySet[InvitedBody]:
    """Invitations of the bodies `user` acts for, to rounds that can be seen."""
    return InvitedBody.objects.filter(
        body_id__in=user.body_ids(*rules.BODY_PEOPLE),
        consultation__in=visible_consultations(user),
    ).select_related("consultation", "body")


def deadlines_for(user: User) -> Iterator[Deadline]:
    """Last days of rounds a body of `user` has not replied to. 1 query."""
    waiting = own_invitations(user).filter(
        state=InvitationState.ASKED, consultation__state=ConsultationState.OPEN
    )
    for row in waiting:
        yield Deadline(
            key=f"consultation-{row.pk}",
            title=_("Opinion on “%(title)s”") % {"title": row.consultation.title},
            due_on=row.consultation.closes_on,
            url=reverse("consultation:opinion", args=[row.consultation_id]),
        )


def desk_consultations(user: User) -> QuerySet[Consultation]:
    """Rounds whose opinions and decisions `user` may read: leaders and the office."""
    return Consultation.objects.all() if rules.can_see_all(user) else Consultation.objects.none()


def visible_topics(user: User) -> QuerySet[Topic]:
    """Topics of rounds `user` may see the desk of."""
    return Topic.objects.filter(consultation__in=desk_consultations(user))


def visible_decisions(user: User) -> QuerySet[Decision]:
    """Decisions on those topics."""
    return Decision.objects.filter(topic__in=visible_topics(user))
