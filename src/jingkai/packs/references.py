"""Every code that one record of a pack uses, and whether another record declares it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from . import model as m
from .base import Placed
from .schema import did_you_mean
from .schemes import nodes_of

Note = Callable[..., None]


def reference_mistakes(pack: m.Pack, note: Note) -> None:
    """Every code that one record uses must be declared by another."""
    known: dict[str, Collection[str]] = {
        "body": {b.code for b in pack.bodies},
        "indicator": {i.code for i in pack.indicators},
        "unit": {u.code for u in pack.units},
        "target": {t.id for t in pack.targets},
        "clause": {c.id for c in pack.clauses},
        "source": {s.id for s in pack.sources},
        "part": {p.code for p in pack.document.parts},
        "goal": {g.id for g in pack.goals},
        "task group": {g.code for g in pack.task_groups},
        "target group": {t.group for t in pack.targets},
        "threshold": {f"{t.code}.{row.key}" for t in pack.references for row in t.rows},
    }
    for row, kind, field, code in links(pack):
        if code is not None and code not in known[kind]:
            note(row.at, field, f"There is no {kind} “{code}”.", did_you_mean(code, known[kind]))
    numbers = {measure.number for measure in pack.measures}
    for task in pack.tasks:
        if task.measure not in numbers:
            note(task.at, "measure", f"There is no measure {task.measure}.", "Correct the number.")


def links(pack: m.Pack) -> Iterator[tuple[Placed, str, str, str | None]]:
    def many(
        row: Placed, kind: str, field: str, codes: Iterable[str]
    ) -> Iterator[tuple[Placed, str, str, str | None]]:
        for i, code in enumerate(codes):
            yield row, kind, f"{field}[{i}]", code

    document = pack.document
    yield document, "body", "approved_by", document.approved_by
    yield document, "body", "coordinator", document.coordinator
    for body in pack.bodies:
        yield body, "body", "parent", body.parent
        yield body, "body", "hosted_by", body.hosted_by
        yield from many(body, "body", "members", body.members)
    for zone in pack.zones:
        yield zone, "body", "host", zone.host
        yield zone, "body", "committee", zone.committee
        yield zone, "source", "source", zone.source
        for part in zone.parts:
            yield part, "source", "source", part.source
        for fact in (*zone.facts, *(f for part in zone.parts for f in part.facts)):
            yield fact, "source", "source", fact.source
    for neighbour in pack.neighbours:
        yield neighbour, "body", "host", neighbour.host
        yield neighbour, "source", "source", neighbour.source
    for i in pack.indicators:
        yield i, "unit", "unit", i.unit
        yield i, "body", "responsible", i.responsible
        yield i, "body", "verifying", i.verifying
        if i.formula:
            yield i.formula, "indicator", "numerator", i.formula.numerator
            yield i.formula, "indicator", "denominator", i.formula.denominator
            yield from many(i.formula, "indicator", "terms", i.formula.terms)
    for target in pack.targets:
        yield target, "indicator", "indicator", target.indicator
        yield target, "indicator", "benchmark", target.benchmark
        yield target, "unit", "unit", target.unit
    for measure in pack.measures:
        yield measure, "part", "part", measure.part
        for clause in measure.clauses:
            yield from many(clause, "body", "bodies", clause.bodies)
            yield clause, "body", "lead", clause.lead
            yield from many(clause, "body", "assist", clause.assist)
    for goal in pack.goals:
        yield from many(goal, "target", "targets", goal.targets)
    for task in pack.tasks:
        yield task, "goal", "goal", task.goal
        yield task, "task group", "group", task.group
        yield from many(task, "body", "bodies", task.bodies)
        yield task, "body", "lead", task.lead
        yield from many(task, "body", "assist", task.assist)
        yield from many(task, "clause", "clauses", task.clauses)
        yield from many(task, "target", "targets", task.targets)
        yield from many(task, "indicator", "indicators", task.indicators)
    for rule in pack.standing_rules:
        yield rule, "clause", "from_clause", rule.from_clause
        yield from many(rule, "body", "bodies", rule.bodies)
    for conflict in pack.conflicts:
        yield conflict, "target group", "group", conflict.group
        for s in conflict.statements:
            yield s, "target", "target", s.target
            yield s, "unit", "unit", s.unit
            yield from many(s, "body", "bodies", s.bodies)
        for a in conflict.arithmetic:
            for role, code in a.inputs.items():
                yield a, "target", f"inputs.{role}", code
    for light in pack.light_rules:
        yield light, "source", "source", light.source
        for condition in (c for case in light.cases for c in case.any):
            yield condition, "threshold", "threshold", condition.threshold
    for table in pack.references:
        yield table, "source", "source", table.source
    for form in pack.forms:
        yield form, "body", "body", form.body
        yield form, "source", "source", form.source
        for item in form.items:
            yield item, "indicator", "indicator", item.indicator
            yield item, "body", "verifier", item.verifier
    for check in pack.validation_rules:
        yield check, "source", "source", check.source
    for scheme in pack.schemes:
        yield scheme, "source", "source", scheme.source
        for place, given in enumerate(scheme.exit_rules):
            yield scheme, "source", f"exit_rules[{place}].source", given.get("source")
        for node, __ in nodes_of(scheme):
            yield node, "indicator", "indicator", node.indicator
    for cluster in pack.clusters:
        yield cluster, "source", "source", cluster.source
