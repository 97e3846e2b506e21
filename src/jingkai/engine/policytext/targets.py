"""Targets in running text: who is to reach what, by when, against what.

Read clause by clause. A number is a target only with a verb or a pattern that promises it and a
time it is promised for; conditions (对…给予…万元), attributes (超100亿元企业) and the past
(已达到) are not. Nothing is added: a year not printed stays empty, a base not printed too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final

from ..targets import Modality
from .quantities import Comparator, Quantity, When, comparing_words, quantities, years
from .text import sentences


class Kind(StrEnum):
    """What a stated target promises: the kinds of `engine.targets`, and growth in all."""

    LEVEL = "level"
    AVERAGE_GROWTH = "average_growth"
    GROWTH = "growth"
    """Growth in all, or in percentage points, against a base."""
    SHARE = "share"
    FLOOR = "floor"
    CAP = "cap"
    RELATIVE = "relative_to_benchmark"
    REDUCTION = "reduction"
    INTENSITY_RATIO = "intensity_ratio"
    QUALITATIVE = "qualitative"


@dataclass(slots=True)
class Target:
    """One statement of a target. Offsets are those of the plain string."""

    indicator: str
    kind: Kind
    start: int
    end: int
    clause: str
    value: Decimal | None = None
    high: Decimal | None = None
    unit: str = ""
    comparator: Comparator = Comparator.EQUAL
    modality: Modality = Modality.PLAIN
    year: int | None = None
    first_year: int | None = None
    base_year: int | None = None
    benchmark: str = ""
    """What it is a share of, or compared with."""
    annual: bool = False
    """Every year, not by the horizon."""
    scope: str = ""
    place: str = ""
    year_stated: bool = True
    measured_as: str = ""
    """Relative: what is compared, `level` or `reduction`."""


@dataclass(slots=True)
class Context:
    """What earlier clauses settled."""

    year: int | None = None
    first: int | None = None
    base: int | None = None
    due: bool = False
    strive: bool = False
    goals: bool = False
    """A section about goals: its year holds over sentences and paragraphs."""
    undated: bool = False
    """A table cell about goals: a year is not needed."""
    doc_year: int | None = None
    subject: str = ""
    scope: str = ""
    within: bool = False
    """The sentence names a stretch of time without a year (三年内)."""
    as_of: bool = False
    """The sentence begins with 截至."""
    done: bool = False
    """The sentence says 已."""
    conditional: bool = False
    last: Target | None = None

    def fresh(self) -> Context:
        """For the next paragraph outside of goals."""
        return Context(goals=self.goals, undated=self.undated, doc_year=self.doc_year)


_CREATE: Final = (
    "培育 培养 新增 建成 建设 引进 打造 形成 认定 发展 创建 组织 开展 引育 集聚 落地 签约 开工 投产 完成 新建 改造 推广 盘活 "
    "申报 获批 争创 推进 举办 布局 招引 引入 培引 扶持 孵化 选树 遴选 推出 制定 建立 拥有 转化 攻克 突破 启动 谋划 储备 竣工 "
    "处置 整合 清理 淘汰 腾退 供应 收储 扩建 搭建 设立 组建 吸引 派遣 培训 服务 带动 力争实现 实现 新认定 新培育 "
    "新引进 新建成 累计建成 累计培育 实施 支持 争取 确保 达到 保有 新开工 到位 接入 落户 每年新增 年新增 达标"
).split()
_CREATES: Final = re.compile("|".join(sorted(map(re.escape, set(_CREATE)), key=len, reverse=True)))
_ATTAIN: Final = re.compile(
    r"(?:(?:合计|累计|均|分别|也|要|将|总体|全部|年)?(?:达到或超过|达到|实现|增加到|增加至|增长到|增长至|增至|提高到|提高至|提升到|提升至|提升为|扩大到|扩大至"
    r"|发展到|壮大到|上升到|上升至|保持在|保持|稳定在|稳定|维持在|控制在|控制到|控制|降至|降到|下降到|下降至|降低到|降低至|压减到|压减至|缩短至"
    r"|缩短到|缩减至|减少到|减少至|压缩至|压缩到|完成|突破|超过|跃升至|跨越|迈上|迈入|进入|力争|达|为|共|到|至|超|有))$"
)
_SHARE: Final = re.compile(
    r"占(?P<whole>[^,;:占]{0,26}?)(?:的)?(?:比重|比例|比率|份额|比)(?:力争|要|将|均|分别|稳步|总体|稳定)*$"
)
_GROWTH: Final = re.compile(
    r"(?P<avg>年均|年平均|平均每年|每年|逐年|年度|年)?(?P<how>复合|实际|名义|累计|同比|平均|再|分别|力争|净|均|总体)*"
    r"(?P<verb>增长率|增长速度|增长|增速|增幅|递增|提高|提升|增加|上升|扩大|升高)(?:率|速度|幅度)?(?:均|分别|力争)*$"
)
_FALL: Final = re.compile(
    r"(?P<avg>年均|年平均|平均每年|每年|逐年|年度)?(?P<how>累计|分别|力争|再|总体|均)*(?:下降率|下降|降低率|降低|降幅|减少|压减|削减|缩短|压缩|减幅)(?:率|幅度)?(?:均|分别)*$"
)
_RELATIVE: Final = re.compile(
    r"(?P<cmp>不低于|不高于|高于|快于|优于|领先于?|超过|低于|好于|大于|小于|不少于|赶超)(?P<bench>(?P<who>全国|全省|全市|全区|全县|全州"
    r"|全自治区|同期|省|市|区|国家|东部|中部|西部|地区生产总值|GDP|经济)[^,;:0-9]{0,12}?(?:平均水平|平均增速|平均值|平均数|平均线|水平|平均|增速|增幅|增长|标准|目标值))"
)
_MODAL_END: Final = re.compile(
    r"(?:力争|争取|预期|预计|基本|均|全部|稳步|累计|总体|要|将|应|需|须|一般|原则上|有望|努力|确保|实现|分别|总数|合计|共|再|约|各|的|,|、|:|“|—|总规模为)+$"
)
_STARTS_OFF: Final = re.compile(
    r"^(?:[—–\-•·●■◆★*、,:;]+|[0-9]{1,2}[.、]|\([0-9一二三四五六七八九十]+\)|[一二三四五六七八九十]是|其中|力争"
    r"|争取|预计|预期|确保|努力|推动|促进|使(?!用)|实现|基本(?!养老|医疗|公共)|累计|同时|并且|并(?!网|购)|且|以及|及"
    r"|和(?!平)|与|也|还|全面|到期|期间|时期|末|底|前(?!沿|端|海|十|置)|年度|每年|”|主要目标|工作目标|发展目标|总体|的"
    r"|将|要(?!素)|再(?!生|制|贷)|投用|投产|内(?!资|贸|外|容|生|需|燃)|中(?![一-龥]))+"
)
_SCOPE: Final = re.compile(
    r"^(?P<where>(?:全市|全省|全区|全县|全州|全自治区|我市|我省|我区|本市|本省|各地|各市|各)?(?:(?:省级\(?(?:及)?以上\)?|市级\(?(?:及)?以上\)?|国家级|省级)?"
    r"(?:国家)?(?:经济技术开发区|经济开发区|经开区|开发区|产业园区|工业园区|特色园区|示范园区|园区|高新区))?(?:区域)?(?:范围)?(?:内)?(?:的)?)"
)
_ONLY_COUNT: Final = re.compile(r"^(?:数量|总数|个数|总量|数|数目)?$")
_UNITED: Final = re.compile(
    r"^(?P<head>.*?(?:单位|万元)[一-龥()]{2,20}?)(?P<a>能耗|水耗|电耗|能源消耗|用水量|二氧化碳排放(?:量)?|碳排放(?:量)?)[、和及与]"
    r"(?P<b>能耗|水耗|电耗|用水量|二氧化碳排放(?:量)?|碳排放(?:量)?)$"
)
_CONDITION: Final = re.compile(
    r"给予|奖励|奖补|补助|补贴|资助|贴息|罚款|处以|标准的|兑现|返还|减按|税率|授信|额度|最高可"
)
_NOT_MET: Final = re.compile(
    r"未达到|不足|未满|尚未|不满|没有达到|低于上述|已(?:达|建|有|累计|形成|培育|突破|超|完成|引进|实现|获)|同比|[达到成破过有]了$"
)
_UNDATED: Final = re.compile(r"(?:一般|原则上|严格|确保|力争)")
_CONTINUES: Final = re.compile(r"^(?:、|和|及|以及|与|,)?(?:其中)?[:,]?")
_AFTER_OK: Final = re.compile(
    r"^(?:大关|规模|水平|台阶|目标|门槛|之间|区间|的目标|的水平|的规模|;|,|。|\(|、|和|及|以及|与|并|或|”|$)"
)
_ANNUAL: Final = re.compile(r"每年|每个年度|逐年|年新增|年均(?!增长|增速|递增|增幅)|每季度|每月")
_WITHIN: Final = re.compile(
    r"(?:未来|今后|力争|用)?(?:[一二三四五]|[1-9])(?:至[一二三四五]|[-—~][1-9])?年(?:内|左右|时间|之内)|规划期内|近期内|当年|今年|年内"
)
_NAMELESS: Final = frozenset(("总量", "总额", "规模", "总规模", "总数", "数量", "占比", "增速"))
_COUNTS: Final = frozenset("家个户项条件人名台套座处所场种批")
_HAN: Final = re.compile(r"[一-龥]{2,}")


def read_targets(
    plain: str, spans: Iterable[tuple[int, int]], context: Context, place: str, keep: str = ""
) -> list[Target]:
    """Targets of paragraphs that belong together, in order. `context` is carried along.

    `keep`: the subject of every sentence that names none (a table row's indicator).
    """
    found: list[Target] = []
    for start, end in spans:
        if not context.goals:
            context = context.fresh()
        for a, b in sentences(plain, start, end, "。!?"):
            if not context.goals:
                context.year = context.first = context.base = None
                context.due = False
            context.strive, context.subject, context.last = False, keep, None
            context.within = bool(_WITHIN.search(plain, a, b))
            context.as_of = bool(re.match(r".{0,6}(?:截至|截止)", plain[a : a + 12]))
            context.done = plain.find("已", a, b) >= 0
            context.conditional = bool(_CONDITION.search(plain, a, b))
            if not any(c in _DIGITS_OR_WORDS for c in plain[a:b]):
                continue
            for c, d in _clauses(plain, a, b):
                for target in _Clause(plain, c, d, context).targets():
                    target.place = place
                    found.append(target)
    return found


_DIGITS_OR_WORDS: Final = frozenset("0123456789分番倍成亿于五半")


def _clauses(plain: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    at = start
    for index in range(start, end):
        char = plain[index]
        if char in ",;:!":
            if char == "," and plain[index - 1 : index].isdigit() and _thousands(plain, index, end):
                continue
            if index > at:
                yield from _sized(at, index)
            at = index + 1
    if end > at:
        yield from _sized(at, end)


def _sized(start: int, end: int, most: int = 240) -> Iterator[tuple[int, int]]:
    # A "clause" of many hundred characters is a list or noise: read it in bounded pieces.
    for at in range(start, end, most):
        yield at, min(end, at + most)


def _thousands(plain: str, index: int, end: int) -> bool:
    digits = plain[index + 1 : min(end, index + 5)]
    return len(digits) >= 3 and digits[:3].isdigit() and not digits[3:4].isdigit()


@dataclass(slots=True)
class _Clause:
    plain: str
    start: int
    end: int
    context: Context
    created: bool = False
    noun_after: bool = False
    used: int = 0
    """Offset in the clause up to which text belongs to earlier targets."""
    times: list[When] = field(default_factory=list)

    def targets(self) -> list[Target]:
        text = self.plain[self.start : self.end]
        context = self.context
        self.times = years(text)
        numbers = list(quantities(text))
        numbers = [q for q in numbers if not any(w.start <= q.start < w.end for w in self.times)]
        made: list[Target] = []
        relative = self._relative(text)
        if relative:
            made += relative
            numbers = [q for q in numbers if q.start > relative[-1].end - self.start]
        if numbers and "分别" in text and (split := self._respectively(text, numbers)):
            made += split
        else:
            for number in numbers:
                if number.start < self.used:
                    continue
                if target := self._one(text, number):
                    made += _divided(target)
                    context.last = made[-1]
        self._remember(text)
        return made

    def _remember(self, text: str) -> None:
        context = self.context
        for when in self.times:
            if when.base:
                context.base = when.year
            else:
                context.year, context.first, context.due = when.year, when.first, when.due
                context.base = None
                if re.search(r"力争|争取", text[max(0, when.start - 2) : when.start + 3]):
                    context.strive = True
        if self.times and not all(w.base for w in self.times):
            based = [w.year for w in self.times if w.base]
            context.base = based[-1] if based else None

    def _when(self, at: int) -> tuple[int | None, int | None, bool, bool]:
        """(year, first year, due?, stated in this clause?) that governs offset `at`."""
        own = [w for w in self.times if not w.base and w.start < at]
        if own:
            return own[-1].year, own[-1].first, own[-1].due, True
        context = self.context
        return context.year, context.first, context.due, False

    def _base(self, at: int, first: int | None) -> int | None:
        own = [w.year for w in self.times if w.base and w.start < at]
        if own:
            return own[-1]
        if any(not w.base and w.start < at for w in self.times):
            return first - 1 if first else None
        if self.context.base is not None:
            return self.context.base
        return first - 1 if first else None

    def _bare(self, text: str, start: int, end: int) -> str:
        """text[start:end] without years and the words that hang on them."""
        kept, at = "", start
        for when in self.times:
            if when.start >= end or when.end <= start:
                continue
            kept += text[at : max(at, when.start)]
            at = max(at, when.end)
            tail = re.match(
                r"(?:的)?(?:相比|基础上|水平上|水平|同期|为基[期数准])|[,、]", text[at:end]
            )
            if when.base and tail:
                at += tail.end()
        return kept + text[at:end] if at < end else kept

    def _one(self, text: str, number: Quantity) -> Target | None:
        context = self.context
        year, first, due, own = self._when(number.start)
        lead = self._bare(text, self.used, number.start)
        tail = text[number.end :]
        if _CONDITION.search(text[: number.start]) and not number.unit.endswith(("%", "点")):
            return None
        if _NOT_MET.search(lead) or _past(year, due, context):
            return None
        if tail.startswith("的") and not _AFTER_OK.match(tail):
            return None
        core = (
            lead[: len(lead) - comparing_words(lead)]
            if number.comparator
            not in (
                Comparator.EQUAL,
                Comparator.ABOUT,
                Comparator.BETWEEN,
            )
            or comparing_words(lead)
            else lead
        )
        said = len(core) < len(lead)
        core, verb = _strip_verb(core)
        said = said or verb or (context.undated and not _HAN.search(core))
        target = Target(
            "",
            Kind.LEVEL,
            self.start + self.used,
            self.start + number.end,
            text,
            value=number.value,
            high=number.high,
            unit=number.unit,
            comparator=number.comparator,
            year=year,
            first_year=first,
            annual=bool(_ANNUAL.search(lead)),
        )
        subject = self._kind(target, core, number, said, tail, text)
        if subject is None:
            return None
        dated = (
            year is not None
            or target.annual
            or target.kind is Kind.AVERAGE_GROWTH
            or context.within
        )
        if not dated and not context.undated:
            if not (
                _UNDATED.search(lead)
                and number.comparator in (Comparator.AT_MOST, Comparator.AT_LEAST)
                and _AFTER_OK.match(tail)
                and not context.conditional
            ):
                return None
        subject, scope = _subject(subject)
        if not subject:
            subject, scope = context.subject, scope or context.scope
        elif subject in _NAMELESS and context.subject:
            subject = context.subject + subject
        if not subject or not _HAN.search(subject) or len(subject) > 60:
            return None
        target.indicator, target.scope = subject, scope
        target.base_year = self._base(number.start, first)
        if target.kind in (Kind.LEVEL, Kind.FLOOR, Kind.CAP, Kind.SHARE, Kind.INTENSITY_RATIO):
            target.base_year = None
        target.modality = self._modality(lead, number.comparator, verb)
        if not own and not target.indicator:
            return None
        context.subject, context.scope = subject, scope
        self.used = target.end - self.start
        return target

    def _modality(self, lead: str, comparator: Comparator, verb: bool) -> Modality:
        strive = re.search(r"力争|争取|力求|努力", lead) or self.context.strive
        last = self.context.last
        if not strive and not verb and last is not None and lead.startswith("占"):
            strive = last.modality is Modality.STRIVE
        if strive:
            return Modality.STRIVE
        return {
            Comparator.ABOUT: Modality.ABOUT,
            Comparator.AT_LEAST: Modality.AT_LEAST,
            Comparator.MORE_THAN: Modality.MORE_THAN,
            Comparator.AT_MOST: Modality.AT_MOST,
            Comparator.LESS_THAN: Modality.AT_MOST,
        }.get(comparator, Modality.PLAIN)

    def _kind(
        self,
        target: Target,
        core: str,
        number: Quantity,
        said: bool,
        tail: str,
        text: str,
    ) -> str | None:
        """Settle the kind; return the words of the subject, or None when it is no target."""
        unit = number.unit
        if share := _SHARE.search(core):
            target.kind, target.benchmark = Kind.SHARE, share["whole"]
            return core[: share.start()]
        if (
            unit.endswith(("%", "‰", "百分点", "番", "倍"))
            or _GROWTH.search(core)
            or _FALL.search(core)
        ):
            if fall := _FALL.search(core):
                target.kind = Kind.REDUCTION
                target.annual = bool(fall["avg"])
                return core[: fall.start()]
            if unit == "番":
                target.kind = Kind.GROWTH
                return _MODAL_END.sub("", re.sub(r"(?:实现|比|较)+$", "", core))
            if growth := _GROWTH.search(core):
                average = bool(growth["avg"]) and unit == "%"
                target.kind = Kind.AVERAGE_GROWTH if average else Kind.GROWTH
                target.annual = False if average else bool(growth["avg"])
                subject = core[: growth.start()]
                if (
                    growth["verb"] in ("增速", "增幅")
                    and not growth["avg"]
                    and not _HAN.search(subject)
                ):
                    return subject
                return subject
            if unit.endswith(("百分点", "倍")) and not said:
                return None
            if not said and not re.search(
                r"率$|比例$|比重$|占比$|覆盖面$|强度$|水平$|程度$|浓度$", _MODAL_END.sub("", core)
            ):
                return None
            if tail and not _AFTER_OK.match(tail):
                return None
            target.kind = _bound(number.comparator)
            return core
        if number.magnitude and not _AFTER_OK.match(tail):
            return None
        target.kind = Kind.INTENSITY_RATIO if "/" in unit else _bound(number.comparator)
        created = None
        for created in _CREATES.finditer(core):
            pass
        noun, size = _noun_after(text, number.end)
        between = _MODAL_END.sub("", core[created.end() :]) if created else ""
        joined = self.used and re.fullmatch(r"(?:、|和|及|以及|与|,)*", core)
        if noun and ((created and not _HAN.search(between)) or (joined and self.noun_after)):
            target.end = self.start + number.end + size
            self.noun_after = True
            name = _STARTS_OFF.sub("", noun)
            return ("新增" + name) if created and "新增" in created[0] else name
        if tail and not _AFTER_OK.match(tail):
            return None
        if said:
            return _created_subject(core)
        if created and _HAN.search(between):
            self.created = True
            name = between
            return ("新增" + name) if "新增" in created[0] else name
        if created and not noun and not _HAN.search(_MODAL_END.sub("", core[: created.start()])):
            return ""
        last = self.context.last
        newly = (
            "新增"
            if last is not None and last.indicator.startswith("新增") and core[:1] in "、和及"
            else ""
        )
        same = last is not None and (
            last.unit == unit or (_is_count(last.unit) and _is_count(unit))
        )
        listed = core[:1] in "、和及" or not re.search(r"(?:投资|注册|产值|收入)$", core)
        if same and listed and _HAN.search(core) and len(core) <= 36:
            return newly + _CONTINUES.sub("", core, count=1)
        return None

    def _relative(self, text: str) -> list[Target]:
        found = _RELATIVE.search(text)
        if not found or re.search(r"(?:水平|标准|平均)的[一-龥]", text[found.end() - 2 :]):
            return []
        year, first, due, _own = self._when(found.start())
        context = self.context
        if _past(year, due, context):
            return []
        if year is None and not context.undated and not context.goals:
            return []
        lead = self._bare(text, 0, found.start())
        subject = re.sub(r"(?:,|、)?(?:均|总体|稳定|保持|持续|明显|要|应|始终|力争)*$", "", lead)
        fall = re.search(r"(?:下降率|下降幅度|降幅|降低率|下降|降低)$", subject)
        if fall:
            subject = subject[: fall.start()]
        subject, scope = _subject(subject)
        if not subject or re.fullmatch(r"(?:年均|平均)?(?:增速|增长|增幅|增长率)", subject):
            subject = context.subject + subject
        if not subject:
            return []
        comparator = {
            "不低于": Comparator.AT_LEAST,
            "不少于": Comparator.AT_LEAST,
            "不高于": Comparator.AT_MOST,
            "低于": Comparator.LESS_THAN,
            "小于": Comparator.LESS_THAN,
        }.get(found["cmp"], Comparator.MORE_THAN)
        target = Target(
            subject,
            Kind.RELATIVE,
            self.start,
            self.start + found.end(),
            text,
            unit="%",
            comparator=comparator,
            modality=self._modality(lead, comparator, True),
            year=year,
            first_year=first,
            base_year=self._base(found.start(), first),
            benchmark=found["who"],
            scope=scope,
            measured_as="reduction" if fall else "level",
        )
        if more := re.match(r"(?:的)?([0-9.]+)个百分点", text[found.end() :]):
            with suppress(InvalidOperation):
                target.value, target.unit = Decimal(more[1]), "个百分点"
                target.end += more.end()
        context.subject, context.scope, context.last = subject, scope, target
        self.used = found.end()
        return _divided(target)

    def _respectively(self, text: str, numbers: list[Quantity]) -> list[Target]:
        """甲、乙分别达到1、2; 2028年、2030年分别达到1、2."""
        first_target = self._one(text, numbers[0])
        if first_target is None or len(numbers) < 2:
            return [first_target] if first_target else []
        horizons = [w for w in self.times if not w.base and w.start < numbers[0].start]
        subjects = re.split(r"、|和|及|与", first_target.indicator)
        made = []
        for place, number in enumerate(numbers):
            target = replace(
                first_target,
                value=number.value,
                high=number.high,
                unit=number.unit,
                comparator=number.comparator,
                end=self.start + number.end,
            )
            if len(horizons) == len(numbers):
                target.year, target.first_year = horizons[place].year, horizons[place].first
            elif len(subjects) == len(numbers):
                target.indicator = subjects[place]
            else:
                return [first_target]
            if target.kind in (Kind.LEVEL, Kind.FLOOR, Kind.CAP):
                target.kind = _bound(number.comparator)
            made.append(target)
        self.used = len(text)
        self.context.last = made[-1]
        return made


def _is_count(unit: str) -> bool:
    return unit.lstrip("万亿") in _COUNTS


def _bound(comparator: Comparator) -> Kind:
    if comparator is Comparator.AT_LEAST:
        return Kind.FLOOR
    if comparator in (Comparator.AT_MOST, Comparator.LESS_THAN):
        return Kind.CAP
    return Kind.LEVEL


def _past(year: int | None, due: bool, context: Context) -> bool:
    """Whether the sentence tells what has been."""
    if year is None or context.doc_year is None:
        return context.as_of and context.done
    if context.as_of and year < context.doc_year:
        return True
    return year < context.doc_year and not due


def _strip_verb(core: str) -> tuple[str, bool]:
    """`core` without the verb of reaching at its end, and whether there was one."""
    found = False
    for _ in range(3):
        if match := _ATTAIN.search(core, max(0, len(core) - 10)):
            if (
                match[0] in ("到", "至", "有", "共", "为", "稳定", "保持", "控制")
                and not core[: match.start()]
            ):
                break
            core, found = core[: match.start()], True
        trimmed = re.sub(r"(?:力争|争取|预计|预期|确保|努力|一般|原则上|稳步|基本)+$", "", core)
        if trimmed != core:
            core = trimmed
        elif not match:
            break
    return core, found


def _noun_after(text: str, at: int) -> tuple[str, int]:
    """The noun a count belongs to when it follows (100家以上[专精特新企业]、…), and its length."""
    rest = text[at:]
    stop = len(rest)
    for mark in re.finditer(r"[、和及与]|以及", rest):
        nxt = rest[mark.end() : mark.end() + 1]
        if nxt.isdigit():
            stop = mark.start()
            break
    noun = rest[:stop]
    if noun.endswith("级") and (shared := re.search(r"级([一-龥]{2,12})", rest[stop:])):
        return noun + shared[1], stop  # 2个五千亿级、6个千亿级产业集群
    if paren := noun.find("("):
        noun = noun[:paren] if paren > 0 else noun
    if not _HAN.match(noun.lstrip("“")) or noun.startswith(
        ("的", "以", "和", "及", "、", "左右", "并", "大关", "水平", "台阶")
    ):
        return "", 0
    return noun[:40], len(noun[:40])


def _created_subject(core: str) -> str:
    """Drop a verb of making before a subject that is followed by 达到."""
    found = re.match(
        r"^(?:全市|全省)?(?:新)?(?:培育|引进|建成|打造|认定|发展|集聚|培养|建设|拥有|累计)(?=[一-龥“]{3,})",
        core,
    )
    return core[found.end() :] if found else core


def _subject(words: str) -> tuple[str, str]:
    """The indicator's name and the scope said before it.

    >>> _subject("全市经开区内高新技术企业数量"), _subject("——规模以上工业增加值")
    (('高新技术企业数量', '全市经开区'), ('规模以上工业增加值', ''))
    """
    name = _MODAL_END.sub("", _STARTS_OFF.sub("", words))
    name = re.split(r"[。;:,]", name)[-1]
    scope = ""
    if found := _SCOPE.match(name):
        where = found["where"]
        rest = name[len(where) :]
        if where and not _ONLY_COUNT.match(rest) and not rest.startswith(("级", "场主体")):
            scope, name = re.sub(r"(?:范围)?(?:内)?(?:的)?$", "", where), rest
    name = _STARTS_OFF.sub("", name)
    if name.count("“") != name.count("”"):
        name = name.strip("“”")
    return _MODAL_END.sub("", name), scope


def _divided(target: Target) -> list[Target]:
    """单位工业增加值能耗、水耗 are two indicators with one number."""
    found = _UNITED.match(target.indicator)
    if not found:
        return [target]
    return [replace(target, indicator=found["head"] + found[part]) for part in ("a", "b")]
