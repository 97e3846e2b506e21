"""Responsibility brackets: (…负责), (责任单位:…), 〔牵头单位:…;配合单位:…〕 and their kin.

Recognised by what they do, not by their shape: a label or a verb of duty, and at least one name
that has the form of a body. A bare list of bodies counts at the end of a sentence only. Every
scan walks forward once; no pattern can back up over more than one name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from .bodies import is_body, is_firm, is_name
from .names import STEMS
from .text import Text

MAX_BRACKET: Final = 900
_OPEN: Final = "([{【〔〖"
_CLOSE: Final = ")]}】〕〗"
_BRACKETS: Final = re.compile(r"[(\[{【〔〖)\]}】〕〗]")


class Role(StrEnum):
    """What a bracket asks of a body."""

    LEAD = "lead"
    ASSIST = "assist"
    UNSPECIFIED = "unspecified"
    """Responsible, with no order stated."""


class Wording(StrEnum):
    """How a bracket puts it."""

    SINGLE = "single"
    SHARED = "shared"
    """按职责分工负责"""
    ETC = "etc"
    """The list is open: …等负责."""
    LISTED = "listed"
    """责任单位:… without a verb."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A body named in a bracket, where it stands, and its role."""

    name: str
    start: int
    end: int
    role: Role = Role.UNSPECIFIED


@dataclass(slots=True)
class Duty:
    """One responsibility bracket (or line). Offsets are those of the plain string."""

    start: int
    end: int
    mentions: list[Mention] = field(default_factory=list)
    wording: Wording = Wording.SINGLE
    standing_rule: str = ""
    """What it says once for everything that follows."""
    lead_first: bool = False
    """The rule says: of each list the first body leads."""
    deadline: str = ""
    closed: bool = True
    labelled: bool = False


_LABEL: Final = re.compile(
    r"(?P<what>(?:牵头|主责|主办|主要|责任|配合|协办|协同|协助|参与|参加|支持|负责|落实|实施|承办|承担"
    r"|完成|监管|主管|省级|市级|省直|市直|县级)(?:和|及|、)?(?:牵头|配合|责任|落实|实施|负责|参与)?"
    r"(?:单位|部门|主体|机构|处室|时限|时间|期限|人|领导|分工)"
    r"|牵头|配合|责任|主办|协办|时限|完成时限|时间节点|时间进度)(?:[】\]〕)]?[::]|[】\]〕])"
)
_BEFORE_LABEL: Final = frozenset("。;!?,”)】〕]\n")
_LEADS: Final = ("牵头", "主责", "主办", "主要", "为主", "总负责", "负总责")
_ASSISTS: Final = ("配合", "协办", "协同", "协助", "参与", "参加", "支持")
_NOT_BODIES: Final = ("时限", "时间", "期限", "人", "领导", "进度", "节点")
_STANDING: Final = re.compile(
    r"下同|以下均|以下各|不再(?:一一|逐一|单独|重复|另行)?(?:列出|列|做分工|作分工|标注|注明|说明|赘述)"
    r"|均需|均须|均由|均涉及|后同|以下同|下文同|(?:排|列|居|位列|排列)(?:名)?(?:在|于)?(?:第一|首|最前)"
    r"|第一(?:个|家)?(?:单位|部门)|首位|首个|(?:标|带|注|加)(?:有|注)?[*★☆▲]"
)
_ROUND: Final = str.maketrans("〔〕[]", "()()")
_STAR: Final = re.compile(r"[*★☆▲]$")
_FIRST_LEADS: Final = re.compile(
    r"(?:(?:排|列|居|位列|排列|排序)(?:名)?(?:在|于)?(?:第一|首位|首|最前)|第一(?:个|家)?(?:单位|部门|责任单位)"
    r"|首位|首个)[^。]{0,12}?(?:牵头|主责|负总责|主要责任|总牵头)"
)
_TAIL: Final = tuple(
    sorted(
        set(
            (
                "分别 共同 具体 统筹 组织 协调 牵头 负责 负总责 落实 实施 推进 配合 参与 参加 协助 协同 承担 "
                "主办 协办 办理 支持 指导 监督 督促 执行 抓好 做好 贯彻 推动 开展 分工 联动 为主 制定 "
                "按职责 按分工 按职能 结合实际 组织实施 抓落实 组织落实 依职责 各负其责 持续推进 总牵头 "
                "为牵头单位 为牵头部门 为责任单位 为主责单位 为配合单位 为配合部门 为参与单位 协力 予以 给予 "
                "密切 积极 全力 齐抓共管 共同负责 完成 加强 会商 推广 管理 工作"
            ).split()
        ),
        key=len,
        reverse=True,
    )
)
_LINKS: Final = ("和", "与", "并", "、")
_BY_DUTY: Final = re.compile(
    r"(?:按照?|根据|依据?|依照|结合)[一-龥]{0,8}?(?:职责|职能|权限|职权|分工|任务|实际)[一-龥]{0,5}$"
)
_ETC: Final = re.compile(
    r"等(?:[一-龥0-9]{0,9}(?:部门|单位|机构|成员单位|地区|地方)(?:和单位|和地区|及单位)?)?$"
)
_ETC_INSIDE: Final = re.compile(
    r"等(?:[一-龥0-9]{0,9}?(?:部门|单位|机构|地区|地方|方面))?(?:以及|会同|和|与|及)"
)
_PREFIX: Final = re.compile(
    r"^(?:[一-龥]{2,6}(?:层面|方面|环节)由|以及|会同|联合(?!会)|分别由|具体由|主要由|由|请|及(?!时)|和(?!平|田|县|顺|静|政|龙|林|布)|与|并|其中|其他由|其余由)"
)
_JOIN: Final = re.compile(r"以及|会同|商请|和|与|及")
_VERBS: Final = (
    "负责",
    "牵头",
    "配合",
    "落实",
    "参与",
    "会同",
    "承办",
    "协助",
    "主办",
    "协办",
    "实施",
    "推进",
    "承担",
    "完成",
)
_TRADES: Final = frozenset(("海关", "外汇", "发改", "工信", "金融", "能源", "电力", "城乡建设"))
_NO_DUTY: Final = ("简称", "下称", "负责人", "负责解释", "负责同志", "另行", "见附件", "附后")


