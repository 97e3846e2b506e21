"""Who may see, record, judge, plan and share out, and why not. One rule per action.

`queries.visibility.visible_series` is the twin of `can_see`: visible exactly when the rule allows.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jingkai.core.accounts.public import CITY_WIDE, DEPARTMENT, OFFICIALS, ZONE, Role, User
from jingkai.core.verdicts import ALLOWED, Verdict

from .models import AllocationLine, Indicator, ScopeKind, Series

_NO_FIGURES = Verdict(False, _("Your role does not work with the zones' figures."))
_OFFICE_ONLY = Verdict(False, _("Only the leading-group office may do this."))


def zone_committee_ids(user: User) -> frozenset[int]:
    """Ids of the zone committees this person acts for."""
    return user.body_ids(*ZONE)


def can_see(user: User, series: Series) -> Verdict:
    """City leaders, the office and departments see all; a zone sees itself and the totals."""
    if user.has_role(*CITY_WIDE, *DEPARTMENT):
        return ALLOWED
    if not user.has_role(*ZONE):
        return _NO_FIGURES
    zone = series.zone
    if zone is None or zone.committee_id in zone_committee_ids(user):
        return ALLOWED
    return Verdict(False, _("Another zone's figures are not shown to your zone."))


def can_see_indicator(user: User, indicator: Indicator) -> Verdict:
    """Definitions are open to every official."""
    return ALLOWED if user.has_role(*OFFICIALS) else _NO_FIGURES


def can_record(user: User, series: Series) -> Verdict:
    """Who may say a figure: the zone's clerk, the compiling department's clerk, the office."""
    if user.has_role(Role.OFFICE):
        return ALLOWED
    if not user.has_role(Role.ZONE_CLERK, Role.DEPARTMENT_CLERK):
        return Verdict(False, _("Figures are recorded by clerks and by the leading-group office."))
    zone, indicator = series.zone, series.indicator
    if series.scope_kind == ScopeKind.ZONE:
        if zone is not None and zone.committee_id in user.body_ids(Role.ZONE_CLERK):
            return ALLOWED
        return Verdict(
            False,
            _("Only the clerk of %(zone)s records its figures.") % {"zone": zone or series.scope},
        )
    bodies = user.body_ids(Role.DEPARTMENT_CLERK)
    if not bodies.isdisjoint({indicator.compiler_id, indicator.responsible_id}):
        return ALLOWED
    return Verdict(
        False,
        _("Only the body that compiles “%(indicator)s” or answers for it records its totals.")
        % {"indicator": indicator.name},
    )


def can_judge(user: User, indicator: Indicator) -> Verdict:
    """A person's judgement beside the rule light: leaders, the office, the responsible body."""
    if user.has_role(*CITY_WIDE):
        return ALLOWED
    if indicator.responsible_id in user.body_ids(Role.DEPARTMENT_REVIEWER):
        return ALLOWED
    return Verdict(
        False,
        _("Judged by city leaders, the leading-group office and the responsible body's reviewer."),
    )


def can_plan(user: User) -> Verdict:
    """Paths are drawn by the office."""
    return ALLOWED if user.has_role(Role.OFFICE) else _OFFICE_ONLY


def can_set_target_agreement(user: User) -> Verdict:
    """Targets are stated, disputed and agreed by the office."""
    return ALLOWED if user.has_role(Role.OFFICE) else _OFFICE_ONLY


def can_allocate(user: User) -> Verdict:
    """City targets are shared out by the office."""
    return ALLOWED if user.has_role(Role.OFFICE) else _OFFICE_ONLY


def can_propose(user: User, line: AllocationLine) -> Verdict:
    """A zone proposes its own share, through its clerk or leader."""
    if line.zone.committee_id in zone_committee_ids(user):
        return ALLOWED
    return Verdict(False, _("Only %(zone)s proposes its own share.") % {"zone": line.zone})
