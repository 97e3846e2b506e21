"""What accounts write into the trail, in words."""

from django.utils.translation import gettext_lazy as _

from jingkai.core.audit.public import register_actions

register_actions(
    {
        "accounts.signed-in": _("Signed in"),
        "accounts.signed-out": _("Signed out"),
        "accounts.sign-in.failed": _("Sign-in failed"),
        "accounts.sessions.ended": _("Sessions ended"),
        "accounts.password.changed": _("Password changed"),
        "accounts.second-factor.enrolled": _("Second factor set up"),
        "accounts.second-factor.removed": _("Second factor removed"),
        "accounts.second-factor.reset": _("Second factor reset"),
        "accounts.link.created": _("One-time link created"),
        "accounts.link.used": _("One-time link used"),
        "accounts.token.created": _("API token created"),
        "accounts.token.revoked": _("API token revoked"),
        "accounts.user.created": _("Person created"),
        "accounts.user.changed": _("Person changed"),
        "accounts.user.deactivated": _("Person deactivated"),
        "accounts.user.activated": _("Person activated"),
        "accounts.user.locked": _("Account locked after failures"),
        "accounts.user.unlocked": _("Account unlocked"),
        "accounts.role.granted": _("Role granted"),
        "accounts.role.ended": _("Role ended"),
        "accounts.language.chosen": _("Language chosen"),
        "accounts.calendar-key.renewed": _("Calendar address renewed"),
    }
)
