"""What packs write into the trail, in words."""

from django.utils.translation import gettext_lazy as _

from jingkai.core.audit.public import register_actions

register_actions(
    {
        "packs.loaded": _("Policy pack loaded"),
        # The demonstration is no installed app, and its mark outlives demonstration mode.
        "demo.loaded": _("Demonstration data loaded"),
    }
)
