"""What only the whole pack can tell: counts, names, contradictions that nobody recorded."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter

from . import model as m
from . import vocabulary as v
from .figures import PackTarget
from .forms import form_mistakes
from .problems import Problem, Severity
from .reading import match_key
from .references import Note, links, reference_mistakes
from .schema import did_you_mean
from .schemes import scheme_mistakes
from .semantics import indicator_mistakes, target_mistakes
from .validation_rules import rule_mistakes

DIGITS = "零一二三四五六七八九"


def cross_check(pack: m.Pack) -> list[Problem]:
    """Return every mistake that shows only when records are held against each other."""
    problems: list[Problem] = []

    def note(
        at: str, field: str, message: str, remedy: str = "", severity: Severity = Severity.ERROR
    ) -> None:
        file, _, path = at.partition("#")
        inner = f"{path}.{field}" if path and field else path or field
        line = pack.lines.get(f"{file}#{inner}") or pack.lines.get(at, 0)
        problems.append(Problem(file, line, inner, message, remedy, severity))

    for check in (
        _duplicates,
        reference_mistakes,
        _names,
        _indicators,
        _targets,
        _groups,
        _numbering,
        _counts,
        _zones,
        _leads,
        _tasks_against_clauses,
        _conflicts,
        _rules,
        _forms,
        _validation_rules,
        _schemes,
        _unused,
    ):
        check(pack, note)
    return problems


def ordinal(number: int) -> str:
    """Return 1 to 99 in Chinese numerals.

    >>> ordinal(7), ordinal(10), ordinal(19), ordinal(20)
    ('七', '十', '十九', '二十')
    """
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else DIGITS[tens] + "十"
    return head + (DIGITS[ones] if ones else "")


def _duplicates(pack: m.Pack, note: Note) -> None:
    def once(field: str, keys: Iterable[tuple[str, str]]) -> None:
        first: dict[str, str] = {}
        for at, key in keys:
            if first.setdefault(key, at) != at:
                line = pack.lines.get(first[key], 0)
                note(at, field, f"“{key}” stands twice (first in line {line}).", "Rename one.")

    once("code", ((b.at, b.code) for b in pack.bodies))
    once("code", ((u.at, u.code) for u in pack.units))
    once("code", ((i.at, i.code) for i in pack.indicators))
    areas = [(zone.at, zone.code) for zone in pack.zones]
    once("code", (*areas, *((n.at, n.code) for n in pack.neighbours)))
    once("code", ((c.at, c.code) for c in pack.clusters))
    once("code", ((form.at, form.code) for form in pack.forms))
    once("code", ((rule.at, rule.code) for rule in pack.validation_rules))
    once("code", ((g.at, g.code) for g in pack.task_groups))
    once("code", ((p.at, p.code) for p in pack.document.parts))
    once("id", ((s.at, s.id) for s in pack.sources))
    once("id", ((t.at, t.id) for t in pack.targets))
    once("id", ((c.at, c.id) for c in pack.clauses))
    once("id", ((g.at, g.id) for g in pack.goals))
    once("id", ((c.at, c.id) for c in pack.conflicts))
    once("id", ((r.at, r.id) for r in pack.standing_rules))
    once("version", ((t.at, f"{t.code} {t.version}") for t in pack.references))
    once("version", ((r.at, f"{r.id} {r.version}") for r in pack.light_rules))
    for table in pack.references:
        once("key", ((row.at, row.key) for row in table.rows))


def _names(pack: m.Pack, note: Note) -> None:
    """A name, in whatever spelling, leads to one body only."""
    owner: dict[str, m.PackBody] = {}
    for body in pack.bodies:
        owner.setdefault(match_key(body.name_zh), body)
        if owner[match_key(body.name_zh)] is not body:
            other = owner[match_key(body.name_zh)].code
            note(body.at, "name_zh", f"{other} has this name already.", "Rename or merge.")
    for body in pack.bodies:
        for alias in body.aliases:
            key = match_key(alias.name)
            other = owner.setdefault(key, body).code
            if other != body.code:
                note(
                    alias.at,
                    "name",
                    f"“{alias.name}” leads to {other} already.",
                    f"Remove it from {body.code} or from {other}.",
                )
            if alias.valid_from and alias.valid_to and alias.valid_to < alias.valid_from:
                note(alias.at, "to", "The alias ends before it starts.", "Swap the dates.")


def _indicators(pack: m.Pack, note: Note) -> None:
    units = {unit.code: unit for unit in pack.units}
    known = {i.code: i for i in pack.indicators}
    for i in pack.indicators:
        for field, message, remedy in indicator_mistakes(i, units, known):
            note(i.at, field, message, remedy)
    graph = {i.code: set(i.formula.inputs) for i in pack.indicators if i.formula}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        ring = error.args[1]
        where = known.get(ring[0])
        if where:
            note(
                where.at,
                "formula",
                "Formulas run in a circle: " + " → ".join(ring) + ".",
                "Cut it.",
            )


def _targets(pack: m.Pack, note: Note) -> None:
    known = {i.code: i for i in pack.indicators}
    explained = {s.target for c in pack.conflicts for s in c.statements}
    for target in pack.targets:
        for field, message, remedy in target_mistakes(target, known):
            note(target.at, field, message, remedy)
        if (target.status is v.TargetStatus.DISPUTED) and target.id not in explained:
            remedy = "Name it in conflicts.yaml or set status: agreed."
            note(target.at, "status", "Disputed, but no conflict names it.", remedy)
        growing = target.kind is v.TargetKind.AVERAGE_GROWTH
        if growing and target.base_year is None and target.id not in explained:
            remedy = "State base_year, or record a conflict of kind base_unstated."
            note(target.at, "base_year", "A growth rate without a base year.", remedy)


NATURE = {
    v.TargetKind.AVERAGE_GROWTH: "growth",
    v.TargetKind.REDUCTION: "fall",
    v.TargetKind.QUALITATIVE: "quality",
}


def quantity(target: PackTarget) -> tuple[object, ...]:
    """What a statement speaks of, whatever it says about it."""
    nature = NATURE.get(target.kind, "amount")
    if target.kind is v.TargetKind.RELATIVE_TO_BENCHMARK:
        nature = "fall" if target.measured_as is v.MeasuredAs.REDUCTION else "relative"
    return (target.indicator or target.group, target.horizon, nature)


def _groups(pack: m.Pack, note: Note) -> None:
    """Statements of one quantity share a group, and a group that disagrees has a conflict."""
    groups: dict[str, list[PackTarget]] = defaultdict(list)
    first: dict[tuple[object, ...], PackTarget] = {}
    for target in pack.targets:
        groups[target.group].append(target)
        other = first.setdefault(quantity(target), target)
        if other.group != target.group:
            message = f"Speaks of the same quantity as {other.id}, which is in {other.group}."
            note(target.at, "group", message, "Use one group for both.")
    named = [{s.target for s in conflict.statements} for conflict in pack.conflicts]
    for group, targets in groups.items():
        head = targets[0]
        for other in targets[1:]:
            if quantity(other) != quantity(head):
                message = f"Speaks of another quantity than {head.id} in the same group."
                note(other.at, "group", message, "Give it a group of its own.")
                continue
            if _says(other) == _says(head):
                continue
            alike = {t.id for t in targets if _says(t) == _says(head)}
            if not any(other.id in ids and alike & ids for ids in named):
                message = f"{other.id} and {head.id} ({group}) say different things."
                remedy = "Record a conflict that names both, or correct one."
                note(other.at, _difference(other, head), message, remedy)


SAID = ("kind", "value", "unit", "modality", "base_year", "benchmark")


def _says(target: PackTarget) -> tuple[object, ...]:
    return tuple(getattr(target, field) for field in SAID)


def _difference(one: PackTarget, other: PackTarget) -> str:
    return next(field for field in SAID if getattr(one, field) != getattr(other, field))


def _numbering(pack: m.Pack, note: Note) -> None:
    """Measures, clauses and tasks stand in the document's own order, without gaps."""
    spans = {p.code: p.measures for p in pack.document.parts}
    for i, measure in enumerate(pack.measures, start=1):
        if measure.number != i:
            note(measure.at, "number", f"Measure {measure.number} stands in place {i}.", "Reorder.")
        if measure.ordinal_zh != ordinal(measure.number):
            remedy = f"Write {ordinal(measure.number)}."
            note(measure.at, "ordinal_zh", f"This is not the numeral of {measure.number}.", remedy)
        span = spans.get(measure.part, ())
        if span and not span[0] <= measure.number <= span[-1]:
            message = f"Part {measure.part} holds measures {span[0]} to {span[-1]}."
            note(measure.at, "part", message, "Correct part, or the part's measures.")
        for k, clause in enumerate(measure.clauses, start=1):
            wanted = f"m{measure.number:02}.c{k:02}"
            if clause.id != wanted:
                note(clause.at, "id", f"The clause stands in place {wanted}.", f"Write {wanted}.")
    for i, task in enumerate(pack.tasks, start=1):
        if task.number != i:
            note(task.at, "number", f"Task {task.number} stands in place {i}.", "Reorder.")


