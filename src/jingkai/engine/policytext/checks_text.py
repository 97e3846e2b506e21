"""Findings about the drafting: numbers, names, brackets, who does what."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from .bodies import Standing, key_of, near
from .duty import Role
from .model import BodyMention, ClauseText, Finding, Location, Severity, TaskText
from .numerals import ordinal_of
from .reading import Read
from .skeleton import Level

_ZONES: Final = re.compile(
    r"(?:省级(?:及)?以上|国家级|省级|全市|全省|各)?(?:经济(?:技术)?开发区|经开区|开发区)"
)
_FIRST: Final = 12
_COMPARED: Final = 200
"""The most frequent names, with which a rare one is compared."""


def check_text(read: Read) -> Iterator[Finding]:
    """Every finding that needs no arithmetic, in the order of their importance to a reader."""
    yield from _structure(read)
    yield from _numbering(read)
    yield from _radicals(read)
    yield from _brackets(read)
    yield from _leads(read)
    yield from _names(read)
    yield from _coverage(read)
    yield from _tasks_and_clauses(read)
    yield from _groups(read)
    yield from _scopes(read)


def _structure(read: Read) -> Iterator[Finding]:
    reading = read.reading
    if not reading.measures:
        yield Finding("structure_unknown", Severity.HIGH, {"parts": len(reading.parts)})
    elif all(m.part == -1 for m in reading.measures):
        yield Finding("structure_unknown", Severity.MEDIUM, {"parts": 0})
    if not reading.number:
        severity = Severity.INFO if reading.draft else Severity.LOW
        yield Finding("document_number_missing", severity, {})
    if not reading.title:
        yield Finding("title_missing", Severity.LOW, {})
    if reading.measures and not any(c.bodies for m in reading.measures for c in m.clauses):
        yield Finding("no_responsibility", Severity.MEDIUM, {"measures": len(reading.measures)})
    for table in read.tables:
        if table.unclear:
            yield Finding(
                "table_row_unclear",
                Severity.MEDIUM,
                {"cells": len(table.unclear)},
                tuple(_at(read, c.start, c.end) for c in table.unclear[:_FIRST]),
            )


def _at(read: Read, start: int, end: int, place: str = "") -> Location:
    words = read.text.plain[start : min(end, start + 60)]
    return Location(*read.text.span(start, end), words, place)


def _numbering(read: Read) -> Iterator[Finding]:
    skeleton = read.outline
    parts = [p for p in skeleton.parts if p.level == Level.PART and (p.number or p.title)]
    if len(parts) > 1 and parts[0].number is None and parts[0].title and parts[1].number == 2:
        yield Finding(
            "heading_without_number",
            Severity.LOW,
            {"title": parts[0].title, "next": parts[1].printed},
            (_at(read, parts[0].title_start, parts[0].title_end),),
        )
    lines = read.text.lines

    def place(line: int) -> Location:
        return _at(read, lines[line].at, lines[line].end)

    numbers = [(p.number, p.lines[0]) for p in parts if p.number]
    yield from _gaps(numbers, "一、", place)
    runs: list[tuple[int, int]] = []
    for part in skeleton.parts:
        runs += [(h.number, h.line) for h in part.heads if h.level == Level.ITEM and h.number]
    yield from _gaps(runs, "(一)", place)
    articles = [
        (h.number, h.line)
        for p in skeleton.parts
        for h in p.heads
        if h.level == Level.ARTICLE and h.number
    ]
    yield from _gaps(articles, "第一条", place)


def _gaps(
    numbers: Sequence[tuple[int, int]], form: str, place: Callable[[int], Location]
) -> Iterator[Finding]:
    for (before, _line), (number, line) in pairwise(numbers):
        if number == before + 1 or number == 1:
            continue
        kind = "numbering_repeated" if number == before else "numbering_gap"
        yield Finding(
            kind,
            Severity.LOW,
            {"form": form, "before": ordinal_of(before), "number": ordinal_of(number)},
            (place(line),),
        )
    if numbers and numbers[0][0] > 2:
        params = {"form": form, "before": "-", "number": ordinal_of(numbers[0][0])}
        yield Finding("numbering_gap", Severity.LOW, params, (place(numbers[0][1]),))


def _radicals(read: Read) -> Iterator[Finding]:
    text = read.text
    if text.radicals:
        spots = text.radicals[:_FIRST]
        written = "".join(dict.fromkeys(text.original[i] for i in text.radicals))
        codes = " ".join(f"U+{ord(c):04X}" for c in written[:8])
        yield Finding(
            "radical_characters",
            Severity.LOW,
            {"count": len(text.radicals), "codes": codes},
            tuple(Location(i, i + 1, text.original[max(0, i - 4) : i + 5]) for i in spots),
        )


def _brackets(read: Read) -> Iterator[Finding]:
    for place, _start, _end, duty in read.plain_clauses:
        if duty is None:
            continue
        if not duty.closed:
            yield Finding(
                "bracket_not_closed",
                Severity.LOW,
                {},
                (_at(read, duty.start, duty.end, f"clause:{place}"),),
            )
        if str(duty.wording) == "shared" and len(duty.mentions) == 1:
            name = duty.mentions[0].name
            if not name.endswith(("部门", "单位", "地区")) and not name.startswith("各"):
                yield Finding(
                    "single_body_divided",
                    Severity.LOW,
                    {"body": name},
                    (_at(read, duty.start, duty.end, f"clause:{place}"),),
                )
    said: set[frozenset[str]] = set()
    for found in read.reading.standing_rules[:_FIRST]:
        about = frozenset(found.bodies) or frozenset({found.text})
        if about in said:
            continue  # the task list repeats it
        said.add(about)
        yield Finding(
            "standing_rule",
            Severity.MEDIUM,
            {"rule": found.text, "bodies": "、".join(found.bodies)},
            (Location(found.start, found.end, found.text),),
        )


def _leads(read: Read) -> Iterator[Finding]:
    duties = [d for _p, _a, _b, d in read.plain_clauses if d]
    if duties and not any(m.role is Role.LEAD for d in duties for m in d.mentions):
        first = duties[0]
        yield Finding(
            "no_lead_named",
            Severity.HIGH,
            {"brackets": len(duties) - sum(1 for d in duties if d.standing_rule)},
            (_at(read, first.start, first.end),),
        )
        return
    without = [
        (p, d)
        for p, _a, _b, d in read.plain_clauses
        if d and len(d.mentions) > 1 and not any(m.role is Role.LEAD for m in d.mentions)
    ]
    if without:
        yield Finding(
            "brackets_without_lead",
            Severity.MEDIUM,
            {"brackets": len(without), "of": len(duties)},
            tuple(_at(read, d.start, d.end, f"clause:{p}") for p, d in without[:_FIRST]),
        )


def _names(read: Read) -> Iterator[Finding]:
    names = list(read.written)
    forms: dict[str, list[str]] = defaultdict(list)
    everywhere = {n: len(places) for n, places in read.written.items()}
    common = sorted(names, key=lambda n: -everywhere[n])[:_COMPARED]
    for name in names:
        identity = read.registry.identify(name)
        if identity.canonical:
            forms[identity.canonical].append(name)
        if identity.standing is Standing.MISPRINT:
            yield _name_finding(
                read, "name_misprint", Severity.LOW, name, (identity.canonical or "",)
            )
            continue
        frequent = [n for n in common if everywhere[n] > everywhere[name] and n != name]
        if identity.standing is Standing.UNKNOWN:
            close = (
                identity.suggestions or near(key_of(name), frequent) or _completed(name, frequent)
            )
            yield _name_finding(read, "body_unknown", Severity.MEDIUM, name, close)
        elif identity.standing is Standing.GRAMMAR:
            close = tuple(
                n
                for n in near(key_of(name), frequent)
                if sorted(n) == sorted(name) or everywhere[n] >= 3 * everywhere[name]
            )
            if not read.registry.empty:
                close = identity.suggestions or close
                yield _name_finding(read, "body_unknown", Severity.MEDIUM, name, close)
            elif close and sorted(close[0]) == sorted(name):
                yield _name_finding(read, "name_possible_misprint", Severity.MEDIUM, name, close)
    for canonical, written in forms.items():
        kinds = [n for n in dict.fromkeys(written) if f"{read.registry.level}{n}" != canonical]
        if len({key_of(n) for n in kinds}) > 1:
            spots = [read.written[n][0] for n in kinds]
            yield Finding(
                "name_variants",
                Severity.LOW,
                {"body": canonical, "names": "、".join(kinds)},
                tuple(_at(read, m.start, m.end) for m in spots),
            )


def _completed(name: str, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(n for n in names if n.startswith(name) and len(n) <= len(name) + 2)[:3]


def _name_finding(
    read: Read, kind: str, severity: Severity, name: str, close: Sequence[str]
) -> Finding:
    places = read.written[name][:_FIRST]
    return Finding(
        kind,
        severity,
        {"name": name, "suggestions": "、".join(close)},
        tuple(_at(read, m.start, m.end) for m in places),
    )


def _coverage(read: Read) -> Iterator[Finding]:
    reading = read.reading
    bare = [(m.id, c) for m in reading.measures for c in m.clauses if not c.bodies and c.text]
    if bare and any(c.bracket for m in reading.measures for c in m.clauses):
        yield Finding(
            "clause_without_body",
            Severity.MEDIUM,
            {"clauses": len(bare)},
            tuple(Location(c.start, c.end, c.text[:60], f"measure:{i}") for i, c in bare[:_FIRST]),
        )
    lonely = [t for t in reading.tasks if not t.bodies]
    if lonely and len(lonely) < len(reading.tasks):
        yield Finding(
            "task_without_body",
            Severity.MEDIUM,
            {"tasks": len(lonely), "numbers": "、".join(str(t.number) for t in lonely[:_FIRST])},
            tuple(Location(t.start, t.end, t.title[:60], t.place) for t in lonely[:_FIRST]),
        )
    if reading.tasks:
        tasked = {b.canonical or b.name for t in reading.tasks for b in t.bodies}
        named: dict[str, BodyMention] = {}
        for clause in _all_clauses(read):
            for body in clause.bodies:
                named.setdefault(body.canonical or body.name, body)
        idle = [name for name in named if name not in tasked]
        if idle:
            yield Finding(
                "body_without_task",
                Severity.LOW,
                {"bodies": "、".join(idle), "count": len(idle)},
                tuple(Location(named[n].start, named[n].end, n) for n in idle[:_FIRST]),
            )
    numbers = [t.number for t in reading.tasks]
    for before, task in zip(numbers, reading.tasks[1:], strict=False):
        if task.number != before + 1 and task.number != 1:
            yield Finding(
                "numbering_gap",
                Severity.LOW,
                {"form": "1.", "before": str(before), "number": str(task.number)},
                (Location(task.start, task.end, task.title[:40], task.place),),
            )


def _all_clauses(read: Read) -> Iterator[ClauseText]:
    for measure in read.reading.measures:
        yield from measure.clauses


def _grams(text: str) -> set[str]:
    han = re.sub(r"[^一-龥A-Za-z0-9]", "", text)
    return {han[i : i + 3] for i in range(len(han) - 2)}


def _tasks_and_clauses(read: Read) -> Iterator[Finding]:
    """Compare each task with the clause that says the same."""
    clauses = [(m, c, _grams(c.text)) for m in read.reading.measures for c in m.clauses]
    index: dict[str, list[int]] = defaultdict(list)
    for place, (_m, _c, grams) in enumerate(clauses):
        for gram in grams:
            index[gram].append(place)
    for task in read.reading.tasks:
        grams = _grams(task.title)
        votes: dict[int, int] = defaultdict(int)
        for gram in grams:
            places = index.get(gram, ())
            if len(places) <= 20:
                for place in places:
                    votes[place] += 1
        if not votes:
            continue
        best = max(votes, key=lambda p: votes[p] / (len(grams | clauses[p][2]) or 1))
        share = votes[best] / max(1, len(grams))
        if share < 0.6:
            kind = "task_without_clause" if share < 0.35 else "task_text_differs"
            spots: tuple[Location, ...] = (
                Location(task.start, task.end, task.title[:60], task.place),
            )
            if share >= 0.35:
                measure, clause, _own = clauses[best]
                near_by = Location(
                    clause.start, clause.end, clause.text[:60], f"measure:{measure.id}"
                )
                spots = (*spots, near_by)
            yield Finding(kind, Severity.LOW, {"task": task.number}, spots)
            continue
        measure, clause, own = clauses[best]
        yield from _compare(task, clause, measure.id, grams, own)


def _compare(
    task: TaskText, clause: ClauseText, measure: str, grams: set[str], own: set[str]
) -> Iterator[Finding]:
    spots = (
        Location(task.start, task.end, task.title[:60], task.place),
        Location(clause.start, clause.end, clause.text[:60], f"measure:{measure}"),
    )
    one = {b.canonical or b.name for b in task.bodies}
    two = {b.canonical or b.name for b in clause.bodies}
    params = {
        "task": task.number,
        "in_task": "、".join(sorted(one)),
        "in_text": "、".join(sorted(two)),
    }
    if one and clause.bracket is None:
        yield Finding("task_body_without_bracket", Severity.LOW, params, spots)
    elif one != two and one and two:
        less = "、".join(sorted(two - one)) or "-"
        more = "、".join(sorted(one - two)) or "-"
        yield Finding(
            "task_bodies_differ", Severity.MEDIUM, {**params, "missing": less, "added": more}, spots
        )
    if len(grams - own) > 3:
        yield Finding("task_text_differs", Severity.LOW, {"task": task.number}, spots)


def _groups(read: Read) -> Iterator[Finding]:
    for table in read.tables:
        seen: dict[tuple[str, str], int] = {}
        for head in table.groups:
            key = (head.printed, head.title)
            if key in seen:
                yield Finding(
                    "group_repeated",
                    Severity.LOW,
                    {"group": head.printed, "title": head.title, "task": head.before_task},
                    (_at(read, head.start, head.end),),
                )
            seen[key] = head.before_task


def _scopes(read: Read) -> Iterator[Finding]:
    """The text speaks of all zones, the annexes of provincial ones."""
    text = {t.scope for t in read.reading.targets if t.place.startswith("text") and t.scope}
    whole = {s for s in text if s.startswith(("全市", "全省")) and _ZONES.search(s)}
    for _number, title in read.reading.annexes:
        narrow = re.search(
            r"(?:省级(?:及)?以上|国家级)(?:经济(?:技术)?开发区|经开区|开发区)", title
        )
        if narrow and whole:
            target = next(t for t in read.reading.targets if t.scope in whole)
            annex = next(a for a in read.outline.annexes if a.title == title)
            yield Finding(
                "scope_differs",
                Severity.MEDIUM,
                {"text": sorted(whole)[0], "annex": narrow[0]},
                (
                    _at(read, target.start, target.end, target.place),
                    _at(read, annex.start, annex.start + 40),
                ),
            )
            return
