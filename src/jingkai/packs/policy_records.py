"""The policy's own part of a pack as the plain fields that its stores hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jingkai.masterdata.organisations.public import initials_of

from .figures import PackConflict, PackIndicator, PackTarget
from .model import Pack
from .stores import Fields, text_of
from .vocabulary import RuleScope

_STAGES = {"draft": "征求意见稿", "in_force": "现行有效", "repealed": "已废止"}
LAST_HORIZON = 2030  # of goals that name no year: the document's own
_DIRECTIONS = {"up": "higher", "down": "lower", "none": "none"}
_MODES = {"ytd": "ytd", "month": "period", "point": "stock"}
_PRICES = {"constant": "comparable", "current": "current", "none": ""}
_PLACES = {
    "text": "总体要求第{}项",
    "annex1": "附件1第{}行",
    "annex2": "附件2第{}项",
    "measure": "措施{}",
    "clause": "条款{}",
    "heading": "标题{}",
    "closing": "结尾段{}",
    "measures": "各项措施",
}


def slug(code: str) -> str:
    """A pack's code as it stands in addresses: dots become hyphens."""
    return code.replace(".", "-")


def own(pack: Pack, code: str) -> str:
    """The code in the product of a record that is the document's own."""
    return pack.prefix + slug(code)


def place_text(place: Any) -> str:
    """A place of the document in words."""
    return _PLACES[str(place.kind)].format(place.ref)


def place_code(pack: Pack, place: Any) -> str:
    """A place of the document as its room looks it up: `clause:m01-c01`, `annex1:5`."""
    within = own(pack, place.ref) if place.kind == "clause" else slug(place.ref)
    return f"{place.kind}:{within}"


def document_records(pack: Pack) -> Iterator[tuple[str, Fields]]:
    document = pack.document
    yield (
        pack.id,
        {
            "title": document.title_zh,
            "title_en": document.title_en,
            "number": "",
            "issuer": document.approved_by,
            "stage": _STAGES[str(document.status)],
            "version": pack.version,
            "references": [f"{c.title_zh} {c.number}".strip() for c in document.references],
        },
    )


def part_records(pack: Pack) -> Iterator[tuple[str, Fields]]:
    for position, part in enumerate(pack.document.parts):
        yield (
            own(pack, part.code),
            {
                "position": position,
                "title": part.title_zh,
                "title_en": part.title_en,
                "document": pack.id,
            },
        )


def measure_records(pack: Pack) -> Iterator[tuple[str, Fields]]:
    for measure in pack.measures:
        yield (
            own(pack, f"m{measure.number:02d}"),
            {
                "number": measure.number,
                "title": measure.title_zh,
                "title_en": measure.title_en,
                "part": own(pack, measure.part),
            },
        )


def clause_records(pack: Pack) -> Iterator[tuple[str, Fields]]:
    for measure in pack.measures:
        for position, clause in enumerate(measure.clauses):
            yield (
                own(pack, clause.id),
                {
                    "position": position,
                    "title": clause.title_zh,
                    "title_en": clause.title_en,
                    "wording": str(clause.wording),
                    "measure": own(pack, f"m{measure.number:02d}"),
                    "bodies": list(clause.bodies),
                    "lead": clause.lead,
                    "assist": list(clause.assist) or None,
                },
            )


def task_records(pack: Pack) -> Iterator[tuple[str, Fields]]:
    groups = {group.code: (n, group) for n, group in enumerate(pack.task_groups, start=1)}
    goals = {goal.id: goal for goal in pack.goals}
    for task in pack.tasks:
        number, group = groups[task.group]
        goal = goals[task.goal]
        yield (
            own(pack, f"task-{task.number}"),
            {
                "number": task.number,
                "group": number,
                "group_title": group.title_zh,
                "group_title_en": group.title_en,
                "title": task.title_zh,
                "title_en": task.title_en,
                "goal": goal.title_zh,
                "goal_en": goal.title_en,
                "document": pack.id,
                "bodies": list(task.bodies),
                "lead": task.lead,
                "assist": list(task.assist) or None,
                "clauses": sorted(own(pack, c) for c in task.clauses),
            },
        )


def rule_records(pack: Pack) -> Iterator[tuple[str, Fields]]:
    for rule in pack.standing_rules:
        yield (
            own(pack, rule.id),
            {
                "title": rule.title_zh,
                "title_en": rule.title_en,
                "place": place_text(rule.place),
                "binds_tasks": rule.applies_to is RuleScope.ALL_CLAUSES_AND_TASKS,
                "document": pack.id,
                "bodies": sorted(rule.bodies),
            },
        )


