"""The document as the pack has it: counts, matrix, graph, search, and what reading it costs."""

from __future__ import annotations

from itertools import pairwise

import pytest
from django.utils.translation import override

from jingkai.core.accounts.roles import OFFICIALS, Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.delivery.policy import queries, rules
from jingkai.delivery.policy.models import Clause, KeyTask, Responsibility, StandingRule
from jingkai.delivery.policy.numerals import ordinal, place_label, place_url
from jingkai.delivery.policy.queries.layout import positions
from jingkai.delivery.policy.registry import Edge, edge_providers, part_node, task_node
from jingkai.delivery.policy.search import clauses, conflicts, measures, tasks
from jingkai.delivery.policy.tests.factories import (
    ClauseFactory,
    ConflictFactory,
    DocumentFactory,
    KeyTaskFactory,
    MeasureFactory,
    PartFactory,
    ResponsibilityFactory,
    shenyang_document,
)
from jingkai.masterdata.organisations.models import Body
from jingkai.masterdata.organisations.tests.factories import BodyFactory


@pytest.fixture
def office(db):
    return UserFactory(role=Role.OFFICE)


def test_reference_document_is_whole(office) -> None:
    shenyang_document()
    found = queries.document_map(user=office)

    assert [len(part.measures) for part in found.parts] == [0, 4, 7, 5, 3, 0, 0, 0]
    assert (len(found.measures), len(found.tasks), len(found.conflicts)) == (19, 23, 28)
    assert found.clause_count == Clause.objects.count() == 102
    groups = [row.task.group for row in found.tasks]
    assert [groups.count(n) for n in (1, 2, 3, 4)] == [8, 5, 6, 4]
    # No bracket of the document names a lead.
    duties = [d for m in found.measures for row in m.rows for d in row.duties]
    assert {duty.stated_role for duty in duties} == {"unspecified"}
    first = found.measures[0].rows[0]
    assert [t.number for t in first.tasks] == [1]
    assert [c.code for c in first.conflicts] == ["C18"]
    assert [c.code for c in found.tasks[8].conflicts] == ["C01", "C02", "C19", "C28"]


def test_map_and_pieces_of_it_agree(office) -> None:
    shenyang_document()
    whole = queries.document_map(user=office)
    block = queries.measure_block(user=office, measure=whole.measures[16].measure)
    task_rows = queries.tasks_for_list(user=office)

    def plain(rows):
        return [(r.clause, [d.body for d in r.duties], r.tasks, r.conflicts) for r in rows]

    assert plain(block.rows) == plain(whole.measures[16].rows)
    assert [(r.task, r.clauses, [d.body for d in r.duties]) for r in task_rows] == [
        (r.task, r.clauses, [d.body for d in r.duties]) for r in whole.tasks
    ]


def test_matrix_adds_up(office) -> None:
    shenyang_document()
    matrix = queries.body_matrix(user=office)

    assert matrix.total == Responsibility.objects.filter(clause__isnull=False).count()
    assert sum(row.total for row in matrix.rows) == sum(matrix.sums) == matrix.total
    assert matrix.task_sum == Responsibility.objects.filter(task__isnull=False).count()
    for measure, total in zip(matrix.measures, matrix.sums, strict=True):
        assert total == Responsibility.objects.filter(clause__measure=measure).count()
    positions_of_bodies = [row.body.position for row in matrix.rows]
    assert positions_of_bodies == sorted(positions_of_bodies)
    commerce = next(row for row in matrix.rows if row.body.code == "COMMERCE")
    assert commerce.total == Clause.objects.filter(responsibilities__body=commerce.body).count()


def test_matrix_marks_leads_and_assists(office) -> None:
    clause = ClauseFactory()
    lead = ResponsibilityFactory(clause=clause, role="lead")
    ResponsibilityFactory(clause=clause, role="assist")
    ResponsibilityFactory(clause=ClauseFactory(measure=clause.measure), body=lead.body)

    rows = {row.body: row for row in queries.body_matrix(user=office).rows}

    cell = rows[lead.body].cells[0]
    assert (cell.clauses, cell.lead, cell.assist) == (2, 1, 0)
    assert sum(row.cells[0].assist for row in rows.values()) == 1


