"""The document as a tree: parts, measures, clauses, bodies, tasks, and what rooms above add."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Model, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.errors import FieldProblem, InvalidInput
from jingkai.core.ui.public import text_condition
from jingkai.masterdata.organisations.public import Body, BodyKind

from .. import rules
from ..models import (
    Clause,
    Conflict,
    Document,
    KeyTask,
    Measure,
    Part,
    Responsibility,
    StandingRule,
)
from ..registry import Edge, clause_node, edges_by_source, part_node, task_node
from .conflicts import conflicts_by_place, place_of

M = TypeVar("M", bound=Model)


def _visible(rows: QuerySet[M], user: User) -> QuerySet[M]:
    return rows if rules.can_read(user) else rows.none()


def visible_documents(user: User) -> QuerySet[Document]:
    """Documents `user` may read: all for officials, none for others."""
    return _visible(Document.objects.all(), user)


def visible_measures(user: User) -> QuerySet[Measure]:
    return _visible(Measure.objects.all(), user)


def visible_clauses(user: User) -> QuerySet[Clause]:
    return _visible(Clause.objects.all(), user)


def visible_tasks(user: User) -> QuerySet[KeyTask]:
    return _visible(KeyTask.objects.all(), user)


def visible_conflicts(user: User) -> QuerySet[Conflict]:
    return _visible(Conflict.objects.all(), user)


def loaded_documents(user: User) -> QuerySet[Document]:
    """Documents whose measures are loaded, in the order in which they came. 1 query."""
    with_measures = Measure.objects.values("part__document_id")
    return visible_documents(user).filter(pk__in=with_measures).order_by("pk")


def main_document(user: User, code: str = "") -> Document | None:
    """The document of `code`, or the one loaded first. 1 query."""
    loaded = loaded_documents(user)
    return (loaded.filter(code=code) if code else loaded).first()


def _duties() -> Prefetch[str]:
    rows = Responsibility.objects.select_related("body", "assigned_actor")
    return Prefetch("responsibilities", queryset=rows.order_by("position", "pk"))


@dataclass(frozen=True, slots=True)
class ClauseRow:
    """A clause with everything that hangs on it."""

    clause: Clause
    duties: list[Responsibility]
    tasks: list[KeyTask]
    edges: list[Edge]
    conflicts: list[Conflict]


@dataclass(frozen=True, slots=True)
class MeasureBlock:
    measure: Measure
    rows: list[ClauseRow]
    conflicts: list[Conflict]  # of the measure itself

    @property
    def tasks(self) -> list[KeyTask]:
        """Key tasks of its clauses, each once, in order."""
        tasks = {task.pk: task for row in self.rows for task in row.tasks}
        return sorted(tasks.values(), key=lambda task: task.number)

    @property
    def all_conflicts(self) -> list[Conflict]:
        """Conflicts of the measure and its clauses, each once."""
        found = {c.pk: c for c in self.conflicts}
        found |= {c.pk: c for row in self.rows for c in row.conflicts}
        return sorted(found.values(), key=lambda conflict: conflict.position)


@dataclass(frozen=True, slots=True)
class PartBlock:
    part: Part
    measures: list[MeasureBlock]
    edges: list[Edge]


@dataclass(frozen=True, slots=True)
class TaskRow:
    task: KeyTask
    duties: list[Responsibility]
    clauses: list[Clause]
    edges: list[Edge]
    conflicts: list[Conflict]


@dataclass(frozen=True, slots=True)
class DocumentMap:
    """The whole document, ready to be shown."""

    document: Document
    parts: list[PartBlock]
    tasks: list[TaskRow]
    rules: list[StandingRule]
    conflicts: list[Conflict]
    others: list[Document]
    """Further documents the reader may open."""

    @property
    def measures(self) -> list[MeasureBlock]:
        return [measure for part in self.parts for measure in part.measures]

    @property
    def clause_count(self) -> int:
        return sum(len(measure.rows) for measure in self.measures)

    @property
    def body_count(self) -> int:
        """Bodies named in a clause or a task."""
        rows = [row for measure in self.measures for row in measure.rows]
        duties = [d for row in rows for d in row.duties] + [d for t in self.tasks for d in t.duties]
        return len({duty.body_id for duty in duties})

    @property
    def open_conflicts(self) -> list[Conflict]:
        return [conflict for conflict in self.conflicts if conflict.state == "open"]


class _Links:
    """Everything that hangs on clauses and tasks, looked up by what it hangs on."""

    def __init__(
        self,
        duties: Sequence[Responsibility],
        same: Sequence[tuple[int, int]],
        edges: dict[str, list[Edge]],
        by_place: dict[str, list[Conflict]],
    ) -> None:
        self.of_clause: defaultdict[int | None, list[Responsibility]] = defaultdict(list)
        self.of_task: defaultdict[int | None, list[Responsibility]] = defaultdict(list)
        for duty in duties:
            rows = self.of_task if duty.task_id is not None else self.of_clause
            rows[duty.task_id or duty.clause_id].append(duty)
        self.tasks_of: defaultdict[int, set[int]] = defaultdict(set)
        self.clauses_of: defaultdict[int, set[int]] = defaultdict(set)
        for task_id, clause_id in same:
            self.tasks_of[clause_id].add(task_id)
            self.clauses_of[task_id].add(clause_id)
        self.edges, self.by_place = edges, by_place

    def clause_row(self, clause: Clause, tasks: list[KeyTask]) -> ClauseRow:
        return ClauseRow(
            clause=clause,
            duties=self.of_clause[clause.pk],
            tasks=tasks,
            edges=self.edges.get(clause_node(clause.pk), []),
            conflicts=self.by_place.get(f"clause:{clause.code}", []),
        )

    def task_row(self, task: KeyTask, clauses: list[Clause]) -> TaskRow:
        return TaskRow(
            task=task,
            duties=self.of_task[task.pk],
            clauses=clauses,
            edges=self.edges.get(task_node(task.pk), []),
            conflicts=self.by_place.get(place_of(task.document_id, f"annex2:{task.number}"), []),
        )


def document_map(*, user: User, code: str = "") -> DocumentMap | None:
    """The map of the document, None when no document is loaded. 10 queries at any size, plus those
    of the edge providers."""
    loaded = list(loaded_documents(user))
    document = next((one for one in loaded if not code or one.code == code), None)
    if document is None:
        return None
    parts = list(document.parts.all())
    measures = list(Measure.objects.filter(part__document=document).order_by("number"))
    in_document = Clause.objects.filter(measure__part__document=document)
    clauses = {clause.pk: clause for clause in in_document.order_by("measure", "position", "pk")}
    tasks = {task.pk: task for task in document.key_tasks.order_by("number")}
    conflicts = list(document.conflicts.all())
    links = _Links(
        _duties_of(document),
        list(
            KeyTask.clauses.through.objects.filter(keytask__in=tasks).values_list(
                "keytask_id", "clause_id"
            )
        ),
        edges_by_source(list(clauses), list(tasks)),
        conflicts_by_place(conflicts),
    )
    rows: defaultdict[int, list[ClauseRow]] = defaultdict(list)
    for pk, clause in clauses.items():
        served = _in_order(tasks, links.tasks_of[pk])
        rows[clause.measure_id].append(links.clause_row(clause, served))
    blocks: defaultdict[int, list[MeasureBlock]] = defaultdict(list)
    for measure in measures:
        named = links.by_place.get(place_of(document.pk, f"measure:{measure.number}"), [])
        blocks[measure.part_id].append(MeasureBlock(measure, rows[measure.pk], named))
    return DocumentMap(
        document=document,
        parts=[
            PartBlock(part, blocks[part.pk], links.edges.get(part_node(part.code), []))
            for part in parts
        ],
        tasks=[
            links.task_row(task, _in_order(clauses, links.clauses_of[pk]))
            for pk, task in tasks.items()
        ],
        rules=list(document.standing_rules.prefetch_related("bodies")),
        conflicts=conflicts,
        others=[one for one in loaded if one.pk != document.pk],
    )


def _in_order(rows: Mapping[int, M], wanted: set[int]) -> list[M]:
    """Those of `rows` that are wanted, in the order of `rows`."""
    return [row for pk, row in rows.items() if pk in wanted] if wanted else []


def _duties_of(document: Document) -> list[Responsibility]:
    mine = Q(clause__measure__part__document=document) | Q(task__document=document)
    rows = Responsibility.objects.filter(mine).select_related("body", "assigned_actor")
    return list(rows.order_by("position", "pk"))


def _with_task_links(tasks: QuerySet[KeyTask]) -> QuerySet[KeyTask]:
    clauses = Clause.objects.select_related("measure").order_by("measure__number", "position")
    links = Prefetch("clauses", queryset=clauses)
    return tasks.order_by("number").prefetch_related(_duties(), links)


def tasks_for_list(*, user: User, tasks: QuerySet[KeyTask] | None = None) -> list[TaskRow]:
    """Key tasks in order, with all that hangs on them. 4 queries and the providers'."""
    visible = visible_tasks(user)
    rows = list(_with_task_links(visible if tasks is None else tasks & visible))
    links = _Links(
        [duty for task in rows for duty in task.responsibilities.all()],
        [],
        edges_by_source([], [task.pk for task in rows]),
        conflicts_by_place(visible_conflicts(user)),
    )
    return [links.task_row(task, list(task.clauses.all())) for task in rows]


