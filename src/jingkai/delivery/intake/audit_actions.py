"""What intake writes into the trail, in words."""

from django.utils.translation import gettext_lazy as _

from jingkai.core.audit.public import register_actions

register_actions(
    {
        "intake.version.uploaded": _("Document file brought in"),
        "intake.version.read": _("Document file read"),
        "intake.version.refuse": _("Document file refused"),
        "intake.version.reread": _("Document file to be read again"),
        "intake.version.publish": _("Document taken over"),
        "intake.version.reopen": _("Document back in review"),
        "intake.version.discard": _("Version of a document discarded"),
        "intake.document.titled": _("Title of a document corrected"),
        "intake.pack.downloaded": _("Pack of a document downloaded"),
        "intake.item.accept": _("Thing read in a document accepted"),
        "intake.item.correct": _("Thing read in a document corrected"),
        "intake.item.join": _("Thing read in a document joined with a record"),
        "intake.item.reject": _("Thing read in a document rejected"),
        "intake.item.undo": _("Decision on a thing read taken back"),
    }
)
