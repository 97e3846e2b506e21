"""The words of targets: verbs of reaching and making, shares, growth, and what is no promise."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from ..targets import Modality
from .quantities import Comparator
from .target import Context, Kind, Target

_CREATE: Final = [
    "培育",
    "培养",
    "新增",
    "建成",
    "建设",
    "引进",
    "打造",
    "形成",
    "认定",
    "发展",
    "创建",
    "组织",
    "开展",
    "引育",
    "集聚",
    "落地",
    "签约",
    "开工",
    "投产",
    "完成",
    "新建",
    "改造",
    "推广",
    "盘活",
    "申报",
    "获批",
    "争创",
    "推进",
    "举办",
    "布局",
    "招引",
    "引入",
    "培引",
    "扶持",
    "孵化",
    "选树",
    "遴选",
    "推出",
    "制定",
    "建立",
    "拥有",
    "转化",
    "攻克",
    "突破",
    "启动",
    "谋划",
    "储备",
    "竣工",
    "处置",
    "整合",
    "清理",
    "淘汰",
    "腾退",
    "供应",
    "收储",
    "扩建",
    "搭建",
    "设立",
    "组建",
    "吸引",
    "派遣",
    "培训",
    "服务",
    "带动",
    "力争实现",
    "实现",
    "新认定",
    "新培育",
    "新引进",
    "新建成",
    "累计建成",
    "累计培育",
    "实施",
    "支持",
    "争取",
    "确保",
    "达到",
    "保有",
    "新开工",
    "到位",
    "接入",
    "落户",
    "每年新增",
    "年新增",
    "达标",
    "新设",
    "新设立",
    "创办",
]


CREATES: Final = re.compile("|".join(sorted(map(re.escape, set(_CREATE)), key=len, reverse=True)))


# 孵化器, 服务业, 培训机构: the word belongs to a noun.
_NOUN_GOES_ON: Final = re.compile(
    r"(?:器|业|园|区|基地|平台|中心|机构|载体|站|所|链|商|员|队|点|体系|设施|用地|能力|水平|效率|率|人员|面积|方案|规划)"
)


# 争取建设平台: it is the other verb that makes something.
_WEAK: Final = frozenset(("争取", "确保", "支持", "推进", "实现", "力争实现", "组织", "开展"))


AT_LEAST_MAKES: Final = re.compile(r"(?:至少|最少|不少于|不低于)(?:" + CREATES.pattern + r")$")


_ATTAIN: Final = re.compile(
    r"(?:(?:合计|累计|均|分别|也|要|将|总体|全部|年)?(?:达到或超过|达到|实现|增加到|增加至|增长到|增长至|增至|提高到|提高至|提升到|提升至|提升为|扩大到|扩大至"
    r"|发展到|壮大到|上升到|上升至|保持在|保持|稳定在|稳定|维持在|控制在|控制到|控制|降至|降到|下降到|下降至|降低到|降低至|压减到|压减至|缩短至"
    r"|缩短到|缩减至|减少到|减少至|压缩至|压缩到|完成|突破|超过|跃升至|跨越|迈上|迈入|进入|力争|达|为|共|到|至|超|有))$"
)


SHARE: Final = re.compile(
    r"占(?P<whole>[^,;:占]{0,26}?)(?:的)?(?:比重|比例|比率|份额|比)(?:力争|要|将|均|分别|稳步|总体|稳定)*$"
)


GROWTH: Final = re.compile(
    r"(?P<avg>年均|年平均|平均每年|每年|逐年|年度|年)?(?P<how>复合|实际|名义|累计|同比|平均|再|分别|力争|净|均|总体)*"
    r"(?P<verb>增长率|增长速度|增长|增速|增幅|涨幅|递增|提高|提升|增加|上升|扩大|升高)(?:率|速度|幅度)?(?:均|分别|力争)*$"
)


FALL: Final = re.compile(
    r"(?P<avg>年均|年平均|平均每年|每年|逐年|年度)?(?P<how>累计|分别|力争|再|总体|均)*(?:下降率|下降|降低率|降低|降幅|减少|压减|削减|缩短|压缩|减幅)(?:率|幅度)?(?:均|分别)*$"
)


RELATIVE: Final = re.compile(
    r"(?P<cmp>不低于|不高于|高于|快于|优于|领先于?|超过|低于|好于|大于|小于|不少于|赶超)(?P<bench>(?P<who>全国|全省|全市|全区|全县|全州"
    r"|全自治区|同期|省|市|区|国家|东部|中部|西部|地区生产总值|GDP|经济)[^,;:0-9]{0,12}?(?:平均水平|平均增速|平均值|平均数|平均线|水平|平均|增速|增幅|增长|标准|目标值))"
)


MODAL_END: Final = re.compile(
    r"(?:力争|争取|预期|预计|基本|均|全部|稳步|累计|总体|要|将|应|需|须|一般|原则上|有望|努力|确保|实现|分别|总数|合计|共|再|约|各|的|,|、|:|“|—|总规模为)+$"
)


STARTS_OFF: Final = re.compile(
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


UNITED: Final = re.compile(
    r"^(?P<head>.*?(?:单位|万元)[一-龥()]{2,20}?)(?P<a>能耗|水耗|电耗|能源消耗|用水量|二氧化碳排放(?:量)?|碳排放(?:量)?)[、和及与]"
    r"(?P<b>能耗|水耗|电耗|用水量|二氧化碳排放(?:量)?|碳排放(?:量)?)$"
)


CONDITION: Final = re.compile(
    r"给予|奖励|奖补|补助|补贴|资助|贴息|罚款|处以|标准的|兑现|返还|减按|税率|授信|额度|最高可"
)


NOT_MET: Final = re.compile(
    r"未达到|不足|未满|尚未|不满|没有达到|低于上述|已(?:达|建|有|累计|形成|培育|突破|超|完成|引进|实现|获)|同比|[达到成破过有]了$"
)


UNDATED: Final = re.compile(r"(?:一般|原则上|严格|确保|力争)")


CONTINUES: Final = re.compile(r"^(?:、|和|及|以及|与|,)?(?:其中)?[:,]?")


AFTER_OK: Final = re.compile(
    r"^(?:大关|规模|水平|台阶|目标|门槛|之间|区间|的目标|的水平|的规模|;|,|。|\(|、|和|及|以及|与|并|或|”|\.|$)"
)


ANNUAL: Final = re.compile(r"每年|每个年度|逐年|年新增|年均(?!增长|增速|递增|增幅)|每季度|每月")


WITHIN: Final = re.compile(
    r"(?:未来|今后|力争|用)?(?:[一二三四五]|[1-9])(?:至[一二三四五]|[-—~][1-9])?年(?:内|左右|时间|之内)|规划期内|近期内|当年|今年|年内"
)


NAMELESS: Final = frozenset(("总量", "总额", "规模", "总规模", "总数", "数量", "占比", "增速"))


NOT_A_NOUN: Final = re.compile(
    r"[一二三四五六七八九十0-9]{1,2}年(?:内)?|累计|合计|共|力争|争取|计划|预计|每年|年均|总|期间|时期|内|再|全市|全省|全区"
)
MODALITIES: Final = {
    Comparator.ABOUT: Modality.ABOUT,
    Comparator.AT_LEAST: Modality.AT_LEAST,
    Comparator.MORE_THAN: Modality.MORE_THAN,
    Comparator.AT_MOST: Modality.AT_MOST,
    Comparator.LESS_THAN: Modality.AT_MOST,
}
_COUNTS: Final = frozenset("家个户项条件人名台套座处所场种批")


HAN: Final = re.compile(r"[一-龥]{2,}")


def created_by(core: str) -> re.Match[str] | None:
    """The last verb of making; one that is part of a noun counts only when there is no other.

    >>> created_by("新增国家级孵化器")[0], created_by("推动建设平台")[0]
    ('新增', '建设')
    """
    found = list(CREATES.finditer(core))
    verbs = [m for m in found if not _NOUN_GOES_ON.match(core, m.end())]
    if verbs and (verbs[-1] is found[-1] or verbs[-1][0] not in _WEAK):
        return verbs[-1]
    return found[-1] if found else None


def is_count(unit: str) -> bool:
    return unit.lstrip("万亿") in _COUNTS


def bound_kind(comparator: Comparator) -> Kind:
    if comparator is Comparator.AT_LEAST:
        return Kind.FLOOR
    if comparator in (Comparator.AT_MOST, Comparator.LESS_THAN):
        return Kind.CAP
    return Kind.LEVEL


def is_past(year: int | None, due: bool, context: Context) -> bool:
    """Whether the sentence tells what has been."""
    if year is None or context.doc_year is None:
        return context.as_of and context.done
    if context.as_of and year < context.doc_year:
        return True
    return year < context.doc_year and not due


def strip_verb(core: str) -> tuple[str, bool]:
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


def noun_after(text: str, at: int) -> tuple[str, int]:
    """The noun a count belongs to when it follows (100家以上[专精特新企业]、…), and its length."""
    rest = text[at:]
    stop = len(rest)
    for mark in re.finditer(r"[、和及与]|以及", rest):
        nxt = rest[mark.end() : mark.end() + 1]
        if nxt.isdigit():
            stop = mark.start()
            break
    noun = rest[:stop]
    if noun.endswith("级") and (shared := re.search(r"级”?([一-龥]{2,12})", rest[stop:])):
        return noun + shared[1], stop  # 2个五千亿级、6个千亿级产业集群
    if paren := noun.find("("):
        noun = noun[:paren] if paren > 0 else noun
    if not HAN.match(noun.lstrip("“")) or noun.startswith(
        ("的", "以", "和", "及", "、", "左右", "并", "大关", "水平", "台阶")
    ):
        return "", 0
    noun = noun[:40]
    odd = noun.count("“") != noun.count("”")
    return (re.sub(r"[“”]", "", noun) if odd else noun), len(noun)


def created_subject(core: str) -> str:
    """Drop a verb of making before a subject that is followed by 达到."""
    found = re.match(
        r"^(?:全市|全省)?(?:新)?(?:培育|引进|建成|打造|认定|发展|集聚|培养|建设|拥有|累计)(?=[一-龥“]{3,})",
        core,
    )
    return core[found.end() :] if found else core


def subject_of(words: str) -> tuple[str, str]:
    """The indicator's name and the scope said before it.

    >>> subject_of("全市经开区内高新技术企业数量"), subject_of("——规模以上工业增加值")
    (('高新技术企业数量', '全市经开区'), ('规模以上工业增加值', ''))
    """
    name = MODAL_END.sub("", STARTS_OFF.sub("", words))
    name = re.split(r"[。;:,]", name)[-1]
    scope = ""
    if found := _SCOPE.match(name):
        where = found["where"]
        rest = name[len(where) :]
        if (
            where.strip("内的")
            and not _ONLY_COUNT.match(rest)
            and not rest.startswith(("级", "场主体"))
        ):
            scope, name = re.sub(r"(?:范围)?(?:内)?(?:的)?$", "", where), rest
    name = STARTS_OFF.sub("", name)
    if name.count("“") != name.count("”"):
        name = name.strip("“”")
    return MODAL_END.sub("", name), scope


def divided(target: Target) -> list[Target]:
    """单位工业增加值能耗、水耗 are two indicators with one number."""
    found = UNITED.match(target.indicator)
    if not found:
        return [target]
    return [replace(target, indicator=found["head"] + found[part]) for part in ("a", "b")]


def subjects_of(names: str, count: int) -> list[str]:
    """甲、乙和丙 as `count` subjects; fewer where they cannot be parted so.

    >>> subjects_of("设计工具普及率、关键工序数控化率", 2), subjects_of("单位产值能耗、水耗", 2)
    (['设计工具普及率', '关键工序数控化率'], ['单位产值能耗', '单位产值水耗'])
    """
    if count == 2 and (united := UNITED.match(names)):
        return [united["head"] + united[part] for part in ("a", "b")]
    for marks in (r"、", r"、|和|以及", r"、|和|以及|及|与"):
        parts = re.split(marks, names)
        if len(parts) == count:
            return parts
    return [names]
