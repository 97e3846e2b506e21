"""From the outline to measures with clauses, and everything else the document says."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from . import annexes, mentions
from .annex import TableReading, Task
from .bodies import Registry, Standing, is_body, levels_of
from .duty import Duty, Mention, Role
from .horizon import Horizon, horizon_of
from .measures import Draft, clauses_of, measures_of, take_closing
from .model import (
    BodyCount,
    BodyMention,
    Bracket,
    ClauseText,
    MeasureText,
    PartText,
    Reading,
    StandingRule,
    TaskText,
)
from .outline import outline
from .prose import stated
from .skeleton import PAST, Level, Outline, Section
from .target import Context, Target
from .targets import read_targets
from .text import Text

_LEAD_FIRST: Final = re.compile(
    r"(?:排|列|居|位列|排列|排序)(?:名)?(?:在|于)?(?:第一|首位|首|最前)[^。\n]{0,12}?(?:牵头|主责|负总责)"
    r"|第一(?:个|家)?(?:责任)?(?:单位|部门)[^。\n]{0,6}(?:牵头|主责)"
)
_OTHERS_ASSIST: Final = re.compile(r"(?:其他|其余|其它)[^。\n]{0,10}(?:配合|协办|参与|协助)")
_AIMS: Final = re.compile(r"目标|指标|愿景")
_NO_GOAL: Final = re.compile(r"思想|原则|思路|定位|要求|依据|范围")


@dataclass(slots=True)
class Read:
    """A reading with the plain offsets the checks need."""

    reading: Reading
    text: Text
    outline: Outline
    registry: Registry
    duties: list[Duty] = field(default_factory=list)
    tables: list[TableReading] = field(default_factory=list)
    standings: dict[str, Standing] = field(default_factory=dict)
    written: dict[str, list[Mention]] = field(default_factory=lambda: defaultdict(list))
    closing: tuple[int, int] | None = None
    plain_clauses: list[tuple[str, int, int, Duty | None]] = field(default_factory=list)
    goals: list[tuple[str, int, int, bool]] = field(default_factory=list)
    """Statements of goals: (place, plain start, plain end, has a number)."""


def read_document(text: Text, registry: Registry) -> Read:
    """Everything but the findings."""
    skeleton = outline(text)
    drafts = measures_of(text, skeleton)
    read = Read(Reading(), text, skeleton, registry)
    for draft in drafts:
        draft.clauses = list(clauses_of(text, draft.section))
        if not any(duty for _a, _b, duty in draft.clauses):
            draft.clauses = [(a, b, stated(text, a, b)) for a, b, _none in draft.clauses]
    read.closing = take_closing(text, drafts)
    tables = [(0, t) for t in skeleton.tables]
    for place, annex in enumerate(skeleton.annexes, start=1):
        tables += [(annex.number or place, t) for t in annex.tables]
    tasks: list[Task] = []
    for number, table in tables:
        spot = f"annex{number}" if number else "table"
        found = annexes.read_table(
            text, table, number, spot, len(tasks) + 1, skeleton.year, horizon_of(skeleton.title)
        )
        read.tables.append(found)
        tasks += found.tasks
    read.duties = [d for draft in drafts for _a, _b, d in draft.clauses if d]
    _apply_rules(read, [*read.duties, *(t.duty for t in tasks if t.duty)])
    everyone = [m.name for d in read.duties for m in d.mentions]
    everyone += [m.name for t in tasks if t.duty for m in t.duty.mentions]
    registry.level = levels_of(everyone)
    _fill(read, drafts, tasks)
    _targets(read, drafts)
    return read


# -- measures ---------------------------------------------------------------------------------


# -- clauses ----------------------------------------------------------------------------------


# -- rules that hold for many -----------------------------------------------------------------


def _apply_rules(read: Read, duties: Sequence[Duty]) -> None:
    """First-leads rules, wherever they stand, give the first body of each list the lead."""
    plain, text = read.text.plain, read.text
    inside = [d for d in duties if d.standing_rule]
    for duty in inside:
        kind = "first_leads" if duty.lead_first else "implements"
        names = tuple(_names_in(duty.standing_rule))
        span = text.span(duty.start, duty.end)
        read.reading.standing_rules.append(StandingRule(duty.standing_rule, kind, names, *span))
    since: int | None = min((d.start for d in inside if d.lead_first), default=None)
    assist = any(d.lead_first and _OTHERS_ASSIST.search(d.standing_rule) for d in inside)
    for found in _LEAD_FIRST.finditer(plain):
        if any(d.start <= found.start() < d.end for d in inside):
            continue
        begin = max(plain.rfind("。", 0, found.start()), plain.rfind("\n", 0, found.start())) + 1
        stop = plain.find("。", found.end())
        stop = min(x for x in (stop, found.end() + 60, len(plain)) if x > 0)
        words = plain[begin:stop].split("\n")[0]
        read.reading.standing_rules.append(
            StandingRule(words, "first_leads", (), *text.span(begin, begin + len(words)))
        )
        since = 0
        assist = assist or bool(_OTHERS_ASSIST.search(words))
        break
    if since is None:
        return
    for duty in duties:
        if duty.start < since or any(m.role is not Role.UNSPECIFIED for m in duty.mentions):
            continue
        duty.mentions = [
            Mention(
                m.name,
                m.start,
                m.end,
                Role.LEAD if i == 0 else Role.ASSIST if assist else Role.UNSPECIFIED,
            )
            for i, m in enumerate(duty.mentions)
        ]


def _names_in(rule: str) -> Iterator[str]:
    words = re.sub(r"^.*?(?:均需|均须|均由|均涉及|由)", "", rule)
    for piece in re.split(r"[、,]|和(?=各)", words):
        name = re.sub(r"(?:负责)?(?:落实|负责|实施|配合|推进)+$", "", piece)
        if is_body(name):
            yield name


# -- filling the reading ----------------------------------------------------------------------


def _fill(read: Read, drafts: Sequence[Draft], tasks: Sequence[Task]) -> None:
    reading, text, skeleton = read.reading, read.text, read.outline
    reading.title, reading.number, reading.issuer = skeleton.title, skeleton.number, skeleton.issuer
    reading.draft, reading.year = skeleton.draft, skeleton.year
    reading.registry = not read.registry.empty
    counts = Counter(d.part for d in drafts)
    for index, part in enumerate(skeleton.parts):
        kind = "measures" if counts[index] else "general"
        end = part.end if read.closing is None else min(part.end, max(read.closing[0], part.start))
        reading.parts.append(
            PartText(
                *(part.number, part.printed, part.title, kind),
                *text.span(part.start, end),
                counts[index],
            )
        )
    if read.closing:
        reading.parts.append(PartText(None, "", "", "closing", *text.span(*read.closing)))
    for place, draft in enumerate(drafts, start=1):
        section = draft.section
        number = section.number
        clauses = [_clause(read, *clause) for clause in draft.clauses]
        reading.measures.append(
            MeasureText(
                f"m{place:02d}",
                number,
                re.sub(r"^[(]|[、.):]+$", "", section.printed),
                section.title,
                draft.part,
                *text.span(section.start, section.end),
                tuple(clauses),
            )
        )
        for order, (a, b, duty) in enumerate(draft.clauses, start=1):
            read.plain_clauses.append((f"m{place:02d}.c{order:02d}", a, b, duty))
    for task in tasks:
        bodies = _bodies(read, task.duty) if task.duty else ()
        reading.tasks.append(
            TaskText(
                task.number,
                task.group,
                task.group_title,
                task.goal,
                task.title,
                bodies,
                *text.span(task.start, task.end),
                task.deadline or (task.duty.deadline if task.duty else ""),
                task.duty.standing_rule if task.duty else "",
                task.annex,
                f"annex{task.annex}:{task.number}" if task.annex else f"table:{task.number}",
            )
        )
    by: dict[str, Counter[str]] = defaultdict(Counter)
    known: dict[str, bool] = {}
    for name, places in read.written.items():
        identity = read.registry.identify(name)
        canonical = identity.canonical or name
        by[canonical][name] += len(places)
        sure = identity.standing not in (Standing.UNKNOWN, Standing.GRAMMAR)
        known[canonical] = known.get(canonical, False) or sure
    reading.bodies = sorted(
        (
            BodyCount(c, tuple(n for n in names if n != c), names.total(), known[c])
            for c, names in by.items()
        ),
        key=lambda b: (-b.count, b.canonical),
    )
    reading.references = mentions.references(text)
    reading.programmes = mentions.programmes(text)
    reading.deadlines = mentions.deadlines(text)
    reading.annexes = [(a.number, a.title) for a in skeleton.annexes]


def _clause(read: Read, start: int, end: int, duty: Duty | None) -> ClauseText:
    text = read.text
    words = text.plain[start:end].replace("\n", "").strip()
    if duty is None:
        return ClauseText(words, *text.span(start, end))
    if duty.prose:
        return ClauseText(words, *text.span(start, end), _bodies(read, duty))
    span = text.span(duty.start, duty.end)
    bracket = Bracket(*span, text.plain[duty.start : duty.end], str(duty.wording), duty.closed)
    whole = text.span(min(start, duty.start), max(end, duty.end))
    return ClauseText(
        words, *whole, _bodies(read, duty), bracket, duty.standing_rule, duty.deadline
    )


def _bodies(read: Read, duty: Duty) -> tuple[BodyMention, ...]:
    made = []
    for mention in duty.mentions:
        identity = read.registry.identify(mention.name)
        read.standings[mention.name] = identity.standing
        read.written[mention.name].append(mention)
        span = read.text.span(mention.start, mention.end)
        made.append(BodyMention(mention.name, identity.canonical, mention.role, *span))
    return tuple(made)


# -- targets ----------------------------------------------------------------------------------


def _targets(read: Read, drafts: Sequence[Draft]) -> None:
    text, skeleton = read.text, read.outline
    plain, found = text.plain, read.reading.targets
    of_part: dict[int, list[tuple[int, Draft]]] = defaultdict(list)
    for place, draft in enumerate(drafts, start=1):
        of_part[draft.part].append((place, draft))
    year = skeleton.year
    whole = horizon_of(skeleton.title)
    preamble = [
        (line.at, line.end) for line in text.lines[: _first_line(skeleton)] if not line.cell
    ]
    yearly = whole if whole is not None and whole.yearly else None
    found += read_targets(plain, preamble, Context(doc_year=year, horizon=yearly), "preamble")
    for index, part in enumerate(skeleton.parts):
        if PAST.search(part.title):
            continue
        inside = {d.section.start for _n, d in of_part[index]}
        found += _general_targets(read, index, part, inside, horizon_of(part.title) or whole)
    for place, draft in enumerate(drafts, start=1):
        spans = _with_title(plain, draft.section)
        above = skeleton.parts[draft.part].title if draft.part >= 0 else ""
        goals = bool(_AIMS.search(draft.section.title))
        horizon = horizon_of(above) or whole
        if horizon and not (horizon.yearly or goals or _AIMS.search(above)):
            horizon = None  # a plan's last year is due for its goals, not for all its works
        context = Context(doc_year=year, goals=goals, horizon=horizon)
        found += read_targets(plain, spans, context, f"measure:{place}")
    for table in read.tables:
        found += table.targets
    found.sort(key=lambda t: t.start)


def _with_title(plain: str, section: Section) -> list[tuple[int, int]]:
    """The paragraphs of a measure, the words of its heading included."""
    if not section.body:
        return [(section.title_start, section.title_end)]
    (start, end), *others = section.body
    if plain.find("\n", section.title_start, start) < 0:
        return [(section.title_start, end), *others]
    return [(section.title_start, section.title_end), (start, end), *others]


def _first_line(skeleton: Outline) -> int:
    return skeleton.parts[0].lines[0] if skeleton.parts else 0


def _general_targets(
    read: Read, index: int, part: Section, measures: set[int], horizon: Horizon | None
) -> list[Target]:
    """Targets of a part's paragraphs that belong to no measure."""
    text, plain = read.text, read.text.plain
    found: list[Target] = []
    if part.start in measures:  # the part is a measure itself
        return found
    goals = part.general or bool(_AIMS.search(part.title))
    whole = horizon
    if horizon and not (horizon.yearly or goals):
        horizon = None
    context = Context(goals=goals, doc_year=read.outline.year, horizon=horizon)
    inside = past = False
    aimed: Context | None = None
    item = 0
    heads = {text.lines[h.line].at: h for h in part.heads}
    for start, end in part.body:
        line = _line_start(text, start)
        head = heads.get(line)
        if head is not None:
            begin = line + head.rest
            if begin in measures:
                inside = True
            elif head.level in (Level.ITEM, Level.POINT, Level.ARTICLE, Level.PART):
                title = plain[begin : begin + 20]
                if not any(h.level < head.level for h in part.heads) or head.level == Level.ITEM:
                    inside = inside and head.level == Level.POINT
                past = bool(PAST.search(title))
                if not goals:  # (四)主要目标, in a part of another title
                    named = _AIMS.search(title.split("。")[0])
                    aimed = replace(context, goals=True, horizon=whole) if named else None
                item = head.number or item
        if inside or past:
            continue
        place = f"text:{item}" if item and goals else f"part:{index + 1}"
        here = read_targets(plain, [(start, end)], aimed or context, place)
        found += here
        aims = head is not None and head.level is not Level.ARTICLE
        if goals and aims and not _NO_GOAL.search(plain[start : start + 24]):
            read.goals.append((place, start, end, bool(here)))
    return found


def _line_start(text: Text, at: int) -> int:
    return text.plain.rfind("\n", 0, at) + 1
