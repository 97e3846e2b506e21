"""Real objects for the permission matrix.

The department and the zone of the world are both asked, so the rows say what either reaches; a
published round, and an open one whose opinions are of the department.
"""

from __future__ import annotations

from typing import Any

from jingkai.delivery.consultation import services
from jingkai.delivery.consultation.models import Consultation

from .factories import NOW, in_state, opened


def samples(world: Any) -> dict[str, dict[str, object]]:
    department, committee = world.department, world.zone.committee
    running = opened(bodies=[department, committee], real_time=True)
    services.write_opinion(
        invitation_id=running.invitation.pk, text="建议明确口径", actor=running.clerk,
        now=running.later(0),
    )  # fmt: skip
    services.send_opinions(
        invitation_id=running.invitation.pk, actor=running.reviewer, now=running.later(0)
    )
    of_body = running.row.comments.get()
    draft = services.write_opinion(
        invitation_id=running.row.invitations.get(body=committee).pk, text="起草中的意见",
        actor=world.users["zone-clerk"], now=running.later(0),
    )  # fmt: skip
    said = running.say("建议提高目标")
    topic = running.topic(said)
    decision = services.propose(
        topic_id=topic.pk, outcome="noted", reason="研究", actor=running.office,
        now=running.later(0),
    )  # fmt: skip
    published = in_state("published")
    assert Consultation.objects.get(pk=published.row.pk).published_at >= NOW
    row, done = {"consultation_id": running.row.pk}, {"consultation_id": published.row.pk}
    comment, one = {"comment_id": of_body.pk}, {"topic_id": topic.pk}
    deciding = {"decision_id": decision.pk}
    pages = ("open", "open-comment", "detail", "edit", "bodies", "desk", "sort", "duplicates",
             "table", "effect", "revised", "opinion")  # fmt: skip
    rounds = (
        "get_open_consultation", "send_open_opinion", "get_consultation", "list_bodies_asked",
        "list_opinions", "list_alike_opinions", "get_adoption_table", "get_consultation_effect",
        "get_revised_draft", "amend_consultation", "ask_bodies", "open_consultation",
        "extend_consultation", "urge_bodies", "close_consultation", "finish_consultation",
        "resume_consultation", "publish_consultation", "cancel_consultation", "write_opinion",
        "send_opinions", "no_opinion", "sort_opinions", "tell_opinions_apart",
    )  # fmt: skip
    return {
        **{f"consultation:{name}": row for name in pages},
        **dict.fromkeys(rounds, row),
        "consultation:open-results": done,
        "get_open_results": done,
        "consultation:act": {**row, "name": "extend"},
        "consultation:opinion-act": {**row, "name": "ask"},
        "rewrite_opinion": {**row, "comment_id": draft.pk},
        "remove_opinion": {**row, "comment_id": draft.pk},
        "consultation:comment": comment,
        "consultation:comment-act": {**comment, "name": "hide"},
        "hide_opinion": comment,
        "show_opinion": comment,
        "take_opinion_out": comment,
        "consultation:topic": one,
        "consultation:topic-act": {**one, "name": "name"},
        "name_topic": one,
        "preview_wording": one,
        "propose_decision": one,
        "consultation:decision-act": {**deciding, "name": "confirm"},
        "confirm_decision": deciding,
        "return_decision": deciding,
        "withdraw_decision": deciding,
    }
