"""What leaves of an evaluation, in words of the trail."""

from django.utils.translation import gettext_lazy as _

from jingkai.core.audit.public import register_actions

register_actions({"evaluation.run.exported": _("Evaluation run taken out as a file")})
