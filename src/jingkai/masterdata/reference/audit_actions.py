"""What reference tables write into the trail, in words."""

from django.utils.translation import gettext_lazy as _

from jingkai.core.audit.public import register_actions

register_actions(
    {
        "reference.calendar.seeded": _("Public holidays loaded"),
        "reference.version.created": _("Version of a table drafted"),
        "reference.version.changed": _("Version of a table changed"),
        "reference.version.rows-changed": _("Rows of a table changed"),
        "reference.version.discarded": _("Draft of a table discarded"),
        "reference.version.put-in-force": _("Version of a table put in force"),
        "reference.version.withdrawn": _("Version of a table withdrawn"),
        "reference.version.confidence-set": _("Confidence in a table set"),
        "reference.version.ended": _("Version of a table ended"),
    }
)
