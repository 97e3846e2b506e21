"""What a thing read may be among what exists. A proposal with a likeness; a person decides.

Pure. Bodies by name or alias, measures by number and title, clauses by measure, bodies, words and
place, targets by indicator, year and nature, tasks by number and words, findings by what they
speak of. Each record is proposed at most once.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeVar

from rapidfuzz import fuzz, process

from jingkai.engine.policytext import Kind, Target, key_of_quantity

from .knowledge import Existing, KnownClause, KnownConflict, KnownTarget, KnownTask
from .models import ItemKind
from .reading import NewItem

R = TypeVar("R")
WORTH: Final = 60
"""Below this likeness nothing is proposed."""
SURE: Final = 90
"""From here on many may be joined at once; below, a person looks at each."""
_NATURES: Final = {
    "average_growth": "growth",
    "growth": "growth",
    "reduction": "fall",
    "relative_to_benchmark": "relative",
    "share": "share",
    "qualitative": "quality",
}
_CONFLICTS: Final[Mapping[str, frozenset[str]]] = {
    "two_values": frozenset({"contradiction"}),
    "two_measures": frozenset({"contradiction"}),
    "bases_disagree": frozenset({"base_unstated", "plausibility"}),
    "base_unstated": frozenset({"base_unstated"}),
    "parts_disagree": frozenset({"contradiction", "plausibility"}),
    "one_value_two_years": frozenset({"horizon"}),
    "modality_differs": frozenset({"modality"}),
    "scope_differs": frozenset({"scope"}),
    "unit_missing": frozenset({"unit"}),
    "year_unstated": frozenset({"horizon"}),
    "no_lead_named": frozenset({"responsibility"}),
    "brackets_without_lead": frozenset({"responsibility"}),
    "task_bodies_differ": frozenset({"responsibility"}),
    "task_body_without_bracket": frozenset({"responsibility"}),
    "task_without_clause": frozenset({"responsibility"}),
    "clause_without_body": frozenset({"responsibility"}),
    "single_body_divided": frozenset({"responsibility"}),
    "name_misprint": frozenset({"naming"}),
    "name_variants": frozenset({"naming"}),
    "name_possible_misprint": frozenset({"naming"}),
    "body_unknown": frozenset({"naming"}),
    "heading_without_number": frozenset({"drafting"}),
    "group_repeated": frozenset({"drafting"}),
    "task_text_differs": frozenset({"drafting"}),
    "missing_in_annex": frozenset({"coverage"}),
    "missing_in_text": frozenset({"coverage"}),
    "body_without_task": frozenset({"coverage"}),
    "promise_without_indicator": frozenset({"coverage"}),
    "implied_denominator": frozenset({"plausibility"}),
    "implied_whole": frozenset({"plausibility"}),
    "implied_pace": frozenset({"plausibility"}),
}


def plain(name: str) -> str:
    """A name without differences of width, brackets and spaces."""
    folded = unicodedata.normalize("NFKC", name)
    return re.sub(r"[\s“”\"'·,，。、;；:：]", "", folded)


def propose(items: Sequence[NewItem], known: Existing) -> None:
    """Set `proposal` and `likeness` of each item that may be something known."""
    bodies = _bodies(items, known)
    by_kind: dict[str, list[NewItem]] = {}
    for item in items:
        by_kind.setdefault(item.kind, []).append(item)
    _pair(
        by_kind.get(ItemKind.MEASURE, ()),
        known.measures,
        lambda item, row: _numbered(item.read["number"], item.title, row.number, row.title),
    )
    _clauses(by_kind, known.clauses, bodies)
    _pair(
        by_kind.get(ItemKind.TASK, ()),
        known.tasks,
        lambda item, row: _task(item, row, bodies),
    )
    _targets(by_kind.get(ItemKind.TARGET, ()), known)
    _pair(
        by_kind.get(ItemKind.STANDING, ()),
        [_Rule(code, title) for code, title in known.standing.items()],
        lambda item, row: 50 + contained(row.title, item.title) // 2,
    )
    _findings(items, known.conflicts)


class _Rule:
    def __init__(self, code: str, title: str) -> None:
        self.code, self.title = code, title


def _pair(items: Iterable[NewItem], rows: Iterable[R], score: Callable[[NewItem, R], int]) -> None:
    """The best pairs first; a record and an item belong to one pair at most."""
    scored = [
        (points, -at, item, row)
        for at, item in enumerate(items)
        for row in rows
        if (points := score(item, row)) >= WORTH
    ]
    scored.sort(key=lambda pair: pair[:2], reverse=True)
    taken: set[str] = set()
    for points, _at, item, row in scored:
        code = str(row.code)  # type: ignore[attr-defined]  # every record has one
        if not item.proposal and code not in taken:
            item.proposal, item.likeness = code, points
            taken.add(code)


def contained(title: str, text: str) -> int:
    """How much of a short title's words stands in a text, 0–100, by pairs of characters.

    >>> contained("省级特色产业园区培育", "培育壮大省级特色产业园区")
    89
    """
    words, within = plain(title), plain(text)
    pairs = [words[i : i + 2] for i in range(len(words) - 1)]
    return round(100 * sum(pair in within for pair in pairs) / len(pairs)) if pairs else 0


def _numbered(number: int | None, title: str, other: int, other_title: str) -> int:
    alike: float = fuzz.ratio(plain(title), plain(other_title))
    return round(alike if number == other else alike * 0.92)


def _bodies(items: Sequence[NewItem], known: Existing) -> dict[str, str]:
    """Propose bodies; the codes that are certain, by name."""
    names = {plain(name): code for name, code in known.bodies.items()}
    certain: dict[str, str] = {}
    for item in items:
        if item.kind != ItemKind.BODY:
            continue
        spelled = [item.read["name"], *item.read["aliases"], item.read["as_printed"]]
        code = next((names[key] for name in spelled if (key := plain(name)) in names), "")
        if code:
            item.proposal, item.likeness = code, 100
            certain[item.read["name"]] = code
        elif near := process.extractOne(
            plain(item.read["name"]), list(names), scorer=fuzz.ratio, score_cutoff=WORTH
        ):
            item.proposal, item.likeness = names[near[0]], min(SURE - 5, round(near[1]))
    return certain


def _codes(item: NewItem, bodies: Mapping[str, str]) -> frozenset[str]:
    named = (body["name"] for body in item.read["bodies"])
    return frozenset(bodies.get(name, name) for name in named)


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 1.0


def _clauses(
    by_kind: Mapping[str, Sequence[NewItem]],
    rows: Sequence[KnownClause],
    bodies: Mapping[str, str],
) -> None:
    """Inside the measure that was recognised."""
    within: dict[str, list[KnownClause]] = {}
    for row in rows:
        within.setdefault(row.measure, []).append(row)
    own: dict[str, list[NewItem]] = {}
    for item in by_kind.get(ItemKind.CLAUSE, ()):
        own.setdefault(item.parent, []).append(item)
    for measure in by_kind.get(ItemKind.MEASURE, ()):
        there = within.get(measure.proposal, [])
        here = own.get(measure.key, [])
        order = {row.code: at for at, row in enumerate(there)}
        place = {item.key: at for at, item in enumerate(here)}

        def score(
            item: NewItem,
            row: KnownClause,
            order: dict[str, int] = order,
            place: dict[str, int] = place,
        ) -> int:
            words = contained(row.title, item.read["text"])
            duty = _overlap(_codes(item, bodies), row.bodies)
            if not item.read["bodies"] and row.bodies:
                return 0
            away = abs(order[row.code] - place[item.key])
            points = 0.5 * max(words, 100 * duty * (away == 0)) + 40 * duty + max(0, 10 - 5 * away)
            return round(min(points, 100))

        _pair(here, there, score)


def _task(item: NewItem, row: KnownTask, bodies: Mapping[str, str]) -> int:
    words = contained(row.title, item.read["text"])
    duty = _overlap(_codes(item, bodies), row.bodies)
    same = item.read["number"] == row.number
    points: float = 0.4 * max(words, 90 if same and duty == 1 else 0) + 35 * duty + 25 * same
    return round(min(points, 100))


def nature(kind: str) -> str:
    """What a target of `kind` speaks of: an amount, growth, a fall, a share …"""
    return _NATURES.get(kind, "amount")


def quantity_key(name: str) -> str:
    """The engine's key of a quantity, from its name alone."""
    return key_of_quantity(Target(plain(name), Kind.LEVEL, 0, 0, ""))


