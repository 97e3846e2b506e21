"""Parts, measures, clauses, tasks and standing rules of the pack."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from .naming import Named, named_by
from .plan import Draft, Taken

_DIGITS: Final = "零一二三四五六七八九"
_ALIKE: Final = 72
SHORT, LONG = 8, 25


def ordinal(number: int) -> str:
    """1 to 99 in Chinese numerals, as a pack prints a measure's number."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else _DIGITS[tens] + "十"
    return head + (_DIGITS[ones] if ones else "")


def fitted(title: str, before: str, *, low: int = SHORT, high: int = LONG) -> str:
    """A short title of allowed length: `before` is set in front of one that is too short.

    >>> fitted("扩大投资", "稳定增长")
    '稳定增长：扩大投资'
    """
    title = title.strip()
    if len(title) < low:
        title = f"{before}：{title}" if before else title
    if len(title) < low:
        title = f"{title}（按文件要求落实）"
    return title[:high]


def parts(draft: Draft) -> None:
    """The document's parts, for a pack that has none yet."""
    document = draft.files["pack.yaml"]["document"]
    if document["parts"]:
        return
    for number, part in enumerate(draft.plan.parts, start=1):
        title = str(part["title"] or {"closing": "组织实施"}.get(part["kind"], "正文"))
        document["parts"].append(
            {
                "code": f"p{number}",
                "number_zh": str(part["printed"]).rstrip("、.．"),
                "title_zh": title[:40] if len(title) > 1 else f"第{number}部分",
                "title_en": f"Part {number}",
                "measures": [],
            }
        )
    if not document["parts"]:
        document["parts"].append(
            {
                "code": "p1",
                "number_zh": "",
                "title_zh": "正文",
                "title_en": "Text",
                "measures": [],
            }
        )


def measures(draft: Draft) -> None:
    """Measures in order; a joined one keeps its number, a new one goes to the end."""
    rows = draft.rows("measures.yaml", "measures")
    own = draft.files["pack.yaml"]["document"]["parts"]
    for item in draft.of("measure"):
        title = str(item.data["title"])[:40]
        row = draft.by_code.get(item.match) if item.match else None
        if item.match and row is None:
            draft.mistake(item, "match", _("This measure is not in the pack of the document."))
            continue
        if row is None:
            at = item.data.get("part_at")
            part = own[min(at, len(own) - 1)] if isinstance(at, int) and at >= 0 else own[-1]
            if rows:
                # Parts stand in order: a measure cannot lie in an earlier part than the one before.
                codes = [p["code"] for p in own]
                part = own[max(codes.index(part["code"]), codes.index(rows[-1]["part"]))]
            number = len(rows) + 1
            row = {
                "number": number,
                "ordinal_zh": ordinal(number),
                "part": part["code"],
                "title_zh": title if len(title) > 1 else f"第{number}条",
                "title_en": str(item.data.get("title_en") or f"Measure {number}"),
                "clauses": [],
            }
            rows.append(row)
            span = part["measures"]
            part["measures"] = [span[0] if span else number, number]
        elif title and row["title_zh"] != title:
            row["title_zh"] = title
        if item.match and item.data.get("title_en"):
            row["title_en"] = str(item.data["title_en"])
        draft.made[id(row)] = item.key
        draft.built.codes[item.key] = f"m{int(row['number']):02d}"


def clauses(draft: Draft) -> None:
    """Responsibility clauses; a new one goes to the end of its measure."""
    by_key = {item.key: item for item in draft.of("measure")}
    rows = {int(row["number"]): row for row in draft.rows("measures.yaml", "measures")}
    for item in draft.of("clause"):
        named = named_by(draft, item)
        bodies = named.bodies
        if not bodies:
            message = _("No body answers for it. Correct it by naming one, or reject it.")
            draft.mistake(item, "bodies", message)
            continue
        row = draft.by_code.get(item.match) if item.match else None
        if item.match and row is None:
            draft.mistake(item, "match", _("This clause is not in the pack of the document."))
            continue
        if row is None:
            code = draft.built.codes.get(item.parent)
            if code is None:
                message = _("Its measure is not taken over. Accept the measure, or reject this.")
                draft.mistake(item, "parent", message)
                continue
            measure = rows[int(code[1:])]
            count = len(measure["clauses"]) + 1
            before = str(by_key[item.parent].data["title"]) if item.parent in by_key else ""
            row = {
                "id": f"m{int(measure['number']):02d}.c{count:02d}",
                "wording": _wording(item, bodies),
                "bodies": bodies,
                "title_zh": fitted(str(item.data["title"]), before),
                "title_en": str(
                    item.data.get("title_en") or f"Measure {measure['number']}, clause {count}"
                ),
            }
            if item.data.get("standing"):
                row["standing"] = True
            measure["clauses"].append(row)
        else:
            _update(row, item, bodies)
        _roles(row, named)
        draft.made[id(row)] = item.key
        draft.built.codes[item.key] = row["id"]


