"""Two consultations on drafts of our own making: one open, one with its results published.

The texts are written for the demonstration and quote no document.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.core.files.uploadedfile import SimpleUploadedFile

from jingkai.core.accounts.public import User
from jingkai.core.files.public import store
from jingkai.delivery.consultation import public as consultation
from jingkai.delivery.intake import public as intake
from jingkai.engine.policytext import as_data, parse_policy
from jingkai.masterdata.organisations.public import Body

OPENED: Final = datetime(2026, 11, 16, 1, tzinfo=UTC)
CLOSES: Final = date(2026, 12, 18)
EARLIER: Final = datetime(2026, 8, 24, 1, tzinfo=UTC)
EARLIER_CLOSES: Final = date(2026, 9, 23)

TRADE: Final = """关于示范园区外贸提质增效的行动方案
（演示数据，征求意见稿）
为推动示范园区外贸稳中提质，制定本方案。本方案为系统演示所拟，不是任何机关的文件。
一、总体要求
到2030年，示范园区进出口总额达到300亿元，跨境电商企业达到120家。
二、主要任务
（一）培育外贸主体。建立外贸企业梯度培育名单，每年新增有进出口实绩的企业30家。（市商务局负责）支持生产企业自营出口，完善订单、融资、信保联动服务。（市商务局、市委金融办按职责分工负责）
（二）畅通物流通道。建设园区海外仓和集货中心，到2030年示范园区进出口总额达到320亿元。（市商务局、市交通运输局按职责分工负责）
（三）优化通关服务。推行预约查验和汇总征税，压缩整体通关时间。（沈阳海关负责）
三、保障措施
各有关单位建立月调度机制，及时协调解决企业反映的问题。
"""
PARKS: Final = """关于示范园区低效用地再开发的若干措施
（演示数据，征求意见稿）
本措施为系统演示所拟，不是任何机关的文件。
一、总体要求
到2028年，示范园区盘活低效用地达到60公顷。
二、主要措施
（一）摸清底数。建立低效用地台账，每半年更新一次。（市自然资源局负责）
（二）分类处置。通过协商收回、鼓励流转、协议置换等方式处置低效用地。（市自然资源局、市财政局按职责分工负责）
"""
_PUBLIC: Final = (
    ("p", "300亿元", "建议将进出口总额目标由300亿元调整为320亿元，与后文保持一致。", "association"),
    ("p", "300亿元", "进出口总额的目标建议由300亿元调整为320亿元，与后文一致。", "enterprise"),
    ("m01.c01", "", "梯度培育名单的入库条件希望写明，方便企业对照申报。", "enterprise"),
    ("m02.c01", "", "建议增加对中小企业使用海外仓的租金补助。", "enterprise"),
    ("m03.c01", "", "预约查验很好，希望节假日也能预约。", "citizen"),
    ("", "", "方案总体可行，建议同步印发政策问答。", "citizen"),
)


def ask_around(people: Mapping[str, User], *, now: datetime) -> None:
    """Tell both stories through the services people use, the clock moved."""
    _published(people)
    _running(people)
    consultation.tick(now=now)


def _version(code: str, text: str, actor: User, at: datetime) -> intake.SourceVersion:
    """A draft that was uploaded and read."""
    title = text.partition("\n")[0]
    file = store(SimpleUploadedFile(f"{code}.txt", text.encode()), now=at)
    document = intake.SourceDocument.objects.create(
        code=code, title=f"{title}（演示数据）", created_by=actor, created_at=at
    )
    return intake.SourceVersion.objects.create(
        document=document,
        number=1,
        stage=intake.SourceStage.DRAFT,
        state=intake.SourceState.REVIEW,
        file=file,
        file_name=f"{title}.txt",
        format="text",
        text=text,
        text_digest=hashlib.sha256(text.encode()).hexdigest(),
        reading=as_data(parse_policy(text)),
        uploaded_by=actor,
        uploaded_at=at,
    )


def _opened(
    code: str, text: str, people: Mapping[str, User], at: datetime, closes_on: date
) -> consultation.Consultation:
    office = people["office"]
    title = text.partition("\n")[0].removeprefix("关于")
    row = consultation.prepare(
        version_id=_version(code, text, office, at).pk,
        title=f"{title}公开征求意见（演示数据）",
        contact="演示·领导小组办公室",
        intro="本次征求意见为系统演示，文稿与意见均为合成。",
        closes_on=closes_on,
        actor=office,
        now=at,
    )
    bodies = {*_bodies_of(people["stat-clerk"]), *_bodies_of(people["zone-clerk"])}
    bodies |= set(
        Body.objects.filter(name__in=["市商务局", "市财政局", "市自然资源局"]).values_list(
            "pk", flat=True
        )
    )
    consultation.ask_bodies(consultation_id=row.pk, body_ids=bodies, actor=office, now=at)
    return consultation.open_round(consultation_id=row.pk, actor=office, now=at)


def _running(people: Mapping[str, User]) -> None:
    row = _opened("demo-trade-plan", TRADE, people, OPENED, CLOSES)
    for n, (key, words, text, kind) in enumerate(_PUBLIC):
        if words:
            anchors = row.anchors.filter(key__startswith=key)
            key = next(a.key for a in anchors if words in row.text[a.start : a.end])
        consultation.send_public(
            consultation_id=row.pk,
            key=f"demo-{n}",
            anchor_key=key,
            text=text,
            sender_kind=kind,
            name="演示企业联系人" if kind == "enterprise" else "",
            now=OPENED + timedelta(hours=5 * n + 2),
        )
    invitation = row.invitations.get(body__in=_bodies_of(people["stat-clerk"]))
    consultation.write_opinion(
        invitation_id=invitation.pk,
        anchor_key="m01.c01",
        text="建议明确“有进出口实绩”的统计口径，以海关数据为准。",
        proposal="建立外贸企业梯度培育名单，每年新增有进出口实绩（以海关统计为准）的企业30家。",
        actor=people["stat-clerk"],
        now=OPENED + timedelta(days=2),
    )


def _bodies_of(person: User) -> list[int]:
    return list(person.memberships.values_list("body_id", flat=True))


def _published(people: Mapping[str, User]) -> None:
    office, leader = people["office"], people["leader"]
    row = _opened("demo-land-measures", PARKS, people, EARLIER, EARLIER_CLOSES)
    said = [
        consultation.send_public(
            consultation_id=row.pk, key=f"demo-land-{n}", anchor_key=key, text=text,
            sender_kind=kind, now=EARLIER + timedelta(days=n + 1),
        ).comment
        for n, (key, text, kind) in enumerate(
            (
                ("m01.c01", "台账建议每季度更新一次，半年太长。", "enterprise"),
                ("m02.c01", "建议对主动退出的企业给予奖励。", "enterprise"),
            )
        )
    ]  # fmt: skip
    zone = row.invitations.get(body__in=_bodies_of(people["zone-clerk"]))
    consultation.declare_no_opinion(
        invitation_id=zone.pk, actor=people["zone-leader"], now=EARLIER + timedelta(days=5)
    )
    decided = EARLIER + timedelta(days=32)
    consultation.tick(now=decided)
    for comment, outcome, reason, change in (
        (said[0], "adopted", "", ("每半年", "每季度")),
        (said[1], "rejected", "奖励标准由上位政策统一规定，本措施不另设。", None),
    ):
        topic = consultation.put_to_topic(
            consultation_id=row.pk, comment_ids=[comment.pk], actor=office, now=decided
        )
        clause, wording = topic.anchor, ""
        if change is not None and clause is not None:
            wording = row.text[clause.start : clause.end].replace(*change)
        decision = consultation.propose(
            topic_id=topic.pk, outcome=outcome, reason=reason, wording=wording, actor=office,
            now=decided,
        )  # fmt: skip
        consultation.confirm(decision_id=decision.pk, actor=leader, now=decided)
    consultation.finish(consultation_id=row.pk, actor=office, now=decided)
    consultation.publish(
        consultation_id=row.pk,
        conclusion="感谢社会各界的关注与支持。（演示数据）",
        actor=office,
        now=decided + timedelta(days=1),
    )
