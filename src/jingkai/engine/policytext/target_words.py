"""The words of targets: verbs of reaching and making, shares, growth, and what is no promise."""

from __future__ import annotations

import re
from typing import Final

from ..targets import Modality
from .quantities import Comparator
from .target import Context, Kind

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
    "净增",
    "开通",
    "新开通",
    "新建设",
    "选派",
    "拟安排",
    "研制",
    "制修订",
    "授权",
    "推动",
    "引导",
    "助力",
    "惠及",
    "推荐",
    "征集",
    "发布",
    "辅导",
    "腾出",
    "汇聚",
    "整治",
]


CREATES: Final = re.compile("|".join(sorted(map(re.escape, set(_CREATE)), key=len, reverse=True)))


# 孵化器, 服务业, 培训机构: the word belongs to a noun.
_NOUN_GOES_ON: Final = re.compile(
    r"(?:器|业|园|区|基地|平台|中心|机构|项目|试点|载体|站|所|链|商|员|队|点|体系|设施|用地|能力|水平|效率|率|人员|面积|方案|规划)"
)


# 争取建设平台: it is the other verb that makes something.
_WEAK: Final = frozenset(
    ("争取", "确保", "支持", "推进", "推动", "引导", "助力", "实现", "力争实现", "组织", "开展")
)


# 公共服务, 职业培训 inside a name.
_SERVICES: Final = frozenset(("服务", "培训", "授权", "转化"))


AT_LEAST_MAKES: Final = re.compile(r"(?:至少|最少|不少于|不低于)(?:" + CREATES.pattern + r")$")


_ATTAIN: Final = re.compile(
    r"(?:(?:合计|累计|均|分别|也|要|将|总体|全部|年)?(?:拟安排|计划安排|拟按|达到或超过|达到|实现|增加到|增加至|增长到|增长至|增至|提高到|提高至|提升到|提升至|提升为|扩大到|扩大至|提至|提到|升至|升到|增到|压至|压到|缩至"
    r"|发展到|壮大到|上升到|上升至|保持在|保持|稳定在|稳定|维持在|控制在|控制到|控制|降至|降到|下降到|下降至|降低到|降低至|压减到|压减至|缩短至"
    r"|缩短到|缩减至|减少到|减少至|压缩至|压缩到|完成|突破|超过|跃升至|跨越|迈上|迈入|进入|力争|达|为|共|到|至|超|有))$"
)


SHARE: Final = re.compile(
    r"占(?P<whole>[^,;:占]{0,26}?)(?:的)?(?:比重|比例|比率|份额|比)(?:力争|要|将|平均|均|分别|稳步|总体|稳定)*$"
)


GROWTH: Final = re.compile(
    r"(?P<avg>年均|年平均|平均每年|每年|逐年|年度|(?<![上去今当前本一二三四五六七八九十0-9])年)?(?P<how>复合|实际|名义|累计|同比|平均|再|分别|力争|净|(?<![人户亩月])均|总体)*"
    r"(?P<verb>增长率|增长速度|增长|增速|增幅|涨幅|递增|提高|提升|增加|上升|扩大|升高|延长)(?:率|速度|幅度)?(?:均|分别|力争)*$"
)


FALL: Final = re.compile(
    r"(?P<avg>年均|年平均|平均每年|每年|逐年|年度)?(?P<how>累计|分别|力争|再|总体|均)*(?:下降率|下降|降低率|降低|降幅|减少|压减|削减|缩短|压缩|精简|压降|减幅|(?<=再)降)(?:率|幅度)?(?:均|分别)*$"
)


RELATIVE: Final = re.compile(
    r"(?P<cmp>不低于|不高于|高于|高出|超出|快于|优于|领先于?|超过|低于|好于|大于|小于|不少于|赶超)(?P<bench>(?P<who>全国|全省|全市|全区|全县|全州"
    r"|全自治区|全社会|同期|省|市|区|国家|世界|国际|行业|东部|中部|西部|地区生产总值|GDP|经济)"
    r"[^,;:0-9]{0,12}?(?:平均水平|平均增速|平均值|平均数|平均线|水平|平均|增速|增幅|下降幅度|降幅|增长|标准|目标值))"
)


