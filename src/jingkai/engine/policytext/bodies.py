"""Names of bodies: what is one, what its one official form is, and what must be asked about.

Nothing is guessed in silence. A name leads to a canonical form because the caller's registry, the
public table or the grammar of local departments says so; a name that is merely *near* a known one
(a dropped 局, two words swapped) is a question with a suggestion.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from .names import AMBIGUOUS, FIRM, KINDS, LEVELS, MASS, NATIONAL, STEMS, SUFFIXES

_ALLOWED: Final = re.compile(r"[一-龥A-Za-z0-9()·〔〕\[\]“”]{2,40}")
_NOT_IN_NAMES: Final = re.compile(
    r"[《》%:;,。]|[的了为将被把使让](?!.*(?:部门|单位)$)|以下|下同|附件|(?<!级)以上|以内|万元|亿元|不再"
)
_EVERY: Final = re.compile(
    r"(?:市直|省直|区直|县直|市级|省级|全市|全省|全区|市|省)?(?:各级|各有关|各相关|有关|相关|各)"
)
_AREA: Final = re.compile(
    r"(?:省|市|区|县|旗|州|盟|镇|乡|街道|师|团场|地区|市区|县区|村)(?:\([^()]*\))?$"
)


_TWO_NAMES: Final = re.compile(r"(?<=[局厅委办心部])\([^()]{2,20}(?:局|厅|委|办|中心)\)$")


class Standing(StrEnum):
    """How sure a name's canonical form is."""

    KNOWN = "known"
    """In the registry or the public table, as its official form."""
    VARIANT = "variant"
    """Another public way of writing a known body."""
    MISPRINT = "misprint"
    """The registry lists it as a misprint."""
    GRAMMAR = "grammar"
    """Not listed; the name has the form of a body."""
    GROUP = "group"
    """All of a kind, such as 各区县政府."""
    UNKNOWN = "unknown"
    """Neither listed nor formed like a body: ask."""


@dataclass(frozen=True, slots=True)
class Known:
    """One body the caller knows. `aliases` pairs each other name with its kind."""

    canonical: str
    aliases: tuple[tuple[str, str], ...] = ()
    code: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a written name stands for."""

    canonical: str | None
    standing: Standing
    suggestions: tuple[str, ...] = ()


def key_of(name: str) -> str:
    """A name without what never distinguishes two bodies: quotes, brackets' shapes, spaces."""
    return re.sub(r"[\s“”\"'·]", "", name).translate(str.maketrans("〔〕[]（）", "()()()"))


@dataclass
class Registry:
    """Bodies known beforehand, by every way of writing them.

    >>> registry = Registry.of([Known("市商务局", (("市商委", "short"),))], place="沈阳")
    >>> registry.identify("沈阳市商务局").canonical
    '市商务局'
    """

    names: dict[str, tuple[str, str]] = field(default_factory=dict)
    place: str = ""
    """Name of the city or province the bodies belong to, without 市 or 省."""
    level: str = ""
    """What an unprefixed department of the document belongs to: 国家, 省, 市 …"""

    @classmethod
    def of(cls, known: Iterable[Known], *, place: str = "") -> Registry:
        """A registry; of two bodies with one name the first keeps it."""
        made = cls(place=place)
        everybody = list(known)
        for body in everybody:
            made.names.setdefault(key_of(body.canonical), (body.canonical, ""))
        for body in everybody:
            for name, kind in body.aliases:
                made.names.setdefault(key_of(name), (body.canonical, kind))
        return made

    @property
    def empty(self) -> bool:
        return not self.names

    def identify(self, written: str) -> Identity:
        """The canonical form of a written name, and how sure it is."""
        key = key_of(written)
        for form in self._forms(key):
            if found := self.names.get(form):
                canonical, kind = found
                if kind == "misprint":
                    return Identity(canonical, Standing.MISPRINT)
                same = key_of(canonical) == key
                return Identity(canonical, Standing.KNOWN if same else Standing.VARIANT)
        official = NATIONAL.get(key)
        if official and (key not in AMBIGUOUS or self.level in ("", "国家")):
            same = official == key
            return Identity(official, Standing.KNOWN if same else Standing.VARIANT)
        if _EVERY.match(key) or key.endswith(("部门", "单位", "地区")) or _is_area_group(key):
            return Identity(key, Standing.GROUP)
        if second := _TWO_NAMES.search(key):  # 市场监管局(知识产权局): one body, two signs
            return self.identify(key[: second.start()])
        canonical = local_form(key, self.level, self.place)
        if not key.endswith(SUFFIXES) or len(key) < 3:
            return Identity(None, Standing.UNKNOWN, self._near(key))
        if self.empty:
            same = canonical == key
            return Identity(canonical, Standing.GRAMMAR if same else Standing.VARIANT)
        if found := self.names.get(key_of(canonical)):
            return Identity(found[0], Standing.VARIANT)
        return Identity(canonical, Standing.GRAMMAR, self._near(key))

    def _forms(self, key: str) -> Iterable[str]:
        yield key
        if self.place:
            for prefix in (self.place + "市", self.place + "省", self.place):
                if key.startswith(prefix):
                    rest = key[len(prefix) :]
                    yield "市" + rest
                    yield rest

    def _near(self, key: str) -> tuple[str, ...]:
        return near(key, [name for name, (_c, kind) in self.names.items() if kind != "misprint"])


