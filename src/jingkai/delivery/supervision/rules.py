"""Who may do what with an obligation, and why not. Whether it is the time for it is states.py.

A body acts through its people: clerks prepare reports; the department's reviewer or the zone's
leader signs, disputes, asks for time and checks. The office issues, urges, decides and closes.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jingkai.core.accounts.public import CITY_WIDE, DEPARTMENT, OFFICIALS, ZONE, Role, User
from jingkai.core.verdicts import ALLOWED, Verdict

from .models import Obligation, ObligationKind, ObligationState, ProgressReport

BODY_PEOPLE = frozenset(DEPARTMENT | ZONE)
SIGNERS = frozenset({Role.DEPARTMENT_REVIEWER, Role.ZONE_LEADER})

_ONLY_OFFICE = Verdict(False, _("Only the leading-group office does this."))
_ONLY_LEADER = Verdict(False, _("Only a city leader decides this."))
_ONLY_BODY = Verdict(False, _("Only people of the responsible body do this."))
_ONLY_SIGNER = Verdict(
    False, _("Only the reviewer of the department or the leader of the zone committee does this.")
)
_OWN_REPORT = Verdict(False, _("Nobody reviews their own report. Another person must do it."))


def _acts_for(user: User, obligation: Obligation, roles: frozenset[Role]) -> bool:
    return obligation.body_id is not None and obligation.body_id in user.body_ids(*roles)


def _body_member(user: User, obligation: Obligation) -> Verdict:
    return ALLOWED if _acts_for(user, obligation, BODY_PEOPLE) else _ONLY_BODY


def _signer(user: User, obligation: Obligation) -> Verdict:
    if _acts_for(user, obligation, SIGNERS):
        return ALLOWED
    return _ONLY_SIGNER if _acts_for(user, obligation, BODY_PEOPLE) else _ONLY_BODY


def can_administer(user: User) -> Verdict:
    """Register, issue, settle disputes, assign roles, urge, decide extensions, withdraw, reopen."""
    return ALLOWED if user.has_role(Role.OFFICE) else _ONLY_OFFICE


def can_follow(user: User) -> bool:
    """Officials follow the tasks, each within what is theirs; for others there is no such page."""
    return user.has_role(*OFFICIALS)


def can_see_all(user: User) -> bool:
    """Leaders and the office see every obligation."""
    return user.has_role(*CITY_WIDE)


def can_see(user: User, obligation: Obligation) -> Verdict:
    """One obligation; the queryset twin is `queries.visible_obligations`."""
    if can_see_all(user):
        return ALLOWED
    bodies = user.body_ids(*BODY_PEOPLE)
    if obligation.issued_at is None or not bodies:
        return Verdict(False, _("This lies outside what you may see."))
    if obligation.body_id in bodies:
        return ALLOWED
    if (
        obligation.kind == ObligationKind.TASK
        and obligation.shares.filter(body_id__in=bodies, issued_at__isnull=False).exists()
    ):
        return ALLOWED
    return Verdict(False, _("This lies outside what you may see."))


def can_sign(user: User, obligation: Obligation) -> Verdict:
    return _signer(user, obligation)


def can_dispute(user: User, obligation: Obligation) -> Verdict:
    if obligation.kind == ObligationKind.TASK:
        return Verdict(False, _("The whole task is led by assignment; dispute the body's share."))
    return _signer(user, obligation)


def can_report(user: User, obligation: Obligation) -> Verdict:
    if obligation.kind == ObligationKind.TASK:
        return Verdict(False, _("Progress of the whole task follows from its shares."))
    return _body_member(user, obligation)


def can_claim(user: User, obligation: Obligation) -> Verdict:
    return can_report(user, obligation)


def can_endorse(user: User, report: ProgressReport) -> Verdict:
    """Check a completion inside the body, before the office sees it."""
    if user.pk == report.submitted_by_id:
        return _OWN_REPORT
    if not report.is_completion:
        return Verdict(False, _("Only a completion is checked twice."))
    return _signer(user, report.obligation)


def can_review(user: User, report: ProgressReport) -> Verdict:
    """Accept or reject. A completion is decided by the office after the body's own check."""
    if user.pk == report.submitted_by_id:
        return _OWN_REPORT
    if user.has_role(Role.OFFICE):
        return ALLOWED
    if report.is_completion:
        return _ONLY_OFFICE
    return _signer(user, report.obligation)


def can_reject(user: User, report: ProgressReport) -> Verdict:
    """The body's reviewer may also send a completion back before it reaches the office."""
    verdict = can_review(user, report)
    if verdict or not report.is_completion or report.endorsed_by_id is not None:
        return verdict
    return can_endorse(user, report)


def can_request_extension(user: User, obligation: Obligation) -> Verdict:
    return _signer(user, obligation)


def can_answer_urge(user: User, obligation: Obligation) -> Verdict:
    return _body_member(user, obligation)


def can_exempt(user: User, obligation: Obligation) -> Verdict:
    """Let a whole task be closed without waiting for the next figure."""
    if obligation.kind != ObligationKind.TASK:
        return Verdict(False, _("Only a whole task waits for its figures."))
    return ALLOWED if user.has_role(Role.LEADER) else _ONLY_LEADER


def is_running(obligation: Obligation) -> bool:
    """In progress: reports, urges and extensions are possible."""
    return obligation.state == ObligationState.ACTIVE
