"""Deciding: who, twice, at once, and what is wrong told at its field."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from jingkai.core.audit.models import AuditEvent
from jingkai.core.errors import Conflict, DomainError, InvalidInput
from jingkai.core.workflow.models import Move
from jingkai.delivery.intake import services
from jingkai.delivery.intake.models import ItemKind, ItemState, SourceItem, SourceState
from jingkai.delivery.intake.states import ITEM_TABLE, VERSION_TABLE

from .factories import NOW, office, read


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
