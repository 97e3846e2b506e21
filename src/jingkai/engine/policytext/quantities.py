"""Numbers with units, years and periods, as targets write them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from .numerals import number_of
from .units import PER, SCALE, UNITS


class Comparator(StrEnum):
    """How the number binds."""

    EQUAL = "eq"
    ABOUT = "about"
    AT_LEAST = "ge"
    MORE_THAN = "gt"
    AT_MOST = "le"
    LESS_THAN = "lt"
    BETWEEN = "between"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number, its unit and its comparator; offsets are those of the text searched."""

    value: Decimal
    unit: str
    start: int
    end: int
    comparator: Comparator = Comparator.EQUAL
    high: Decimal | None = None
    """Upper end of a range."""
    magnitude: bool = False
    """Said as an order of magnitude: 千亿级."""
    whole: bool = False
    """Said in a word: 全覆盖."""
    grows: bool = False
    """The number says by itself that it is growth: 两位数增长."""


@dataclass(frozen=True, slots=True)
class When:
    """A year or a span of years, and whether it is a base to compare with."""

    year: int
    start: int
    end: int
    first: int | None = None
    """First year of a span."""
    base: bool = False
    due: bool = False
    """Said as a horizon: 到…, …前, …年底."""


_PERCENT: Final = "(?:%|‰)"
_QUANTITY: Final = re.compile(
    rf"(?<![A-Za-z0-9.第])(?P<n>[0-9]+(?:,[0-9]{{3}})*(?:\.[0-9]+)?)(?:(?P<u1>{_PERCENT}|{SCALE}(?:{UNITS}){PER}"
    rf"|{SCALE})?(?P<to>[-—–~至到]+)(?P<m>[0-9]+(?:,[0-9]{{3}})*(?:\.[0-9]+)?)"
    rf"(?=[%‰万亿千百元个家项户人名条吨台套]))?(?P<u2>{_PERCENT}|{SCALE}(?:{UNITS}){PER}|{SCALE})"
)
_WORDS: Final = re.compile(
    r"(?P<frac>[二三四五六七八九十]分之[一二三四五六七八九])|(?P<half>一半|半数)|(?P<cheng>[一二三四五六七八九])成(?![立果员效本长熟绩功都])"
    r"|翻(?P<fan>[一两二三123])?番|(?P<bei>[一两二三四五])倍|倍增"
    r"|(?P<all>(?:全面|全部)?全覆盖)|(?P<two>两位数(?:以上)?的?(?:增长率|增长|增速|增幅))"
    r"|(?:(?P<tens>[一二三四五六七八九两十百千]{0,4}[百千万十][一二三四五六七八九]?)|(?<=[超破达过到])(?P<many>[百千万]))"
    r"(?:余|多)?(?P<of>家|户|项|个(?!月)|条|座|名|种)"
    r"|(?<![0-9.])(?P<lot>[一二三四五六七八九两])?(?P<mag>百|千|万|十)亿(?:元|美元)?(?P<ji>级|规模|台阶|大关|门槛|以上)?"
)
_BARE: Final = re.compile(
    r"(?:达到|达|降至|降到|控制在|保持在|提高到|提升到|提高至|低于|高于|大于|小于|超过|不超)"
    r"(?P<n>[0-9]{1,4}(?:\.[0-9]+)?)(?=左右|及?以[上下内]|$|[,;。)(、])"
)
"""A figure without a unit: 容积率不低于1.5, PUE值降至1.3以下."""
_DIGIT: Final = {c: n for n, c in enumerate("零一二三四五六七八九十")} | {"两": 2}
_AFTER: Final = re.compile(
    r"(?P<ge>及?以上|之上|有余|多(?=[家个户项亿万元名]|$))|(?P<about>左右|上下|以?内外)|(?P<le>及?以[内下]|之内|以里|封顶|内(?=$|[,;。]))"
)
_BEFORE: Final = re.compile(
    r"(?:(?P<ge>不少于|不低于|不小于|不短于|至少|≥|>=|达到或超过|最低)|(?P<gt>超过|突破|大于|高于|多于|快于|超|(?<![通经超])过|逾|>|冲刺|跨越|越过)"
    r"|(?P<le>不超过|不高于|不大于|不多于|不得超过|不突破|控制在|压减至|压减到|压缩至|压缩到|最多|最高|≤|<=)|(?P<lt>低于|少于|小于|不到|<)"
    r"|(?P<about>约为?|大约|接近|近))(?:到|至|为|达到|达|在)?$"
)
PERIODS: Final = {
    "十一五": 2010,
    "十二五": 2015,
    "十三五": 2020,
    "十四五": 2025,
    "十五五": 2030,
    "十六五": 2035,
}
_YEAR: Final = re.compile(
    r"(?P<lead>(?:截至|截止到?|力争到?|争取到?|预计到?|确保到?|到|至|在|自|从|由|以|比|较|与|同|相比|和|于)?)"
    r"(?:(?P<a>20[0-9]{2})年?[-—–~至到]+(?P<b>20[0-9]{2})年|(?P<y>20[0-9]{2})年(?P<tail>度|底|末|年底|年末|上半年|下半年"
    r"|[0-9]{1,2}月(?:底|末|份|[0-9]{1,2}日)?)?(?P<due>之?前|以前)?"
    r"|[“‘]?(?P<p>十[一二三四五六]五)[”’]?(?P<pt>时期末|时期|期间|末期|期末|末)?)"
)
_FROM: Final = re.compile(r"的?[0-9]")
_ANOTHER_PLAN: Final = re.compile(r"[、和][“‘]?十[一二三四五六]五[”’]?(?:时期|期间)")
_BASE_AFTER: Final = re.compile(
    r"(?:的)?(?:水平)?(?:相比|为基[期数准]|基础上|水平上|同期)|(?:平均)?(?:提高|增长|提升|下降|降低|减少|增加|翻)"
)
_PREPARES: Final = re.compile(r"[^,;。0-9]{0,30}(?:奠定|打下|打好|夯实|提供|创造)")
_SCORED: Final = re.compile(r"(?:满意度|评分|得分|分数|平均分)[^,;。0-9]{0,8}$")
_HANGS_ON: Final = re.compile(r"(?:的)?(?:相比|基础上|水平上|水平|同期|为基[期数准])|[,、]")
_BASE_LEADS: Final = ("比", "较", "与", "同", "相比", "以", "和")


