"""Rounds as a list, one round's figures, and the invitations of a round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Count, F, Max, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User

from ..models import (
    Comment,
    CommentState,
    Consultation,
    DecisionState,
    InvitationState,
    InvitedBody,
    Outcome,
    Topic,
)
from .visibility import public_consultations, visible_consultations

SENT = ~Q(comments__state=CommentState.DRAFT)


def consultations_for_list(*, user: User, state: str = "") -> QuerySet[Consultation]:
    """Visible rounds, newest first, with how many opinions came in. 1 query."""
    rows = visible_consultations(user).select_related("version__document")
    if state:
        rows = rows.filter(state=state)
    return rows.annotate(
        opinions=Count("comments", filter=SENT & Q(comments__hidden_reason=""), distinct=True),
        asked=Count("invitations", distinct=True),
        answered=Count(
            "invitations",
            filter=Q(invitations__state__in=[InvitationState.REPLIED, InvitationState.NO_OPINION]),
            distinct=True,
        ),
    ).order_by("-pk")


def consultations_for_all() -> QuerySet[Consultation]:
    """Public rounds with the count of opinions, the next to close first. 1 query."""
    return public_consultations().annotate(
        opinions=Count("comments", filter=SENT & Q(comments__hidden_reason=""))
    )


@dataclass(frozen=True, slots=True)
class Figures:
    """What came in and what became of it; counts of opinions, topics and bodies."""

    opinions: int = 0
    from_bodies: int = 0
    from_public: int = 0
    hidden: int = 0
    unsorted: int = 0
    topics: int = 0
    adopted: int = 0
    partly: int = 0
    rejected: int = 0
    noted: int = 0
    waiting: int = 0
    bodies: int = 0
    replied: int = 0
    no_opinion: int = 0
    silent: int = 0
    late: int = 0

    @property
    def undecided(self) -> int:
        return self.topics - self.adopted - self.partly - self.rejected - self.noted


def figures_of(consultation: Consultation) -> Figures:
    """Counts of one round. 3 queries."""
    shown = Q(hidden_reason="")
    said = consultation.comments.exclude(state=CommentState.DRAFT).aggregate(
        opinions=Count("pk", filter=shown),
        from_bodies=Count("pk", filter=shown & Q(origin="body")),
        from_public=Count("pk", filter=shown & Q(origin="public")),
        hidden=Count("pk", filter=~shown),
        unsorted=Count("pk", filter=shown & Q(topic__isnull=True)),
    )
    confirmed = Q(decisions__state=DecisionState.CONFIRMED)
    decided = consultation.topics.aggregate(
        topics=Count("pk", distinct=True),
        waiting=Count("pk", filter=Q(decisions__state=DecisionState.PROPOSED), distinct=True),
        **{
            outcome.value: Count(
                "pk", filter=confirmed & Q(decisions__outcome=outcome), distinct=True
            )
            for outcome in Outcome
        },
    )
    asked = consultation.invitations.aggregate(
        bodies=Count("pk"),
        replied=Count("pk", filter=Q(state=InvitationState.REPLIED)),
        no_opinion=Count("pk", filter=Q(state=InvitationState.NO_OPINION)),
        silent=Count("pk", filter=Q(state__in=[InvitationState.ASKED, InvitationState.SILENT])),
        late=Count("pk", filter=Q(is_late=True)),
    )
    return Figures(**said, **decided, **asked)


def statistics_line(figures: Figures) -> str:
    """The sentence above the adoption table."""
    said = _(
        "%(opinions)d opinions were received (%(bodies)d from bodies, %(public)d from the public) "
        "and joined to %(topics)d topics: %(adopted)d adopted, %(partly)d partly adopted, "
        "%(rejected)d not adopted, %(noted)d noted."
    ) % {
        "opinions": figures.opinions,
        "bodies": figures.from_bodies,
        "public": figures.from_public,
        "topics": figures.topics,
        "adopted": figures.adopted,
        "partly": figures.partly,
        "rejected": figures.rejected,
        "noted": figures.noted,
    }
    if not figures.bodies:
        return said
    asked = _(
        "%(bodies)d bodies were asked; %(replied)d sent opinions, %(none)d declared that they have "
        "none, %(silent)d did not reply."
    ) % {
        "bodies": figures.bodies,
        "replied": figures.replied,
        "none": figures.no_opinion,
        "silent": figures.silent,
    }
    return f"{said}{asked}" if said.endswith("。") else f"{said} {asked}"


def invitations_of(consultation: Consultation) -> QuerySet[InvitedBody]:
    """Bodies that were asked, with how much they sent. 1 query."""
    return (
        consultation.invitations.select_related("body", "replied_by")
        .annotate(opinions=Count("comments", filter=SENT))
        .order_by("body__position", "pk")
    )


@dataclass(frozen=True, slots=True)
class DeskFilters:
    """What the desk shows and in which order."""

    clause: str = ""  # an anchor's key, or "whole"
    origin: str = ""
    state: str = ""  # a comment's state, or "hidden"
    topic: int | None = None
    text: str = ""
    order: str = "clause"  # clause | time | origin | topic


_ORDERS: Final[Mapping[str, Sequence[str | OrderBy]]] = {
    "clause": (F("anchor__position").asc(nulls_first=True), "number"),
    "time": ("-received_at", "-number"),
    "origin": ("origin", F("invitation__body__position").asc(nulls_last=True), "number"),
    "topic": (F("topic__number").asc(nulls_first=True), "number"),
}


def comments_for_desk(consultation: Consultation, filters: DeskFilters) -> QuerySet[Comment]:
    """Opinions that were sent, filtered, in a total order. 1 query, senders not among it."""
    rows = (
        Comment.objects.filter(consultation=consultation)
        .exclude(state=CommentState.DRAFT)
        .select_related("anchor", "topic", "invitation__body")
    )
    if filters.clause == "whole":
        rows = rows.filter(anchor__isnull=True)
    elif filters.clause:
        rows = rows.filter(anchor__key=filters.clause)
    if filters.origin:
        rows = rows.filter(origin=filters.origin)
    if filters.state == "hidden":
        rows = rows.exclude(hidden_reason="")
    elif filters.state:
        rows = rows.filter(state=filters.state, hidden_reason="")
    if filters.topic:
        rows = rows.filter(topic_id=filters.topic)
    if filters.text:
        rows = rows.filter(Q(text__icontains=filters.text) | Q(proposal__icontains=filters.text))
    return rows.order_by(*_ORDERS.get(filters.order, _ORDERS["clause"]))


def topics_for_desk(consultation: Consultation) -> QuerySet[Topic]:
    """Topics with their live decision's state and outcome, and how much is in them. 1 query."""
    live = Q(decisions__state__in=[DecisionState.PROPOSED, DecisionState.CONFIRMED])
    return (
        consultation.topics.select_related("anchor")
        .annotate(
            size=Count("comments", distinct=True),
            live_state=_only("state", live),
            live_outcome=_only("outcome", live),
        )
        .order_by("number")
    )


def _only(field: str, live: Q) -> Max:
    """The one value there is: a topic has one live decision at most."""
    return Max(f"decisions__{field}", filter=live)
