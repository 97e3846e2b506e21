"""Reading the document: each query starts from a `visible_*` queryset and states its cost."""

from .conflicts import (
    ConflictSheet,
    conflict_sheet,
    conflicts_by_place,
    conflicts_for_list,
)
from .document import (
    BodyDuties,
    DocumentMap,
    body_duties,
    candidate_bodies,
    clauses_for_list,
    document_map,
    main_document,
    search,
    tasks_for_list,
    visible_clauses,
    visible_conflicts,
    visible_documents,
    visible_measures,
    visible_tasks,
)
from .graph import Graph, GraphFilter, Node, policy_graph
from .layout import chart_option
from .matrix import Matrix, body_matrix

__all__ = [
    "BodyDuties",
    "ConflictSheet",
    "DocumentMap",
    "Graph",
    "GraphFilter",
    "Matrix",
    "Node",
    "body_duties",
    "body_matrix",
    "candidate_bodies",
    "chart_option",
    "clauses_for_list",
    "conflict_sheet",
    "conflicts_by_place",
    "conflicts_for_list",
    "document_map",
    "main_document",
    "policy_graph",
    "search",
    "tasks_for_list",
    "visible_clauses",
    "visible_conflicts",
    "visible_documents",
    "visible_measures",
    "visible_tasks",
]
