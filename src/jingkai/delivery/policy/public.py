"""What other rooms may use of policy.

Rooms above add to the document without being imported by it:

- `register_edge_provider("indicators", provide)`: `provide(clause_ids, task_ids)` yields `Edge`s,
  for instance `Edge("target", task_node(7), "target:T2.TRADE", "…", url, "yellow")` and, one step
  on, `Edge("indicator", "target:T2.TRADE", "indicator:TRADE", "…", url)`. Edges that start at
  `part_node("goals")` stand beside that part of the map.
- `on_conflict_decided("indicators", hook)`: `hook(conflict, actor, now)` runs in the transaction of
  each decision *and* of each reopening; `conflict.state` and `conflict.chosen` say which.
- `on_roles_changed("supervision", hook)`: `hook(task_or_clause, actor, now)` likewise after the
  office assigned, or took back, who leads and who assists, and after a pack said so
  (`roles_changed`; `actor` is None where nobody is signed in).
- `register_sentence_source("intake", source)`: `source(user, kind, code)` gives the `Sentence`s
  that say what the record is, newest version first; `kind` is clause, task or target. Every page
  that shows such a record links to `policy:sentence`.
"""

from .arithmetic import WorkedStep, worked_steps
from .models import (
    AssignedBy,
    Clause,
    Conflict,
    ConflictState,
    Document,
    KeyTask,
    Measure,
    Part,
    Responsibility,
    ResponsibilityRole,
    StandingRule,
    Wording,
)
from .numerals import ordinal, place_label, place_url
from .queries import (
    BodyDuties,
    body_duties,
    conflict_sheet,
    visible_clauses,
    visible_conflicts,
    visible_documents,
    visible_measures,
    visible_tasks,
)
from .registry import (
    Edge,
    Sentence,
    clause_node,
    conflict_hooks,
    edge_providers,
    part_node,
    roles_changed,
    roles_hooks,
    sentence_sources,
    task_node,
)
from .rules import can_assign_roles, can_decide_conflict, can_read
from .services import assign_roles, decide_conflict, remove_roles, reopen_conflict

register_edge_provider = edge_providers.register
on_conflict_decided = conflict_hooks.register
on_roles_changed = roles_hooks.register
register_sentence_source = sentence_sources.register

__all__ = [
    "AssignedBy",
    "BodyDuties",
    "Clause",
    "Conflict",
    "ConflictState",
    "Document",
    "Edge",
    "KeyTask",
    "Measure",
    "Part",
    "Responsibility",
    "ResponsibilityRole",
    "Sentence",
    "StandingRule",
    "Wording",
    "WorkedStep",
    "assign_roles",
    "body_duties",
    "can_assign_roles",
    "can_decide_conflict",
    "can_read",
    "clause_node",
    "conflict_sheet",
    "decide_conflict",
    "on_conflict_decided",
    "on_roles_changed",
    "ordinal",
    "part_node",
    "place_label",
    "place_url",
    "register_edge_provider",
    "register_sentence_source",
    "remove_roles",
    "reopen_conflict",
    "roles_changed",
    "task_node",
    "visible_clauses",
    "visible_conflicts",
    "visible_documents",
    "visible_measures",
    "visible_tasks",
    "worked_steps",
]
