"""Conflicts of the pack: what the reader asked and nobody settled, and what the statements say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.utils import translation

from jingkai.engine.policytext import Kind, Target, key_of_quantity

from ..texts import finding_text
from . import reckoning
from .duties import fitted
from .goals import place_of
from .plan import Draft, Taken

_SAID: Final = ("kind", "value", "unit", "modality", "base_year", "benchmark")
_KINDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "two_values": ("contradiction", "两处数值不一", "Two figures"),
    "two_measures": ("contradiction", "两处要求不一", "Bound in two ways"),
    "bases_disagree": ("plausibility", "总量与增速推得基数不一", "Levels and rates disagree"),
    "parts_disagree": ("plausibility", "分项、占比与总量不合", "Parts and whole disagree"),
    "base_unstated": ("base_unstated", "增速未写明基期", "Base of the rate unstated"),
    "one_value_two_years": ("horizon", "同一数值对应两个年份", "One value in two years"),
    "year_unstated": ("horizon", "目标未写明年份", "Year unstated"),
    "year_past": ("horizon", "目标年份已过", "Year has passed"),
    "modality_differs": ("modality", "约束程度表述不一", "Worded differently"),
    "scope_differs": ("scope", "正文与附件范围不一", "Scope differs"),
    "unit_missing": ("unit", "表格行未写单位", "Unit missing"),
    "no_lead_named": ("responsibility", "责任分工均未明确牵头单位", "No lead is named"),
    "brackets_without_lead": ("responsibility", "部分分工未明确牵头单位", "Duties without lead"),
    "no_responsibility": ("responsibility", "各项措施未写责任单位", "No responsible bodies"),
    "task_bodies_differ": ("responsibility", "附件与正文责任单位不一", "Bodies differ"),
    "task_body_without_bracket": ("responsibility", "附件单位在正文无分工", "Body without duty"),
    "task_without_clause": ("responsibility", "附件任务在正文无对应", "Task without clause"),
    "task_without_body": ("responsibility", "任务未写责任单位", "Task without body"),
    "clause_without_body": ("responsibility", "部分措施未写责任单位", "Duty without body"),
    "single_body_divided": ("responsibility", "仅一家却写按职责分工", "One body, divided"),
    "standing_rule": ("responsibility", "一次性写明的普遍责任", "Said once, binds all"),
    "body_unknown": ("naming", "责任单位名称待核实", "Unknown body"),
    "name_misprint": ("naming", "责任单位名称有误", "Misprinted name"),
    "name_possible_misprint": ("naming", "责任单位名称疑似有误", "Possible misprint"),
    "name_variants": ("naming", "同一单位名称写法不一", "One body, several names"),
    "missing_in_annex": ("coverage", "正文目标未列入附件", "Missing in the annex"),
    "missing_in_text": ("coverage", "附件目标未写入正文", "Missing in the text"),
    "body_without_task": ("coverage", "有分工而无重点任务的单位", "Bodies without task"),
    "promise_without_indicator": ("coverage", "目标表述无法量化考核", "Cannot be measured"),
    "implied_denominator": ("plausibility", "比值推得的分母待核实", "Implied denominator"),
    "implied_whole": ("plausibility", "占比推得的总量待核实", "Implied total"),
    "implied_pace": ("plausibility", "两年份间推得增速待核实", "Implied pace"),
}
_OTHER: Final = ("drafting", "文字表述待核实", "Drafting to be checked")
_ONE_QUANTITY: Final = frozenset(
    {
        "two_values",
        "two_measures",
        "bases_disagree",
        "base_unstated",
        "one_value_two_years",
        "modality_differs",
    }
)
"""Findings that compare statements of one quantity with each other."""
_NEVER: Final = frozenset({"document_number_missing", "title_missing", "standing_rule"})


def conflicts(draft: Draft) -> None:
    """Open questions become conflicts; then whatever the pack's checks demand is recorded."""
    kept = draft.of("finding")  # a note of the reader that a person keeps counts like a question
    for finding in (*kept, *draft.plan.open_findings):
        if finding.match:
            draft.built.codes[finding.key] = finding.match
            row = draft.by_code.get(finding.match)
            if row is not None:
                _reckon(draft, finding, row)
        elif finding.data["kind"] not in _NEVER and (
            finding.data["severity"] != "info" or finding in kept
        ):
            _from_finding(draft, finding)
    _contradictions(draft)
    _bases(draft)
    _duties(draft)
    _disputed(draft)


