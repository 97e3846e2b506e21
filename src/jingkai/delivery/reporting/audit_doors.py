"""What the doors write into the trail, in words."""

from django.utils.translation import gettext_lazy as _

from jingkai.core.audit.public import register_actions

register_actions(
    {
        "reporting.file.received": _("Workbook of a return received"),
        "reporting.template.issued": _("Template of a return handed out"),
    }
)
