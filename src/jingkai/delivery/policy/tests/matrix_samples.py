"""Real objects for the permission matrix."""

from __future__ import annotations

from typing import Any

from .factories import ClauseFactory, ConflictFactory, KeyTaskFactory, ResponsibilityFactory


def samples(world: Any) -> dict[str, dict[str, object]]:
    """A document whose clause and key task name the department, and a conflict in it."""
    clause = ClauseFactory()
    document = clause.measure.part.document
    task = KeyTaskFactory(document=document)
    ResponsibilityFactory(clause=clause, body=world.department)
    ResponsibilityFactory(clause=None, task=task, body=world.department)
    by_conflict = {"code": ConflictFactory(document=document).code}
    by_clause, by_task = {"code": clause.code}, {"number": task.number}
    return {
        "policy:measure": {"number": clause.measure.number},
        "policy:clause": by_clause,
        "policy:clause-roles": by_clause,
        "assign_policy_clause_roles": by_clause,
        "policy:task": by_task,
        "policy:task-roles": by_task,
        "assign_policy_task_roles": by_task,
        "policy:body": {"code": world.department.code},
        **{f"policy:{name}": by_conflict for name in ("conflict", "decide", "reopen")},
        **{f"{name}_policy_conflict": by_conflict for name in ("get", "decide", "reopen")},
    }