def scan(text: Text, start: int, end: int) -> Iterator[Duty]:
    """Every duty of text.plain[start:end], one paragraph, in order."""
    plain = text.plain
    at = start
    for opened, closed, shut in _brackets(plain, start, end):
        yield from _labelled(text, at, opened)
        at = max(at, opened)
        if opened < at:
            continue
        inner = opened + 1, closed - 1 if shut else closed
        label = _LABEL.fullmatch(plain, opened + 1, closed) if shut else None
        if label:  # 【责任单位】 before the names
            upto = _until(plain, closed, end)
            duty = read(text, opened + 1, upto)
            if duty:
                duty.start, duty.end = opened, upto
                yield duty
                at = upto
            continue
        duty = _bracket_duty(text, *inner, start, end)
        if duty is None:
            at = closed
            continue
        duty.start, duty.closed = opened, shut
        duty.end = closed if shut else max((m.end for m in duty.mentions), default=closed)
        if not shut:
            duty.end = _after_verb(plain, duty.end, end)
        yield duty
        at = duty.end
    yield from _labelled(text, at, end)


def _brackets(plain: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """Outermost brackets as (opening, after closing, closed?). One left open is tried again
    from inside, once for each opening, each time over one bounded stretch."""
    depth, opened = 0, 0
    marks = [m.start() for m in _BRACKETS.finditer(plain, start, end)]
    index = 0
    while index < len(marks):
        at = marks[index]
        if plain[at] in _OPEN:
            if not depth:
                opened, first = at, index
            depth += 1
            if at - opened > MAX_BRACKET or depth > 12:
                yield opened, min(end, opened + MAX_BRACKET), False
                depth, index = 0, first + 1
                continue
        elif depth:
            depth -= 1
            if not depth:
                if at - opened <= MAX_BRACKET:
                    yield opened, at + 1, True
                else:
                    index, depth = first, 0
        index += 1
    if depth:
        yield opened, min(end, opened + MAX_BRACKET), False


def _bracket_duty(text: Text, start: int, end: int, first: int, last: int) -> Duty | None:
    content = text.plain[start:end]
    if len(content) < 2 or any(word in content for word in _NO_DUTY):
        return None
    if _LABEL.match(content) or any(verb in content for verb in _VERBS):
        return read(text, start, end)
    # A bare list of bodies, at the end of a sentence.
    names = [n for n in re.split(r"[、,;]", content) if n]
    after = text.plain[end + 1 : end + 2]
    before = text.plain[start - 2 : start - 1] if start - 2 >= first else ""
    closes = before in ("。", ";", "!", "”", ")") or (end + 1 >= last and before) or after == "。"
    if closes and names and all(is_firm(n) or _every(n) for n in names):
        duty = read(text, start, end)
        if duty:
            duty.wording = Wording.LISTED
        return duty
    return None


def _every(name: str) -> bool:
    return name.startswith(("各", "有关", "相关")) and is_body(name)


def _labelled(text: Text, start: int, end: int) -> Iterator[Duty]:
    """责任单位:… outside of brackets, at the start of a line or of a sentence."""
    plain = text.plain
    at = start
    while at < end:
        found = _LABEL.search(plain, at, end)
        if not found:
            return
        begins = found.start()
        if begins > 0 and plain[begins - 1] not in _BEFORE_LABEL or not _names_label(found["what"]):
            at = found.end()
            continue
        upto = _until(plain, found.end(), end)
        while True:  # 牵头单位:…。配合单位:…。
            following = _LABEL.match(plain, upto + 1, end) if upto < end else None
            if not following:
                break
            upto = _until(plain, following.end(), end)
        duty = read(text, begins, upto)
        if duty:
            duty.start, duty.end = begins, upto
            yield duty
        at = upto + 1


def _names_label(what: str) -> bool:
    return not what.endswith(_NOT_BODIES) and len(what) > 2


def _until(plain: str, start: int, end: int) -> int:
    """End of the sentence that starts at `start`."""
    limit = min(end, start + MAX_BRACKET)
    stop = plain.find("。", start, limit)
    line = plain.find("\n", start, limit)
    found = [x for x in (stop, line) if x >= 0]
    return min(found) if found else limit


def _after_verb(plain: str, at: int, end: int) -> int:
    """Where an unclosed bracket's last duty verb ends."""
    tail = plain[at : min(end, at + 24)]
    spots = [tail.find(verb) + len(verb) for verb in _VERBS if verb in tail]
    return at + (max(spots) if spots else 0)


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
        if rules and not _LABEL.match(sentence):
            rules.append(sentence)
            continue
        stated = _STANDING.search(sentence)
        for c, d in _labels(plain, a, b):
            for e, f in _split(plain, c, d, ";,"):
                piece = plain[e:f]
                if rules or (stated and _STANDING.search(piece)):
                    rules.append(piece)
                    continue
                state.segment(e, f)
            state.close()
    state.close()
    duty.standing_rule = ",".join(rules)
    duty.lead_first = bool(_FIRST_LEADS.search(duty.standing_rule))
    if not duty.mentions:
        return None
    duty.wording = state.wording()
    return duty


def _labels(plain: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Split before each label (牵头单位:), so that every piece has at most one, at its start."""
    cuts = [start]
    for found in _LABEL.finditer(plain, start, end):
        if found.start() > start:
            cuts.append(found.start())
    cuts.append(end)
    yield from zip(cuts, cuts[1:], strict=False)


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
        if label := _LABEL.match(plain, start, end):
            self.give(None)
            what = label["what"]
            self.skip = what.endswith(_NOT_BODIES)
            self.label = _role(what)
            self.assisting = False
            self.duty.labelled = True
            if self.skip and "时" in what or "期限" in what:
                self.duty.deadline = plain[label.end() : end]
            start = label.end()
        if self.skip:
            return
        for a, b in _split(plain, start, end, "、"):
            self.element(a, b)

    def element(self, start: int, end: int) -> None:
        plain = self.text.plain
        piece = plain[start:end]
        if self.every is not None:  # 各市、县(区)人民政府 is one name
            begin, _old = self.every
            name, tail = _strip_tail(piece)
            name = name.translate(_ROUND)
            if _AREA_ORGAN.match(name):
                self.every = None
                self.name(begin, end - len(tail), tail)
                return
            if _bare_area(name):
                self.every = (begin, end)
                if tail:
                    self.every = None
                    self.name(begin, end - len(tail), tail)
                return
            self.flush_every()
        if len(piece) > 80:
            return
        if prefix := _PREFIX.match(piece):
            start += prefix.end()
            piece = piece[prefix.end() :]
        split = _ETC_INSIDE.search(piece)
        if split and split.start() >= 2 and is_firm(piece[: split.start()]):
            self.open_list = True
            self.element(start, start + split.start())
            self.element(start + split.end(), end)
            return
        for join in _JOIN.finditer(piece):
            left, right = piece[: join.start()], piece[join.end() :]
            clean, tail = _strip_tail(left)
            if join[0] in ("会同", "商请") and clean:
                self.name(start, start + len(clean), tail)
                self.give(Role.LEAD)
                self.assisting = True
                self.element(start + join.end(), end)
                return
            bare = _PREFIX.sub("", clean)
            if right and (is_firm(bare) or (tail and is_body(bare))) and _starts_name(right):
                self.name(start, start + len(clean), tail)
                self.element(start + join.end(), end)
                return
        clean, tail = _strip_tail(piece)
        if cut := self._space(start, start + len(clean)):
            self.element(start, cut)
            self.element(cut, end)
            return
        if _needs_more(clean.translate(_ROUND)) and not tail:
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
            role = _role(marked[1])
            name = name[: marked.start()]
        prefix = _PREFIX.match(name)
        if prefix:
            start += prefix.end()
            name = name[prefix.end() :]
        if _time(name):
            self.duty.deadline = self.duty.deadline or name
            name = ""
        if name.startswith(("”", "“")) and name.count("“") != name.count("”"):
            name, start = name.lstrip("“”"), start + 1
        if starred := _STAR.search(name):
            name, role = name[: starred.start()], Role.LEAD
        if "部门" in tail:
            self.departments = True
        if tail.startswith("等") or "等" in tail[:2]:
            self.open_list = True
        if _by_duty(tail):
            self.shared = True
        if 2 <= len(name) <= 40 and is_name(name.replace("、", "")):
            if role:
                self.duty.mentions.append(Mention(name, start, start + len(name), role))
            else:
                self.waiting.append((name, start, start + len(name)))
        cue = _cue(tail)
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
            known = is_body(name) or (labelled and _could_be_body(name))
            known = known or (self.departments and (name in STEMS or name in _TRADES))
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
                if is_firm(rest) or self.text.spaced(at) and is_body(rest[:30]):
                    return at
        return None


def _could_be_body(name: str) -> bool:
    """Listed among bodies under a label or verb, in a shape that can be asked about."""
    return 3 <= len(name) <= 24 and name.startswith(
        ("市", "省", "区", "县", "各", "国家", "中央", "州", "自治区", "县", "旗", "盟", "团")
    )


def _role(what: str) -> Role:
    if any(word in what for word in _LEADS):
        return Role.LEAD
    return Role.ASSIST if any(word in what for word in _ASSISTS) else Role.UNSPECIFIED


def _cue(tail: str) -> Role | None:
    if not any(word in tail for word in _TAIL):
        return None
    return _role(tail)


def _by_duty(tail: str) -> bool:
    return "职责" in tail or "分工" in tail or "职能" in tail


def _strip_tail(piece: str) -> tuple[str, str]:
    """A name and the duty words after it.

    >>> _strip_tail("市财政局等按职责分工负责"), _strip_tail("各区政府具体负责落实")
    (('市财政局', '等按职责分工负责'), ('各区政府', '具体负责落实'))
    """
    name = piece
    while True:
        before = name
        for word in _TAIL:
            if name.endswith(word):
                name = name[: -len(word)]
                break
        else:
            for link in _LINKS:
                if name.endswith(link) and name != piece:
                    name = name[: -len(link)]
                    break
        if by := _BY_DUTY.search(name, max(0, len(name) - 22)):
            name = name[: by.start()]
        if name == before:
            break
    if etc := _ETC.search(name, max(0, len(name) - 18)):
        name = name[: etc.start()]
    return name, piece[len(name) :]


def _starts_name(text: str) -> bool:
    """Whether what follows an 和 goes on with another body."""
    clean, _tail = _strip_tail(text)
    return bool(clean) and (is_body(clean) or is_body(re.split(r"和|与|及|以及|等", clean)[0]))


def _needs_more(name: str) -> bool:
    """各市, 各县 … of which 政府 comes only after the next one."""
    return bool(
        re.fullmatch(
            r"(?:相关|有关|各有关|各相关|各级?|全市各|省内各)"
            r"(?:省|市|县|区|盟|旗|州|乡|镇|设区市|地级市|地级以上市|区县|县区|开发区|省辖市|市州"
            r"|区\([县市、]+\)|市\([州区、]+\)|县\([市区、]+\))",
            name,
        )
    )


_AREA_ORGAN: Final = re.compile(
    r"(?:省|市|县|区|盟|旗|州|乡|镇|自治区|直辖市|自治州|街道|县区|区县)(?:\([^()]{1,8}\))?"
    r"(?:人民政府|政府|党委政府|党委|管委会|行政公署|行署|人民政府\(管委会\)|政府\(管委会\)|办事处|党工委)"
    r"(?:\([^()]{1,10}\))?$"
)


def _bare_area(name: str) -> bool:
    return bool(
        re.fullmatch(
            r"(?:省|市|县|区|盟|旗|州|乡|镇|自治区|直辖市|自治州|街道|县区|区县)(?:\([^()]{1,6}\))?",
            name,
        )
    )


def _time(name: str) -> bool:
    return bool(re.search(r"20[0-9]{2}年|长期|持续推进|[0-9]月底|年底", name))