def _counts(pack: m.Pack, note: Note) -> None:
    expected = pack.expected
    per_group = Counter(task.group for task in pack.tasks)
    rows = {t.place.ref for t in pack.targets if t.place.kind is v.PlaceKind.ANNEX1}
    found: dict[str, object] = {
        "measures": len(pack.measures),
        "clauses": sum(not c.standing for c in pack.clauses),
        "standing_clauses": sum(c.standing for c in pack.clauses),
        "tasks": tuple(per_group[group.code] for group in pack.task_groups),
        "annex1_rows": len(rows),
    }
    for field, count in found.items():
        wanted = getattr(expected, field)
        if count != wanted:
            remedy = "Find what is missing or too many; correct the number only if it is wrong."
            note(expected.at, field, f"{wanted} are expected, {count} found.", remedy)


def _zones(pack: m.Pack, note: Note) -> None:
    bodies = {body.code: body for body in pack.bodies}
    caps = {
        int(t.value)
        for t in pack.targets
        if t.kind is v.TargetKind.CAP
        and t.indicator == "LEADING_INDUSTRIES"
        and t.value is not None
    }
    taken: dict[str, str] = {}
    for zone in pack.zones:
        for field, kind in (("host", v.BodyKind.DISTRICT), ("committee", v.BodyKind.COMMITTEE)):
            body = bodies.get(getattr(zone, field))
            if body and body.kind is not kind:
                note(zone.at, field, f"{body.code} is no {kind}.", f"Name a {kind}.")
        other = taken.setdefault(zone.committee, zone.code)
        if other != zone.code:
            note(zone.at, "committee", f"{zone.committee} runs {other} already.", "Name another.")
        for i in range(min(caps, default=10**6), len(zone.leading_industries)):
            message = f"A zone has at most {min(caps)} leading industries; this is number {i + 1}."
            note(zone.at, f"leading_industries[{i}]", message, "Remove one.")
        for field in ("planned_ha", "controlled_ha", "approved_ha"):
            area = getattr(zone, field)
            if area is not None and area <= 0:
                note(zone.at, field, "An area is more than 0 hectares.", "Correct or remove it.")


