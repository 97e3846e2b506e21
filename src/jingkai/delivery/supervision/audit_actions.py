"""What supervision writes into the trail, in words."""

from django.utils.translation import gettext_lazy as _

from jingkai.core.audit.public import register_actions

register_actions(
    {
        "supervision.obligations.registered": _("Obligations of a document registered"),
        "supervision.obligation.registered": _("Obligation registered for another body"),
        "supervision.obligations.issued": _("Obligations issued together"),
        "supervision.obligation.issue": _("Obligation issued"),
        "supervision.obligation.sign": _("Obligation signed for"),
        "supervision.obligation.dispute": _("Ownership of an obligation disputed"),
        "supervision.obligation.keep": _("Obligation kept with its body"),
        "supervision.obligation.reassign": _("Obligation given to another body"),
        "supervision.obligation.claim": _("Completion claimed"),
        "supervision.obligation.reject": _("Claim of completion sent back"),
        "supervision.obligation.complete": _("Completion confirmed"),
        "supervision.obligation.conclude": _("Whole task completed"),
        "supervision.obligation.close": _("Obligation struck off"),
        "supervision.obligation.reopen": _("Obligation taken up again"),
        "supervision.obligation.withdraw": _("Obligation withdrawn"),
        "supervision.obligation.exempted": _("Obligation exempted from closing conditions"),
        "supervision.obligation.urged": _("Body urged"),
        "supervision.obligation.escalated": _("Escalated after repeated urging"),
        "supervision.urge.answered": _("Urge answered"),
        "supervision.extension.requested": _("Extension asked for"),
        "supervision.extension.granted": _("Extension granted"),
        "supervision.extension.refused": _("Extension refused"),
        "supervision.report.submitted": _("Progress report handed in"),
        "supervision.report.endorsed": _("Progress report checked and passed on"),
        "supervision.report.accepted": _("Progress report accepted"),
        "supervision.report.rejected": _("Progress report sent back"),
        "supervision.task.led": _("Lead of a task named"),
        "supervision.meeting.recorded": _("Dispatch meeting recorded"),
    }
)
