"""What the keeping of rules writes into the trail, in words."""

from django.utils.translation import gettext_lazy as _

from jingkai.core.audit.public import register_actions

register_actions(
    {
        "reporting.rule.saved": _("Validation rule saved"),
        "reporting.rule.switched_off": _("Validation rule switched off"),
        "reporting.rule.switched_on": _("Validation rule put in force again"),
    }
)
