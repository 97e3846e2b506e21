"""What ledger, objections, publication and earlier results write into the trail, in words."""

from django.utils.translation import gettext_lazy as _

from jingkai.core.audit.public import register_actions

register_actions(
    {
        "evaluation.ledger.proposed": _("Points entered"),
        "evaluation.ledger.confirm": _("Points confirmed"),
        "evaluation.ledger.refuse": _("Points refused"),
        "evaluation.ledger.withdraw": _("Points withdrawn"),
        "evaluation.ledger.revoke": _("Points revoked"),
        "evaluation.objection.drafted": _("Objection drafted"),
        "evaluation.objection.edited": _("Objection changed"),
        "evaluation.objection.file": _("Objection filed"),
        "evaluation.objection.withdraw": _("Objection withdrawn"),
        "evaluation.objection.answer": _("Answer to an objection proposed"),
        "evaluation.objection.send_back": _("Answer to an objection sent back"),
        "evaluation.objection.uphold": _("Objection upheld"),
        "evaluation.objection.uphold_partly": _("Objection partly upheld"),
        "evaluation.objection.reject": _("Objection rejected"),
        "evaluation.run.circulate": _("Evaluation given to the zones"),
        "evaluation.run.approve": _("Evaluation approved"),
        "evaluation.run.reopen": _("Approval of an evaluation taken back"),
        "evaluation.run.publish": _("Evaluation published"),
        "evaluation.run.supersede": _("Evaluation replaced by a later run"),
        "evaluation.run.recreated": _("Evaluation made again and compared"),
        "evaluation.past.created": _("Earlier result entered"),
        "evaluation.past.changed": _("Earlier result changed"),
        "evaluation.past.verified": _("Earlier result verified"),
    }
)
