"""The roles a person can hold for a body, and what each does here in one line."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    LEADER = "leader", _("City leader")
    OFFICE = "office", _("Leading-group office")
    DEPARTMENT_CLERK = "department-clerk", _("Department clerk")
    DEPARTMENT_REVIEWER = "department-reviewer", _("Department reviewer")
    ZONE_CLERK = "zone-clerk", _("Zone clerk")
    ZONE_LEADER = "zone-leader", _("Zone leader")
    ENTERPRISE = "enterprise", _("Enterprise")
    INSPECTOR = "inspector", _("Inspector")
    SYSTEM_ADMIN = "system-admin", _("System administrator")
    SECURITY_ADMIN = "security-admin", _("Security administrator")
    AUDIT_ADMIN = "audit-admin", _("Audit administrator")


ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
CITY_WIDE = frozenset({Role.LEADER, Role.OFFICE})
DEPARTMENT = frozenset({Role.DEPARTMENT_CLERK, Role.DEPARTMENT_REVIEWER})
ZONE = frozenset({Role.ZONE_CLERK, Role.ZONE_LEADER})
OFFICIALS = CITY_WIDE | DEPARTMENT | ZONE

ROLE_PURPOSE = {
    Role.LEADER: _("See whether 2030 will be reached, and who is late."),
    Role.OFFICE: _("Dispatch, supervise, decide conflicts, assign leads."),
    Role.DEPARTMENT_CLERK: _("Report progress and figures of the department."),
    Role.DEPARTMENT_REVIEWER: _("Check what the department's clerks and the zones send."),
    Role.ZONE_CLERK: _("Report the zone's figures and progress."),
    Role.ZONE_LEADER: _("Sign for the zone: targets, tasks and figures."),
    Role.ENTERPRISE: _("See one's own firm's matters."),
    Role.INSPECTOR: _("See today's inspections."),
    Role.SYSTEM_ADMIN: _("Keep users and the system running; sees no business figures."),
    Role.SECURITY_ADMIN: _("Grant roles, end sessions and tokens; sees no business figures."),
    Role.AUDIT_ADMIN: _("Read and verify the audit trail; changes nothing."),
}
