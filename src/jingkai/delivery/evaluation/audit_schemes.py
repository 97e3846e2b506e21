"""What schemes write into the trail, in words."""

from django.utils.translation import gettext_lazy as _

from jingkai.core.audit.public import register_actions

register_actions(
    {
        "evaluation.scheme.created": _("Evaluation scheme created"),
        "evaluation.scheme.drafted": _("New edition of a scheme begun"),
        "evaluation.scheme.edited": _("Draft of a scheme edited"),
        "evaluation.scheme.discarded": _("Draft of a scheme discarded"),
        "evaluation.scheme.published": _("Edition of a scheme published"),
        "evaluation.scheme.retired": _("Edition of a scheme retired"),
    }
)
