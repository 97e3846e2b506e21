"""Written opinions of bodies: the clerk writes, another person signs and sends."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.checks import check_row
from jingkai.core.errors import InvalidInput, TransitionNotAllowed
from jingkai.core.verdicts import require

from .. import rules
from ..models import Comment, CommentState, ConsultationState, InvitationState, InvitedBody, Origin
from ..people import people, tell, tell_office
from ..states import ARRIVING_STATES
from ._steps import lock, step
from .public import anchor_named, take_number


def _invited(invitation_id: int) -> InvitedBody:
    """The invitation, its consultation locked first. Raises Http404."""
    found = InvitedBody.objects.filter(pk=invitation_id).values_list("consultation_id", flat=True)
    consultation_id = found.first()
    if consultation_id is None:
        raise Http404
    consultation = lock(consultation_id)
    row = (
        InvitedBody.objects.select_for_update(of=("self",))
        .select_related("body")
        .get(pk=invitation_id)
    )
    row.consultation = consultation
    return row


def _must_arrive(row: InvitedBody, action: str) -> None:
    """Raise TransitionNotAllowed unless this body may still write."""
    state = ConsultationState(row.consultation.state)
    if state not in ARRIVING_STATES:
        raise TransitionNotAllowed(action=action, state=row.consultation.get_state_display())
    if row.state in (InvitationState.REPLIED, InvitationState.NO_OPINION):
        raise TransitionNotAllowed(action=action, state=row.get_state_display())


@transaction.atomic
def write_opinion(
    *,
    invitation_id: int,
    text: str,
    actor: User,
    now: datetime,
    anchor_key: str = "",
    proposal: str = "",
    comment_id: int | None = None,
) -> Comment:
    """Write, or rewrite, one opinion of a body; nobody outside the body sees it before it is sent.

    Raises NotPermitted, TransitionNotAllowed, InvalidInput, Http404.
    """
    invitation = _invited(invitation_id)
    require(rules.can_write(actor, invitation))
    _must_arrive(invitation, _("Write an opinion"))
    row = invitation.consultation
    if comment_id is None:
        comment = Comment(
            consultation=row,
            number=take_number(row),
            origin=Origin.BODY,
            invitation=invitation,
            state=CommentState.DRAFT,
        )
    else:
        comment = _draft(invitation, comment_id)
    comment.anchor = anchor_named(row, anchor_key)
    comment.text, comment.proposal = text.strip(), proposal.strip()
    comment.written_by, comment.received_at = actor, now
    check_row(comment)
    comment.save()
    return comment


def _draft(invitation: InvitedBody, comment_id: int) -> Comment:
    found = invitation.comments.filter(pk=comment_id, state=CommentState.DRAFT).first()
    if found is None:
        raise Http404
    return found


@transaction.atomic
def remove_opinion(*, invitation_id: int, comment_id: int, actor: User, now: datetime) -> None:
    """Throw away what was not sent yet. Raises NotPermitted, TransitionNotAllowed, Http404."""
    invitation = _invited(invitation_id)
    require(rules.can_write(actor, invitation))
    _must_arrive(invitation, _("Remove an opinion"))
    _draft(invitation, comment_id).delete()


@transaction.atomic
def send_opinions(*, invitation_id: int, actor: User, now: datetime) -> InvitedBody:
    """Sign and send all opinions of the body; from now on they do not change.

    After the deadline it is late, and stays so. Raises NotPermitted (who wrote one of them does
    not sign), TransitionNotAllowed, InvalidInput when nothing was written.
    """
    invitation = _invited(invitation_id)
    drafts = list(invitation.comments.filter(state=CommentState.DRAFT).select_for_update())
    writers = frozenset(d.written_by_id for d in drafts if d.written_by_id is not None)
    require(rules.can_sign_these(actor, invitation, writers))
    _must_arrive(invitation, _("Sign and send the opinions"))
    if not drafts:
        raise InvalidInput(_("Nothing is written yet. Write an opinion, or declare “no opinion”."))
    for comment in drafts:
        step(comment, "send", actor=actor, now=now)
        comment.received_at = now
        check_row(comment)
        comment.save()
    return _replied(invitation, "reply", actor, now, count=len(drafts))


@transaction.atomic
def declare_no_opinion(*, invitation_id: int, actor: User, now: datetime) -> InvitedBody:
    """Say that the body has none (无意见).

    Raises NotPermitted, TransitionNotAllowed, InvalidInput when something is written.
    """
    invitation = _invited(invitation_id)
    require(rules.can_sign(actor, invitation))
    _must_arrive(invitation, _("Declare “no opinion”"))
    if invitation.comments.exists():
        raise InvalidInput(_("Opinions are written already. Send them, or remove them first."))
    return _replied(invitation, "decline", actor, now, count=0)


def _replied(
    invitation: InvitedBody, action: str, actor: User, now: datetime, *, count: int
) -> InvitedBody:
    late = now >= invitation.consultation.deadline
    step(invitation, action, actor=actor, now=now, details={"opinions": count, "late": late})
    invitation.replied_by, invitation.replied_at = actor, now
    invitation.is_late = invitation.is_late or late
    check_row(invitation)
    invitation.save()
    tell_office(
        invitation.consultation,
        kind="replied",
        now=now,
        say=lambda: _("%(body)s replied on “%(title)s”") % {
            "body": invitation.body.name, "title": invitation.consultation.title,
        },
    )  # fmt: skip
    return invitation


@transaction.atomic
def ask_for_signature(*, invitation_id: int, actor: User, now: datetime) -> int:
    """Tell those who sign that opinions are ready; return how many are told.

    Raises NotPermitted, TransitionNotAllowed, InvalidInput when nothing was written.
    """
    invitation = _invited(invitation_id)
    require(rules.can_write(actor, invitation))
    _must_arrive(invitation, _("Ask for a signature"))
    if not invitation.comments.filter(state=CommentState.DRAFT).exists():
        raise InvalidInput(_("Nothing is written yet. Write an opinion, or declare “no opinion”."))
    today = timezone.localdate(now)
    signers = [
        person for person in people(rules.SIGNERS, today, [invitation.body_id]) if person != actor
    ]
    tell(
        signers,
        kind="to-sign",
        say=lambda: _("Opinions on “%(title)s” wait for your signature") % {
            "title": invitation.consultation.title
        },
        url=reverse("consultation:opinion", args=[invitation.consultation_id]),
        now=now,
        at_once=True,
        dedupe_key=f"consultation:sign:{invitation.pk}:{today}",
    )  # fmt: skip
    audit.record(
        "consultation.invitation.to-sign", actor=actor, target=invitation, at=now,
        row_count=len(signers),
    )  # fmt: skip
    return len(signers)
