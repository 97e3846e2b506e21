"""Putting the pack together in the order in which its records need each other."""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from . import duties, goals, naming, questions
from .plan import Built, Draft, Files, Head, Plan

_LISTS: Final = {
    "sources.yaml": ("sources",),
    "bodies.yaml": ("bodies",),
    "zones.yaml": ("zones", "neighbours"),
    "indicators.yaml": ("units", "indicators"),
    "targets.yaml": ("targets",),
    "measures.yaml": ("measures",),
    "tasks.yaml": ("goals", "groups", "tasks"),
    "standing_rules.yaml": ("rules",),
    "conflicts.yaml": ("conflicts",),
    "light_rules.yaml": ("rules",),
    "reference.yaml": ("tables",),
    "clusters.yaml": ("clusters",),
    "forms.yaml": ("forms",),
    "validation_rules.yaml": ("rules",),
    "schemes.yaml": ("schemes",),
}


def db_code(prefix: str, code: str) -> str:
    """The code that a record of a pack has in the product.

    >>> db_code("", "m01.c02"), db_code("dalian-", "m01.c02")
    ('m01-c02', 'dalian-m01-c02')
    """
    return prefix + code.replace(".", "-")


def build(plan: Plan, base: Files | None) -> Built:
    """The content of the pack: `base` with what was decided put in, or a new one.

    Building again from the same decisions on what was built before changes nothing but for things
    taken as new; those carry their code as a match then.
    """
    files: Files = copy.deepcopy(base) if base is not None else _fresh(plan.head)
    draft = Draft(plan, files, Built(files))
    prefix = str(files["pack.yaml"].get("prefix") or "")
    _index(draft, prefix)
    naming.bodies(draft)
    duties.parts(draft)
    duties.measures(draft)
    duties.clauses(draft)
    duties.tasks(draft)
    duties.standing_rules(draft)
    goals.targets(draft)
    _serve(draft)
    rows = goals.rows_of_annex(draft)
    questions.conflicts(draft)
    _count(draft, rows)
    if base is None:
        _references(draft)
    draft.built.changed = base is None or files != base
    if base is not None and draft.built.changed:
        files["pack.yaml"]["version"] = _next(str(base["pack.yaml"]["version"]))
    draft.built.codes = {
        key: code if key.startswith("body:") else _in_product(plan, key, prefix, code)
        for key, code in draft.built.codes.items()
    }
    draft.built.origins = dict(_origins(draft))
    return draft.built


def _in_product(plan: Plan, key: str, prefix: str, code: str) -> str:
    known = {item.match for item in (*plan.taken, *plan.open_findings) if item.match}
    return code if code in known else db_code(prefix, code)


def _fresh(head: Head) -> Files:
    """A pack of nothing but its head."""
    files: Files = {name: {key: [] for key in keys} for name, keys in _LISTS.items()}
    files["pack.yaml"] = {
        "id": head.code,
        "title_zh": head.title,
        "title_en": head.title_en or head.code,
        "version": f"{head.year}.1",
        "city": head.city,
        "prefix": head.prefix,
        "document": {
            "title_zh": head.title,
            "title_en": head.title_en or head.code,
            "status": head.status,
            "approved_by": head.approved_by,
            "coordinator": head.coordinator,
            "references": [],
            "parts": [],
        },
        "expected": {},
    }
    files["sources.yaml"]["sources"].append(
        {
            "id": "document",
            "kind": "document",
            "title_zh": head.title,
            "title_en": head.title_en or head.code,
        }
    )
    return files


def _index(draft: Draft, prefix: str) -> None:
    """Find the records of the base by their code in the product."""
    for measure in draft.rows("measures.yaml", "measures"):
        draft.by_code[db_code(prefix, f"m{int(measure['number']):02d}")] = measure
        for clause in measure["clauses"]:
            draft.by_code[db_code(prefix, clause["id"])] = clause
    for task in draft.rows("tasks.yaml", "tasks"):
        draft.by_code[db_code(prefix, f"task-{task['number']}")] = task
    for file, key in (
        ("targets.yaml", "targets"),
        ("standing_rules.yaml", "rules"),
        ("conflicts.yaml", "conflicts"),
    ):
        for row in draft.rows(file, key):
            draft.by_code[db_code(prefix, row["id"])] = row


def _serve(draft: Draft) -> None:
    """A goal beside a task serves the targets stated there."""
    stated: dict[str, list[str]] = {}
    for item in draft.of("target"):
        if item.key in draft.built.codes and item.parent in draft.built.codes:
            stated.setdefault(draft.built.codes[item.parent], []).append(
                draft.built.codes[item.key]
            )
    all_goals = {goal["id"]: goal for goal in draft.rows("tasks.yaml", "goals")}
    served = {t for goal in all_goals.values() for t in goal["targets"]}
    for task in draft.rows("tasks.yaml", "tasks"):
        for target in stated.get(f"task-{task['number']}", ()):
            listed = {*served, *task.get("targets", ())}
            if target not in listed and task["goal"] in all_goals:
                all_goals[task["goal"]]["targets"].append(target)
                served.add(target)


def _count(draft: Draft, rows: int) -> None:
    """A complete reading is what a person accepted."""
    measures = draft.rows("measures.yaml", "measures")
    clauses = [clause for measure in measures for clause in measure["clauses"]]
    groups = Counter(task["group"] for task in draft.rows("tasks.yaml", "tasks"))
    standing = sum(bool(clause.get("standing")) for clause in clauses)
    expected = draft.files["pack.yaml"]["expected"]
    found: dict[str, Any] = {
        "measures": Decimal(len(measures)),
        "clauses": Decimal(len(clauses) - standing),
        "standing_clauses": Decimal(standing),
        "tasks": [Decimal(groups[g["code"]]) for g in draft.rows("tasks.yaml", "groups")],
        "annex1_rows": Decimal(rows),
    }
    if expected != found:
        expected.update(found)


def _references(draft: Draft) -> None:
    """Documents it stands on: those named with issuer, title and number."""
    own = draft.files["pack.yaml"]["document"]["references"]
    for reference in draft.plan.references:
        title, number = str(reference.get("title") or ""), str(reference.get("number") or "")
        issuer = title.partition("关于")[0]
        if title and number and 1 < len(issuer) <= 40 and len(title) <= 200:
            own.append(
                {
                    "number": number,
                    "issuer_zh": issuer,
                    "issuer_en": issuer,
                    "title_zh": title,
                    "title_en": number,
                    "text_seen": False,
                }
            )


def _next(version: str) -> str:
    """The version after this one.

    >>> _next("2026.1"), _next("draft")
    ('2026.2', 'draft.2')
    """
    found = re.fullmatch(r"(.*\.)(\d+)", version)
    return f"{found[1]}{int(found[2]) + 1}" if found else f"{version}.2"


def _origins(draft: Draft) -> Iterator[tuple[str, str]]:
    def walk(value: Any, path: str) -> Iterator[tuple[str, str]]:
        if isinstance(value, dict):
            if id(value) in draft.made:
                yield path, draft.made[id(value)]
            for key, inner in value.items():
                dot = "" if path.endswith("#") else "."
                yield from walk(inner, f"{path}{dot}{key}")
        elif isinstance(value, list):
            for at, inner in enumerate(value):
                yield from walk(inner, f"{path}[{at}]")

    for name, content in draft.files.items():
        yield from walk(content, f"{name}#")