def _rows(draft: Draft) -> list[dict[str, Any]]:
    return draft.rows("conflicts.yaml", "conflicts")


def _add(
    draft: Draft, kind: str, severity: str, title: tuple[str, str], said: list[dict[str, Any]]
) -> dict[str, Any]:
    used = {row["id"] for row in _rows(draft)}
    number = next(n for n in range(1, 100_000) if f"Q{n:02d}" not in used)
    row = {
        "id": f"Q{number:02d}",
        "kind": kind,
        "severity": severity,
        "title_zh": fitted(title[0], "待裁定"),
        "title_en": title[1],
        "statements": said,
    }
    _rows(draft).append(row)
    return row


def _from_finding(draft: Draft, item: Taken) -> None:
    data = item.data
    kind, chinese, english = _KINDS.get(str(data["kind"]), _OTHER)
    subject = str(data["params"].get("indicator") or data["params"].get("body") or "")
    if data["params"].get("task"):
        subject = f"任务{data['params']['task']}"
    title = f"{subject[: 24 - len(chinese)]}{chinese}" if subject else chinese
    said = _statements(draft, item)
    if not said:
        return
    same = {str(s) for s in said}
    for row in _rows(draft):
        if row["kind"] == kind and {str(s) for s in row["statements"]} == same:
            draft.built.codes[item.key] = row["id"]
            _reckon(draft, item, row)
            return
    severity = str(data["severity"])
    row = _add(draft, kind, "low" if severity == "info" else severity, (title, english), said)
    _reckon(draft, item, row)
    draft.made[id(row)] = item.key
    draft.built.codes[item.key] = row["id"]


def _reckon(draft: Draft, item: Taken, row: dict[str, Any]) -> None:
    """Write beside the statements what the reader computed of them, unless a pack says more."""
    if not row.get("arithmetic"):
        made = reckoning.steps(draft, item, [target for _place, target in _spoken(draft, item)])
        if made:
            row["arithmetic"] = made


def _spoken(draft: Draft, item: Taken) -> list[tuple[int, dict[str, Any]]]:
    """The targets a finding speaks of, each with the place among its locations, in their order.

    A place is the very words of a target, or words around some; where one sentence sets several
    quantities, the finding names the one it means.
    """
    rows = {row["id"]: row for row in draft.rows("targets.yaml", "targets")}
    named = key_of(str(item.data["params"].get("indicator") or ""))
    found: list[tuple[int, dict[str, Any]]] = []
    for at, place in enumerate(item.data["locations"]):
        end = max(place["end"], place["start"] + 1)
        near = [t for t in draft.of("target") if place["start"] < t.end and t.start < end]
        near = [t for t in near if (t.start, t.end) == (place["start"], place["end"])] or near
        if item.data["kind"] in _ONE_QUANTITY:
            near = [t for t in near if key_of(str(t.data["indicator"])) == named] or near
        for target in near:
            row = rows.get(draft.built.codes.get(target.key, ""))
            if row is not None and all(row is not other for _at, other in found):
                found.append((at, row))
    return found


def key_of(name: str) -> str:
    """The engine's key of a quantity, from its name alone."""
    return key_of_quantity(Target(name, Kind.LEVEL, 0, 0, ""))


