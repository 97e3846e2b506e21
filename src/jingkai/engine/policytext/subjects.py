"""Whose figure it is: the subject of a target, its scope, and lists that share one word."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from .target import Target
from .target_words import HAN, MODAL_END, STARTS_OFF

_SCOPE: Final = re.compile(
    r"^(?P<where>(?:全国(?![性首唯])|全市|全省|全区|全县|全州|全自治区|我市|我省|我区|本市|本省|各地|各市|各)?(?:(?:省级\(?(?:及)?以上\)?|市级\(?(?:及)?以上\)?|国家级|省级)?"
    r"(?:国家)?(?:经济技术开发区|经济开发区|经开区|开发区|产业园区|工业园区|特色园区|示范园区|园区|高新区))?(?:区域)?(?:范围)?(?:内)?(?:的)?)"
)


_ONLY_COUNT: Final = re.compile(r"^(?:数量|总数|个数|总量|数|数目)?$")


UNITED: Final = re.compile(
    r"^(?P<head>.*?(?:单位|万元)[一-龥A-Z()]{2,20}?)(?P<a>能耗|水耗|电耗|能源消耗|用水量|二氧化碳排放(?:量)?|碳排放(?:量)?)[、和及与]"
    r"(?P<b>能耗|水耗|电耗|用水量|二氧化碳排放(?:量)?|碳排放(?:量)?)$"
)


_SIZED: Final = re.compile(r"^(?:(?:超|过|破)[0-9.]*|[0-9.]+)[百千万]*亿?元?(?:级|以上)?的?")
_RAISES: Final = re.compile(
    r"^(?:提高|提升|降低|扩大|加快)(?!改造|工程|行动)(?=[一-龥A-Za-z0-9]{4})"
)
_ONLY_SIZE: Final = re.compile(
    r"(?:超|过|超过|突破)?[0-9.]*[一二三四五六七八九十百千万]*亿?元?级?(?:以上)?的?"
)
_SIZE: Final = re.compile(r"(?:超过|突破|超|过)?[0-9.]*[一二三四五六七八九十百千万]*亿元(?:以上)?")
_SIZED_NOUN: Final = re.compile(
    r"(?:超过|突破|超|过)?[0-9.]*[一二三四五六七八九十百千万]*亿元(?:以上)?(?P<noun>的?[一-龥]{2,12})$"
)
_COUNTED: Final = re.compile(
    r"(?<=的)[一-龥]{2,12}$|(?:(?:工业|龙头|骨干|服务|制造|科技)?企业|项目|集群|园区|开发区|平台|基地|产业|品牌|机构|镇|村|县)$"
)
# The word of measure that the last of a list lends the others: 再生铜、再生铝产量.
_MEASURE: Final = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9.]*)?(?:产业|行业|市场|工业|制造业|服务业|农业)?"
    r"(?:居民人均可支配|居民|人均可支配|可支配|循环利用|综合利用|资源化利用|使用|消费|排放|占用|消耗|处理|处置|生产|加工|交易|销售"
    r"|成交|进出口|进口|出口|货物|旅客|吞吐|运输|供应|供给|利用|覆盖|普及|主营业务|营业|货运|客运|清扫|达标|保有|装机|总)?"
    r"(?:产量|产能|产值|增加值|总量|总额|数量|总数|量|额|率|度|比例|比重|占比|规模|浓度|面积|里程|收入|能力|强度|容量|指数)$"
)
_NOT_MEASURED: Final = ("需氧量",)
# What is a quantity without a word of measure.
QUANTITY: Final = re.compile(
    r"(?:消耗|能耗|水耗|电耗|排放|投资|消费|出口|进口|就业|外资|税收|利润|减碳|减排|节能|节水|用能)$"
)
_AREA: Final = re.compile(
    r"^(?:[一-龥]{1,8}[、和]){0,12}[一-龥]{1,12}?(?:地区|平原|区域|流域|城市群|经济带|[省市县区](?![场内级外直]))"
    r"(?:\([^()]{1,12}\))?"
)
_AND_SUCH: Final = re.compile(
    r"(?P<name>[一-龥]{2,12})等(?:重点)?(?P<of>区域|地区|城市|流域|行业|领域)(?P<what>.{2,})"
)
_ONLY_AREA: Final = re.compile(
    r"^(?:其中)?(?:[一-龥]{1,12}(?:地区|平原|区域|流域|城市群|经济带|片区|[省市县])|城镇|农村|城市|县城|城区|乡村|乡镇|建制镇)$"
)


def measured(name: str) -> bool:
    """Whether a name ends with a word of measure: 产量, 覆盖率, 规模."""
    return bool(_MEASURE.search(name)) and not name.endswith(_NOT_MEASURED)


def _measure(name: str) -> str:
    """The word of measure at the end of a name: 产量; of 市场满足率, 满足率."""
    found = _MEASURE.search(name)
    if not found or name.endswith(_NOT_MEASURED):
        return ""
    return found[0] if len(found[0]) > 1 else name[-3:]


def lent(names: list[str]) -> list[str]:
    """A list whose last name measures and whose others do not, each with the measure.

    >>> lent(["再生铜", "再生铝产量"]), lent(["甲地区", "乙地区煤炭消费量"])
    (['再生铜产量', '再生铝产量'], ['甲地区煤炭消费量', '乙地区煤炭消费量'])
    """
    if such := _AND_SUCH.fullmatch(names[-1]):  # 甲、乙等区域浓度
        return [name + such["of"] + such["what"] for name in (*names[:-1], such["name"])]
    last = names[-1]
    measure = _measure(last)
    if not measure or measure == last:
        return names
    area = _AREA.match(last)
    made = []
    for name in names[:-1]:
        whole = area is not None and _ONLY_AREA.match(name)
        tail = last[area.end() :] if whole and area else measure
        own = measured(name) or QUANTITY.search(name) or not tail
        made.append(name if own else joined(name, tail))
    return [*made, last]


def of_area(name: str, before: str) -> str:
    """A bare place takes what the target before it measured: 县城 after 城市绿化率."""
    measure = _measure(before) if _ONLY_AREA.match(name) else ""
    if not measure:
        return name
    area = _AREA.match(before)
    return name + (before[area.end() :] if area and area.end() < len(before) else before)


_MANY: Final = re.compile(r"[一二三四五六七八九两]?[十百千万]{1,2}(?:家|户|项|个(?!月)|条|座|名)")


def noun_after(text: str, at: int) -> tuple[str, int]:
    """The noun a count belongs to when it follows (100家以上[专精特新企业]、…), and its length."""
    rest = text[at:]
    stop = len(rest)
    for mark in re.finditer(r"[、和及与]|以及", rest):
        nxt = rest[mark.end() : mark.end() + 1]
        if nxt.isdigit() or _MANY.match(rest, mark.end()):
            stop = mark.start()
            break
    noun = rest[:stop]
    if noun.endswith("级") and (shared := re.search(r"级”?([一-龥]{2,12})", rest[stop:])):
        return noun + shared[1], stop  # 2个五千亿级、6个千亿级产业集群
    if paren := noun.find("("):
        noun = noun[:paren] if paren > 0 else noun
    if not HAN.match(_SIZED.sub("", noun.lstrip("“"))) or noun.startswith(
        ("的", "以", "和", "及", "、", "左右", "并", "大关", "水平", "台阶")
    ):
        return "", 0
    noun = noun[:40]
    odd = noun.count("“") != noun.count("”")
    return (re.sub(r"[“”]", "", noun) if odd else noun), len(noun)


def created_subject(core: str) -> str:
    """Drop a verb of making before a subject that is followed by 达到."""
    said = STARTS_OFF.sub("", core)
    found = re.match(
        r"^(?:全市|全省)?(?:新)?(?:培育|引进|建成|打造|认定|发展|集聚|培养|建设|拥有|累计|举办|开展|组织|安排|招引|落地|储备|遴选|创建)+(?=[一-龥“0-9]{3,})",
        said,
    )
    return said[found.end() :] if found else core


def subject_of(words: str) -> tuple[str, str]:
    """The indicator's name and the scope said before it.

    >>> subject_of("全市经开区内高新技术企业数量"), subject_of("——规模以上工业增加值")
    (('高新技术企业数量', '全市经开区'), ('规模以上工业增加值', ''))
    """
    name = _RAISES.sub("", MODAL_END.sub("", STARTS_OFF.sub("", words)))
    name = re.split(r"[。;:,]", name)[-1]
    scope = ""
    if found := _SCOPE.match(name):
        where = found["where"]
        rest = name[len(where) :]
        if (
            where.strip("内的")
            and not rest.startswith(("、", "和", "与", "及", "("))
            and not _ONLY_COUNT.match(rest)
            and not rest.startswith(("级", "场主体"))
        ):
            scope, name = re.sub(r"(?:范围)?(?:内)?(?:的)?$", "", where), rest
    name = STARTS_OFF.sub("", name)
    if name.count("“") != name.count("”"):
        name = name.strip("“”")
    return MODAL_END.sub("", name), scope


def is_scope(name: str) -> bool:
    """Whether a name says only where: 省级开发区."""
    found = _SCOPE.fullmatch(name)
    return bool(found) and name.endswith("区")


def divided(target: Target) -> list[Target]:
    """单位工业增加值能耗、水耗 are two indicators with one number."""
    found = UNITED.match(target.indicator)
    if not found:
        return [target]
    return [replace(target, indicator=found["head"] + found[part]) for part in ("a", "b")]


def joined(topic: str, name: str) -> str:
    """A trade and its figure, without saying 产业 twice.

    >>> joined("汽车产业", "产业规模"), joined("石油化工", "产值")
    ('汽车产业规模', '石油化工产值')
    """
    size = next((n for n in (2, 1) if topic[-n:] == name[:n]), 0)
    return topic + name[size:]


def of_size(name: str, before: str) -> str:
    """A bare size takes what the target before it counted: 过千亿元, after 过百亿元企业."""
    if not _ONLY_SIZE.fullmatch(name):
        one, two = _SIZED_NOUN.match(name), _SIZED_NOUN.search(before)
        same = one and two and two.start() and one["noun"] == two["noun"]
        return before[: two.start()] + name if two and same else name
    if size := _SIZE.search(before):
        return before[: size.start()] + name + before[size.end() :]
    found = _COUNTED.search(before)
    return name + found[0] if found else name


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
            return lent(parts)
    return [names]
