"""Every action, under the same verdicts as the pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from jingkai.core.verdicts import require

from .. import rules, services
from ..models import Comment, Consultation
from ..schemas import (
    AmendIn,
    BodiesIn,
    CommentOut,
    CommentsIn,
    CountOut,
    DecisionIn,
    DecisionOut,
    EffectOut,
    ExtendIn,
    InvitationOut,
    NoteIn,
    OpinionIn,
    PublishIn,
    ReasonIn,
    RoundIn,
    SortIn,
    StateOut,
    TopicIn,
    TopicOut,
    WordingIn,
)
from .base import (
    WRITE,
    comment_of,
    decision_of,
    desk_of,
    invitation_of,
    official,
    round_of,
    router,
    topic_of,
    user_of,
)

ROUND = "/rounds/{int:consultation_id}"


@router.post("/rounds", response={200: StateOut, **WRITE}, operation_id="prepare_consultation")
def prepare(request: HttpRequest, data: RoundIn) -> Any:
    """Prepare a round on a version of a draft."""
    given = data.dict()
    return services.prepare(
        version_id=given.pop("version"), actor=official(request), now=timezone.now(), **given
    )


@router.put(ROUND, response={200: StateOut, **WRITE}, operation_id="amend_consultation")
def amend(request: HttpRequest, consultation_id: int, data: AmendIn) -> Any:
    """Change a round that is not open yet."""
    row = round_of(request, consultation_id)
    return services.amend(
        consultation_id=row.pk, actor=user_of(request), now=timezone.now(), **data.dict()
    )


@router.put(f"{ROUND}/bodies", response={200: CountOut, **WRITE}, operation_id="ask_bodies")
def ask_bodies(request: HttpRequest, consultation_id: int, data: BodiesIn) -> Any:
    """Set which bodies are asked; while it is open, add some."""
    row = round_of(request, consultation_id)
    count = services.ask_bodies(
        consultation_id=row.pk, body_ids=data.bodies, actor=user_of(request), now=timezone.now()
    )
    return {"count": count}


@router.post(f"{ROUND}/open", response={200: StateOut, **WRITE}, operation_id="open_consultation")
def open_round(request: HttpRequest, consultation_id: int) -> Consultation:
    """Freeze the text and let opinions come in."""
    row = round_of(request, consultation_id)
    return services.open_round(consultation_id=row.pk, actor=user_of(request), now=timezone.now())


@router.post(
    f"{ROUND}/extend", response={200: StateOut, **WRITE}, operation_id="extend_consultation"
)
def extend(request: HttpRequest, consultation_id: int, data: ExtendIn) -> Consultation:
    """Give more time, with a reason."""
    row = round_of(request, consultation_id)
    return services.extend(
        consultation_id=row.pk, closes_on=data.closes_on, reason=data.reason,
        actor=user_of(request), now=timezone.now(),
    )  # fmt: skip


@router.post(f"{ROUND}/urge", response={200: CountOut, **WRITE}, operation_id="urge_bodies")
def urge(request: HttpRequest, consultation_id: int) -> Any:
    """Urge the bodies that have not replied; answers with how many."""
    row = round_of(request, consultation_id)
    count = services.urge(consultation_id=row.pk, actor=user_of(request), now=timezone.now())
    return {"count": count}


@router.post(f"{ROUND}/close", response={200: StateOut, **WRITE}, operation_id="close_consultation")
def close(request: HttpRequest, consultation_id: int, data: ReasonIn) -> Consultation:
    """Close before the deadline, with a reason."""
    row = round_of(request, consultation_id)
    return services.close_early(
        consultation_id=row.pk, reason=data.reason, actor=user_of(request), now=timezone.now()
    )


@router.post(
    f"{ROUND}/finish", response={200: StateOut, **WRITE}, operation_id="finish_consultation"
)
def finish(request: HttpRequest, consultation_id: int) -> Consultation:
    """Say that every opinion is answered."""
    row = round_of(request, consultation_id)
    return services.finish(consultation_id=row.pk, actor=user_of(request), now=timezone.now())


@router.post(
    f"{ROUND}/resume", response={200: StateOut, **WRITE}, operation_id="resume_consultation"
)
def resume(request: HttpRequest, consultation_id: int, data: ReasonIn) -> Consultation:
    """Take an answered round up again, with a reason."""
    row = round_of(request, consultation_id)
    return services.resume(
        consultation_id=row.pk, reason=data.reason, actor=user_of(request), now=timezone.now()
    )


@router.post(
    f"{ROUND}/publish", response={200: StateOut, **WRITE}, operation_id="publish_consultation"
)
def publish(request: HttpRequest, consultation_id: int, data: PublishIn) -> Consultation:
    """Publish the results."""
    row = round_of(request, consultation_id)
    return services.publish(
        consultation_id=row.pk, conclusion=data.conclusion, actor=user_of(request),
        now=timezone.now(),
    )  # fmt: skip


@router.post(
    f"{ROUND}/cancel", response={200: StateOut, **WRITE}, operation_id="cancel_consultation"
)
def cancel(request: HttpRequest, consultation_id: int, data: ReasonIn) -> Consultation:
    """Cancel a round, with a reason; what came in stays on record."""
    row = round_of(request, consultation_id)
    return services.cancel(
        consultation_id=row.pk, reason=data.reason, actor=user_of(request), now=timezone.now()
    )


@router.post(f"{ROUND}/opinion", response={200: CommentOut, **WRITE}, operation_id="write_opinion")
def write_opinion(request: HttpRequest, consultation_id: int, data: OpinionIn) -> Comment:
    """Write an opinion of the caller's body; it is sent when somebody signs."""
    return services.write_opinion(
        invitation_id=invitation_of(request, consultation_id).pk,
        text=data.text, anchor_key=data.clause, proposal=data.proposal,
        actor=user_of(request), now=timezone.now(),
    )  # fmt: skip


