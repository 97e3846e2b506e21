"""What bodies and zones write into the trail, in words."""

from django.utils.translation import gettext_lazy as _

from jingkai.core.audit.public import register_actions

register_actions(
    {
        "organisations.body.created": _("Body added"),
        "organisations.body.changed": _("Body changed"),
        "organisations.body.imported": _("Bodies imported"),
        "organisations.body.alias-added": _("Other name of a body added"),
        "organisations.body.alias-ended": _("Other name of a body ended"),
        "organisations.body.merged": _("Body merged into another"),
        "organisations.body.took-over": _("Body took over another"),
        "organisations.zone.created": _("Zone added"),
        "organisations.zone.changed": _("Zone changed"),
        "organisations.zone.imported": _("Zones imported"),
        "organisations.zone.industries-set": _("Leading industries of a zone set"),
        "organisations.zone.boundary-added": _("Boundary of a zone added"),
    }
)