def measure_blocks(*, user: User, measures: Sequence[Measure]) -> list[MeasureBlock]:
    """Measures with their clauses, in order. 5 queries and the providers'."""
    clauses = Clause.objects.prefetch_related(
        _duties(), Prefetch("key_tasks", queryset=KeyTask.objects.order_by("number"))
    )
    loaded = list(
        visible_measures(user)
        .filter(pk__in=[measure.pk for measure in measures])
        .select_related("part")
        .prefetch_related(Prefetch("clauses", queryset=clauses))
        .order_by("number")
    )
    rows = [clause for measure in loaded for clause in measure.clauses.all()]
    task_ids = sorted({task.pk for clause in rows for task in clause.key_tasks.all()})
    links = _Links(
        [duty for clause in rows for duty in clause.responsibilities.all()],
        [],
        edges_by_source([clause.pk for clause in rows], task_ids),
        conflicts_by_place(visible_conflicts(user)),
    )
    return [
        MeasureBlock(
            measure,
            [links.clause_row(c, list(c.key_tasks.all())) for c in measure.clauses.all()],
            links.by_place.get(place_of(measure.part.document_id, f"measure:{measure.number}"), []),
        )
        for measure in loaded
    ]


def measure_block(*, user: User, measure: Measure) -> MeasureBlock:
    """One measure `user` may see with its clauses. 5 queries and the providers'."""
    (block,) = measure_blocks(user=user, measures=[measure])
    return block


