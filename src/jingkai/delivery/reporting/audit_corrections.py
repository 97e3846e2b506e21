"""What corrections and the exchange write into the trail, in words."""

from django.utils.translation import gettext_lazy as _

from jingkai.core.audit.public import register_actions

register_actions(
    {
        "reporting.correction.requested": _("Correction of a figure asked for"),
        "reporting.correction.approve": _("Correction of a figure approved"),
        "reporting.correction.refuse": _("Correction of a figure refused"),
        "reporting.correction.withdraw": _("Correction of a figure withdrawn"),
        "reporting.exchange.exported": _("Figures exported as SDMX-CSV"),
        "reporting.exchange.imported": _("Figures recorded from SDMX-CSV"),
    }
)
