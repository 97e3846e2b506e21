"""From the words inside a bracket to bodies with roles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from .bodies import is_body, is_firm, is_name
from .duty import Duty, Mention, Role, Wording
from .duty_words import (
    AREA_ORGAN,
    ETC_INSIDE,
    FIRST_LEADS,
    JOIN,
    LABEL,
    NOT_BODIES,
    PLACE,
    PLACES_END,
    PREFIX,
    ROUND,
    STANDING,
    STAR,
    TRADES,
    TWO_BODIES,
    bare_area,
    by_duty,
    could_be_body,
    cue_of,
    is_time,
    needs_more,
    role_of,
    starts_name,
    strip_tail,
)
from .names import STEMS
from .text import Text


def read(text: Text, start: int, end: int, listed: Role | None = None) -> Duty | None:
    """The duty stated in text.plain[start:end], or None when no body is named.

    `listed`: it stands in a table's column of bodies, which gives each this role.
    """
    plain = text.plain
    duty = Duty(start, end, labelled=listed is not None)
    state = _State(text, duty)
    state.label = listed
    rules: list[str] = []
    for a, b in _split(plain, start, end, "。!?"):
        sentence = plain[a:b]
        if rules and not LABEL.match(sentence):
            rules.append(sentence)
            continue
        stated = STANDING.search(sentence)
        for c, d in _labels(plain, a, b):
            for e, f in _split(plain, c, d, ";,"):
                piece = plain[e:f]
                if rules or (stated and STANDING.search(piece)):
                    rules.append(piece)
                    continue
                state.segment(e, f)
            state.close()
    state.close()
    duty.standing_rule = ",".join(rules)
    duty.lead_first = bool(FIRST_LEADS.search(duty.standing_rule))
    if not duty.mentions:
        return None
    duty.wording = state.wording()
    return duty


def _labels(plain: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Split before each label (牵头单位:), so that every piece has at most one, at its start."""
    cuts = [start]
    for found in LABEL.finditer(plain, start, end):
        if found.start() > start:
            cuts.append(found.start())
    cuts.append(end)
    yield from pairwise(cuts)


def _split(plain: str, start: int, end: int, marks: str) -> Iterator[tuple[int, int]]:
    """Pieces between marks that stand outside of inner brackets."""
    at, depth = start, 0
    for index in range(start, end):
        char = plain[index]
        if char in _OPEN:
            depth += 1
        elif char in _CLOSE:
            depth = max(0, depth - 1)
        elif not depth and char in marks:
            if index > at:
                yield at, index
            at = index + 1
    if end > at:
        yield at, end


_OPEN: Final = "([{【〔〖"
_CLOSE: Final = ")]}】〕〗"


