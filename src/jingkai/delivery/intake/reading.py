"""From a reading to things a person decides about: one item for each body, duty, target, finding.

Pure: takes the plain data of `engine.policytext.as_data`, gives `NewItem`s with the place of each
in the text, and for each the findings that put it in question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from .models import ItemKind

Data = Mapping[str, Any]
READER: Final = "2026.2"
"""Version of the rules that make items of a reading."""

QUESTIONS: Final[Mapping[str, frozenset[str]]] = {
    ItemKind.TARGET: frozenset(
        {
            "bases_disagree",
            "two_values",
            "two_measures",
            "one_value_two_years",
            "parts_disagree",
            "base_unstated",
            "unit_missing",
            "modality_differs",
            "year_unstated",
            "year_past",
        }
    ),
    ItemKind.TASK: frozenset(
        {
            "task_bodies_differ",
            "task_text_differs",
            "task_body_without_bracket",
            "task_without_clause",
            "task_without_body",
        }
    ),
    ItemKind.CLAUSE: frozenset(
        {"clause_without_body", "bracket_not_closed", "single_body_divided"}
    ),
    ItemKind.BODY: frozenset({"body_unknown", "name_possible_misprint", "name_misprint"}),
    ItemKind.MEASURE: frozenset({"numbering_gap", "numbering_repeated", "heading_without_number"}),
}
"""Which findings put which things in question."""
_TITLE: Final = 24
_SPLIT: Final = re.compile(r"[,，。;；、:：]")


@dataclass(slots=True)
class NewItem:
    """A thing read, not stored yet. Offsets are those of the text, end exclusive."""

    kind: str
    key: str
    title: str
    read: dict[str, Any]
    start: int | None = None
    end: int | None = None
    parent: str = ""
    proposal: str = ""
    likeness: int | None = None
    questions: list[str] = field(default_factory=list)


def items_of(data: Data) -> list[NewItem]:
    """Every thing of a reading, in the order a person works through them."""
    items = [
        *_bodies(data),
        *_measures(data),
        *_targets(data),
        *_tasks(data),
        *_standing(data),
        *_findings(data),
    ]
    _distinct(items)
    _question(items)
    return items


def _distinct(items: Sequence[NewItem]) -> None:
    """A number printed twice makes two things: the second gets a key of its own."""
    seen: dict[tuple[str, str], int] = {}
    for item in items:
        count = seen[item.kind, item.key] = seen.get((item.kind, item.key), 0) + 1
        if count > 1:
            item.key = f"{item.key[:150]}#{count}"


def short_title(text: str) -> str:
    """A short title from the words of a sentence: its first phrases, 8 to 24 characters.

    >>> short_title("培育壮大省级特色产业园区,助推经开区产业特色化集群化发展。")
    '培育壮大省级特色产业园区'
    """
    words = re.sub(r"\s|[“”\"《》]", "", text)
    title = ""
    for phrase in _SPLIT.split(words):
        if len(title) >= 8 or (len(title) + len(phrase) > _TITLE and title):
            break
        title += phrase
    return (title or words)[:_TITLE]


def _bodies(data: Data) -> Iterator[NewItem]:
    first: dict[str, tuple[int, int]] = {}
    names: dict[str, str] = {}
    for mention in _mentions(data):
        name = mention["canonical"] or mention["name"]
        span = (mention["start"], mention["end"])
        first[name] = min(first.get(name, span), span)
        names.setdefault(name, mention["name"])
    listed = {body["canonical"]: body for body in data["bodies"]}
    for name, (start, end) in sorted(first.items(), key=lambda item: item[1]):
        body = listed.get(name)
        read = {
            "name": name,
            "aliases": list(body["aliases"]) if body else [],
            "count": body["count"] if body else 1,
            "known": bool(body and body["known"]),
            "as_printed": names[name],
        }
        yield NewItem(ItemKind.BODY, f"body:{name}"[:160], name[:300], read, start, end)


def _mentions(data: Data) -> Iterator[Data]:
    for measure in data["measures"]:
        for clause in measure["clauses"]:
            yield from clause["bodies"]
    for task in data["tasks"]:
        yield from task["bodies"]


def _measures(data: Data) -> Iterator[NewItem]:
    parts = data["parts"]
    for measure in data["measures"]:
        at = measure["part"]
        read = {
            "number": measure["number"],
            "printed": measure["printed"],
            "title": measure["title"],
            "part": parts[at]["title"] if at is not None and at < len(parts) else "",
            "part_at": at,
        }
        end = measure["clauses"][0]["start"] if measure["clauses"] else measure["end"]
        yield NewItem(
            ItemKind.MEASURE,
            measure["id"],
            measure["title"][:300],
            read,
            measure["start"],
            max(end, measure["start"]),
        )
        for number, clause in enumerate(measure["clauses"], start=1):
            yield _clause(measure, number, clause)


def _clause(measure: Data, number: int, clause: Data) -> NewItem:
    bracket = clause["bracket"]
    title = short_title(clause["text"])
    read = {
        "title": title,
        "text": clause["text"],
        "wording": (bracket or {}).get("wording") or "",
        "bodies": [_named(body) for body in clause["bodies"]],
        "deadline": clause["deadline"] or "",
        "standing": bool(clause["standing_rule"]),
        "number": number,
    }
    key = f"{measure['id']}.c{number:02d}"
    return NewItem(
        ItemKind.CLAUSE, key, title, read, clause["start"], clause["end"], parent=measure["id"]
    )


def _named(body: Data) -> dict[str, str]:
    name = body["canonical"] or body["name"]
    return {"name": name, "role": body["role"], "printed": body["name"]}


def _targets(data: Data) -> Iterator[NewItem]:
    kept = (
        *("indicator", "kind", "modality", "comparator", "value", "high", "unit", "year"),
        *("year_stated", "first_year", "base_year", "benchmark", "annual", "scope", "place"),
    )
    for number, target in enumerate(data["targets"], start=1):
        read = {name: target[name] for name in kept}
        read["benchmark"], read["scope"] = target["benchmark"] or "", target["scope"] or ""
        place, _colon, rest = target["place"].partition(":")
        parent = {"annex2": f"task:{rest}", "clause": rest}.get(place, "")
        if place == "measure":
            parent = f"m{int(rest):02d}" if rest.isdigit() else rest
        yield NewItem(
            ItemKind.TARGET,
            f"target:{number}",
            target["indicator"][:300],
            read,
            target["start"],
            target["end"],
            parent=parent,
        )


def _tasks(data: Data) -> Iterator[NewItem]:
    for task in data["tasks"]:
        title = short_title(task["title"])
        read = {
            "number": task["number"],
            "group": task["group"],
            "group_title": task["group_title"],
            "goal": task["goal"],
            "title": title,
            "text": task["title"],
            "bodies": [_named(body) for body in task["bodies"]],
            "deadline": task["deadline"] or "",
            "standing": bool(task["standing_rule"]),
        }
        key = f"task:{task['number']}"
        yield NewItem(ItemKind.TASK, key, title, read, task["start"], task["end"])


def _standing(data: Data) -> Iterator[NewItem]:
    for number, rule in enumerate(data["standing_rules"], start=1):
        read = {"text": rule["text"], "kind": rule["kind"], "bodies": list(rule["bodies"])}
        title = rule["text"][:300]
        yield NewItem(
            ItemKind.STANDING, f"standing:{number}", title, read, rule["start"], rule["end"]
        )


def _findings(data: Data) -> Iterator[NewItem]:
    for number, finding in enumerate(data["findings"], start=1):
        places = finding["locations"]
        first = min(places, key=lambda p: p["start"]) if places else None
        read = {k: finding[k] for k in ("kind", "severity", "params", "locations", "arithmetic")}
        yield NewItem(
            ItemKind.FINDING,
            f"finding:{number}",
            finding["kind"],
            read,
            first["start"] if first else None,
            first["end"] if first else None,
        )


def _question(items: Sequence[NewItem]) -> None:
    """Tie to each thing the findings whose places overlap it."""
    spans: dict[str, list[tuple[int, int, str]]] = {}
    for item in items:
        if item.kind == ItemKind.FINDING and item.read["severity"] != "info":
            spans.setdefault(item.read["kind"], []).extend(
                (place["start"], place["end"], item.key) for place in item.read["locations"]
            )
    for kind, asking in QUESTIONS.items():
        places = sorted(place for name in asking for place in spans.get(name, ()))
        if not places:
            continue
        for item in items:
            if item.kind == kind and item.start is not None and item.end is not None:
                item.questions = sorted(
                    {
                        key
                        for start, end, key in places
                        if start < item.end and item.start < max(end, start + 1)
                    }
                )
    for item in items:
        item.read["questions"] = item.questions
        if item.kind == ItemKind.CLAUSE and not item.read["bodies"]:
            item.read["gap"] = "no_body"
        if item.kind in (ItemKind.CLAUSE, ItemKind.TASK) and several_leads(item.read["bodies"]):
            item.read["gap"] = "two_leads"


def several_leads(bodies: Sequence[Mapping[str, Any]]) -> bool:
    """Whether more than one of the bodies is to lead: a person says which one answers."""
    return [body.get("role") for body in bodies].count("lead") > 1
