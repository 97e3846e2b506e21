"""Writing, checking, publishing and retiring editions of schemes."""

from __future__ import annotations

import threading
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import Http404

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.errors import Conflict, InvalidInput, NotPermitted, TransitionNotAllowed
from jingkai.delivery.evaluation.definition import from_data
from jingkai.delivery.evaluation.drafting import edition_data, edition_of, in_tree_order
from jingkai.delivery.evaluation.models import Scheme, SchemeNode, SchemeVersion
from jingkai.delivery.evaluation.queries.schemes import (
    definition_of,
    edition_of_version,
    visible_schemes,
    visible_versions,
)
from jingkai.delivery.evaluation.services.schemes import (
    create_scheme,
    discard_draft,
    publish_version,
    retire_version,
    save_draft,
    start_draft,
)
from jingkai.delivery.indicators.tests.factories import IndicatorFactory

from .scheme_scenes import (
    METHOD,
    NOW,
    drafted,
    edition,
    indicators,
    inner,
    leaf,
    office,
    published,
    redrafted,
    with_node,
    without,
)

pytestmark = pytest.mark.django_db


def publish(version: SchemeVersion, actor, reason: str = "发布"):
    return publish_version(version_id=version.pk, reason=reason, actor=actor, now=NOW)


def codes_at(error: InvalidInput) -> set[tuple[str, str]]:
    return {(problem.field, problem.code) for problem in error.problems}


def test_a_draft_keeps_every_word_of_the_edition() -> None:
    actor = office()
    wanted = edition([row.code for row in indicators()])
    version = drafted(actor, wanted)
    read = edition_of_version(version)
    assert edition_data(read) == edition_data(wanted)
    assert edition_of(edition_data(read)) == replace(read, reason="")
    assert [n.code for n in read.nodes] == [n.code for n in wanted.nodes]


def test_a_published_edition_is_sealed_with_the_digest_of_its_definition() -> None:
    actor = office()
    version = published(actor, edition([row.code for row in indicators()]))
    version.refresh_from_db()
    definition = definition_of(version)
    assert version.digest == definition.digest() == from_data(definition.as_data()).digest()
    assert version.published_by == actor
    assert version.published_at == NOW
    assert definition.by_code["A1"].unit == "亿元"


def test_digest_does_not_depend_on_how_numbers_are_written() -> None:
    actor = office()
    first = published(actor, edition(), code="ONE")
    other = with_node(edition(), "A", points=Decimal("60.0000"))
    second = published(actor, other, code="TWO")
    one, two = definition_of(first).as_data(), definition_of(second).as_data()
    assert one["nodes"] == two["nodes"]


