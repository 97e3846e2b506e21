"""What the trail itself and the list kit write, in words."""

from django.utils.translation import gettext_lazy as _

from .actions import register_actions

register_actions(
    {
        "list.exported": _("List exported"),
        "record.read": _("Sensitive record read"),
        "audit.verified": _("Audit trail verified"),
    }
)
