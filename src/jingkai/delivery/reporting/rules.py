"""Who may do what with a return, and why not. Whether it is the time for it is states.py.

Clerks fill; the zone's leader or the department's reviewer signs; the reviewer of the body that
verifies an indicator verifies it across all zones; the office runs campaigns. Nobody signs or
verifies figures they entered: the rules say so, and so do constraints of the cell table.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jingkai.core.accounts.public import CITY_WIDE, DEPARTMENT, OFFICIALS, ZONE, Role, User
from jingkai.core.verdicts import ALLOWED, Verdict
from jingkai.delivery.indicators.public import Series

from .models import Cell, Correction, Delegation, FormItem, Return, UnlockTicket

CLERKS = frozenset({Role.ZONE_CLERK, Role.DEPARTMENT_CLERK})
SIGNERS = frozenset({Role.ZONE_LEADER, Role.DEPARTMENT_REVIEWER})

_ONLY_OFFICE = Verdict(False, _("Only the leading-group office does this."))
_ONLY_CLERK = Verdict(False, _("Only a clerk of the reporting body fills in this return."))
_ONLY_SIGNER = Verdict(
    False,
    _("Only the zone's leader, the department's reviewer or their deputy signs this return."),
)
_OUTSIDE = Verdict(False, _("This lies outside what you may see."))


def can_follow(user: User) -> bool:
    """Officials see returns, each within what is theirs."""
    return user.has_role(*OFFICIALS)


def can_administer(user: User) -> Verdict:
    """Forms, rules, campaigns, extensions, publication, urging."""
    return ALLOWED if user.has_role(Role.OFFICE) else _ONLY_OFFICE


def can_see(user: User, in_return: Return) -> Verdict:
    """Leaders, the office and departments see all; a zone its own. Twin: `visible_returns`."""
    if user.has_role(*CITY_WIDE, *DEPARTMENT):
        return ALLOWED
    return ALLOWED if in_return.body_id in user.body_ids(*ZONE) else _OUTSIDE


def can_fill(user: User, in_return: Return) -> Verdict:
    return ALLOWED if in_return.body_id in user.body_ids(*CLERKS) else _ONLY_CLERK


def delegations_to(user: User, day: date) -> list[Delegation]:
    """Delegations by which `user` signs for another on `day`. 1 query."""
    return list(
        Delegation.objects.filter(
            deputy=user, revoked_at__isnull=True, from_date__lte=day, to_date__gte=day
        )
        .filter(
            Q(giver__memberships__role__in=SIGNERS) & Q(giver__memberships__body_id__isnull=False)
        )
        .select_related("giver")
        .distinct()
    )


def signing_for(user: User, body_id: int, day: date) -> Delegation | bool:
    """True when `user` signs by own role, the delegation when as a deputy, else False."""
    if body_id in user.body_ids(*SIGNERS):
        return True
    return next((d for d in delegations_to(user, day) if d.body_id == body_id), False)


def can_sign(user: User, in_return: Return, day: date) -> Verdict:
    """Sign the return of one's body; `can_sign_cells` adds: not with own figures in it."""
    return ALLOWED if signing_for(user, in_return.body_id, day) else _ONLY_SIGNER


def can_sign_cells(user: User, cells: Iterable[Cell]) -> Verdict:
    if any(cell.entered_by_id == user.pk for cell in cells):
        return Verdict(
            False, _("You entered figures of this return yourself. Another person must sign it.")
        )
    return ALLOWED


def verifier_id(item: FormItem) -> int | None:
    """The body that verifies an item: the one named in the form, else the indicator's compiler."""
    return item.verifier_id or item.indicator.compiler_id


def can_verify(user: User, item: FormItem, day: date) -> Verdict:
    """The reviewer (or deputy) of the verifying body."""
    body_id = verifier_id(item)
    if body_id is not None and signing_for(user, body_id, day):
        return ALLOWED
    return Verdict(
        False,
        _("Only the reviewer of the body that verifies “%(indicator)s” does this.")
        % {"indicator": item.indicator.name},
    )


def can_verify_cells(user: User, cells: Iterable[Cell]) -> Verdict:
    if any(user.pk in (cell.entered_by_id, cell.signed_by_id) for cell in cells):
        return Verdict(
            False,
            _("You entered or signed one of these figures. Another person must verify it."),
        )
    return ALLOWED


def can_request_unlock(user: User, in_return: Return) -> Verdict:
    if in_return.body_id in user.body_ids(*CLERKS, *SIGNERS):
        return ALLOWED
    return _ONLY_CLERK


def can_decide_unlock(user: User, ticket: UnlockTicket, verifiers: Iterable[int | None]) -> Verdict:
    """The office, or the reviewer of the one body that verifies all named cells."""
    if user.pk == ticket.requested_by_id:
        return Verdict(False, _("Nobody allows their own request."))
    if user.has_role(Role.OFFICE):
        return ALLOWED
    own = user.body_ids(Role.DEPARTMENT_REVIEWER)
    if own and set(verifiers) <= own:
        return ALLOWED
    return Verdict(
        False, _("The leading-group office or the verifying department's reviewer decides this.")
    )


def can_delegate(user: User, body_id: int) -> Verdict:
    if body_id in user.body_ids(*SIGNERS):
        return ALLOWED
    return Verdict(False, _("Only who signs for a body names a deputy."))


def can_comment(user: User, in_return: Return) -> Verdict:
    """Whoever works on the return: its body, verifying departments, the office."""
    if user.has_role(Role.OFFICE, *DEPARTMENT) or in_return.body_id in user.body_ids(*ZONE):
        return ALLOWED
    return _OUTSIDE


def can_request_correction(user: User, series: Series) -> Verdict:
    """The zone's clerk for its own figures, a clerk of the compiling department, the office."""
    if user.has_role(Role.OFFICE):
        return ALLOWED
    zone, indicator = series.zone, series.indicator
    if zone is not None and zone.committee_id in user.body_ids(Role.ZONE_CLERK):
        return ALLOWED
    if indicator.compiler_id in user.body_ids(Role.DEPARTMENT_CLERK):
        return ALLOWED
    return Verdict(
        False,
        _(
            "A correction is asked for by the zone's own clerk, a clerk of the body that compiles "
            "“%(indicator)s”, or the office."
        )
        % {"indicator": indicator.name},
    )


def can_withdraw_correction(user: User, correction: Correction) -> Verdict:
    if user.pk == correction.requested_by_id:
        return ALLOWED
    return Verdict(False, _("Only the person who asked for a correction withdraws it."))


def can_take_unpublished(user: User) -> bool:
    """Whether figures of a collection that is still running may leave the house in a file."""
    return user.has_role(Role.OFFICE)


def can_import_figures(user: User) -> Verdict:
    """Whether figures can be theirs to record at all; each line is judged by `can_record`."""
    if user.has_role(Role.OFFICE, *CLERKS):
        return ALLOWED
    return Verdict(False, _("Only clerks and the leading-group office record figures."))


def can_decide_correction(user: User, correction: Correction) -> Verdict:
    """The compiling department's reviewer or the office, never the person who asked."""
    if user.pk == correction.requested_by_id:
        return Verdict(False, _("A correction needs a second person."))
    indicator = correction.series.indicator
    if user.has_role(Role.OFFICE) or indicator.compiler_id in user.body_ids(
        Role.DEPARTMENT_REVIEWER
    ):
        return ALLOWED
    return Verdict(
        False,
        _("The office or the reviewer of the body that compiles “%(indicator)s” decides this.")
        % {"indicator": indicator.name},
    )
