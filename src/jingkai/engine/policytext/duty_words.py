"""The words of duty: labels, verbs, and where a name ends and its duty begins."""

from __future__ import annotations

import re
from typing import Final

from .bodies import is_body
from .duty import Role

LABEL: Final = re.compile(
    r"(?P<what>(?:牵头|主责|主办|主要|责任|配合|协办|协同|协助|参与|参加|支持|负责|落实|实施|承办|承担"
    r"|完成|监管|主管|省级|市级|区级|省直|市直|县级|第一|具体|联合|共同|工作|任务|组织|指导|办理|推进)"
    r"(?:和|及|、)?(?:牵头|配合|责任|落实|实施|负责|参与|推进)?"
    r"(?:单位|部门|主体|机构|处室|时限|时间|期限|人|领导|分工)"
    r"|牵头|配合|责任|主办|协办|时限|完成时限|时间节点|时间进度|时间安排|时间要求)(?:[】\]〕)]?[::]|[】\]〕])"
)


_LEADS: Final = ("牵头", "主责", "主办", "主要", "为主", "总负责", "负总责")


_ASSISTS: Final = ("配合", "协办", "协同", "协助", "参与", "参加", "支持")


TIMES: Final = ("时限", "时间", "期限", "进度", "节点")
NOT_BODIES: Final = (*TIMES, "人", "领导")


STANDING: Final = re.compile(
    r"下同|以下均|以下各|不再(?:一一|逐一|单独|重复|另行)?(?:列出|列|做分工|作分工|标注|注明|说明|赘述)"
    r"|均需|均须|均由|均涉及|后同|以下同|下文同|(?:排|列|居|位列|排列)(?:名)?(?:在|于)?(?:第一|首|最前)"
    r"|第一(?:个|家)?(?:单位|部门)|首位|首个|(?:标|带|注|加)(?:有|注)?[*★☆▲]"
)


ROUND: Final = str.maketrans("〔〕[]", "()()")


STAR: Final = re.compile(r"[*★☆▲]$")


FIRST_LEADS: Final = re.compile(
    r"(?:(?:排|列|居|位列|排列|排序)(?:名)?(?:在|于)?(?:第一|首位|首|最前)|第一(?:个|家)?(?:单位|部门|责任单位)"
    r"|首位|首个)[^。]{0,12}?(?:牵头|主责|负总责|主要责任|总牵头)"
)