def test_graph_folds_clauses_and_counts_them(office) -> None:
    shenyang_document()
    graph = queries.policy_graph(user=office)
    kinds = [node.kind for node in graph.nodes]

    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "measure": 19,
        "task": 23,
        "body": 35,
    }
    folded = sum(
        link.count
        for link in graph.links
        if link.source.startswith("measure:") and link.target.startswith("body:")
    )
    assert folded == Responsibility.objects.filter(clause__isnull=False).count()
    ids = {node.id for node in graph.nodes}
    assert {end for link in graph.links for end in (link.source, link.target)} <= ids


def test_graph_of_one_measure_body_or_task(office) -> None:
    shenyang_document()

    def kinds(**only):
        graph = queries.policy_graph(user=office, only=queries.GraphFilter(**only))
        found = [node.kind for node in graph.nodes]
        return tuple(found.count(k) for k in ("measure", "clause", "task", "body"))

    assert kinds(measure=1)[:3] == (1, 7, 3)
    assert kinds(task=9) == (1, 1, 1, 3)  # the text names one body more than the annex
    named = Clause.objects.filter(responsibilities__body__code="SCITECH").count()
    assert kinds(body="SCITECH")[1] == named
    assert kinds(measure=99) == (0, 0, 0, 0)


def test_graph_shows_what_rooms_above_know(office) -> None:
    task = KeyTaskFactory()
    clause = ClauseFactory()
    task.clauses.add(clause)

    def provide(clause_ids, task_ids):
        assert (list(clause_ids), list(task_ids)) == ([clause.pk], [task.pk])
        return [
            Edge("indicator", "target:1", "indicator:1", "进出口"),  # before its source is known
            Edge("target", task_node(task.pk), "target:1", "2030年进出口", "/x/", "red"),
            Edge("target", f"clause:{clause.pk}", "target:1", "2030年进出口", "/x/", "red"),
            Edge("target", part_node("goals"), "target:2", "不在图中"),
            Edge("target", "indicator:1", task_node(task.pk), "回指"),
        ]

    with edge_providers.only(fake=provide):
        folded = queries.policy_graph(user=office)
        detail = queries.policy_graph(user=office, detail=True)

    nodes = {node.id: node for node in folded.nodes}
    assert (nodes["target:1"].light, nodes["target:1"].url) == ("red", "/x/")
    assert nodes["target:1"].column < nodes["indicator:1"].column
    assert "target:2" not in nodes
    targets = [link.source for link in folded.links if link.target == "target:1"]
    assert sorted(targets) == sorted([task_node(task.pk), f"measure:{clause.measure_id}"])
    assert f"clause:{clause.pk}" in [x.source for x in detail.links if x.target == "target:1"]

    def depth(branches):
        return 1 + max((depth(b.children) for b in branches), default=-1)

    assert depth(queries.outline(detail)) >= 4  # and it ends, in spite of the link back


def test_layout_keeps_columns_apart_and_nodes_off_each_other(office) -> None:
    shenyang_document()
    graph = queries.policy_graph(user=office, detail=True)
    placed = positions(graph)

    assert placed.keys() == {node.id for node in graph.nodes}
    assert len(set(placed.values())) == len(placed)
    by_column = {}
    for node in graph.nodes:
        by_column.setdefault(node.column, set()).add(placed[node.id][0])
    xs = [by_column[column] for column in sorted(by_column)]
    assert all(len(x) == 1 for x in xs)
    assert [min(x) for x in xs] == sorted(min(x) for x in xs)
    ys = sorted(y for node_id, (_x, y) in placed.items() if node_id.startswith("clause:"))
    assert min(b - a for a, b in pairwise(ys)) >= 29


def test_empty_graph_is_drawn_as_nothing(office) -> None:
    graph = queries.policy_graph(user=office)
    assert (positions(graph), queries.drawing_size(graph), queries.outline(graph)) == (
        {},
        (0, 320),
        [],
    )


def test_clauses_are_found_by_word_body_and_alias(office) -> None:
    shenyang_document()
    Body.objects.get(code="INDUSTRY").aliases.create(name="市工信局")

    def count(**given):
        return queries.clauses_for_list(user=office, **given).count()

    industry = Responsibility.objects.filter(body__code="INDUSTRY", clause__isnull=False).count()
    assert count() == 102
    assert count(q="市工信局") == count(body="INDUSTRY") == industry
    assert count(measure="1") == 7
    assert count(part="reform", body="REFORM") == 1
    assert count(role="lead") == 0
    assert count(q="m01.c01") == 1
    assert count(q="没有这样的词") == 0