@pytest.mark.parametrize(
    ("broken", "place", "code"),
    [
        (with_node(edition(), "A2", points=Decimal("24.5")), "A", "sum"),
        (with_node(edition(), "ROOT", points=Decimal("99")), "ROOT", "not_hundred"),
        (with_node(edition(), "B1", direction=None), "B1", "no_direction"),
        (without(without(edition(), "B1"), "B2"), "B", "childless"),
        (replace(edition(), method={**METHOD, "aggregate": "geometric"}), "", None),
        (
            replace(edition(), method={"normalise": "minmax", "aggregate": "geometric"}),
            "",
            "method",
        ),
        (replace(edition(), method={**METHOD, "wieghts": 1}), "", "method"),
        (replace(edition(), method={**METHOD, "groups": "level"}), "", "method_key"),
        (replace(edition(), method={"normalise": "goalposts"}), "", "scale_needs_columns"),
        (replace(edition(), method={"normalise": "distance_to_target"}), "A1", "no_target"),
        (
            replace(
                edition(),
                group_by="none",
                method={**METHOD, "impute": {"method": "group_mean", "by": "group"}},
            ),
            "",
            "no_groups",
        ),
        (
            replace(edition(), ledger_rules=({"code": "X", "kind": "bonus", "name": "加分"},)),
            "",
            "rule_points",
        ),
        (
            replace(
                edition(),
                ledger_rules=(
                    {"code": "X", "kind": "bonus", "name": "加分", "points": "2", "cap": "1"},
                ),
            ),
            "",
            "rule_cap",
        ),
        (
            replace(edition(), ledger_rules=({"code": "X", "kind": "gift", "name": "送"},)),
            "",
            "rule_kind",
        ),
        (replace(edition(), exit_rules=({"code": "X", "name": ""},)), "", "exit_rule"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_at_its_node(broken, place, code) -> None:
    actor = office()
    version = drafted(actor, broken)
    if code is None:
        assert publish(version, actor).state == "published"
        return
    with pytest.raises(InvalidInput) as refused:
        publish(version, actor)
    assert (place, code) in codes_at(refused.value)
    version.refresh_from_db()
    assert version.state == "draft"
    assert version.digest == ""


def test_the_sentence_names_the_node_and_the_gap() -> None:
    actor = office()
    version = drafted(actor, with_node(edition(), "A2", points=Decimal("24.5")))
    with pytest.raises(InvalidInput, match=r"“类别A”.*60.*59.5.*0.5") as refused:
        publish(version, actor)
    assert all("类别A" in problem.message for problem in refused.value.problems)


def test_an_indicator_of_the_whole_city_cannot_be_evaluated_by_zone() -> None:
    actor = office()
    IndicatorFactory(code="CITYWIDE", name="全市基准指标", is_benchmark=True)
    version = drafted(actor, with_node(edition(), "A1", indicator="CITYWIDE"))
    with pytest.raises(InvalidInput, match=r"末级A1.*全市基准指标"):
        publish(version, actor)


def test_a_rate_has_no_figure_of_the_whole_year_and_a_running_total_no_mean() -> None:
    actor = office()
    IndicatorFactory(
        code="RATE", name="测试增速", time_aggregation="never", value_mode="period", unit="%"
    )
    IndicatorFactory(code="RUNNING", name="测试累计")
    given = with_node(edition(), "A1", indicator="RATE", growth_share=None)
    given = with_node(given, "A2", indicator="RUNNING", period_rule="mean")
    version = drafted(actor, given)
    with pytest.raises(InvalidInput) as refused:
        publish(version, actor)
    assert codes_at(refused.value) == {("A1", "no_year_figure"), ("A2", "mean_of_running_total")}


@pytest.mark.parametrize(
    ("broken", "field"),
    [
        (with_node(edition(), "A2", parent="Z"), "nodes.3.parent"),
        (with_node(edition(), "B", parent="B1"), "nodes.4.parent"),
        (with_node(edition(), "A2", code="A1"), "nodes.3.code"),
        (with_node(edition(), "A2", code="有 空格"), "nodes.3.code"),
        (with_node(edition(), "A2", name=" "), "nodes.3.name"),
        (with_node(edition(), "A2", points=Decimal("-1")), "nodes.3.points"),
        (with_node(edition(), "A2", points=Decimal("1.00001")), "nodes.3.points"),
        (with_node(edition(), "A2", growth_share=Decimal("1.5")), "nodes.3.growth_share"),
        (with_node(edition(), "A2", indicator="NOBODY"), "nodes.3.indicator"),
        (with_node(edition(), "A", growth_share=Decimal("0.5")), "nodes.1.indicator"),
        (with_node(edition(), "A", parent=""), "nodes"),
        (without(edition(), "ROOT"), "nodes.0.parent"),
    ],
)
def test_what_no_tree_can_hold_is_not_saved(broken, field) -> None:
    actor = office()
    version = drafted(actor)
    before = edition_data(edition_of_version(version))
    if field == "nodes.0.parent":
        broken = replace(broken, nodes=(inner("Q", "", "1"), *broken.nodes))
        field = "nodes.1.parent"
    with pytest.raises(InvalidInput) as refused, transaction.atomic():
        save_draft(
            version_id=version.pk, edition=broken, revision=version.revision, actor=actor, now=NOW
        )
    assert field in {problem.field for problem in refused.value.problems}
    assert edition_data(edition_of_version(version)) == before


def test_years_of_published_editions_do_not_meet() -> None:
    actor = office()
    first = published(actor, edition(first_year=2021, last_year=2025))
    clash = redrafted(first.scheme, actor, edition(first_year=2025))
    with pytest.raises(Conflict, match="2021–2025"), transaction.atomic():
        publish(clash, actor)
    later = redrafted(first.scheme, actor, edition(first_year=2026))
    assert publish(later, actor).state == "published"


def test_an_open_edition_ends_where_the_next_begins() -> None:
    actor = office()
    first = published(actor, edition(first_year=2021))
    second = publish(redrafted(first.scheme, actor, edition(first_year=2026)), actor)
    first.refresh_from_db()
    assert (first.last_year, second.last_year) == (2025, None)
    digest = first.digest
    assert definition_of(first).digest() == digest
    earlier = redrafted(first.scheme, actor, edition(first_year=2024))
    with pytest.raises(Conflict):
        publish(earlier, actor)


def test_a_retired_edition_makes_room_and_needs_a_reason() -> None:
    actor = office()
    first = published(actor)
    with pytest.raises(InvalidInput, match=r"理由|原因|reason"), transaction.atomic():
        retire_version(version_id=first.pk, reason=" ", actor=actor, now=NOW)
    retire_version(version_id=first.pk, reason="口径有误", actor=actor, now=NOW)
    with pytest.raises(TransitionNotAllowed), transaction.atomic():
        retire_version(version_id=first.pk, reason="再次", actor=actor, now=NOW)
    assert publish(redrafted(first.scheme, actor, edition()), actor).number == 2


def test_the_same_sent_twice_is_one_save_and_an_older_page_is_refused() -> None:
    actor, other = office(), office()
    version = drafted(actor)
    first = with_node(edition(), "A1", name="改过的名称")
    saved = save_draft(
        version_id=version.pk, edition=first, revision=version.revision, actor=actor, now=NOW
    )
    again = save_draft(
        version_id=version.pk, edition=first, revision=version.revision, actor=actor, now=NOW
    )
    assert again.revision == saved.revision == version.revision + 1
    second = with_node(edition(), "A1", name="别人的名称")
    with pytest.raises(Conflict):
        save_draft(
            version_id=version.pk, edition=second, revision=version.revision, actor=other, now=NOW
        )
    assert edition_of_version(saved).nodes[2].name == "改过的名称"


def test_what_was_looked_at_is_what_is_published() -> None:
    actor = office()
    version = drafted(actor)
    changed = with_node(edition(), "A1", name="之后改的")
    save_draft(
        version_id=version.pk, edition=changed, revision=version.revision, actor=actor, now=NOW
    )
    with pytest.raises(Conflict):
        publish_version(
            version_id=version.pk,
            reason="发布",
            actor=actor,
            now=NOW,
            revision=version.revision,
        )


def test_published_is_not_edited_discarded_or_published_again() -> None:
    actor = office()
    version = published(actor)
    with pytest.raises(TransitionNotAllowed):
        save_draft(version_id=version.pk, edition=edition(), revision=1, actor=actor, now=NOW)
    with pytest.raises(TransitionNotAllowed):
        discard_draft(version_id=version.pk, actor=actor, now=NOW)
    with pytest.raises(TransitionNotAllowed):
        publish(version, actor)


@pytest.mark.parametrize(
    "change",
    [
        lambda v: SchemeVersion.objects.filter(pk=v.pk).update(method={}),
        lambda v: SchemeVersion.objects.filter(pk=v.pk).update(first_year=2020),
        lambda v: SchemeVersion.objects.filter(pk=v.pk).update(state="draft"),
        lambda v: SchemeVersion.objects.filter(pk=v.pk).delete(),
        lambda v: v.nodes.filter(code="A1").update(points=1),
        lambda v: v.nodes.filter(code="A1").delete(),
        lambda v: SchemeNode.objects.create(
            version=v, code="NEW", name="后加", points=0, parent=v.nodes.get(code="A")
        ),
    ],
)
def test_the_database_keeps_what_was_published(change) -> None:
    version = published(office())
    with pytest.raises(IntegrityError), transaction.atomic():
        change(version)


def test_a_draft_copies_the_newest_edition_or_the_one_chosen() -> None:
    actor = office()
    first = published(actor, edition(first_year=2021, last_year=2024))
    changed = with_node(edition(), "A1", name="第二版名称")
    second = publish(redrafted(first.scheme, actor, changed), actor)
    draft = start_draft(scheme_id=first.scheme_id, actor=actor, now=NOW, copy_of=first.pk)
    assert edition_of_version(draft).nodes[2].name == "末级A1"
    assert start_draft(scheme_id=first.scheme_id, actor=actor, now=NOW).pk == draft.pk
    with pytest.raises(Conflict):
        start_draft(scheme_id=first.scheme_id, actor=actor, now=NOW, copy_of=second.pk)
    discard_draft(version_id=draft.pk, actor=actor, now=NOW)
    newest = start_draft(scheme_id=first.scheme_id, actor=actor, now=NOW)
    assert edition_of_version(newest).nodes[2].name == "第二版名称"
    assert (newest.digest, newest.published_at) == ("", None)


def test_a_scheme_copies_another_one() -> None:
    actor = office()
    first = published(actor)
    copy = create_scheme(code="COPY", name="另一方案", actor=actor, now=NOW, copy_of=first.pk)
    draft = copy.versions.get()
    assert draft.state == "draft"
    assert edition_of_version(draft).nodes == edition_of_version(first).nodes
    with pytest.raises(Conflict), transaction.atomic():
        create_scheme(code="COPY", name="重复", actor=actor, now=NOW)


def test_only_the_office_writes_and_only_officials_see() -> None:
    actor = office()
    version = published(actor)
    drafted(actor, code="HIDDEN", name="未发布方案")
    for role, sees in (
        (Role.OFFICE, {"TEST", "HIDDEN"}),
        (Role.LEADER, {"TEST"}),
        (Role.ZONE_CLERK, {"TEST"}),
        (Role.DEPARTMENT_REVIEWER, {"TEST"}),
        (Role.ENTERPRISE, set()),
        (Role.SYSTEM_ADMIN, set()),
    ):
        user = UserFactory(role=role)
        assert {s.code for s in visible_schemes(user)} == sees
        assert {v.scheme.code for v in visible_versions(user)} == sees
        if role != Role.OFFICE:
            for call in (
                lambda u=user: create_scheme(code="NO", name="不许", actor=u, now=NOW),
                lambda u=user: start_draft(scheme_id=version.scheme_id, actor=u, now=NOW),
                lambda u=user: publish(version, u),
                lambda u=user: retire_version(version_id=version.pk, reason="x", actor=u, now=NOW),
            ):
                with pytest.raises(NotPermitted):
                    call()


def test_what_does_not_exist_is_not_found() -> None:
    actor = office()
    with pytest.raises(Http404):
        start_draft(scheme_id=0, actor=actor, now=NOW)
    with pytest.raises(Http404):
        publish_version(version_id=0, reason="x", actor=actor, now=NOW)


def test_nodes_stand_after_their_parents_whatever_order_they_come_in() -> None:
    actor = office()
    given = edition()
    shuffled = replace(given, nodes=tuple(reversed(given.nodes)))
    version = drafted(actor, shuffled)
    read = [n.code for n in edition_of_version(version).nodes]
    assert read == [n.code for n in in_tree_order(shuffled).nodes]
    assert read.index("ROOT") == 0
    assert read.index("A") < read.index("A1")


@pytest.mark.parametrize("size", [2, 30])
def test_reading_an_edition_costs_the_same_at_any_size(size, django_assert_num_queries) -> None:
    actor = office()
    leaves = tuple(leaf(f"L{n}", "A", "0") for n in range(size))
    version = drafted(actor, replace(edition(), nodes=(*edition().nodes, *leaves)))
    version = SchemeVersion.objects.select_related("scheme").get(pk=version.pk)
    with django_assert_num_queries(1):
        assert len(definition_of(version).nodes) == size + 7


@pytest.mark.django_db(transaction=True)
def test_of_two_people_publishing_one_comes_first() -> None:
    actor = office()
    version = drafted(actor)
    said: list[str] = []
    start = threading.Barrier(2)

    def go() -> None:
        try:
            start.wait(10)
            publish(SchemeVersion(pk=version.pk), actor)
            said.append("published")
        except TransitionNotAllowed:
            said.append("late")
        finally:
            connection.close()

    threads = [threading.Thread(target=go) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(said) == ["late", "published"]


@pytest.mark.django_db(transaction=True)
def test_two_drafts_begun_at_once_are_one() -> None:
    actor = office()
    scheme = Scheme.objects.get(pk=published(actor).scheme_id)
    found: list[int] = []
    start = threading.Barrier(2)

    def go() -> None:
        try:
            start.wait(10)
            found.append(start_draft(scheme_id=scheme.pk, actor=actor, now=NOW).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=go) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 2
    assert len(set(found)) == 1
