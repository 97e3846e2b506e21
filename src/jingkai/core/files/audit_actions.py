"""What files write into the trail, in words."""

from django.utils.translation import gettext_lazy as _

from jingkai.core.audit.public import register_actions

register_actions(
    {
        "files.attached": _("Attachment received"),
        "files.read": _("File read"),
    }
)
