"""The document as a graph: measures, clauses, tasks, bodies, and what rooms above add."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.ui.public import local_name

from ..models import Clause, KeyTask, Measure, Responsibility
from ..numerals import ordinal
from ..registry import Edge, clause_node, edges_by_source, part_node, task_node
from .document import visible_clauses, visible_measures, visible_tasks

MEASURE, CLAUSE, TASK, BODY = range(4)  # columns; what rooms above add stands right of them


@dataclass(frozen=True, slots=True)
class Node:
    """Something in the graph. `column` is its layer, from the document on the left."""

    id: str
    kind: str
    label: str
    url: str
    column: int
    light: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """`count` clauses (or 1) tie `source` to `target`; `role` where a body is concerned."""

    source: str
    target: str
    kind: str
    role: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes in document order, links between them. `detail`: clauses stand for themselves."""

    nodes: list[Node]
    links: list[Link]
    detail: bool


@dataclass(frozen=True, slots=True)
class Branch:
    """A node of the outline, the link that leads to it, and what follows from it."""

    node: Node
    link: Link | None
    children: list[Branch]


def outline(graph: Graph) -> list[Branch]:
    """The graph as a nested list, from the leftmost column to the right: the same for the keyboard.

    A node stands under each node that leads to it.
    """
    nodes = {node.id: node for node in graph.nodes}
    following: defaultdict[str, list[Link]] = defaultdict(list)
    entered = set()
    for link in graph.links:
        # Only rightwards, so the list ends also when a room above links back.
        if nodes[link.target].column > nodes[link.source].column:
            following[link.source].append(link)
            entered.add(link.target)

    def branch(node: Node, link: Link | None) -> Branch:
        return Branch(node, link, [branch(nodes[x.target], x) for x in following[node.id]])

    return [branch(node, None) for node in graph.nodes if node.id not in entered]


@dataclass(frozen=True, slots=True)
class GraphFilter:
    """Show only what concerns one measure (number), body (code) or task (number)."""

    measure: int | None = None
    body: str = ""
    task: int | None = None

    @property
    def active(self) -> bool:
        return bool(self.measure is not None or self.body or self.task is not None)


def policy_graph(
    *, user: User, only: GraphFilter = GraphFilter(), detail: bool | None = None
) -> Graph:
    """Nodes and links of the document, filtered. 5 queries at any size, plus the providers'.

    Without `detail` clauses are folded into measure → body links with their count: the whole
    document stays readable. By default a filter brings detail.
    """
    detail = only.active if detail is None else detail
    clauses = list(_clauses(user, only))
    tasks = list(_tasks(user, only))
    links_of_task = _measures_by_task(tasks)
    measure_ids = {clause.measure_id for clause in clauses} | {
        measure_id for ids in links_of_task.values() for measure_id in ids
    }
    measures = list(visible_measures(user).filter(pk__in=measure_ids).order_by("number"))
    duties = _duties(clauses, tasks)
    nodes = [_measure_node(measure) for measure in measures]
    nodes += [_clause_node(clause) for clause in clauses] if detail else []
    nodes += [_task_node(task) for task in tasks]
    nodes += _body_nodes(duties)
    links = _links(measures, clauses, tasks, duties, links_of_task, detail=detail)
    edges = edges_by_source([clause.pk for clause in clauses], [task.pk for task in tasks])
    measure_of = {clause_node(clause.pk): f"measure:{clause.measure_id}" for clause in clauses}
    _add_edges(nodes, links, edges, {} if detail else measure_of)
    return Graph(nodes, links, detail)


def _clauses(user: User, only: GraphFilter) -> QuerySet[Clause]:
    rows = visible_clauses(user).order_by("measure__number", "position", "pk")
    if only.measure is not None:
        rows = rows.filter(measure__number=only.measure)
    if only.task is not None:
        rows = rows.filter(key_tasks__number=only.task)
    if only.body:
        named = Responsibility.objects.filter(body__code=only.body, clause__isnull=False)
        rows = rows.filter(pk__in=named.values("clause_id"))
    return rows


def _tasks(user: User, only: GraphFilter) -> QuerySet[KeyTask]:
    rows = visible_tasks(user).order_by("number").prefetch_related("clauses")
    if only.measure is not None:
        rows = rows.filter(clauses__measure__number=only.measure).distinct()
    if only.task is not None:
        rows = rows.filter(number=only.task)
    if only.body:
        named = Responsibility.objects.filter(body__code=only.body, task__isnull=False)
        rows = rows.filter(pk__in=named.values("task_id"))
    return rows