def indicator_records(pack: Pack) -> Iterator[tuple[str, Fields]]:
    units = {unit.code: unit for unit in pack.units}
    aimed = {target.indicator for target in pack.targets}
    parts_first = sorted(enumerate(pack.indicators), key=lambda item: item[1].formula is not None)
    for position, indicator in parts_first:
        unit = units[indicator.unit]
        yield indicator.code, _indicator(indicator, position, unit.name_zh, unit.name_en, aimed)
    for position, target in enumerate(_judged_only(pack), start=len(pack.indicators)):
        yield judged_code(pack, target), _judged(target, position)


def _judged_only(pack: Pack) -> list[PackTarget]:
    """Qualitative goals that no number stands for: people judge them."""
    return [target for target in pack.targets if target.indicator is None]


def judged_code(pack: Pack, target: PackTarget) -> str:
    """Code of the indicator that carries a qualitative goal's judgements."""
    return f"JUDGED_{pack.prefix}{target.id.split('.')[-1]}"


def _judged(target: PackTarget, position: int) -> Fields:
    return {
        "name": target.title_zh,
        "name_en": target.title_en,
        "initials": initials_of(target.title_zh),
        "position": position,
        "unit": "定性",
        "unit_en": "qualitative",
        "decimals": 0,
        "direction": "none",
        "frequency": "year",
        "value_mode": "stock",
        "time_aggregation": "never",
        "place_aggregation": "never",
        "price_basis": "",
        "is_headline": False,
        "is_benchmark": False,
        "responsible": None,
        "compiler": None,
        "definition": {
            "definition": "文件未给出数值，由人工研判。",
            "verified": False,
            "numerator": None,
            "denominator": None,
            "denominator_scope": "",
            "multiplier": "1",
            "terms": [],
        },
    }


def _indicator(
    indicator: PackIndicator, position: int, unit: str, unit_en: str, aimed: set[str | None]
) -> Fields:
    formula = indicator.formula
    ratio = formula if formula and formula.type == "ratio" else None
    return {
        "name": indicator.name_zh,
        "name_en": indicator.name_en,
        "initials": initials_of(indicator.name_zh),
        "position": position,
        "unit": unit,
        "unit_en": unit_en,
        "decimals": indicator.decimals,
        "direction": _DIRECTIONS[indicator.direction],
        "frequency": str(indicator.frequency),
        "value_mode": "period"
        if indicator.frequency == "year" and indicator.value_mode == "ytd"
        else _MODES[indicator.value_mode],
        "time_aggregation": "last"
        if indicator.value_mode == "ytd" and indicator.frequency != "year"
        else str(indicator.time_aggregation),
        "place_aggregation": str(indicator.place_aggregation),
        "price_basis": _PRICES[indicator.price_basis],
        "is_headline": indicator.code in aimed and indicator.scope == "zones",
        "is_benchmark": indicator.scope == "city",
        "responsible": indicator.responsible,
        "compiler": indicator.verifying,
        "definition": {
            "definition": indicator.definition_zh,
            "verified": indicator.verified,
            "numerator": ratio.numerator if ratio else None,
            "denominator": ratio.denominator if ratio else None,
            "denominator_scope": "city"
            if ratio and (ratio.denominator or "").startswith("CITY_")
            else "",
            "multiplier": text_of(ratio.scale) if ratio else "1",
            "terms": list(indicator.formula.terms) if indicator.formula else [],
        },
    }


def conflict_records(pack: Pack) -> Iterator[tuple[str, Fields]]:
    units = {unit.code: unit.name_zh for unit in pack.units}
    targets = {target.id: target for target in pack.targets}
    bodies = {body.code: body.name_zh for body in pack.bodies}
    for position, conflict in enumerate(pack.conflicts):
        yield own(pack, conflict.id), _conflict(conflict, position, pack, units, targets, bodies)