def _leads(pack: m.Pack, note: Note) -> None:
    """Who leads is one of those who answer, and a single body; who assists is another of them."""
    groups = {body.code for body in pack.bodies if body.kind is v.BodyKind.GROUP}
    things: list[m.PackClause | m.PackTask] = [*pack.clauses, *pack.tasks]
    for thing in things:
        if thing.lead is not None and thing.lead not in thing.bodies:
            note(thing.at, "lead", f"{thing.lead} is not one of the bodies.", "Add it, or correct.")
        if thing.lead in groups:
            note(thing.at, "lead", f"{thing.lead} is a group and cannot lead.", "Name one body.")
        for place, code in enumerate(thing.assist):
            field = f"assist[{place}]"
            if code not in thing.bodies:
                note(thing.at, field, f"{code} is not one of the bodies.", "Add it, or correct.")
            elif code == thing.lead:
                note(thing.at, field, f"{code} leads and cannot assist.", "Keep one of the two.")


def _tasks_against_clauses(pack: m.Pack, note: Note) -> None:
    """Where annex and text name different bodies, a conflict must say so."""
    clauses = {clause.id: clause for clause in pack.clauses}
    explained = {
        str(s.place)
        for c in pack.conflicts
        if c.kind is v.ConflictKind.RESPONSIBILITY
        for s in c.statements
        if s.bodies
    }
    for task in pack.tasks:
        if f"{v.PlaceKind.ANNEX2}:{task.number}" in explained:
            continue
        if not task.clauses:
            remedy = "Name the clause, or record a conflict of kind responsibility."
            note(task.at, "clauses", "No clause of the text says the same.", remedy)
        linked = [clauses[c].bodies for c in task.clauses if c in clauses]
        if linked and set(task.bodies) != {body for bodies in linked for body in bodies}:
            remedy = "Correct it, or record a conflict of kind responsibility."
            note(task.at, "bodies", "Other bodies than in the clause of the text.", remedy)
        for clause in task.clauses:
            if clause in clauses and not clause.startswith(f"m{task.measure:02}."):
                note(task.at, "measure", f"{clause} belongs to another measure.", "Correct one.")