def _measures_by_task(tasks: Sequence[KeyTask]) -> dict[int, list[int]]:
    return {
        task.pk: list(dict.fromkeys(clause.measure_id for clause in task.clauses.all()))
        for task in tasks
    }


def _duties(clauses: Sequence[Clause], tasks: Sequence[KeyTask]) -> list[Responsibility]:
    named = Q(clause__in=[c.pk for c in clauses]) | Q(task__in=[t.pk for t in tasks])
    rows = Responsibility.objects.filter(named).select_related("body", "clause")
    return list(rows.order_by("body__position", "body__code", "pk"))


def _measure_node(measure: Measure) -> Node:
    label = f"{ordinal(measure.number)}{local_name(measure, 'title')}"
    return Node(f"measure:{measure.pk}", "measure", label, measure.url, MEASURE)


def _clause_node(clause: Clause) -> Node:
    url = reverse("policy:clause", args=[clause.code])
    return Node(clause_node(clause.pk), "clause", local_name(clause, "title"), url, CLAUSE)


def _task_node(task: KeyTask) -> Node:
    label = _("Task %(number)d %(title)s") % {
        "number": task.number,
        "title": local_name(task, "title"),
    }
    return Node(task_node(task.pk), "task", label, task.url, TASK)


def _body_nodes(duties: Sequence[Responsibility]) -> list[Node]:
    bodies = {duty.body_id: duty.body for duty in duties}
    return [
        Node(
            f"body:{body.pk}",
            "body",
            local_name(body),
            reverse("policy:body", args=[body.code]),
            BODY,
        )
        for body in bodies.values()
    ]


def _links(
    measures: Sequence[Measure],
    clauses: Sequence[Clause],
    tasks: Sequence[KeyTask],
    duties: Sequence[Responsibility],
    links_of_task: dict[int, list[int]],
    *,
    detail: bool,
) -> list[Link]:
    shown = {measure.pk for measure in measures}
    present = {clause.pk for clause in clauses} if detail else set()
    links = [
        Link(f"measure:{clause.measure_id}", clause_node(clause.pk), "holds")
        for clause in clauses
        if detail
    ]
    for task in tasks:
        said = [clause.pk for clause in task.clauses.all() if clause.pk in present]
        links += [Link(clause_node(clause_id), task_node(task.pk), "same") for clause_id in said]
        if not said:
            links += [
                Link(f"measure:{measure_id}", task_node(task.pk), "holds")
                for measure_id in links_of_task[task.pk]
                if measure_id in shown
            ]
    folded: Counter[tuple[int, int]] = Counter()
    for duty in duties:
        if duty.task_id is not None:
            links.append(_duty_link(task_node(duty.task_id), duty))
        elif detail and duty.clause_id is not None:
            links.append(_duty_link(clause_node(duty.clause_id), duty))
        elif duty.clause is not None:
            folded[duty.clause.measure_id, duty.body_id] += 1
    links += [
        Link(f"measure:{measure_id}", f"body:{body_id}", "named", count=count)
        for (measure_id, body_id), count in folded.items()
    ]
    return links


def _duty_link(source: str, duty: Responsibility) -> Link:
    return Link(source, f"body:{duty.body_id}", "named", role=duty.role)


def _add_edges(
    nodes: list[Node], links: list[Link], edges: dict[str, list[Edge]], folded: dict[str, str]
) -> None:
    """Add what rooms above know, one column further right with each step; `folded` renames sources.

    Edges that start at a part are the map's business: parts are no nodes here.
    """
    column = {node.id: node.column for node in nodes}
    part_prefix = part_node("")
    waiting = [
        (folded.get(source, source), edge)
        for source, group in edges.items()
        if not source.startswith(part_prefix)
        for edge in group
    ]
    seen: set[tuple[str, str]] = set()
    while True:
        ready = [item for item in waiting if item[0] in column]
        waiting = [item for item in waiting if item[0] not in column]
        if not ready:
            return
        for source, edge in ready:
            if edge.to not in column:
                column[edge.to] = max(BODY, column[source]) + 1
                nodes.append(
                    Node(edge.to, edge.kind, edge.label, edge.url, column[edge.to], edge.light)
                )
            if (source, edge.to) not in seen:
                seen.add((source, edge.to))
                links.append(Link(source, edge.to, edge.kind))
