"""Who may do what with an evaluation, and why not. When it is time for it is states.py."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jingkai.core.accounts.public import CITY_WIDE, DEPARTMENT, OFFICIALS, ZONE, Role, User
from jingkai.core.verdicts import ALLOWED, Verdict

from .models import LedgerEntry, Objection, PastResult, Run, RunState

_ONLY_OFFICE = Verdict(False, _("Only the leading-group office does this."))
SHOWN_TO_ZONES = frozenset({RunState.CIRCULATED, RunState.APPROVED, RunState.PUBLISHED})


def can_follow(user: User) -> bool:
    """Officials see evaluations, each within what is theirs."""
    return user.has_role(*OFFICIALS)


def is_city_side(user: User) -> bool:
    """The city's side reads figures of every zone; a zone reads its own."""
    return user.has_role(*CITY_WIDE, *DEPARTMENT)


def can_edit_schemes(user: User) -> Verdict:
    """Schemes are written and published by the office."""
    return ALLOWED if user.has_role(Role.OFFICE) else _ONLY_OFFICE


def can_run(user: User) -> Verdict:
    """Freeze, compute, circulate, cancel."""
    return ALLOWED if user.has_role(Role.OFFICE) else _ONLY_OFFICE


def can_see_all(user: User, run: Run) -> Verdict:
    """All zones' results: the office always, leaders once circulated, everybody once published."""
    if user.has_role(Role.OFFICE):
        return ALLOWED
    if run.state == RunState.PUBLISHED and can_follow(user):
        return ALLOWED
    if user.has_role(Role.LEADER) and run.state in SHOWN_TO_ZONES:
        return ALLOWED
    return Verdict(False, _("Results of other zones are shown once they are published."))


def can_see_zone(user: User, run: Run, zone_committee_id: int) -> Verdict:
    """One zone's report: whoever sees all, and the zone itself once it is circulated."""
    if can_see_all(user, run):
        return ALLOWED
    if run.state in SHOWN_TO_ZONES and zone_committee_id in user.body_ids(*ZONE):
        return ALLOWED
    return Verdict(False, _("This result has not been given to you yet."))


def can_approve(user: User, run: Run) -> Verdict:
    """A leader, or another person of the office than the one who made the run."""
    if user.pk == run.created_by_id:
        return Verdict(False, _("Who made the run does not approve it."))
    if user.has_role(Role.LEADER, Role.OFFICE):
        return ALLOWED
    return Verdict(False, _("A city leader or a second person of the office approves the result."))


def can_reopen(user: User, run: Run) -> Verdict:
    """A leader, or who approved it."""
    if user.has_role(Role.LEADER) or user.pk == run.approved_by_id:
        return ALLOWED
    return Verdict(False, _("A city leader, or who approved it, takes the approval back."))


def can_publish(user: User) -> Verdict:
    return ALLOWED if user.has_role(Role.OFFICE) else _ONLY_OFFICE


def can_propose_points(user: User) -> Verdict:
    """The office and the departments enter cases, each with evidence."""
    if user.has_role(Role.OFFICE, *DEPARTMENT):
        return ALLOWED
    return Verdict(False, _("Cases are entered by the office or by a department."))


def can_decide_points(user: User, entry: LedgerEntry) -> Verdict:
    """The office, never the person who entered the case."""
    if user.pk == entry.entered_by_id:
        return Verdict(False, _("Nobody confirms their own entry."))
    return ALLOWED if user.has_role(Role.OFFICE) else _ONLY_OFFICE


def can_withdraw_points(user: User, entry: LedgerEntry) -> Verdict:
    """Who entered the case, or a colleague of the same body."""
    if user.pk == entry.entered_by_id:
        return ALLOWED
    same = entry.body_id in user.body_ids(*DEPARTMENT) if entry.body_id else None
    if same or (same is None and user.has_role(Role.OFFICE)):
        return ALLOWED
    return Verdict(False, _("Only the body that entered the case takes it back."))


def can_add_evidence(user: User, entry: LedgerEntry) -> Verdict:
    """The body that entered the case, and the office."""
    return ALLOWED if user.has_role(Role.OFFICE) else can_withdraw_points(user, entry)


def can_object(user: User, zone_committee_id: int) -> Verdict:
    """The zone's own people draft an objection."""
    if zone_committee_id in user.body_ids(*ZONE):
        return ALLOWED
    return Verdict(False, _("Only the zone itself objects to its result."))


def can_file_objection(user: User, zone_committee_id: int) -> Verdict:
    """The zone's leader files it."""
    if zone_committee_id in user.body_ids(Role.ZONE_LEADER):
        return ALLOWED
    return Verdict(False, _("The zone's leader files the objection."))


def can_answer(user: User) -> Verdict:
    return ALLOWED if user.has_role(Role.OFFICE) else _ONLY_OFFICE


def can_keep_past_results(user: User) -> Verdict:
    """Results made elsewhere are entered by the office."""
    return ALLOWED if user.has_role(Role.OFFICE) else _ONLY_OFFICE


def can_verify_past_result(user: User, result: PastResult) -> Verdict:
    """Another person of the office compares it with its source."""
    if user.pk == result.entered_by_id:
        return Verdict(False, _("Nobody verifies what they entered."))
    return ALLOWED if user.has_role(Role.OFFICE) else _ONLY_OFFICE


def can_confirm_answer(user: User, objection: Objection) -> Verdict:
    """Another person of the office, or a leader."""
    if user.pk == objection.answered_by_id:
        return Verdict(False, _("Nobody confirms their own answer."))
    if user.has_role(Role.OFFICE, Role.LEADER):
        return ALLOWED
    return _ONLY_OFFICE