def _targets(items: Iterable[NewItem], known: Existing) -> None:
    here = list(items)
    names = {row.indicator for row in known.targets}
    keys = {name: quantity_key(name) for name in names}
    keys |= {item.read["indicator"]: quantity_key(item.read["indicator"]) for item in here}
    _pair(here, known.targets, lambda item, row: _target(item, row, keys))
    _by_indicator(here, known)


def _target(item: NewItem, row: KnownTarget, keys: Mapping[str, str]) -> int:
    read = item.read
    if nature(read["kind"]) != nature(row.kind):
        return 0
    if row.kind == "qualitative":
        same = bool(read["place"] == row.place)
        return round(0.6 * contained(row.indicator, read["indicator"]) + 55 * same)
    words: float = fuzz.ratio(keys[read["indicator"]], keys[row.indicator])
    if row.kind == "share":
        words = max(words, fuzz.partial_ratio(keys[read["indicator"]], keys[row.indicator]))
    words = max(words, contained(row.indicator, read["indicator"]))
    if words < 50:
        return 0
    # A cap without a year holds always; its horizon in the product is the document's last.
    same_year = str(read["year"] or "") == row.horizon or read["year"] is None
    same_place = bool(read["place"] == row.place)
    value = number(read["value"])
    same_value = value == row.value or (value is not None and value == row.value)
    if not same_year:
        return 0
    return round(0.4 * min(words + 20, 100) + 30 * same_value + 30 * same_place)


