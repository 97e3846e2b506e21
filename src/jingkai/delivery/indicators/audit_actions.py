"""What indicators write into the trail, in words."""

from django.utils.translation import gettext_lazy as _

from jingkai.core.audit.public import register_actions

register_actions(
    {
        "indicators.values.recorded": _("Figures recorded"),
        "indicators.history.loaded": _("History of figures loaded"),
        "indicators.status.judged": _("Light judged by a person"),
        "indicators.target.created": _("Target added"),
        "indicators.target.changed": _("Target changed"),
        "indicators.targets.follow_decision": _("Targets brought in line with a decision"),
        "indicators.trajectory.planned": _("Trajectory planned"),
        "indicators.trajectory.ended": _("Trajectory ended"),
        "indicators.allocation.opened": _("Sharing out of a target opened"),
        "indicators.allocation.collecting": _("Proposals of the zones called for"),
        "indicators.allocation.proposed": _("Proposal of a zone handed in"),
        "indicators.allocation.adjusted": _("Share of a zone adjusted"),
        "indicators.allocation.issued": _("Zone targets issued"),
        "indicators.allocation.withdrawn": _("Sharing out of a target withdrawn"),
    }
)