def test_body_sees_its_duties_and_standing_rules(office) -> None:
    shenyang_document()
    found = queries.body_duties(user=office, body=Body.objects.get(code="ALL_COMMITTEES"))

    assert [duty.clause.code for duty in found.clauses] == ["m01.c01"]
    assert [duty.task.number for duty in found.tasks] == [1, 21]
    assert [rule.code for rule in found.rules] == ["ALL_TASKS_BIND_ZONES", "SELF_CHECK"]


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_visibility_is_the_twin_of_the_rule(role: Role) -> None:
    ResponsibilityFactory(clause=None, task=KeyTaskFactory())
    ClauseFactory()
    ConflictFactory()
    user = UserFactory(role=role)
    allowed = bool(rules.can_read(user))

    assert allowed == (role in OFFICIALS)
    for visible in (
        queries.visible_documents,
        queries.visible_measures,
        queries.visible_clauses,
        queries.visible_tasks,
        queries.visible_conflicts,
    ):
        assert visible(user).exists() == allowed
    assert bool(queries.conflicts_for_list(user=user)) == allowed
    assert (queries.document_map(user=user) is not None) == allowed
    assert bool(queries.policy_graph(user=user).nodes) == allowed
    assert bool(queries.body_matrix(user=user).measures) == allowed
    assert any(list(find(user, "测试", 5)) for find in (measures, clauses, tasks, conflicts)) == (
        allowed
    )


def test_search_finds_each_kind(office) -> None:
    shenyang_document()
    assert [hit.title for hit in tasks(office, "碳达峰", 5)] == ["18 碳达峰试点与国家级零碳园区"]
    assert [hit.url for hit in conflicts(office, "进出口总额", 5)] == [
        "/delivery/policy/conflicts/C01/"
    ]
    assert next(iter(clauses(office, "光伏", 5))).url == "/delivery/policy/clauses/m14.c01/"
    with override("zh-hans"):
        assert next(iter(measures(office, "考核评价", 5)), None) is None
        assert [h.title for h in measures(office, "体制机制", 5)] == [
            "（十七）加快推进体制机制改革"
        ]


def _grow(size: int) -> None:
    document = DocumentFactory()
    rule = StandingRule.objects.create(document=document, code="rule", title="规则", place="text:1")
    rule.bodies.add(BodyFactory())
    for _ in range(size):
        measure = MeasureFactory(part=PartFactory(document=document))
        clause = ClauseFactory(measure=measure)
        ResponsibilityFactory(clause=clause)
        task = KeyTaskFactory(document=document)
        task.clauses.add(clause)
        ResponsibilityFactory(clause=None, task=task)
        ConflictFactory(document=document)


@pytest.mark.parametrize("size", [1, 20])
def test_cost_does_not_grow(office, size: int, django_assert_num_queries) -> None:
    _grow(size)
    assert office.roles
    clause_rows = queries.clauses_for_list(user=office)
    task = KeyTask.objects.first()

    with django_assert_num_queries(11):  # one of them is what rooms above hang on
        assert queries.document_map(user=office).clause_count == size
    with django_assert_num_queries(4):
        assert len(queries.body_matrix(user=office).rows) == 2 * size
    with django_assert_num_queries(6):
        assert len(queries.policy_graph(user=office).nodes) == 4 * size
    with django_assert_num_queries(5):
        assert len(queries.tasks_for_list(user=office)) == size
    with django_assert_num_queries(3):
        assert len([c.responsibilities.all()[0].body.name for c in clause_rows]) == size
    body = task.responsibilities.get().body
    with django_assert_num_queries(3):
        assert queries.body_duties(user=office, body=body).tasks
    with django_assert_num_queries(1):
        assert len(queries.conflicts_for_list(user=office)) == size


def test_places_in_words_and_as_links() -> None:
    with override("en"):
        assert place_label("annex1:5") == "Annex 1, row 5"
        assert place_label("clause:m06.c05") == "Measure (6), clause 5"
        assert place_label("measures:all") == "All measures"
        assert place_label("附件一") == "附件一"
        assert ordinal(19) == "(19)"
    with override("zh-hans"):
        assert place_label("clause:m16.c06") == "措施（十六）第6处分工"
        assert place_label("text:2") == "总体要求第2条"
    assert place_url("clause:m06.c05") == "/delivery/policy/clauses/m06.c05/"
    assert place_url("annex2:9") == "/delivery/policy/tasks/9/"
    assert place_url("annex1:5") == ""