@router.put(
    f"{ROUND}/opinion/{{int:comment_id}}",
    response={200: CommentOut, **WRITE},
    operation_id="rewrite_opinion",
)
def rewrite_opinion(
    request: HttpRequest, consultation_id: int, comment_id: int, data: OpinionIn
) -> Comment:
    """Change an opinion that is not sent yet."""
    return services.write_opinion(
        invitation_id=invitation_of(request, consultation_id).pk, comment_id=comment_id,
        text=data.text, anchor_key=data.clause, proposal=data.proposal,
        actor=user_of(request), now=timezone.now(),
    )  # fmt: skip


@router.delete(
    f"{ROUND}/opinion/{{int:comment_id}}",
    response={200: CountOut, **WRITE},
    operation_id="remove_opinion",
)
def remove_opinion(request: HttpRequest, consultation_id: int, comment_id: int) -> Any:
    """Throw away an opinion that is not sent yet; answers with how many are left."""
    invitation = invitation_of(request, consultation_id)
    services.remove_opinion(
        invitation_id=invitation.pk, comment_id=comment_id, actor=user_of(request),
        now=timezone.now(),
    )  # fmt: skip
    return {"count": invitation.comments.count()}


@router.post(
    f"{ROUND}/opinion/send", response={200: InvitationOut, **WRITE}, operation_id="send_opinions"
)
def send_opinions(request: HttpRequest, consultation_id: int) -> Any:
    """Sign and send the opinions of the caller's body."""
    return services.send_opinions(
        invitation_id=invitation_of(request, consultation_id).pk, actor=user_of(request),
        now=timezone.now(),
    )  # fmt: skip


@router.post(
    f"{ROUND}/opinion/none", response={200: InvitationOut, **WRITE}, operation_id="no_opinion"
)
def no_opinion(request: HttpRequest, consultation_id: int) -> Any:
    """Declare that the caller's body has no opinion (无意见)."""
    return services.declare_no_opinion(
        invitation_id=invitation_of(request, consultation_id).pk, actor=user_of(request),
        now=timezone.now(),
    )  # fmt: skip


@router.post(f"{ROUND}/topics", response={200: TopicOut, **WRITE}, operation_id="sort_opinions")
def sort(request: HttpRequest, consultation_id: int, data: SortIn) -> Any:
    """Put opinions to a topic: a known one, or a new one."""
    row = desk_of(request, consultation_id)
    return services.put_to_topic(
        consultation_id=row.pk, comment_ids=data.comments, topic_id=data.topic, title=data.title,
        actor=user_of(request), now=timezone.now(),
    )  # fmt: skip