def quantities(text: str) -> Iterator[Quantity]:
    """Every number with a unit in a short text, in order.

    >>> said = quantities("不少于400个,增长5%左右,1.2万亿元以上")
    >>> [(str(q.value), q.unit, str(q.comparator)) for q in said]
    [('400', '个', 'ge'), ('5', '%', 'about'), ('1.2', '万亿元', 'ge')]
    """
    found = [q for m in _QUANTITY.finditer(text) if (q := _digits(text, m))]
    found += [q for m in _WORDS.finditer(text) if (q := _words(text, m))]
    for match in _BARE.finditer(text):
        start, end = match.span("n")
        comparator, end = _compared(text, start, end, Comparator.EQUAL)
        found.append(Quantity(Decimal(match["n"]), "", start, end, comparator))
    found.sort(key=lambda q: q.start)
    yield from found


def _digits(text: str, match: re.Match[str]) -> Quantity | None:
    unit = match["u2"] or match["u1"] or ""
    if not unit or re.fullmatch("[百千万亿]+元?", unit):
        after = text[match.end() : match.end() + 1]
        if not unit or after == "级" or (after == "企" and len(unit) == 1):
            return None
    if unit == "个" and text[match.end() : match.end() + 1] == "月":
        return None
    if unit == "年" or (
        unit in ("日", "期", "届", "分")
        and not match["to"]
        and not (unit == "分" and _SCORED.search(text[: match.start()]))
    ):
        return None
    value = Decimal(match["n"].replace(",", ""))
    high = Decimal(match["m"].replace(",", "")) if match["m"] else None
    if high is not None and match["u1"] and match["u1"] != unit:
        high = None
    if unit == "个点":
        unit = "个百分点"
    if unit == "成":
        value, unit = value * 10, "%"
    comparator = Comparator.BETWEEN if high is not None else Comparator.EQUAL
    comparator, end = _compared(text, match.start(), match.end(), comparator)
    return Quantity(value, unit, match.start(), end, comparator, high)