MODAL_END: Final = re.compile(
    r"(?:力争|争取|预期|预计|基本|(?<![人户亩月])均|(?:回升|提高|提升|改善|巩固)并|全部|稳步|累计|总体|(?<!主|必|重|需|首)要|将|(?<!急|刚|内|供)需|须|一般|原则上|有望|努力|确保|实现|分别|总数|合计|共|再|(?<=[一-龥]{2})继续|进一步|约|各|的|每年|年均|[一二三四五]年|(?<!供)(?<!响)(?<!适)(?<!对)(?<!效)(?<!反)应|,|、|:|“|—|总规模为)+$"
)


STARTS_OFF: Final = re.compile(
    r"^(?:[—–\-•·●■◆★*、,:;]+|(?:经过|用)?[一二三四五六七八九十1-9]年(?:的?努力|时间|内|左右)?(?=累计|实现|内|努力|新增|培育|建成)|[0-9]{1,2}[.、]|\([0-9一二三四五六七八九十]+\)|[一二三四五六七八九十]是|其中|分别|原则上|[0-9]{1,2}月底?前|年底前|[一二三四]季度|[上下]半年(?:前)?|全年(?!龄)|年内|平均每年|年均(?!增|降|浓度|气温|值)|带动(?=新增)|力争"
    r"|争取|预计|预期|确保|努力|推动|促进|使(?!用)|实现|基本(?!养老|医疗|公共)|累计|同时|并且|并(?!网|购)|且|以及|及"
    r"|和(?!平)|与|也|还|全面|到期|期间|时期|末|底|前(?!沿|端|海|十|置)|年度|每年|”|主要目标|工作目标|发展目标|总体|的"
    r"|将|要(?!素)|再(?!生|制|贷)|投用|投产|内(?!资|贸|外|容|生|需|燃|设|部|陆|河|蒙|涵|存|地)|中(?![一-龥]))+"
)


CONDITION: Final = re.compile(
    r"给予|奖励|奖补|补助|补贴|资助|贴息|罚款|处以|标准的|兑现|返还|减按|税率|授信|额度|最高可"
)


NOT_MET: Final = re.compile(
    r"未达到|不足|未满|尚未|不满|没有达到|低于上述|已(?:达|建|有|累计|形成|培育|突破|超|完成|引进|实现|获)|[达到成破过有]了$"
)


UNDATED: Final = re.compile(r"(?:一般|原则上|严格|确保|力争)")


CONTINUES: Final = re.compile(r"^(?:、|和|及|以及|与|,)?(?:其中)?[:,]?")


AFTER_OK: Final = re.compile(
    r"^(?:大关|安排$|规模(?!以上)|水平|台阶|目标|门槛|之间|区间|的目标|的水平|的规模(?!以上)|;|,|。|\(|、|和|及|以及|与|并|或|”|\.|$)"
)


ANNUAL: Final = re.compile(
    r"每年|每个年度|逐年|(?<!当)年新增|年均(?!增长|增速|递增|增幅)|每季度|每月"
)


WITHIN: Final = re.compile(
    r"(?:未来|今后|力争|用)?(?:[一二三四五]|[1-9])(?:至[一二三四五]|[-—~][1-9])?年(?:的?(?:努力|时间)|内|左右|之内|(?=翻|累计))|经过[一二三四五1-9]年|规划期内|近期内|当年|今年|年内"
)


NAMELESS: Final = frozenset(("总量", "总额", "规模", "总规模", "总数", "数量", "占比", "增速"))


NEWLY: Final = re.compile(r"^(?:净增|新增|新开通|新开工|新签约|新引进|新认定|新培育|新设立?)")


MADE: Final = re.compile(r"(?:完成|实现|达到|拥有|突破)(?:[约近]|超过?|不少于|不低于)?$")


