"""What the document's room writes into the trail, in words."""

from django.utils.translation import gettext_lazy as _

from jingkai.core.audit.public import register_actions

register_actions(
    {
        "policy.roles.assigned": _("Lead or assisting role assigned"),
        "policy.roles.removed": _("Lead or assisting role removed"),
        "policy.conflict.decided": _("Conflict of the document decided"),
        "policy.conflict.reopened": _("Conflict of the document reopened"),
    }
)