@router.post(
    f"{ROUND}/apart", response={200: CountOut, **WRITE}, operation_id="tell_opinions_apart"
)
def apart(request: HttpRequest, consultation_id: int, data: CommentsIn) -> Any:
    """Say that opinions which look alike are not the same; answers with the pairs."""
    row = desk_of(request, consultation_id)
    count = services.tell_apart(
        consultation_id=row.pk, comment_ids=data.comments, actor=user_of(request),
        now=timezone.now(),
    )  # fmt: skip
    return {"count": count}


@router.post(
    "/opinions/{int:comment_id}/hide", response={200: CommentOut, **WRITE},
    operation_id="hide_opinion",
)  # fmt: skip
def hide(request: HttpRequest, comment_id: int, data: ReasonIn) -> Comment:
    """Keep an opinion from view, with a reason; it stays on record."""
    found = comment_of(request, comment_id)
    return services.hide(
        comment_id=found.pk, reason=data.reason, actor=user_of(request), now=timezone.now()
    )


@router.post(
    "/opinions/{int:comment_id}/show", response={200: CommentOut, **WRITE},
    operation_id="show_opinion",
)  # fmt: skip
def show(request: HttpRequest, comment_id: int) -> Comment:
    """Show a hidden opinion again."""
    found = comment_of(request, comment_id)
    return services.show_again(comment_id=found.pk, actor=user_of(request), now=timezone.now())


@router.post(
    "/opinions/{int:comment_id}/take-out", response={200: CommentOut, **WRITE},
    operation_id="take_opinion_out",
)  # fmt: skip
def take_out(request: HttpRequest, comment_id: int) -> Comment:
    """Take an opinion out of its topic."""
    found = comment_of(request, comment_id)
    return services.take_out(comment_id=found.pk, actor=user_of(request), now=timezone.now())


@router.put("/topics/{int:topic_id}", response={200: TopicOut, **WRITE}, operation_id="name_topic")
def name_topic(request: HttpRequest, topic_id: int, data: TopicIn) -> Any:
    """Say what a topic is about and to which clause it goes."""
    found = topic_of(request, topic_id)
    return services.name_topic(
        topic_id=found.pk, title=data.title, anchor_key=data.clause, actor=user_of(request),
        now=timezone.now(),
    )  # fmt: skip


@router.post(
    "/topics/{int:topic_id}/preview", response={200: EffectOut, **WRITE},
    operation_id="preview_wording",
)  # fmt: skip
def preview(request: HttpRequest, topic_id: int, data: WordingIn) -> Any:
    """What changed words would do; nothing is written."""
    found = topic_of(request, topic_id)
    require(rules.can_administer(user_of(request)))
    return {"effect": services.preview(found, data.wording)}


@router.post(
    "/topics/{int:topic_id}/decisions", response={200: DecisionOut, **WRITE},
    operation_id="propose_decision",
)  # fmt: skip
def propose(request: HttpRequest, topic_id: int, data: DecisionIn) -> Any:
    """Propose what becomes of a topic; another person confirms."""
    found = topic_of(request, topic_id)
    return services.propose(
        topic_id=found.pk, outcome=data.outcome, reason=data.reason, wording=data.wording,
        seen=data.seen, actor=user_of(request), now=timezone.now(),
    )  # fmt: skip


@router.post(
    "/decisions/{int:decision_id}/confirm", response={200: DecisionOut, **WRITE},
    operation_id="confirm_decision",
)  # fmt: skip
def confirm(request: HttpRequest, decision_id: int) -> Any:
    """Confirm what another person proposed."""
    found = decision_of(request, decision_id)
    return services.confirm(decision_id=found.pk, actor=user_of(request), now=timezone.now())


@router.post(
    "/decisions/{int:decision_id}/return", response={200: DecisionOut, **WRITE},
    operation_id="return_decision",
)  # fmt: skip
def send_back(request: HttpRequest, decision_id: int, data: NoteIn) -> Any:
    """Send a proposal back, with a reason."""
    found = decision_of(request, decision_id)
    return services.send_back(
        decision_id=found.pk, note=data.note, actor=user_of(request), now=timezone.now()
    )


@router.post(
    "/decisions/{int:decision_id}/withdraw", response={200: DecisionOut, **WRITE},
    operation_id="withdraw_decision",
)  # fmt: skip
def withdraw(request: HttpRequest, decision_id: int, data: NoteIn) -> Any:
    """Withdraw a decision, with a reason."""
    found = decision_of(request, decision_id)
    return services.withdraw(
        decision_id=found.pk, note=data.note, actor=user_of(request), now=timezone.now()
    )