def _is_area_group(key: str) -> bool:
    return "、" in key or bool(re.search(r"\([市区县州盟旗]", key))


def local_form(key: str, level: str = "", place: str = "") -> str:
    """A local department in the form its own brackets use.

    >>> local_form("市发改委"), local_form("省工业和信息化厅"), local_form("市人力资源和社会保障局")
    ('市发展改革委', '省工业和信息化厅', '市人力资源社会保障局')
    >>> local_form("商务厅", "省"), local_form("供销社", "省"), local_form("湖州市人民政府办公室")
    ('省商务厅', '省供销社', '湖州市政府办')
    >>> local_form("市场监管局", "省")
    '省市场监管局'
    """
    for full, short in KINDS.items():
        if key.endswith(full):
            key = key[: -len(full)] + short
            break
    if key.endswith("人民政府办"):
        key = key[: -len("人民政府办")] + "政府办"
    prefix, rest = _split_level(key, place)
    for kind in ("委", "局", "厅", "办"):
        stem = rest[: -len(kind)]
        if rest.endswith(kind) and stem in STEMS:
            if not prefix and level and level != "国家":
                prefix = level
            return prefix + STEMS[stem] + kind
    if rest in MASS and level != "国家":
        return (prefix or level) + rest
    return key


def _split_level(key: str, place: str) -> tuple[str, str]:
    """('市', '发改委') of 市发改委; the place's own name counts as its level."""
    if place and key.startswith(place):
        key = key[len(place) :]
    for level in LEVELS:
        # 市场监管局 is no 场监管局 of a city.
        if key.startswith(level) and not key.startswith("市场"):
            return level, key[len(level) :]
    found = re.match(
        r"([一-龥]{2,6}?(?:自治区|省|市|县|区|州))(?=[一-龥]{2,12}(?:委|局|厅|办)$)", key
    )
    if found and key[found.end() : -1] in STEMS:
        return found[1], key[found.end() :]
    return "", key


def is_name(text: str) -> bool:
    """Whether `text` can be the name of a body: its characters and its length."""
    if not _ALLOWED.fullmatch(text) or _NOT_IN_NAMES.search(text):
        return False
    return text.count("(") == text.count(")") and not text.isdigit()


def is_body(text: str) -> bool:
    """Whether `text` has the form of a body's name.

    >>> is_body("市商务局"), is_body("各市、县(区)人民政府"), is_body("三类工业用地除外")
    (True, True, False)
    """
    text = key_of(text)
    if not is_name(text.replace("、", "")):
        return False
    if text in NATIONAL:
        return True
    if _EVERY.match(text):
        return text.endswith(SUFFIXES) or bool(_AREA.search(text))
    stem = re.sub(r"\([^()]*\)$", "", text)
    return len(stem) >= 3 and stem.endswith(SUFFIXES)


def is_firm(text: str) -> bool:
    """Whether `text` is surely a body: enough to split a list after it."""
    text = key_of(text)
    if not is_name(text.replace("、", "")):
        return False
    if text in NATIONAL:
        return True
    stem = re.sub(r"\([^()]*\)$", "", text)
    return len(stem) >= 3 and stem.endswith(FIRM)


def levels_of(names: Iterable[str]) -> str:
    """What the departments of a document belong to, by how most of them begin or end."""
    votes: Counter[str] = Counter()
    for name in names:
        if (name.endswith("部") and name in NATIONAL) or name.startswith(("国家", "海关总署")):
            votes["国家"] += 1
        elif name.endswith(("局", "委", "厅", "办")):
            for level in LEVELS:
                if name.startswith(level) and not name.startswith("市场"):
                    votes[level] += 1
                    break
            else:
                if name.endswith("厅"):
                    votes["省"] += 1
    if not votes:
        return ""
    return max(votes, key=lambda level: (votes[level], level == "国家"))


def near(name: str, candidates: Sequence[str], most: int = 3) -> tuple[str, ...]:
    """Candidates within two slips of `name`, or with the same characters; nearest first.

    >>> near("市住房乡城建设局", ["市住房城乡建设局", "市水务局"])
    ('市住房城乡建设局',)
    """
    found: list[tuple[int, str]] = []
    letters = Counter(name)
    for other in candidates:
        if other == name or abs(len(other) - len(name)) > 2 or len(other) < 4:
            continue
        if (letters - Counter(other)).total() > 2:
            continue
        slips = 1 if letters == Counter(other) else distance(name, other)
        if slips <= (1 if len(name) < 6 else 2) and not _differ_by_place(name, other):
            found.append((slips, other))
    return tuple(other for _slips, other in sorted(found)[:most])


def _differ_by_place(one: str, two: str) -> bool:
    """市商务局 and 省商务局, 甲县政府 and 乙县政府 are two bodies, not one misprinted."""
    if one[0] != two[0] and one[1:] == two[1:]:
        return True
    return one[-2:] == two[-2:] and one[-2:] in ("政府", "海关", "公司") and len(one) == len(two)


def distance(one: str, two: str) -> int:
    """Levenshtein distance of two short names."""
    row = list(range(len(two) + 1))
    for i, a in enumerate(one, start=1):
        last, row[0] = row[0], i
        for j, b in enumerate(two, start=1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
    return row[-1]


def registry_fits(registry: Registry, plain: str) -> bool:
    """Whether the registry's city is the document's."""
    return bool(registry.place) and plain.count(registry.place) >= 2