def _conflicts(pack: m.Pack, note: Note) -> None:
    targets = {t.id: t for t in pack.targets}
    places = {
        v.PlaceKind.ANNEX1: {str(n) for n in range(1, pack.expected.annex1_rows + 1)},
        v.PlaceKind.ANNEX2: {str(task.number) for task in pack.tasks},
        v.PlaceKind.MEASURE: {str(measure.number) for measure in pack.measures},
        v.PlaceKind.CLAUSE: {clause.id for clause in pack.clauses},
        v.PlaceKind.HEADING: {part.code for part in pack.document.parts},
    }
    statements = [s for c in pack.conflicts for s in c.statements]
    placed = [(target.at, target.place) for target in pack.targets]
    placed += [(rule.at, rule.place) for rule in pack.standing_rules]
    placed += [(statement.at, statement.place) for statement in statements]
    for at, place in placed:
        known = places.get(place.kind)
        if known is not None and place.ref not in known:
            note(at, "place", f"The document has no {place}.", did_you_mean(place.ref, known))
    named = {f"{v.PlaceKind.ANNEX2}:{task.number}": task.bodies for task in pack.tasks}
    named |= {f"{v.PlaceKind.CLAUSE}:{clause.id}": clause.bodies for clause in pack.clauses}
    for statement in statements:
        target = targets.get(statement.target or "")
        if target and target.place != statement.place:
            message = f"{target.id} stands at {target.place}, not at {statement.place}."
            note(statement.at, "place", message, f"Write {target.place}.")
        # A statement about a printed name speaks of one body of the list only.
        listed = named.get(str(statement.place))
        if statement.bodies and not statement.written and listed not in (None, statement.bodies):
            message = f"{statement.place} names {', '.join(listed or ())}."
            note(statement.at, "bodies", message, "Say what stands there.")
    for a in (a for c in pack.conflicts for a in c.arithmetic):
        used = [targets[code] for code in a.inputs.values() if code in targets]
        for t in used:
            if t.value is None or t.horizon is None:
                note(a.at, "inputs", f"{t.id} has no value or horizon.", "Use another target.")
        needs_base = a.formula is v.ArithmeticFormula.BASE_FROM_GROWTH
        if needs_base and (
            a.base_year is None or any(t.horizon and t.horizon <= a.base_year for t in used)
        ):
            remedy = "Give a year before the horizon of the targets."
            note(a.at, "base_year", "The base year is missing or too late.", remedy)


def _rules(pack: m.Pack, note: Note) -> None:
    for table in pack.references:
        if table.effective_to and table.effective_to < table.effective_from:
            note(table.at, "effective_to", "The table ends before it starts.", "Swap the dates.")
    for rule in pack.light_rules:
        if rule.otherwise in {case.light for case in rule.cases}:
            note(rule.at, "otherwise", "A case above gives this light already.", "Choose another.")


def _forms(pack: m.Pack, note: Note) -> None:
    for row, field, message, remedy in form_mistakes(pack):
        note(row.at, field, message, remedy)


def _validation_rules(pack: m.Pack, note: Note) -> None:
    for row, field, message, remedy in rule_mistakes(pack):
        note(row.at, field, message, remedy)


def _schemes(pack: m.Pack, note: Note) -> None:
    known = {indicator.code for indicator in pack.indicators}
    for row, field, message, remedy in scheme_mistakes(pack):
        # Who names an unknown indicator was told so with the other references.
        if field != "indicator" or getattr(row, "indicator", None) in known:
            note(row.at, field, message, remedy)


def _unused(pack: m.Pack, note: Note) -> None:
    """A body that nobody names is probably a slip, but harmless."""
    used = {code for _, kind, _, code in links(pack) if kind == "body"}
    kinds = {body.members_kind for body in pack.bodies}
    for body in pack.bodies:
        grouped = body.kind is v.BodyKind.DISTRICT and v.MembersKind.DISTRICT in kinds
        if body.code not in used and not grouped:
            message = f"No clause, task, zone or indicator names {body.code}."
            note(body.at, "code", message, "Remove it or link it.", Severity.WARNING)
