"""Who may do what in a consultation, and why not. Whether it is the time for it is states.py.

The office prepares, sorts and proposes; another person of the office, or a city leader, confirms.
A body's clerk writes, its reviewer or leader signs. The public needs no sign-in and is not here.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jingkai.core.accounts.public import CITY_WIDE, DEPARTMENT, ZONE, Role, User
from jingkai.core.verdicts import ALLOWED, Verdict

from .models import Comment, CommentState, Consultation, ConsultationState, Decision, InvitedBody

BODY_PEOPLE = frozenset(DEPARTMENT | ZONE)
SIGNERS = frozenset({Role.DEPARTMENT_REVIEWER, Role.ZONE_LEADER})

_ONLY_OFFICE = Verdict(False, _("Only the leading-group office does this."))
_ONLY_SECOND = Verdict(
    False, _("Only another person of the office, or a city leader, confirms a decision.")
)
_OWN_PROPOSAL = Verdict(False, _("Nobody confirms their own proposal. Another person must do it."))
_ONLY_BODY = Verdict(False, _("Only people of the body that was asked do this."))
_ONLY_SIGNER = Verdict(
    False, _("Only the reviewer of the department or the leader of the zone committee does this.")
)
_OWN_DRAFT = Verdict(
    False, _("Nobody signs what they wrote themselves. Another person of the body must do it.")
)
_OUTSIDE = Verdict(False, _("This lies outside what you may see."))


def can_follow(user: User) -> bool:
    """Whether there are such pages for this person at all."""
    return user.has_role(*CITY_WIDE, *BODY_PEOPLE)


def can_see_all(user: User) -> bool:
    return user.has_role(*CITY_WIDE)


def can_see(user: User, consultation: Consultation) -> Verdict:
    """One consultation; the queryset twin is `queries.visible_consultations`."""
    if can_see_all(user):
        return ALLOWED
    if consultation.state in (ConsultationState.DRAFT, ConsultationState.CANCELLED):
        return _OUTSIDE
    bodies = user.body_ids(*BODY_PEOPLE)
    if bodies and consultation.invitations.filter(body_id__in=bodies).exists():
        return ALLOWED
    return _OUTSIDE


def can_see_comment(user: User, comment: Comment) -> Verdict:
    """One opinion before publication; the queryset twin is `queries.visible_comments`.

    What a body is still writing is its own; what was sent is the office's to read, and the body's.
    """
    if comment.invitation is not None and comment.invitation.body_id in user.body_ids(*BODY_PEOPLE):
        return ALLOWED
    if can_see_all(user) and comment.state != CommentState.DRAFT:
        return ALLOWED
    return _OUTSIDE


def can_administer(user: User) -> Verdict:
    """Prepare, open, extend, close, ask bodies, urge, sort, hide, propose, publish, cancel."""
    return ALLOWED if user.has_role(Role.OFFICE) else _ONLY_OFFICE


def can_see_senders(user: User) -> Verdict:
    """Names and contacts of the public: the office alone, to ask back."""
    return can_administer(user)


def can_confirm(user: User, decision: Decision) -> Verdict:
    """Confirm or send back what somebody else proposed."""
    if user.pk == decision.proposed_by_id:
        return _OWN_PROPOSAL
    return ALLOWED if user.has_role(*CITY_WIDE) else _ONLY_SECOND


def can_write(user: User, invitation: InvitedBody) -> Verdict:
    """Write opinions of a body that was asked."""
    return ALLOWED if invitation.body_id in user.body_ids(*BODY_PEOPLE) else _ONLY_BODY


def can_sign(user: User, invitation: InvitedBody) -> Verdict:
    """Sign and send them, or declare that there is none."""
    if invitation.body_id in user.body_ids(*SIGNERS):
        return ALLOWED
    return _ONLY_SIGNER if can_write(user, invitation) else _ONLY_BODY


def can_sign_these(user: User, invitation: InvitedBody, writers: frozenset[int]) -> Verdict:
    """As `can_sign`; `writers` are the ids of those who wrote what is to be sent."""
    verdict = can_sign(user, invitation)
    return _OWN_DRAFT if verdict and user.pk in writers else verdict
