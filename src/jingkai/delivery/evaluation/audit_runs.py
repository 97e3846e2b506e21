"""What runs write into the trail, in words."""

from django.utils.translation import gettext_lazy as _

from jingkai.core.audit.public import register_actions

register_actions(
    {
        "evaluation.run.frozen": _("Evaluation run frozen"),
        "evaluation.run.computed": _("Evaluation run computed"),
        "evaluation.run.failed": _("Evaluation run could not be computed"),
        "evaluation.run.cancelled": _("Evaluation run cancelled"),
    }
)