class _State:
    """Reads the segments of one duty; names wait until a verb says what they do."""

    def __init__(self, text: Text, duty: Duty) -> None:
        self.text, self.duty = text, duty
        self.waiting: list[tuple[str, int, int]] = []
        self.label: Role | None = None
        self.skip = False
        self.assisting = False
        self.shared = self.open_list = self.verb = False
        self.every: tuple[int, int] | None = None
        self.departments = False

    def wording(self) -> Wording:
        if self.open_list:
            return Wording.ETC
        if self.shared:
            return Wording.SHARED
        return Wording.SINGLE if self.verb else Wording.LISTED

    def segment(self, start: int, end: int) -> None:
        plain = self.text.plain
        if label := LABEL.match(plain, start, end):
            self.give(None)
            what = label["what"]
            self.skip = what.endswith(NOT_BODIES)
            self.label = role_of(what)
            self.assisting = False
            self.duty.labelled = True
            if (self.skip and "时" in what) or "期限" in what:
                self.duty.deadline = plain[label.end() : end]
            start = label.end()
        if self.skip:
            return
        for a, b in self._places(list(_split(plain, start, end, "、"))):
            self.element(a, b)

    def _places(self, spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """Elements of a list; places that share one word for their government as one."""
        held: list[tuple[int, int]] = []
        for start, end in spans:
            piece = self.text.plain[start:end]
            if PLACE.fullmatch(piece) and not is_body(piece):
                held.append((start, end))
                continue
            if held and PLACES_END.fullmatch(strip_tail(piece)[0]):
                start, held = held[0][0], []
            yield from held
            held = []
            yield start, end
        yield from held

    def element(self, start: int, end: int) -> None:
        plain = self.text.plain
        piece = plain[start:end]
        if self.every is not None:  # 各市、县(区)人民政府 is one name
            begin, _old = self.every
            name, tail = strip_tail(piece)
            name = name.translate(ROUND)
            if AREA_ORGAN.match(name):
                self.every = None
                self.name(begin, end - len(tail), tail)
                return
            if bare_area(name):
                self.every = (begin, end)
                if tail:
                    self.every = None
                    self.name(begin, end - len(tail), tail)
                return
            self.flush_every()
        if len(piece) > 80:
            return
        if prefix := PREFIX.match(piece):
            start += prefix.end()
            piece = piece[prefix.end() :]
            if prefix[0] == "会同":
                self.give(Role.LEAD if self.waiting else None)
                self.assisting = True
        split = ETC_INSIDE.search(piece)
        if split and split.start() >= 2 and is_firm(piece[: split.start()]):
            self.open_list = True
            self.element(start, start + split.start())
            if split[0].endswith("会同"):
                self.give(Role.LEAD)
                self.assisting = True
            self.element(start + split.end(), end)
            return
        for join in JOIN.finditer(piece):
            left, right = piece[: join.start()], piece[join.end() :]
            clean, tail = strip_tail(left)
            if join[0] in ("会同", "商请") and clean:
                self.name(start, start + len(clean), tail)
                self.give(Role.LEAD)
                self.assisting = True
                self.element(start + join.end(), end)
                return
            bare = PREFIX.sub("", clean)
            if right and (is_firm(bare) or (tail and is_body(bare))) and starts_name(right):
                self.name(start, start + len(clean), tail)
                self.element(start + join.end(), end)
                return
        clean, tail = strip_tail(piece)
        if cut := self._space(start, start + len(clean)):
            self.element(start, cut)
            self.element(cut, end)
            return
        if needs_more(clean.translate(ROUND)) and not tail:
            self.every = (start, end)
            return
        self.name(start, start + len(clean), tail)

    def flush_every(self) -> None:
        if self.every is not None:
            begin, finish = self.every
            self.every = None
            self.name(begin, finish, "")

    def name(self, start: int, end: int, tail: str) -> None:
        plain = self.text.plain
        name = plain[start:end]
        role: Role | None = None
        if marked := re.search(r"[(\[](牵头|配合|参与|主责)[^()]{0,4}[)\]]$", name):
            role = role_of(marked[1])
            name = name[: marked.start()]
        prefix = PREFIX.match(name)
        if prefix:
            start += prefix.end()
            name = name[prefix.end() :]
        if is_time(name):
            self.duty.deadline = self.duty.deadline or name
            name = ""
        if name.startswith(("”", "“")) and name.count("“") != name.count("”"):
            name, start = name.lstrip("“”"), start + 1
        if starred := STAR.search(name):
            name, role = name[: starred.start()], Role.LEAD
        if "部门" in tail:
            self.departments = True
        if tail.startswith("等") or "等" in tail[:2]:
            self.open_list = True
        if by_duty(tail):
            self.shared = True
        if joined := TWO_BODIES.match(name):  # 市经信局市新经济委
            self.waiting.append((joined[1], start, start + joined.end(1)))
            start, name = start + joined.end(1), name[joined.end(1) :]
        if 2 <= len(name) <= 40 and is_name(name.replace("、", "")):
            if role:
                self.duty.mentions.append(Mention(name, start, start + len(name), role))
            else:
                self.waiting.append((name, start, start + len(name)))
        cue = cue_of(tail)
        if cue is not None:
            self.verb = True
            self.give(cue)
            self.assisting = False

    def give(self, cue: Role | None) -> None:
        """All waiting names get the role of the verb, else of the label."""
        role = cue
        if self.assisting and cue is not Role.LEAD:
            role = Role.ASSIST
        if role is None or (role is Role.UNSPECIFIED and self.label is not None):
            role = self.label or role or Role.UNSPECIFIED
        labelled = self.duty.labelled or cue is not None
        for name, start, end in self.waiting:
            known = is_body(name) or (labelled and could_be_body(name))
            known = known or (self.departments and (name in STEMS or name in TRADES))
            if known:
                self.duty.mentions.append(Mention(name, start, end, role))
        self.waiting.clear()

    def close(self) -> None:
        self.flush_every()
        self.give(None)
        self.skip = False

    def _space(self, start: int, end: int) -> int | None:
        """Where a space of the original parts two names."""
        for at in range(start + 2, end - 1):
            if self.text.spaced(at) and is_firm(self.text.plain[start:at]):
                rest = self.text.plain[at:end]
                if is_firm(rest) or (self.text.spaced(at) and is_body(rest[:30])):
                    return at
        return None