# 新能源车销量达到汽车总销量的20%.
PART_OF: Final = re.compile(
    r"(?P<what>[^,;]{2,40}?)(?P<how>达到?|超过|不低于|不少于|不超过|不高于|约?为|提高到|降至|控制在|占)(?P<whole>[^,;]{2,30})的"
    r"|(?P<what2>[^,;]{2,40}?)占(?P<whole2>全[国省市区县州][^,;]{0,10}|GDP|地区生产总值)"
)
BOUNDS: Final = {
    "不低于": Comparator.AT_LEAST,
    "不少于": Comparator.AT_LEAST,
    "不超过": Comparator.AT_MOST,
    "不高于": Comparator.AT_MOST,
    "控制在": Comparator.AT_MOST,
    "超过": Comparator.MORE_THAN,
}


# 80%以上的企业完成改造.
DONE_BY: Final = re.compile(
    r"的(?P<who>[^,;。0-9]{2,30}?)(?P<did>(?:基本|全部|全面)?(?:完成|实现|达到|达标|建成|建立|开展|配备|通过|纳入|接入"
    r"|采用|应用|使用|具备|建有|设立)[^,;。0-9]{0,24})$"
)


# 具备5%以上的响应能力.
HAVING: Final = re.compile(r"(?:基本|全部)?(?:具备|形成|拥有)(?:不低于|不少于|超过)?$")
HAS: Final = re.compile(r"的(?P<who>[^,;。0-9]{2,20})$")


EACH: Final = re.compile(r"每(平方公里|亩|公顷|人|户|平方米|家|万人|千人|百户)$")


UNITLESS: Final = re.compile(
    r"(?:比|比值|系数|指数|值|率|PUE|\))(?:一般|原则上|应|平均|力争|要|均)*$"
)


# 由10%提高到20%: the first is what was.
FROM: Final = re.compile(
    r"(?:由|从)的?(?:当前|目前|现有)?的?[0-9][0-9.,]*(?:%|‰|[万亿千百]*[一-龥]{1,4}?)?(?:以上|左右)?"
    r"(?=(?:大幅|逐步)?(?:提高|提升|增加|增长|扩大|上升|下降|降|压|缩|减))"
)
IS_FROM: Final = re.compile(r"(?:由|从)的?(?:当前|目前|现有)?的?$")


YEAR_BEFORE: Final = re.compile(r"(?:比|较)(?:上年|去年|上一年|上年度)(?:年初预算|同期|执行数)?$")


# What a project costs is no level to reach.
OUTLAY: Final = re.compile(
    r"(?:总投资|项目投资|计划投资|协议投资|^投资|注册资本|合同|出资|占地|资金|补助|建筑面积|占地面积)(?:总?额|规模|面积)?$"
)


OF_TRADE: Final = frozenset(
    (
        "产业规模",
        "市场规模",
        "规模",
        "产值",
        "总产值",
        "产业产值",
        "产业增加值",
        "增加值",
        "产量",
        "产能",
        "产业营业收入",
    )
)


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
    if len(verbs) > 1 and verbs[-1][0] == "到位":
        return verbs[-2]  # 引进省外到位资金
    chain = len(verbs) - 1
    while chain > 0 and verbs[chain - 1].end() == verbs[chain].start():
        chain -= 1
    if chain > 0 and verbs[-1].end() == len(core):
        return verbs[chain - 1]  # 开展技能培训, 完成公路建设改造: what is done, not the doing
    if chain > 0 and verbs[-1][0] in _SERVICES and core[verbs[-1].start() - 1] not in "、和及并":
        return verbs[chain - 1]  # 认定公共服务示范平台
    if verbs and (verbs[-1] is found[-1] or verbs[-1][0] not in _WEAK):
        return verbs[-1]
    return found[-1] if found else None


def newly(created: re.Match[str] | None, core: str) -> str:
    """新增 or 净增, where that is the verb of making: what is new is not what there is."""
    if created is None:
        return ""
    if both := re.search(r"(?:新增|新建)(?:和|及|或|、)$", core[: created.start()]):
        return both[0] + created[0]
    found = re.search(r"新增|净增|新开工|新签约|新开通|新引进|新认定|新培育|新设立?", created[0])
    return found[0] if found else ""


def bare_unit(unit: str) -> str:
    """The unit without its scale: 吨 of 万吨 and of 亿吨."""
    return unit.lstrip("百千万亿") or unit


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