def _statements(draft: Draft, item: Taken) -> list[dict[str, Any]]:
    """One for each target the finding speaks of, one in our own words for each place without."""
    spoken = _spoken(draft, item)
    said: list[dict[str, Any]] = [
        {"place": row["place"], "target": row["id"]} for _at, row in spoken
    ]
    places = item.data["locations"]
    if said:
        heard = {at for at, _row in spoken}
        whole = item.data["kind"] in _ONE_QUANTITY and len(said) == 1
        places = [place for at, place in enumerate(places) if at not in heard] if whole else []
        if not places:
            return said
    with translation.override("zh-hans"):
        chinese = finding_text(str(item.data["kind"]), item.data["params"])
    with translation.override("en"):
        english = finding_text(str(item.data["kind"]), item.data["params"])
    seen: set[str] = set()
    for place in places[:6] or [{"place": None}]:
        where = _where(draft, place)
        if where not in seen:
            seen.add(where)
            said.append({"place": where, "summary_zh": chinese[:40], "summary_en": english[:200]})
    return said


def _where(draft: Draft, place: Mapping[str, Any]) -> str:
    said = str(place.get("place") or "")
    made = place_of(draft, said) if said else "measures:all"
    if made.startswith("annex1:"):
        used = {row["place"] for row in draft.rows("targets.yaml", "targets")}
        return made if made in used else "measures:all"
    return made


def _named(draft: Draft) -> list[set[str]]:
    return [{s["target"] for s in row["statements"] if s.get("target")} for row in _rows(draft)]


def _says(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in _SAID)


def _contradictions(draft: Draft) -> None:
    """Statements of one quantity that say different things stand in one conflict."""
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in draft.rows("targets.yaml", "targets"):
        groups[row["group"]].append(row)
    for rows in groups.values():
        head, named = rows[0], _named(draft)
        alike = {row["id"] for row in rows if _says(row) == _says(head)}
        for other in rows[1:]:
            if _says(other) != _says(head) and not any(
                other["id"] in ids and alike & ids for ids in named
            ):
                same = [row["value"] == head["value"] for row in rows]
                kind = "modality" if all(same) else "contradiction"
                title = f"{head['title_zh'][:17]}各处表述不一"
                _add(
                    draft,
                    kind,
                    "low" if kind == "modality" else "high",
                    (title, "Statements differ"),
                    _of_targets(rows),
                )
                break


def _of_targets(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"place": row["place"], "target": row["id"]} for row in rows]


def _bases(draft: Draft) -> None:
    named = set().union(*_named(draft)) if _rows(draft) else set()
    bare: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in draft.rows("targets.yaml", "targets"):
        growing = row["kind"] == "average_growth" and not row.get("base_year")
        if growing and row["id"] not in named:
            bare[row["group"]].append(row)
    for rows in bare.values():
        title = f"{rows[0]['title_zh'][:17]}未写明基期"
        _add(draft, "base_unstated", "medium", (title, "Base unstated"), _of_targets(rows))


def _duties(draft: Draft) -> None:
    """Where the task list and the text name different bodies, a conflict must say so."""
    clauses = {
        clause["id"]: clause
        for measure in draft.rows("measures.yaml", "measures")
        for clause in measure["clauses"]
    }
    explained = {
        s["place"]
        for row in _rows(draft)
        if row["kind"] == "responsibility"
        for s in row["statements"]
        if s.get("bodies")
    }
    for task in draft.rows("tasks.yaml", "tasks"):
        place = f"annex2:{task['number']}"
        if place in explained:
            continue
        linked = [clauses[code] for code in task["clauses"] if code in clauses]
        named = {body for clause in linked for body in clause["bodies"]}
        if linked and named == set(task["bodies"]):
            continue
        said: list[dict[str, Any]] = [{"place": place, "bodies": list(task["bodies"])}]
        said += [{"place": f"clause:{c['id']}", "bodies": list(c["bodies"])} for c in linked]
        title = f"任务{task['number']}{'责任单位两处不一' if linked else '在正文无对应分工'}"
        _add(draft, "responsibility", "medium", (title, f"Duties of task {task['number']}"), said)


def _disputed(draft: Draft) -> None:
    """A new statement is disputed exactly when a grave conflict names it."""
    grave = {
        s["target"]
        for row in _rows(draft)
        if row["severity"] != "low"
        for s in row["statements"]
        if s.get("target")
    }
    for row in draft.rows("targets.yaml", "targets"):
        if id(row) in draft.made and row["id"] in grave and row["id"].startswith("N"):
            row["status"] = "disputed"
