"""Bringing in, reading, deciding and taking over: who may, what is refused, twice is once."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest
from django.db import connection, transaction

from jingkai.core.accounts.roles import OFFICIALS, Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.audit.models import AuditEvent
from jingkai.core.errors import Conflict, DomainError, InvalidInput, NotPermitted
from jingkai.core.jobs.models import Job
from jingkai.core.workflow.models import Move
from jingkai.delivery.indicators.models import Target
from jingkai.delivery.intake import services
from jingkai.delivery.intake.models import ItemKind, ItemState, SourceItem, SourceState
from jingkai.delivery.intake.services.publishing import archive_of, check_publication
from jingkai.delivery.intake.states import ITEM_TABLE, VERSION_TABLE
from jingkai.delivery.policy.models import Clause, Measure, Responsibility
from jingkai.delivery.policy.models import Conflict as PolicyConflict
from jingkai.masterdata.organisations.models import BodyAlias
from jingkai.masterdata.organisations.tests.factories import BodyFactory

from .factories import NOW, SYNTHETIC, as_upload, docx, office, read

HTML = f"<html><body><p>{SYNTHETIC.replace(chr(10), '</p><p>')}</p></body></html>"
FACTS = {"code": "ceshi", "city": "210200", "approved_by": "GOV", "coordinator": "GOV"}


@pytest.fixture
def government(db):
    return BodyFactory(code="GOV", name="市政府", name_en="Municipal Government")


def decide_all(version, actor):
    """Everything but questions, as a person would who agrees with the reader."""
    for item in version.items.filter(state=ItemState.PENDING).exclude(kind=ItemKind.FINDING):
        services.decide_item(
            item_id=item.pk,
            action="join" if item.proposal else "accept",
            revision=item.revision,
            actor=actor,
            now=NOW,
        )


def published(actor, text=SYNTHETIC, **facts):
    version = read(text, actor=actor)
    decide_all(version, actor)
    version.publication = {**FACTS, **facts}
    version.save()
    return services.publish_version(version_id=version.pk, actor=actor, now=NOW)


# --- bringing in


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.txt", b"", "empty"),
        ("a.exe", b"MZ\x00\x01", "type-not-accepted"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "protected"),
        ("a.pdf", "只是文字".encode(), "type-mismatch"),
        ("a.png", b"\x89PNG\r\n\x1a\n" + b"0" * 50, "type-not-accepted"),
    ],
)
def test_what_cannot_be_kept_is_refused_at_once(name, content, code) -> None:
    with pytest.raises(InvalidInput) as refused:
        services.upload_document(
            upload=as_upload(content, name), stage="draft", title="某文件", actor=office(), now=NOW
        )

    assert refused.value.problems[0].code == code
    assert not Job.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        (
            "a.txt",
            b"Nothing but English words, at length. " * 30,
            "not-chinese",
        ),
        ("a.docx", docx(""), "empty"),
        ("a.html", b"<html><body></body></html>", "empty"),
    ],
)
def test_what_cannot_be_read_says_why_and_is_kept(name, content, code) -> None:
    version = read_file(content, name)

    assert version.state == SourceState.UNREADABLE
    assert version.refusal in {code, "not-text", "not-chinese", "scanned"}
    assert version.file.size == len(content)


def read_file(content, name):
    version = services.upload_document(
        upload=as_upload(content, name), stage="draft", title="某文件", actor=office(), now=NOW
    )
    with transaction.atomic():
        services.read_version(version_id=version.pk, year=2026, now=NOW)
    version.refresh_from_db()
    return version


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", SYNTHETIC.encode()),
        ("a.docx", docx(SYNTHETIC)),
        (
            "a.html",
            f"<html><body><p>{SYNTHETIC.replace(chr(10), '</p><p>')}</p></body></html>".encode(),
        ),
    ],
)
def test_each_format_gives_the_same_things(name, content) -> None:
    version = read_file(content, name)

    assert version.state == SourceState.REVIEW
    kinds = {
        kind: version.items.filter(kind=kind).count() for kind in ("measure", "clause", "target")
    }
    assert kinds == {"measure": 3, "clause": 4, "target": 5}


@pytest.mark.django_db
def test_every_thing_has_its_place_in_the_text() -> None:
    version = read()

    for item in version.items.exclude(start=None):
        assert 0 <= item.start <= item.end <= len(version.text)
        section = version.sections[item.section]
        assert section["start"] <= item.start < section["end"]
    target = version.items.get(kind=ItemKind.TARGET, key="target:1")
    assert "880亿元" in version.text[target.start : target.end]


@pytest.mark.django_db
def test_the_same_file_is_not_taken_twice() -> None:
    me = office()
    version = read(actor=me)

    with pytest.raises(Conflict):
        read(actor=me, document_id=version.document_id)


@pytest.mark.django_db
def test_a_second_file_is_the_next_version() -> None:
    me = office()
    first = read(actor=me)
    second = read(SYNTHETIC.replace("880", "900"), actor=me, document_id=first.document_id)

    assert (second.document_id, second.number) == (first.document_id, 2)


@pytest.mark.django_db
def test_reading_twice_reads_once() -> None:
    version = read()
    before = list(version.items.values_list("pk", flat=True))
    with transaction.atomic():
        services.read_version(version_id=version.pk, year=2026, now=NOW)

    assert list(version.items.values_list("pk", flat=True)) == before


@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(set(Role) - {Role.OFFICE}))
def test_only_the_office_brings_in_decides_and_takes_over(role) -> None:
    version = read()
    other = UserFactory(role=role)
    item = version.items.first()
    calls = [
        lambda: services.upload_document(
            upload=as_upload("其他文字"), stage="draft", actor=other, now=NOW
        ),
        lambda: services.decide_item(
            item_id=item.pk, action="accept", revision=0, actor=other, now=NOW
        ),
        lambda: services.accept_all(version_id=version.pk, kind="measure", actor=other, now=NOW),
        lambda: services.begin_publication(version_id=version.pk, given={}, actor=other, now=NOW),
        lambda: services.publish_version(version_id=version.pk, actor=other, now=NOW),
        lambda: services.discard_version(version_id=version.pk, reason="x", actor=other, now=NOW),
    ]
    for call in calls:
        with pytest.raises(NotPermitted):
            call()
    item.refresh_from_db()
    assert item.state == ItemState.PENDING


def test_officials_are_those_who_read() -> None:
    from jingkai.delivery.intake.rules import can_read

    assert {Role.OFFICE, Role.LEADER} <= OFFICIALS
    assert callable(can_read)


# --- matching


@pytest.mark.django_db
def test_a_body_is_known_by_its_alias_and_never_guessed() -> None:
    body = BodyFactory(name="市工业和信息化委员会")
    BodyAlias.objects.create(body=body, name="市工业和信息化局")
    version = read()
    known = version.items.get(kind=ItemKind.BODY, title="市工业和信息化局")
    unknown = version.items.get(kind=ItemKind.BODY, title="市投资促进服务中心")

    assert (known.proposal, known.likeness) == (body.code, 100)
    assert unknown.state == ItemState.PENDING
    taken, left = services.accept_all(
        version_id=version.pk, kind=ItemKind.BODY, actor=office(), now=NOW
    )
    assert (taken, left) == (1, 5)


# --- deciding


@pytest.mark.django_db
def test_every_state_and_action_of_a_version() -> None:
    allowed = {(a, s) for a, t in VERSION_TABLE.transitions.items() for s in t.sources}
    assert ("publish", SourceState.REVIEW) in allowed
    assert not {("publish", s) for s in SourceState.values if s != SourceState.REVIEW} & allowed
    assert not {(a, SourceState.DISCARDED) for a in VERSION_TABLE.transitions} & allowed
    assert ("undo", ItemState.PENDING) not in {
        (a, s) for a, t in ITEM_TABLE.transitions.items() for s in t.sources
    }


@pytest.mark.django_db
def test_a_decision_is_kept_with_person_move_and_trail() -> None:
    me = office()
    item = read(actor=me).items.filter(kind=ItemKind.MEASURE).first()
    services.decide_item(item_id=item.pk, action="accept", revision=0, actor=me, now=NOW)

    item.refresh_from_db()
    assert (item.state, item.decided_by, item.decided_at) == (ItemState.ACCEPTED, me, NOW)
    assert Move.objects.filter(target_type="intake.sourceitem", target_id=item.pk).count() == 1
    assert AuditEvent.objects.filter(action="intake.item.accept").count() == 1


@pytest.mark.django_db
def test_the_same_decision_twice_is_one() -> None:
    me = office()
    item = read(actor=me).items.filter(kind=ItemKind.MEASURE).first()
    for _again in range(2):
        services.decide_item(item_id=item.pk, action="accept", revision=0, actor=me, now=NOW)

    item.refresh_from_db()
    assert item.revision == 1
    assert AuditEvent.objects.filter(action="intake.item.accept").count() == 1


@pytest.mark.django_db
def test_who_decides_on_what_another_decided_is_told() -> None:
    me, other = office(), office()
    item = read(actor=me).items.filter(kind=ItemKind.MEASURE).first()
    services.decide_item(item_id=item.pk, action="accept", revision=0, actor=me, now=NOW)

    with pytest.raises(Conflict, match=me.name):
        services.decide_item(
            item_id=item.pk, action="reject", reason="不是", revision=0, actor=other, now=NOW
        )


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_decides() -> None:
    me, other = office(), office()
    item = read(actor=me).items.filter(kind=ItemKind.MEASURE).first()
    results: list[str] = []
    start = threading.Barrier(2)

    def work(actor, action, reason):
        start.wait()
        try:
            services.decide_item(
                item_id=item.pk, action=action, revision=0, reason=reason, actor=actor, now=NOW
            )
            results.append("done")
        except DomainError as error:
            results.append(error.code)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=work, args=(me, "accept", "")),
        threading.Thread(target=work, args=(other, "reject", "重复")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == ["conflict", "done"]
    item.refresh_from_db()
    assert item.revision == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("action", "more", "field"),
    [
        ("reject", {}, "reason"),
        ("join", {"match": "no-such-code"}, "match"),
        ("correct", {"fields": {}}, "fields"),
        ("correct", {"fields": {"value": "很多"}}, "value"),
        ("correct", {"fields": {"modality": "perhaps"}}, "modality"),
        ("correct", {"fields": {"kind": "reduction"}}, "base_year"),
        ("correct", {"fields": {"year": ""}}, "year"),
        ("correct", {"fields": {"colour": "red"}}, "colour"),
        ("explode", {}, "action"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(action, more, field) -> None:
    me = office()
    item = read(actor=me).items.get(kind=ItemKind.TARGET, key="target:1")

    with pytest.raises(InvalidInput) as refused:
        services.decide_item(item_id=item.pk, action=action, revision=0, actor=me, now=NOW, **more)

    assert field in {problem.field for problem in refused.value.problems}
    item.refresh_from_db()
    assert (item.state, item.revision) == (ItemState.PENDING, 0)


@pytest.mark.django_db
def test_a_correction_keeps_what_was_read() -> None:
    me = office()
    item = read(actor=me).items.get(kind=ItemKind.TARGET, key="target:1")
    services.decide_item(
        item_id=item.pk,
        action="correct",
        fields={"value": "900", "indicator": item.read["indicator"]},
        revision=0,
        actor=me,
        now=NOW,
    )

    item.refresh_from_db()
    assert item.state == ItemState.CORRECTED
    assert item.corrected == {"value": "900"}
    assert item.read["value"] == "880"
    assert item.data["value"] == "900"


@pytest.mark.django_db
def test_all_of_a_kind_leaves_what_is_in_question() -> None:
    me = office()
    version = read(actor=me)
    asked = [i for i in version.items.filter(kind=ItemKind.TARGET) if i.read["questions"]]
    assert asked

    taken, left = services.accept_all(
        version_id=version.pk, kind=ItemKind.TARGET, actor=me, now=NOW
    )

    assert left == len(asked)
    assert taken == version.items.filter(kind=ItemKind.TARGET).count() - left
    assert all(SourceItem.objects.get(pk=item.pk).state == ItemState.PENDING for item in asked)
    assert services.accept_all(version_id=version.pk, kind=ItemKind.TARGET, actor=me, now=NOW) == (
        0,
        left,
    )


@pytest.mark.django_db
def test_questions_are_not_taken_at_once() -> None:
    with pytest.raises(InvalidInput):
        services.accept_all(version_id=read().pk, kind=ItemKind.FINDING, actor=office(), now=NOW)


# --- taking over


@pytest.mark.django_db
def test_nothing_is_taken_over_while_something_is_undecided(government) -> None:
    me = office()
    version = read(actor=me)

    with pytest.raises(Conflict):
        services.begin_publication(version_id=version.pk, given=FACTS, actor=me, now=NOW)
    with pytest.raises(Conflict):
        services.publish_version(version_id=version.pk, actor=me, now=NOW)


@pytest.mark.django_db
def test_what_the_pack_needs_is_asked_at_its_field(government) -> None:
    me = office()
    version = read(actor=me)
    decide_all(version, me)

    with pytest.raises(InvalidInput) as refused:
        services.begin_publication(
            version_id=version.pk, given={"code": "Big City", "city": "21"}, actor=me, now=NOW
        )

    fields = {problem.field for problem in refused.value.problems}
    assert fields == {"code", "city", "approved_by", "coordinator"}


@pytest.mark.django_db
def test_a_document_becomes_a_policy(government) -> None:
    me = office()
    version = published(me)

    assert version.state == SourceState.PUBLISHED, version.outcome
    assert version.document.policy.code == "ceshi"
    assert Measure.objects.filter(part__document__code="ceshi").count() == 3
    target = Target.objects.get(indicator__name="工业增加值")
    assert (target.value, target.horizon, target.kind) == (Decimal(880), "2030", "level")
    clause = Clause.objects.order_by("measure__number", "position").first()
    assert clause.sentence.startswith("制定主导产业目录")
    lead = Responsibility.objects.get(clause=clause, role="lead")
    assert lead.body.name == "市工业和信息化局"
    assert PolicyConflict.objects.filter(kind="base_unstated", state="open").exists()
    item = version.items.get(kind=ItemKind.TARGET, key="target:1")
    assert item.match == target.code


@pytest.mark.django_db
def test_taking_over_twice_is_once(government) -> None:
    me = office()
    version = published(me)
    counts = (Measure.objects.count(), Clause.objects.count(), Target.objects.count())
    services.publish_version(version_id=version.pk, actor=me, now=NOW)
    services.reopen_version(version_id=version.pk, reason="再看", actor=me, now=NOW)
    again = services.publish_version(version_id=version.pk, actor=me, now=NOW)

    assert (Measure.objects.count(), Clause.objects.count(), Target.objects.count()) == counts
    assert (again.outcome["created"], again.outcome["updated"]) == (0, 0)
    assert again.outcome["version"] == version.outcome["version"]


@pytest.mark.django_db
def test_a_second_document_stands_beside_the_first(government) -> None:
    me = office()
    published(me)
    text = SYNTHETIC.replace("测试市", "另一市").replace("880", "990")
    version = read(text, actor=me)
    decide_all(version, me)
    version.publication = {**FACTS, "code": "other"}
    version.save()
    second = services.publish_version(version_id=version.pk, actor=me, now=NOW)

    assert second.state == SourceState.PUBLISHED, second.outcome
    assert sorted(Measure.objects.filter(number=1).values_list("code", flat=True)) == [
        "m01",
        "other-m01",
    ]
    values = Target.objects.filter(indicator__name="工业增加值").values_list("value", flat=True)
    assert sorted(values) == [Decimal(880), Decimal(990)]


@pytest.mark.django_db
def test_a_final_text_changes_the_value_and_not_what_people_changed(government) -> None:
    me = office()
    first = published(me)
    Measure.objects.filter(code="m02").update(title="本地改过的标题")
    final = SYNTHETIC.replace("880亿元", "920亿元").replace("加快科技创新", "加快科技自立自强")
    version = read(final, actor=me, document_id=first.document_id, stage="final")
    changed = version.items.get(kind=ItemKind.TARGET, key="target:1")
    assert changed.proposal
    assert changed.likeness < 90
    decide_all(version, me)
    done = services.publish_version(version_id=version.pk, actor=me, now=NOW)

    assert done.state == SourceState.PUBLISHED, done.outcome
    assert Target.objects.get(indicator__name="工业增加值").value == Decimal(920)
    assert Measure.objects.get(code="m02").title == "本地改过的标题"
    assert any("m02" in line for line in done.outcome["kept"])


@pytest.mark.django_db
def test_mistakes_stop_everything_and_are_told_at_their_thing(government) -> None:
    me = office()
    version = read(actor=me)
    decide_all(version, me)
    body = version.items.get(kind=ItemKind.BODY, title="市商务局")
    services.decide_item(
        item_id=body.pk, action="reject", reason="不确定", revision=None, actor=me, now=NOW
    )
    version.publication = FACTS
    version.save()
    stopped = services.publish_version(version_id=version.pk, actor=me, now=NOW)

    assert stopped.state == SourceState.REVIEW
    told = {(p["item"], p["field"]) for p in stopped.outcome["problems"]}
    assert ("m03.c01", "bodies") in told
    assert not Measure.objects.exists()


@pytest.mark.django_db
def test_the_packs_own_checks_name_the_thing(government) -> None:
    me = office()
    version = read(actor=me)
    decide_all(version, me)
    version.publication = {**FACTS, "coordinator": "NOBODY"}
    version.save()
    problems = check_publication(version).problems

    assert problems
    assert {p["place"].partition(":")[0] for p in problems} <= {"pack.yaml", "indicators.yaml"}


@pytest.mark.django_db
def test_the_pack_is_the_same_bytes_twice(government) -> None:
    me = office()
    version = published(me)
    one = archive_of(version, actor=me, now=NOW)

    assert one == archive_of(version, actor=me, now=NOW)
    assert one.startswith(b"PK")