def number(text: Any) -> Decimal | None:
    """A figure as read; None for none."""
    if text in (None, ""):
        return None
    try:
        return Decimal(str(text))
    except InvalidOperation:
        return None


def _by_indicator(items: Sequence[NewItem], known: Existing) -> None:
    """For a target that is no known statement: which indicator it is about, if one is near."""
    if not known.indicators:
        return
    keys = {quantity_key(row.name): row.code for row in known.indicators}
    for item in items:
        found = process.extractOne(
            quantity_key(item.read["indicator"]), list(keys), scorer=fuzz.ratio, score_cutoff=75
        )
        item.read["indicator_proposal"] = keys[found[0]] if found else ""


def _findings(items: Sequence[NewItem], conflicts: Sequence[KnownConflict]) -> None:
    """A finding is a known conflict when it is of its kind and speaks of the same statements."""
    targets = [i for i in items if i.kind == ItemKind.TARGET and i.proposal]
    tasks = {f"annex2:{i.read['number']}" for i in items if i.kind == ItemKind.TASK}
    for item in items:
        if item.kind != ItemKind.FINDING or item.read["severity"] == "info":
            continue
        near = [
            target
            for target in targets
            if any(
                place["start"] < (target.end or 0) and (target.start or 0) < place["end"]
                for place in item.read["locations"]
            )
        ]
        # One sentence may set two targets; the finding names the one it means.
        named = quantity_key(str(item.read["params"].get("indicator") or ""))
        meant = [t for t in near if named and quantity_key(t.read["indicator"]) == named]
        spoken = frozenset(target.proposal for target in meant or near)
        places = frozenset(place["place"] for place in item.read["locations"] if place["place"])
        best, code = 0, ""
        for conflict in conflicts:
            if conflict.kind not in _CONFLICTS.get(item.read["kind"], frozenset()):
                continue
            points = _alike(item, spoken, places & tasks, conflict)
            if points > best:
                best, code = points, conflict.code
        if best >= WORTH:
            item.proposal, item.likeness = code, best


def _alike(
    item: NewItem, spoken: frozenset[str], tasks: frozenset[str], conflict: KnownConflict
) -> int:
    if conflict.targets:
        return (
            round(55 + 45 * _overlap(spoken, conflict.targets)) if spoken & conflict.targets else 0
        )
    if tasks & conflict.places:
        return 90
    params = item.read["params"]
    named = [str(params[k]) for k in ("name", "body", "title", "indicator") if params.get(k)]
    if any(name and name in conflict.words for name in named):
        return 85
    if not named and not tasks:
        # Said of the whole document: there is one such conflict of a kind, or none.
        return 70
    return 0
