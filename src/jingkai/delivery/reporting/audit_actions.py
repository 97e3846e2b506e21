"""What reporting writes into the trail, in words."""

from django.utils.translation import gettext_lazy as _

from jingkai.core.audit.public import register_actions

register_actions(
    {
        "reporting.form.created": _("Form created"),
        "reporting.form.drafted": _("New version of a form begun"),
        "reporting.form.edited": _("Draft of a form edited"),
        "reporting.form.publish": _("Version of a form published"),
        "reporting.form.retire": _("Version of a form retired"),
        "reporting.campaign.opened": _("Collection of a form opened"),
        "reporting.campaign.published": _("Figures of a collection published"),
        "reporting.campaign.cancelled": _("Collection cancelled"),
        "reporting.cells.saved": _("Figures of a return entered"),
        "reporting.cell.explained": _("Doubt of a rule explained"),
        "reporting.cell.commented": _("Remark on a figure"),
        "reporting.return.submit": _("Return sent"),
        "reporting.return.take_back": _("Return taken back"),
        "reporting.return.send_back": _("Return sent back to its clerk"),
        "reporting.return.sign": _("Return signed"),
        "reporting.return.verify": _("Return wholly verified"),
        "reporting.return.open_cells": _("Cells of a return opened for mending"),
        "reporting.return.lapse": _("Opened cells fell back"),
        "reporting.return.noted": _("Note of a return written"),
        "reporting.return.urged": _("Body urged to report"),
        "reporting.cells.verified": _("Figures verified"),
        "reporting.cells.returned": _("Figures returned"),
        "reporting.unlock.requested": _("Unlock asked for"),
        "reporting.unlock.grant": _("Unlock allowed"),
        "reporting.unlock.refuse": _("Unlock refused"),
        "reporting.unlock.use": _("Unlock used"),
        "reporting.unlock.expire": _("Unlock expired"),
        "reporting.extension.requested": _("More time to report asked for"),
        "reporting.extension.grant": _("More time to report given"),
        "reporting.extension.refuse": _("More time to report refused"),
        "reporting.delegation.given": _("Deputy named for signing"),
        "reporting.delegation.revoked": _("Deputy's right to sign ended"),
    }
)
