"""A small draft of our own, rounds on it in every state, and the people around it."""

from __future__ import annotations

from collections.abc import Sequence as Seq
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count

from django.utils import timezone

from jingkai.core.accounts.models import User
from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.files.models import StoredFile
from jingkai.delivery.consultation import services
from jingkai.delivery.consultation.effect import read
from jingkai.delivery.consultation.models import (
    Comment,
    Consultation,
    ConsultationState,
    InvitedBody,
    SenderKind,
    Topic,
)
from jingkai.delivery.intake.models import SourceDocument, SourceStage, SourceState, SourceVersion
from jingkai.masterdata.organisations.models import Body
from jingkai.masterdata.organisations.tests.factories import BodyFactory
from jingkai.masterdata.reference import public as reference

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # Monday, 09:00 in Shenyang
CLOSES = date(2026, 4, 1)  # a Wednesday, 31 days with the first
TEXT = """关于加快示范园区发展的实施意见
(征求意见稿)
为加快示范园区发展，现提出以下意见。
一、总体要求
到2030年，园区进出口总额达到1400亿元，工业增加值达到100亿元。
二、重点任务
(一)稳定外贸增长。支持企业开拓多元市场，到2030年园区进出口总额达到1474亿元。(市商务局负责)
(二)壮大主导产业。培育先进制造业集群，每年新增规模以上企业20家。(市工业和信息化局、市财政局按职责分工负责)推动企业技术改造，建设中试基地。(市科技局负责)
三、保障措施
各有关单位要加强统筹协调，及时总结经验。
"""
_numbers = count(1)


def version(text: str = TEXT, **fields: object) -> SourceVersion:
    """An uploaded draft whose text has been read."""
    n = next(_numbers)
    actor = fields.pop("actor", None) or UserFactory(role=Role.OFFICE)
    stored = StoredFile.objects.create(
        digest=f"{n:064x}", size=1, media_type="text/plain", created_at=NOW
    )
    document = SourceDocument.objects.create(
        code=f"draft-{n}", title="示范园区实施意见", created_by=actor, created_at=NOW
    )
    return SourceVersion.objects.create(
        **{
            "document": document,
            "number": 1,
            "stage": SourceStage.DRAFT,
            "state": SourceState.REVIEW,
            "file": stored,
            "file_name": "示范园区实施意见.txt",
            "format": "text",
            "text": text,
            "reading": read(text),
            "uploaded_by": actor,
            "uploaded_at": NOW,
            **fields,
        }
    )


@dataclass
class Round:
    """A round and the people around it."""

    row: Consultation
    office: User
    second: User
    leader: User
    body: Body
    clerk: User
    reviewer: User
    invitation: InvitedBody

    def fresh(self) -> Consultation:
        return Consultation.objects.get(pk=self.row.pk)

    def say(self, text: str, clause: str = "m01.c01", **fields: object) -> Comment:
        """An opinion of the public."""
        return services.send_public(
            consultation_id=self.row.pk, key=f"key-{next(_numbers)}", text=text, anchor_key=clause,
            now=fields.pop("now", None) or self.row.opened_at or NOW,
            sender_kind=SenderKind.CITIZEN, **fields,
        ).comment  # fmt: skip

    def topic(self, *comments: Comment, **fields: object) -> Topic:
        return services.put_to_topic(
            consultation_id=self.row.pk, comment_ids=[c.pk for c in comments], actor=self.office,
            now=self.later(), **fields,
        )  # fmt: skip

    def decide(self, topic: Topic, outcome: str = "adopted", **fields: object):
        """A decision that two people made."""
        fields.setdefault("reason", "意见合理")
        row = services.propose(
            topic_id=topic.pk, outcome=outcome, actor=self.office, now=self.later(), **fields
        )
        return services.confirm(decision_id=row.pk, actor=self.second, now=self.later())

    def later(self, days: int = 1) -> datetime:
        return (self.row.opened_at or NOW) + timedelta(days=days)

    def closed(self) -> Consultation:
        services.close_due(now=self.row.deadline)
        return self.fresh()


def opened(text: str = TEXT, *, bodies: Seq[Body] = (), real_time: bool = False) -> Round:
    """An open round; with `real_time` it runs today, whatever the calendar says of it."""
    reference.seed_calendar(now=NOW)
    office = UserFactory(role=Role.OFFICE)
    body = bodies[0] if bodies else BodyFactory()
    clerk = UserFactory(role=Role.DEPARTMENT_CLERK, body=body)
    reviewer = UserFactory(role=Role.DEPARTMENT_REVIEWER, body=body)
    row = services.prepare(
        version_id=version(text, actor=office).pk, title="示范园区实施意见公开征求意见",
        contact="领导小组办公室 024-0000", closes_on=CLOSES, actor=office, now=NOW,
        intro="演示数据",
    )  # fmt: skip
    services.ask_bodies(
        consultation_id=row.pk, body_ids=[b.pk for b in bodies or [body]], actor=office, now=NOW
    )
    row = services.open_round(consultation_id=row.pk, actor=office, now=NOW)
    if real_time:
        now = timezone.now()
        Consultation.objects.filter(pk=row.pk).update(
            opens_on=timezone.localdate(now), opened_at=now,
            closes_on=timezone.localdate(now) + timedelta(days=30),
        )  # fmt: skip
        row.refresh_from_db()
    return Round(
        row, office, UserFactory(role=Role.OFFICE), UserFactory(role=Role.LEADER), body,
        clerk, reviewer,
        InvitedBody.objects.get(consultation=row, body=body),
    )  # fmt: skip


def in_state(state: str, *, real_time: bool = False) -> Round:
    """A round in `state`, brought there by the services, with one opinion where there can be."""
    if state == ConsultationState.DRAFT:
        made = opened()
        Consultation.objects.filter(pk=made.row.pk).update(state="cancelled")
        row = services.prepare(
            version_id=version(actor=made.office).pk, title="准备中的征求意见", contact="办公室",
            closes_on=CLOSES, actor=made.office, now=NOW,
        )  # fmt: skip
        made.invitation = InvitedBody.objects.create(consultation=row, body=made.body)
        made.row = row
        return made
    made = opened(real_time=real_time)
    comment = made.say("建议提高目标")
    now = made.later()
    if state == ConsultationState.CANCELLED:
        services.cancel(consultation_id=made.row.pk, reason="另行起草", actor=made.office, now=now)
    if state in ("closed", "answered", "published"):
        made.decide(made.topic(comment))
        services.close_early(
            consultation_id=made.row.pk, reason="演示提前结束", actor=made.office, now=now
        )
    if state in ("answered", "published"):
        services.finish(consultation_id=made.row.pk, actor=made.office, now=now)
    if state == "published":
        services.publish(consultation_id=made.row.pk, actor=made.office, now=now)
    made.row = made.fresh()
    return made


def write(r: Round, text: str = "建议增加责任单位", **fields: object) -> Comment:
    """An opinion that the clerk of the body drafts."""
    return services.write_opinion(
        invitation_id=r.invitation.pk, text=text,
        **{"actor": r.clerk, "now": r.later(), "anchor_key": "m02.c02", **fields},
    )  # fmt: skip