def clauses_for_list(
    *,
    user: User,
    q: str = "",
    part: str = "",
    measure: str = "",
    body: str = "",
    role: str = "",
) -> QuerySet[Clause]:
    """Clauses in document order, filtered. 3 queries at any length: clauses, bodies, tasks."""
    rows = visible_clauses(user).select_related("measure__part")
    if q := q.strip():
        rows = rows.filter(
            text_condition(q, ("title", "title_en", "sentence", "measure__title"))
            | Q(code__iexact=q)
            | Q(pk__in=_named_for(q))
        )
    if part:
        rows = rows.filter(measure__part__code=part)
    if measure.isdigit():
        rows = rows.filter(measure__number=int(measure))
    if body or role:
        duties = Responsibility.objects.filter(clause__isnull=False)
        duties = duties.filter(body__code=body) if body else duties
        duties = duties.filter(role=role) if role else duties
        rows = rows.filter(pk__in=duties.values("clause_id"))
    tasks = Prefetch("key_tasks", queryset=KeyTask.objects.order_by("number"))
    return rows.prefetch_related(_duties(), tasks).order_by("measure__number", "position", "pk")


def _named_for(q: str) -> QuerySet[Responsibility, int | None]:
    """Clauses of bodies that are called like `q`, by any of their names."""
    named = Q(body__name__icontains=q) | Q(body__name_en__icontains=q)
    named |= Q(body__aliases__name=q) | Q(body__initials__iexact=q)
    return Responsibility.objects.filter(named, clause__isnull=False).values_list(
        "clause_id", flat=True
    )


@dataclass(frozen=True, slots=True)
class BodyDuties:
    """What the document asks of one body."""

    body: Body
    clauses: list[Responsibility]
    tasks: list[Responsibility]
    rules: list[StandingRule]


def body_duties(*, user: User, body: Body) -> BodyDuties:
    """Clauses, key tasks and standing rules that name `body`. 3 queries."""
    duties = Responsibility.objects.filter(body=body).select_related("body", "assigned_actor")
    clauses = duties.filter(clause__in=visible_clauses(user)).select_related("clause__measure")
    tasks = duties.filter(task__in=visible_tasks(user)).select_related("task")
    standing = StandingRule.objects.filter(
        bodies=body, document__in=visible_documents(user)
    ).order_by("code")
    return BodyDuties(
        body,
        list(clauses.order_by("clause__measure__number", "clause__position")),
        list(tasks.order_by("task__number")),
        list(standing),
    )


def candidate_bodies() -> QuerySet[Body]:
    """Bodies that can be given a role today, in protocol order."""
    today = timezone.localdate()
    return Body.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=today), merged_into__isnull=True
    ).exclude(kind=BodyKind.CITY)


def body_ids_by_code(codes: Sequence[str]) -> dict[str, int]:
    """Ids of bodies by code. 1 query. Raises InvalidInput naming the first code that is unknown."""
    wanted = [code for code in codes if code]
    found = dict(Body.objects.filter(code__in=wanted).values_list("code", "pk"))
    for code in wanted:
        if code not in found:
            message = _("There is no body with the code “%(code)s”.") % {"code": code}
            raise InvalidInput(message, problems=[FieldProblem("lead", message, "unknown")])
    return found
