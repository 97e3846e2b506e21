"""What consultation writes into the trail, in words."""

from django.utils.translation import gettext_lazy as _

from jingkai.core.audit.public import register_actions

register_actions(
    {
        "consultation.round.prepared": _("Consultation prepared"),
        "consultation.round.amended": _("Consultation changed before opening"),
        "consultation.round.open": _("Consultation opened"),
        "consultation.round.extended": _("Consultation extended"),
        "consultation.round.close": _("Consultation closed before its deadline"),
        "consultation.round.expire": _("Consultation closed at its deadline"),
        "consultation.round.finish": _("Consultation answered"),
        "consultation.round.resume": _("Consultation taken up again"),
        "consultation.round.publish": _("Results of a consultation published"),
        "consultation.round.cancel": _("Consultation cancelled"),
        "consultation.bodies.asked": _("Bodies asked for opinions"),
        "consultation.bodies.urged": _("Bodies urged to reply"),
        "consultation.invitation.to-sign": _("Signature of opinions asked for"),
        "consultation.invitation.reply": _("Opinions of a body signed and sent"),
        "consultation.invitation.decline": _("“No opinion” declared"),
        "consultation.invitation.lapse": _("Deadline passed without a reply of a body"),
        "consultation.comment.sent": _("Opinion from the public received"),
        "consultation.comment.send": _("Opinion of a body received"),
        "consultation.comment.sort": _("Opinion put to a topic"),
        "consultation.comment.unsort": _("Opinion taken out of its topic"),
        "consultation.comment.answer": _("Opinion answered"),
        "consultation.comment.reopen": _("Opinion studied again"),
        "consultation.comment.hidden": _("Opinion hidden"),
        "consultation.comment.shown": _("Hidden opinion shown again"),
        "consultation.comments.apart": _("Opinions told apart"),
        "consultation.topic.made": _("Topic of opinions made"),
        "consultation.topic.named": _("Topic of opinions renamed"),
        "consultation.topic.filled": _("Opinions put to a topic"),
        "consultation.decision.proposed": _("Decision on opinions proposed"),
        "consultation.decision.confirm": _("Decision on opinions confirmed"),
        "consultation.decision.return": _("Decision on opinions sent back"),
        "consultation.decision.withdraw": _("Decision on opinions withdrawn"),
        "consultation.senders.erased": _("Names and contacts of senders erased"),
        "consultation.table.exported": _("Adoption table exported"),
        "consultation.text.exported": _("Revised draft exported"),
    }
)