def _conflict(
    conflict: PackConflict,
    position: int,
    pack: Pack,
    units: dict[str, str],
    targets: dict[str, PackTarget],
    bodies: dict[str, str],
) -> Fields:
    statements = []
    for index, statement in enumerate(conflict.statements, start=1):
        target = targets.get(statement.target or "")
        value = statement.value if target is None else target.value
        unit = statement.unit if target is None else target.unit
        named = "、".join(bodies[code] for code in statement.bodies)
        text = statement.summary_zh or (target.title_zh if target else "") or statement.written
        statements.append(
            {
                "key": f"s{index}",
                "place": place_code(pack, statement.place),
                "text": "：".join(part for part in (text, named) if part),
                "text_en": statement.summary_en or (target.title_en if target else ""),
                "value": text_of(value),
                "unit": units.get(unit or "", ""),
                "horizon": str(target.horizon or "") if target else "",
                "modality": str(target.modality) if target else "",
                "base_year": target.base_year if target else None,
                "base_note": target.base_note if target else "",
                "target": statement.target and pack.prefix + statement.target,
            }
        )
    used = {code for step in conflict.arithmetic for code in step.inputs.values()}
    return {
        "position": position,
        "kind": str(conflict.kind),
        "title": conflict.title_zh,
        "title_en": conflict.title_en,
        "severity": str(conflict.severity),
        "statements": statements,
        "arithmetic": {
            "inputs": {
                pack.prefix + code: {
                    "value": text_of(targets[code].value),
                    "unit": units.get(targets[code].unit or "", ""),
                    "horizon": targets[code].horizon,
                    "place": place_code(pack, targets[code].place),
                }
                for code in sorted(used)
            },
            "steps": [
                {
                    "id": step.id,
                    "formula": str(step.formula),
                    "base_year": step.base_year,
                    "inputs": {role: pack.prefix + code for role, code in step.inputs.items()},
                    "title": step.title_zh,
                    "title_en": step.title_en,
                }
                for step in conflict.arithmetic
            ],
        }
        if conflict.arithmetic
        else {},
        "document": pack.id,
    }


def target_records(pack: Pack) -> Iterator[tuple[str, Fields]]:
    units = {unit.code: unit.name_zh for unit in pack.units}
    leading = _leading(pack)
    goals = {goal.id: goal.targets for goal in pack.goals}
    conflicts = _conflict_of(pack)
    rates = {
        (t.indicator, t.horizon, t.place): t.value
        for t in pack.targets
        if t.kind == "average_growth"
    }
    served: dict[str, list[str]] = {}
    for task in pack.tasks:
        for target in (*goals[task.goal], *task.targets):
            served.setdefault(target, []).append(own(pack, f"task-{task.number}"))
    for position, aim in enumerate(pack.targets):
        yield (
            own(pack, aim.id),
            {
                "position": position,
                "scope": "EDZ",
                "kind": str(aim.kind),
                "modality": str(aim.modality),
                "value": text_of(aim.value),
                "unit": units.get(aim.unit or "", ""),
                "horizon": str(aim.horizon or LAST_HORIZON),
                "base_year": str(aim.base_year or ""),
                "stated_rate": text_of(rates.get((aim.indicator, aim.horizon, aim.place)))
                if aim.kind == "level"
                else None,
                "agreement": str(aim.status),
                "conflict": conflicts.get(aim.id) if aim.status == "disputed" else None,
                "text": aim.title_zh,
                "text_en": aim.title_en,
                "place": str(aim.place),
                "statement_group": own(pack, aim.group),
                "is_leading": aim.id in leading,
                "indicator": aim.indicator or judged_code(pack, aim),
                "benchmark": aim.benchmark,
                "clause": None,
                "tasks": sorted(set(served.get(aim.id, []))),
            },
        )


_PATH_KINDS = ("level", "share", "floor", "intensity_ratio", "reduction", "relative_to_benchmark")


def _conflict_of(pack: Pack) -> dict[str, str]:
    """For each target the gravest conflict that names it."""
    grave = {"high": 0, "medium": 1, "low": 2}
    found: dict[str, str] = {}
    for conflict in sorted(pack.conflicts, key=lambda c: grave[str(c.severity)]):
        for statement in conflict.statements:
            if statement.target:
                found.setdefault(statement.target, own(pack, conflict.id))
    return found


def _leading(pack: Pack) -> set[str]:
    """For each indicator and horizon the statement that leads its path: in the text before the
    annexes, a level before a rate. A conflict stays open all the same."""
    best: dict[tuple[str, int], tuple[tuple[int, int], str]] = {}
    for target in pack.targets:
        if target.indicator is None or target.horizon is None or target.kind not in _PATH_KINDS:
            continue
        order = (
            _PATH_KINDS.index(str(target.kind)),
            ("text", "annex1", "annex2").index(str(target.place.kind))
            if str(target.place.kind) in ("text", "annex1", "annex2")
            else 3,
        )
        key = (target.indicator, target.horizon)
        if key not in best or order < best[key][0]:
            best[key] = (order, target.id)
    return {code for _order, code in best.values()}