def _wording(item: Taken, bodies: Sequence[str]) -> str:
    said = str(item.data.get("wording") or "")
    return (
        said if said in ("single", "shared", "etc") else "shared" if len(bodies) > 1 else "single"
    )


def _update(row: dict[str, Any], item: Taken, bodies: list[str]) -> None:
    """What the document says anew; our own short title only when a person wrote another."""
    if row["bodies"] != bodies:
        row["bodies"] = bodies
    if "wording" in row and _wording(item, bodies) != row["wording"]:
        row["wording"] = _wording(item, bodies)
    for field, name in (("title", "title_zh"), ("title_en", "title_en")):
        if field in item.corrected and item.data[field]:
            row[name] = str(item.data[field])


def _roles(row: dict[str, Any], named: Named) -> None:
    """Who leads and who assists, where the document says so; nothing where it does not."""
    for field, said in (("lead", named.lead), ("assist", list(named.assist))):
        if said:
            row[field] = said
        else:
            row.pop(field, None)


def tasks(draft: Draft) -> None:
    """Rows of the task list, with the clause of the text that says the same."""
    rows = draft.rows("tasks.yaml", "tasks")
    texts = [
        (item, draft.built.codes[item.key])
        for item in draft.of("clause")
        if item.key in draft.built.codes
    ]
    for item in draft.of("task"):
        named = named_by(draft, item)
        bodies = named.bodies
        if not bodies:
            message = _("No body answers for it. Correct it by naming one, or reject it.")
            draft.mistake(item, "bodies", message)
            continue
        row = draft.by_code.get(item.match) if item.match else None
        if item.match and row is None:
            draft.mistake(item, "match", _("This task is not in the pack of the document."))
            continue
        if row is None:
            number = len(rows) + 1
            clause = _counterpart(item, texts)
            group = _group(draft, item)
            row = {
                "number": number,
                "group": group["code"],
                "goal": "",
                "title_zh": fitted(str(item.data["title"]), group["title_zh"]),
                "title_en": str(item.data.get("title_en") or f"Task {number}"),
                "bodies": bodies,
                "measure": int(clause[1:3]) if clause else 1,
                "clauses": [clause] if clause else [],
            }
            row["goal"] = _goal(draft, item, group)["id"]
            rows.append(row)
        else:
            _update(row, item, bodies)
        _roles(row, named)
        draft.made[id(row)] = item.key
        draft.built.codes[item.key] = f"task-{row['number']}"


def _counterpart(item: Taken, texts: Sequence[tuple[Taken, str]]) -> str:
    """Id of the clause that says what the task says; "" when none does."""
    said = str(item.data.get("text") or "")
    best, code = 0.0, ""
    for clause, found in texts:
        alike = fuzz.partial_ratio(said, str(clause.data["text"]), score_cutoff=_ALIKE)
        if alike > best:
            best, code = alike, found
    return code


def _group(draft: Draft, item: Taken) -> dict[str, Any]:
    groups = draft.rows("tasks.yaml", "groups")
    title = str(item.data.get("group_title") or item.data.get("group") or "重点任务")[:40]
    for group in groups:
        if group["title_zh"] == title:
            return group
    number = len(groups) + 1
    made = {
        "code": f"g{number}",
        "ordinal_zh": ordinal(number),
        "title_zh": title if len(title) > 1 else f"第{number}组",
        "title_en": f"Group {number}",
    }
    groups.append(made)
    return made


def _goal(draft: Draft, item: Taken, group: dict[str, Any]) -> dict[str, Any]:
    """The goal beside the task: one record for each wording; a group without one has its own."""
    goals = draft.rows("tasks.yaml", "goals")
    words = re.sub(r"[\s“”\"]", "", str(item.data.get("goal") or ""))
    title = (words or f"{group['title_zh']}任务落实")[:LONG]
    title = title if len(title) >= 6 else f"{title}达到预期"
    for goal in goals:
        if goal["title_zh"] == title:
            return goal
    used = {goal["id"] for goal in goals}
    number = next(n for n in range(1, 10_000) if f"G{n}" not in used)
    made = {"id": f"G{number}", "title_zh": title, "title_en": f"Goal {number}", "targets": []}
    goals.append(made)
    return made


def standing_rules(draft: Draft) -> None:
    """What is said once and binds all."""
    rows = draft.rows("standing_rules.yaml", "rules")
    for item in draft.of("standing"):
        row = draft.by_code.get(item.match) if item.match else None
        bodies = named_by(draft, item).bodies
        if row is None and not item.match and item.data.get("kind") != "first_leads":
            same = next((r for r in rows if r["bodies"] == bodies), None)
            if same is None and bodies:
                number = len(rows) + 1
                same = {
                    "id": f"R{number}",
                    "applies_to": "all_clauses_and_tasks",
                    "bodies": bodies,
                    "place": "measures:all",
                    "title_zh": fitted(
                        str(item.data.get("title") or "全部任务均由所列单位落实"), "统一要求"
                    ),
                    "title_en": f"Standing rule {number}",
                }
                rows.append(same)
            row = same
        if row is not None:
            draft.made[id(row)] = item.key
            draft.built.codes[item.key] = row["id"]
