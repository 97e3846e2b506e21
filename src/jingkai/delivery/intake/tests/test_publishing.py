"""Taking over: nothing half, twice is once, and mistakes at the thing they come from."""

from __future__ import annotations

from decimal import Decimal

import pytest

from jingkai.core.errors import Conflict, InvalidInput
from jingkai.delivery.indicators.models import Target
from jingkai.delivery.intake import services
from jingkai.delivery.intake.models import ItemKind, ItemState, SourceState
from jingkai.delivery.intake.services.publishing import archive_of, check_publication
from jingkai.delivery.policy.models import Clause, Measure, Responsibility
from jingkai.delivery.policy.models import Conflict as PolicyConflict
from jingkai.masterdata.organisations.tests.factories import BodyFactory

from .factories import NOW, SYNTHETIC, office, read

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