_TAIL: Final = tuple(
    sorted(
        {
            "分别",
            "共同",
            "具体",
            "统筹",
            "组织",
            "协调",
            "牵头",
            "负责",
            "负总责",
            "落实主体责任",
            "落实",
            "实施",
            "推进",
            "配合",
            "参与",
            "参加",
            "协助",
            "协同",
            "承担",
            "主办",
            "协办",
            "办理",
            "支持",
            "指导",
            "监督",
            "督促",
            "执行",
            "抓好",
            "做好",
            "贯彻",
            "推动",
            "开展",
            "分工",
            "联动",
            "为主",
            "制定",
            "按职责",
            "按分工",
            "按职能",
            "结合实际",
            "组织实施",
            "抓落实",
            "组织落实",
            "依职责",
            "各负其责",
            "持续推进",
            "总牵头",
            "为牵头单位",
            "为牵头部门",
            "为责任单位",
            "为主责单位",
            "为配合单位",
            "为配合部门",
            "为参与单位",
            "协力",
            "予以",
            "给予",
            "密切",
            "积极",
            "全力",
            "齐抓共管",
            "共同负责",
            "完成",
            "加强",
            "会商",
            "推广",
            "管理",
            "工作",
        },
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


ETC_INSIDE: Final = re.compile(
    r"等(?:[一-龥0-9]{0,9}?(?:部门|单位|机构|地区|地方|方面))?(?:以及|会同|和|与|及)"
)


PREFIX: Final = re.compile(
    r"^(?:[一-龥]{2,6}(?:层面|方面|环节)由|以及|会同|联合(?!会)|分别由|具体由|主要由|由|请|及(?!时)|和(?!平|田|县|顺|静|政|龙|林|布)|与|并|其中|其他由|其余由)"
)


JOIN: Final = re.compile(r"以及|会同|商请|和|与|及")


TRADES: Final = frozenset(("海关", "外汇", "发改", "工信", "金融", "能源", "电力", "城乡建设"))


AREA: Final = re.compile(r"[一-龥]{2,8}(?:区|县|市|镇|乡|街道|州|盟|旗)")
# 济南、青岛、烟台市人民政府: the last of several places has the word for all.
PLACE: Final = re.compile(r"[一-龥]{1,3}[^市县区州盟旗、，]")
PLACES_END: Final = re.compile(r"[一-龥]{2,5}(?:市|县|区|州|盟|旗)(?:人民政府|政府|管委会|行署)")
TWO_BODIES: Final = re.compile(
    r"((?P<of>[省市区县州])[一-龥]{2,14}?[局委厅办])(?=(?P=of)(?!场)[一-龥]{2,14}(?:局|委|厅|办|中心)$)"
)
# Bodies of two characters, as lists under one level name them: 市教育局、民政局、妇联.
SHORT: Final = frozenset(
    [
        "妇联",
        "残联",
        "科协",
        "文联",
        "侨联",
        "工会",
        "团委",
        "编办",
        "外办",
        "台办",
        "侨办",
        "法院",
        "海关",
        "税务",
        "气象",
        "人行",
        "纪委",
        "监委",
        "武警",
        "消防",
        "邮政",
        "通管",
        "园区",
        "乡镇",
        "街道",
        "县区",
        "区县",
        "各地",
    ]
)


def could_be_body(name: str) -> bool:
    """Listed among bodies under a label or verb, in a shape that can be asked about; a district
    or town named by itself stands for its government."""
    if AREA.fullmatch(name):
        return True
    return name in SHORT or (3 <= len(name) <= 24 and name.startswith(_BELONGS))


_BELONGS: Final = (
    *("市", "省", "区", "县", "各", "国家", "中央", "州", "自治区", "旗", "盟", "团"),
)


def role_of(what: str) -> Role:
    if any(word in what for word in _LEADS):
        return Role.LEAD
    return Role.ASSIST if any(word in what for word in _ASSISTS) else Role.UNSPECIFIED


def cue_of(tail: str) -> Role | None:
    if not any(word in tail for word in _TAIL):
        return None
    return role_of(tail)


def by_duty(tail: str) -> bool:
    return "职责" in tail or "分工" in tail or "职能" in tail


def strip_tail(piece: str) -> tuple[str, str]:
    """A name and the duty words after it.

    >>> strip_tail("市财政局等按职责分工负责"), strip_tail("各区政府具体负责落实")
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


def starts_name(text: str) -> bool:
    """Whether what follows an 和 goes on with another body."""
    clean, _tail = strip_tail(text)
    return bool(clean) and (is_body(clean) or is_body(re.split(r"和|与|及|以及|等", clean)[0]))


def needs_more(name: str) -> bool:
    """各市, 各县 … of which 政府 comes only after the next one."""
    return bool(
        re.fullmatch(
            r"(?:相关|有关|各有关|各相关|各级?|全市各|省内各)"
            r"(?:省|市|县|区|盟|旗|州|乡|镇|设区市|地级市|地级以上市|区县|县区|开发区|省辖市|市州"
            r"|区\([县市、]+\)|市\([州区、]+\)|县\([市区、]+\))",
            name,
        )
    )


AREA_ORGAN: Final = re.compile(
    r"(?:省|市|县|区|盟|旗|州|乡|镇|自治区|直辖市|自治州|街道|县区|区县|县级市|设区市|市辖区|功能区)(?:\([^()]{1,8}\))?"
    r"(?:人民政府|政府|党委政府|党委|管委会|行政公署|行署|人民政府\(管委会\)|政府\(管委会\)|办事处|党工委)"
    r"(?:\([^()]{1,10}\))?$"
)


def bare_area(name: str) -> bool:
    return bool(
        re.fullmatch(
            r"(?:省|市|县|区|盟|旗|州|乡|镇|自治区|直辖市|自治州|街道|县区|区县|县级市|设区市|市辖区|功能区"
            r"|直管市|省直管市|省直管县|林区)(?:\([^()]{1,6}\))?",
            name,
        )
    )


def is_time(name: str) -> bool:
    return bool(re.search(r"20[0-9]{2}年|长期|持续推进|[0-9]月底|年底", name))
