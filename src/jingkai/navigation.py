"""The left-hand navigation: the policy's own parts, so that who has read it finds the way."""

from django.utils.translation import gettext_lazy as _

from jingkai.core.accounts.public import ADMINISTRATORS, CITY_WIDE, OFFICIALS, Role
from jingkai.core.ui.public import Item, Wing

_OFFICIALS = frozenset(OFFICIALS)

WINGS = (
    Wing(
        _("Cockpit"),
        (
            Item(_("City overview"), "cockpit:overview", _OFFICIALS),
            Item(_("My work"), "cockpit:my-work"),
            Item(_("Dispatch"), "supervision:meetings", _OFFICIALS),
        ),
    ),
    Wing(
        _("Targets and tasks"),
        (
            Item(_("Targets and indicators"), "indicators:list", _OFFICIALS),
            Item(_("Allocation to zones"), "indicators:allocations", _OFFICIALS),
            Item(_("Returns"), "reporting:overview", _OFFICIALS),
            Item(_("Evaluation"), "evaluation:overview", _OFFICIALS),
            Item(_("Key tasks and supervision"), "supervision:list", _OFFICIALS),
            Item(_("Policy document"), "policy:map", _OFFICIALS),
            Item(_("Documents"), "intake:documents", _OFFICIALS),
            Item(_("Conflicts to decide"), "policy:conflicts", _OFFICIALS),
            Item(_("Consultations"), "consultation:list", _OFFICIALS),
        ),
    ),
    Wing(
        _("Master data"),
        (
            Item(_("Bodies"), "organisations:bodies", _OFFICIALS),
            Item(_("Zones"), "organisations:zones", _OFFICIALS),
            Item(_("Reference tables"), "reference:list", _OFFICIALS),
        ),
    ),
    Wing(
        _("System administration"),
        (
            Item(
                _("Users"),
                "accounts-admin:users",
                frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN}),
            ),
            Item(_("Audit trail"), "audit:events", frozenset({Role.AUDIT_ADMIN})),
            Item(_("Jobs"), "jobs:list", frozenset(CITY_WIDE | ADMINISTRATORS)),
        ),
    ),
)
