"""Two readings of one document: what changed in targets, tasks, duties, measures and wording.

Pure. A clause that only moved is found again by its words, never told as removed and added.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rapidfuzz import fuzz

from .differing import (
    ADDED,
    CHANGED,
    MOVED,
    REMOVED,
    Change,
    Comparison,
    FieldChange,
    Segment,
    difference,
)
from .matching import nature, plain, quantity_key

Data = Mapping[str, Any]
_PAIRS: Final = 250_000
"""Pairs of clauses that are compared across measures; a longer document is compared within."""


def compare(old: Data, new: Data) -> Comparison:
    """What changed from `old` to `new`, two readings as `engine.policytext.as_data` gives them."""
    measures = _pairs(old["measures"], new["measures"], _measure_likeness, threshold=60)
    clauses = _clause_pairs(old, new, measures)
    wording, duties, same = _clauses(clauses)
    targets = _pairs(old["targets"], new["targets"], _target_likeness(old, new), threshold=55)
    tasks = _pairs(old["tasks"], new["tasks"], _task_likeness, threshold=60)
    told_targets = _told(targets, "target", _target_fields, "indicator", text="clause")
    told_tasks = _tasks(tasks)
    told_measures = _measures(measures)
    return Comparison(
        targets=told_targets,
        tasks=told_tasks,
        duties=[*duties, *_task_duties(tasks)],
        bodies=_bodies(old, new),
        measures=told_measures,
        clauses=wording,
        unchanged={
            "target": len(targets) - len(told_targets),
            "task": len(tasks) - len(told_tasks),
            "measure": len(measures) - len(told_measures),
            "clause": same,
        },
    )


Pair = tuple[Data | None, Data | None]


def _pairs(
    old: Sequence[Data],
    new: Sequence[Data],
    likeness: Callable[[Data, Data], float],
    *,
    threshold: float,
) -> list[Pair]:
    """The best pairs first, each thing once; what is left is removed or added."""
    scored = [
        (points, -j, -i)
        for i, one in enumerate(old)
        for j, other in enumerate(new)
        if (points := likeness(one, other)) >= threshold
    ]
    scored.sort(reverse=True)
    to_new: dict[int, int] = {}
    to_old: dict[int, int] = {}
    for _points, j, i in scored:
        if -i not in to_new and -j not in to_old:
            to_new[-i], to_old[-j] = -j, -i
    removed: list[Pair] = [(one, None) for i, one in enumerate(old) if i not in to_new]
    return [
        *((old[to_old[j]] if j in to_old else None, other) for j, other in enumerate(new)),
        *removed,
    ]


def _span(thing: Data | None) -> tuple[int, int] | None:
    return None if thing is None else (thing["start"], thing["end"])


def _what(old: Data | None, new: Data | None) -> str:
    return ADDED if old is None else REMOVED if new is None else CHANGED


# -- measures and clauses --------------------------------------------------------------------------


def _measure_likeness(one: Data, other: Data) -> float:
    alike = fuzz.ratio(plain(one["title"]), plain(other["title"]))
    if alike == 100:
        return 100.0
    return alike + (8 if one["number"] == other["number"] and alike >= 40 else 0)


def _measures(pairs: Iterable[Pair]) -> list[Change]:
    made = []
    for old, new in pairs:
        here = new or old or {}
        fields: list[FieldChange] = []
        diff: tuple[Segment, ...] = ()
        if old is not None and new is not None:
            if old["number"] != new["number"]:
                fields.append(FieldChange("number", old["printed"], new["printed"]))
            if old["title"] != new["title"]:
                diff = difference(old["title"], new["title"])
            if not fields and not diff:
                continue
        title = str(here["title"])
        made.append(
            Change(
                "measure",
                MOVED if fields and not diff else _what(old, new),
                title,
                str(here["printed"]),
                tuple(fields),
                diff,
                _span(old),
                _span(new),
            )
        )
    return made


def _clause_pairs(old: Data, new: Data, measures: Sequence[Pair]) -> list[tuple[Any, Any, bool]]:
    """(older clause, newer clause, moved). Equal words first, then near ones."""
    one = [_Clause(m, n, c) for m in old["measures"] for n, c in enumerate(m["clauses"], start=1)]
    two = [_Clause(m, n, c) for m in new["measures"] for n, c in enumerate(m["clauses"], start=1)]
    partner = {id(n): id(o) for o, n in measures if o is not None and n is not None}
    found: dict[int, _Clause] = {}
    taken: set[int] = set()

    def couple(newer: _Clause, older: _Clause) -> None:
        found[id(newer)] = older
        taken.add(id(older))

    same: dict[str, list[_Clause]] = {}
    for clause in one:
        same.setdefault(clause.key, []).append(clause)
    for at_home in (True, False):
        for clause in two:
            if id(clause) in found:
                continue
            for other in same.get(clause.key, ()):
                home = partner.get(id(clause.measure)) == id(other.measure)
                if id(other) not in taken and (home or not at_home):
                    couple(clause, other)
                    break
    left_old = [c for c in one if id(c) not in taken]
    left_new = [c for c in two if id(c) not in found]
    for limit, anywhere in ((50, False), (75, True)):
        if anywhere and len(left_old) * len(left_new) > _PAIRS:
            break
        scored = [
            (alike, -j, -i)
            for i, older in enumerate(left_old)
            for j, newer in enumerate(left_new)
            if anywhere or partner.get(id(newer.measure)) == id(older.measure)
            if (alike := fuzz.ratio(older.key, newer.key, score_cutoff=limit)) >= limit
        ]
        for _alike, j, i in sorted(scored, reverse=True):
            newer, older = left_new[-j], left_old[-i]
            if id(newer) not in found and id(older) not in taken:
                couple(newer, older)
        left_old = [c for c in left_old if id(c) not in taken]
        left_new = [c for c in left_new if id(c) not in found]
    made: list[tuple[Any, Any, bool]] = []
    for clause in two:
        before = found.get(id(clause))
        home = before is not None and partner.get(id(clause.measure)) == id(before.measure)
        made.append((before, clause, before is not None and not home))
    return [*made, *((clause, None, False) for clause in left_old)]


@dataclass(slots=True)
class _Clause:
    measure: Data
    number: int
    data: Data

    @property
    def key(self) -> str:
        return plain(self.data["text"])

    @property
    def place(self) -> str:
        return f"clause:{self.measure['id']}.c{self.number:02d}"

    @property
    def title(self) -> str:
        return f"{self.measure['printed']} {self.measure['title']}".strip()


def _clauses(
    pairs: Sequence[tuple[Any, Any, bool]],
) -> tuple[list[Change], list[Change], int]:
    """Changes of wording, changes of duty, and how many clauses are as they were."""
    wording: list[Change] = []
    duties: list[Change] = []
    same = 0
    for old, new, moved in pairs:
        here = new or old
        fields = [FieldChange("measure", old.title, new.title)] if moved else []
        diff: tuple[Segment, ...] = ()
        if old is not None and new is not None:
            if old.key != new.key:
                diff = difference(old.data["text"], new.data["text"])
            duties += _duty(old.data, new.data, here.title, here.place)
            if not diff and not moved:
                same += 1
                continue
        elif new is not None:
            diff = (Segment("insert", new.data["text"]),)
        else:
            diff = (Segment("delete", old.data["text"]),)
        wording.append(
            Change(
                "clause",
                MOVED if moved and not diff else _what(old and old.data, new and new.data),
                here.title,
                here.place,
                tuple(fields),
                diff,
                _span(old and old.data),
                _span(new and new.data),
            )
        )
    return wording, duties, same


def _roles(thing: Data) -> dict[str, str]:
    return {body["canonical"] or body["name"]: body["role"] for body in thing["bodies"]}


def _duty(old: Data, new: Data, title: str, place: str) -> list[Change]:
    """Bodies that were added to a duty or dropped from it, and a lead that changed."""
    before, after = _roles(old), _roles(new)
    fields = [FieldChange("body", name, "") for name in before if name not in after]
    fields += [FieldChange("body", "", name) for name in after if name not in before]
    fields += [
        FieldChange("role", f"{name} {role}", f"{name} {after[name]}")
        for name, role in before.items()
        if name in after and after[name] != role
    ]
    lead = [next((n for n, r in roles.items() if r == "lead"), "") for roles in (before, after)]
    if lead[0] != lead[1]:
        fields.append(FieldChange("lead", lead[0], lead[1]))
    if not fields:
        return []
    return [Change("duty", CHANGED, title, place, tuple(fields), (), _span(old), _span(new))]


# -- targets ---------------------------------------------------------------------------------------


def _target_likeness(old: Data, new: Data) -> Callable[[Data, Data], float]:
    names = {t["indicator"] for data in (old, new) for t in data["targets"]}
    keys = {name: quantity_key(name) for name in names}

    def likeness(one: Data, other: Data) -> float:
        if nature(one["kind"]) != nature(other["kind"]):
            return 0.0
        words: float = fuzz.ratio(keys[one["indicator"]], keys[other["indicator"]])
        if words < 85:
            return 0.0
        kinds = [str(thing["place"]).partition(":")[0] for thing in (one, other)]
        place = kinds[0] == kinds[1]
        points = 20 * bool(one["year"] == other["year"]) + 15 * bool(one["value"] == other["value"])
        return words * 0.4 + points + 20 * place + 5 * bool(one["place"] == other["place"])

    return likeness


_TARGET_FIELDS: Final = (
    "value",
    "high",
    "unit",
    "year",
    "base_year",
    "modality",
    "kind",
    "benchmark",
)


def _target_fields(old: Data, new: Data) -> list[FieldChange]:
    return [
        FieldChange(name, _word(old[name]), _word(new[name]))
        for name in _TARGET_FIELDS
        if _word(old[name]) != _word(new[name])
    ]


def _word(value: Any) -> str:
    return "" if value is None else str(value)


def _told(
    pairs: Iterable[Pair],
    kind: str,
    fields_of: Callable[[Data, Data], list[FieldChange]],
    name: str,
    *,
    text: str,
) -> list[Change]:
    made = []
    for old, new in pairs:
        here = new or old or {}
        fields = fields_of(old, new) if old is not None and new is not None else []
        if old is not None and new is not None and not fields:
            continue
        words = [str(thing[text]) if thing else "" for thing in (old, new)]
        made.append(
            Change(
                kind,
                _what(old, new),
                str(here[name]),
                str(here["place"]),
                tuple(fields),
                difference(*words) if words[0] != words[1] else (),
                _span(old),
                _span(new),
            )
        )
    return made


# -- tasks and bodies ------------------------------------------------------------------------------


def _task_likeness(one: Data, other: Data) -> float:
    alike = fuzz.ratio(plain(one["title"]), plain(other["title"]))
    return alike + (5 if one["number"] == other["number"] and alike >= 50 else 0)


def _task_fields(old: Data, new: Data) -> list[FieldChange]:
    return [
        FieldChange(name, _word(old[name]), _word(new[name]))
        for name in ("number", "group_title", "goal", "deadline")
        if _word(old[name]) != _word(new[name])
    ]


def _tasks(pairs: Iterable[Pair]) -> list[Change]:
    made = []
    for old, new in pairs:
        here = new or old or {}
        fields = _task_fields(old, new) if old is not None and new is not None else []
        words = [str(thing["title"]) if thing else "" for thing in (old, new)]
        differs = plain(words[0]) != plain(words[1])
        if not differs and not fields:
            continue
        moved = not differs and all(field.name == "number" for field in fields)
        made.append(
            Change(
                "task",
                MOVED if moved else _what(old, new),
                f"{here['number']} {str(here['title'])[:40]}",
                str(here["place"]),
                tuple(fields),
                difference(*words) if differs else (),
                _span(old),
                _span(new),
            )
        )
    return made


def _task_duties(pairs: Iterable[Pair]) -> list[Change]:
    return [
        change
        for old, new in pairs
        if old is not None and new is not None
        for change in _duty(old, new, f"{new['number']} {str(new['title'])[:40]}", new["place"])
    ]


def _bodies(old: Data, new: Data) -> list[Change]:
    """Bodies that came into the document, or left it altogether."""
    before = {body["canonical"]: body["count"] for body in old["bodies"]}
    after = {body["canonical"]: body["count"] for body in new["bodies"]}
    made = [Change("body", ADDED, name) for name in after if name not in before]
    made += [Change("body", REMOVED, name) for name in before if name not in after]
    return made