def _words(text: str, match: re.Match[str]) -> Quantity | None:
    value, unit, magnitude = Decimal(0), "%", False
    if match["frac"]:
        below, above = match["frac"].split("分之")
        value = (Decimal(100) * _DIGIT[above] / _DIGIT[below]).quantize(Decimal("0.01"))
    elif match["half"]:
        value = Decimal(50)
    elif match["cheng"]:
        value = Decimal(10 * _DIGIT[match["cheng"]])
    elif match["mag"]:
        if not match["ji"] and text[match.start() - 1 : match.start()] not in (
            "超",
            "破",
            "达",
            "过",
            "到",
        ):
            return None
        size = {"十": 10, "百": 100, "千": 1000, "万": 10_000}[match["mag"]]
        size *= _DIGIT[match["lot"]] if match["lot"] else 1
        value, unit, magnitude = Decimal(size), "亿元", match["ji"] in ("级", "规模")
    elif match["bei"]:
        if not re.search(
            r"(?:增长|提高|提升|增加|扩大|延长|壮大|达到?|的)(?:约|近|超过|超)?$",
            text[: match.start()],
        ):
            return None
        value, unit = Decimal(_DIGIT[match["bei"]]), "倍"
    elif match["all"]:
        value = Decimal(100)
    elif match["two"]:
        return Quantity(
            Decimal(10), "%", match.start(), match.end(), Comparator.AT_LEAST, grows=True
        )
    elif match["of"]:
        above, myriad, rest = (match["tens"] or match["many"]).partition("万")
        said, more = number_of(above or "一"), number_of(rest) if rest else 0
        if said is None or more is None:
            return None
        value, unit = Decimal(said * 10_000 + more if myriad else said), match["of"]
    else:
        times = match["fan"] or "一"
        value, unit = Decimal(_DIGIT.get(times) or int(times)), "番"
    comparator, end = _compared(text, match.start(), match.end(), Comparator.EQUAL)
    return Quantity(
        value, unit, match.start(), end, comparator, magnitude=magnitude, whole=bool(match["all"])
    )


def _compared(text: str, start: int, end: int, given: Comparator) -> tuple[Comparator, int]:
    comparator = given
    if before := _BEFORE.search(text, max(0, start - 8), start):
        comparator = _which(before) if given is Comparator.EQUAL else given
    if after := _AFTER.match(text, end):
        end = after.end()
        if comparator in (Comparator.EQUAL, Comparator.MORE_THAN) or after["le"]:
            kind = _which(after)
            if not (comparator is Comparator.MORE_THAN and kind is Comparator.ABOUT):
                comparator = kind
        elif before and before[0].startswith("控制在"):
            comparator = _which(after)  # 控制在5.5%左右
    return comparator, end


def _which(match: re.Match[str]) -> Comparator:
    return Comparator(match.lastgroup or "eq")


def comparing_words(text: str) -> int:
    """Length of the comparing words at the end of `text` (超过, 不低于 …)."""
    found = _BEFORE.search(text, max(0, len(text) - 8))
    return len(found[0]) if found else 0


def years(text: str) -> list[When]:
    """Every year, span of years and five-year plan in a short text.

    >>> [(w.year, w.first, w.base) for w in years("“十五五”期间比2024年下降,到2030年")]
    [(2030, 2026, False), (2024, None, True), (2030, None, False)]
    """
    found = []
    for match in _YEAR.finditer(text):
        lead, after = match["lead"], text[match.end() : match.end() + 8]
        if text[match.start() - 1 : match.start()] == "为" and _PREPARES.match(text, match.end()):
            continue  # 为2030年碳达峰奠定基础: what it prepares, not when it is due
        first: int | None = None
        if match["p"]:
            year = PERIODS[match["p"]]
            if match["pt"] in (None, "期间", "时期"):
                first = year - 4
            listed = _ANOTHER_PLAN.match(after)
            if match["pt"] is None and listed:  # “十四五”、“十五五”期间
                first = year - 4
            if (
                match["pt"] is None
                and not listed
                and not after.startswith(("规划期", "以来", "同期"))
                and lead not in _BASE_LEADS
            ):
                continue  # a name, such as “十四五”规划
        elif match["a"]:
            year, first = int(match["b"]), int(match["a"])
        else:
            year = int(match["y"])
        based = _BASE_AFTER.match(after)
        base = lead in ("比", "较") or bool(lead in ("由", "从") and _FROM.match(after))
        base = base or bool(based and lead in (*_BASE_LEADS, "在", ""))
        if (
            base
            and lead == ""
            and not (
                (based and based[0].endswith(("相比", "基础上", "同期")))
                or "基" in (based or [""])[0]
            )
        ):
            base = False
        if base and first is not None:
            year = year if match["a"] is None else first
        due = (
            bool(match["due"])
            or lead in ("到", "至", "截至", "力争到", "争取到", "预计到", "确保到")
            or match["tail"] in ("底", "末", "年底", "年末")
        )
        start = match.start() + (1 if base and lead in ("由", "从") else 0)
        found.append(When(year, start, match.end(), first, base, due))
    return found


def without_years(text: str, times: Sequence[When], start: int, end: int) -> str:
    """text[start:end] without years and the words that hang on them (与…相比)."""
    kept, at = "", start
    for when in times:
        if when.start >= end or when.end <= start:
            continue
        kept += text[at : max(at, when.start)]
        at = max(at, when.end)
        tail = _HANGS_ON.match(text[at:end])
        if when.base and tail:
            at += tail.end()
    return kept + text[at:end] if at < end else kept
