"""What jobs write into the trail, in words."""

from django.utils.translation import gettext_lazy as _

from jingkai.core.audit.public import register_actions

register_actions(
    {
        "jobs.started": _("Background job started"),
        "jobs.finished": _("Background job finished"),
    }
)
