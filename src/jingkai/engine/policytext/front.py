"""The head of a document: title, number, issuer, year."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from .bodies import is_firm
from .horizon import horizon_of
from .skeleton import Head, Outline
from .text import Line, Text

TITLE_END: Final = re.compile(
    r"(?:意见|通知|方案|措施|计划|办法|规划|决定|规定|细则|函|纲要|批复|公告|通告|要点|清单|指南|条例|政策|举措"
    r"|行动|工程|任务|工作)(?:\([^()]{2,16}\))?$"
)


_NUMBER: Final = re.compile(
    r"(?<![一-龥])[一-龥]{1,16}[〔\[(【](?:19|20)[0-9]{2}(?:年)?[〕\])】](?:第)?[0-9]{1,5}号"
)


ANY_NUMBER: Final = re.compile(
    r"[一-龥]{1,12}[〔\[(【](?:19|20)[0-9]{2}(?:年)?[〕\])】](?:第)?[0-9]{1,5}号"
)


_ANY: Final = re.compile(
    r"(?<=意见|通知|方案|措施|计划|办法|规划|决定|规定|细则|纲要|公告|政策)(?P<number>[一-龥]{2,8}[〔\[(【](?:19|20)[0-9]{2}[〕\])】][0-9]{1,5}号)"
)


_CITED: Final = re.compile(r"[〔\[(](20[0-9]{2})[〕\])][0-9]{1,5}号")
_HEAD: Final = 3000
_META: Final = re.compile(
    r"(?:索\s?引\s?号|发布(?:日期|时间|机构)|发文(?:机关|字号|日期)|成文日期|文\s?号|标\s?题|名\s?称|来\s?源"
    r"|主题(?:分类|词)|组配分类|生成日期|公开(?:日期|方式)|有效性|时效|浏览(?:次数|量)?|字\s?(?:体|号)|当前位置"
    r"|信息来源|作者|责任编辑|打印|分享|公文种类|效力|主题)\s?[::\[【]|首页|您的位置|扫一扫"
)


_DATE: Final = re.compile(r"(20[0-9]{2})年([0-9]{1,2})月([0-9]{1,2})日")


_RECIPIENTS: Final = re.compile(
    r".{2,160}(?:政府|单位|部门|机构|委会|厅局|局|委|办|企业|院校|法院|公司|部|集团|区)[一-龥()、,]{0,12}:$"
)


def _apart(text: Text, title: Sequence[Line], issuer: str) -> str:
    """The issuers as printed: several bodies stay parted by the space or line between them."""
    spots = [(line.at + k, not k) for line in title for k in range(len(line.text))]
    said, since = "", 0
    for place, char in enumerate(issuer):
        at, begins = spots[place] if place < len(spots) else (0, False)
        if place and (begins or text.spaced(at)) and is_firm(issuer[since:place]):
            said, since = said + " ", place
        said += char
    return said


def front(
    text: Text, lines: Sequence[Line], heads: Sequence[Head], covered: set[int], made: Outline
) -> None:
    first = heads[0].line if heads else len(lines)
    title: list[Line] = []
    for index, line in enumerate(lines[: min(first, 40)]):
        if index in covered or _META.match(line.text):
            continue
        numbered = _NUMBER.search(line.text)
        if numbered and len(line.text) < 60 and not made.number:
            made.number = numbered[0]
            made.number_span = (line.at + numbered.start(), line.at + numbered.end())
            if title and TITLE_END.search("".join(t.text for t in title)):
                break
            if not re.search(r"关于|印发", line.text):
                title = [t for t in title if "关于" in t.text or "印发" in t.text]
            continue
        whole = "".join(t.text for t in title)
        if _RECIPIENTS.match(line.text) or len(line.text) > 60 or line.text.endswith(("。", ":")):
            if whole:
                break
            continue
        if _DATE.fullmatch(line.text.strip("()")):
            continue
        if title and TITLE_END.search(whole) and not line.text.startswith("("):
            break
        if title and len(whole) > 90:
            break
        title.append(line)
    while title and not re.search(
        r"关于|印发|意见|通知|方案|措施|计划|规划|办法|决定|若干", title[0].text
    ):
        if len(title) == 1 or title[0].text.endswith(("文件", "公报")) or len(title) > 3:
            if title[0].text.endswith("文件"):
                made.issuer = title[0].text[:-2]
            if len(title) == 1:
                break
            title = title[1:]
        else:
            break
    if not title and not made.number:  # all in one paragraph: 国务院关于…的意见国发〔…〕…号各省…
        begin = text.plain[:240]
        if (found := _ANY.search(begin)) and TITLE_END.search(begin[: found.start()]):
            made.title, made.title_span = begin[: found.start()], (0, found.start())
            made.number, made.number_span = found["number"], (found.start("number"), found.end())
    if title:
        made.title = "".join(line.text for line in title)
        made.title_span = (title[0].at, title[-1].end)
    made.draft = "征求意见" in made.title or "草案" in made.title or "代拟稿" in made.title
    if not made.number:  # only in the table of particulars that publishers put above
        for line in lines[:40]:
            if numbered := _NUMBER.fullmatch(line.text):
                made.number = numbered[0]
                made.number_span = (line.at, line.end)
                break
    head_of = re.match(r"(?!关于)(.{2,40}?)(?:关于|印发|转发|批转)", made.title)
    if head_of and not made.issuer:
        made.issuer = _apart(text, title, head_of[1])
    dates = [
        (line, found)
        for line in lines
        if len(line.text) < 30 and (found := _DATE.search(line.text)) and not _META.match(line.text)
    ]
    if not made.issuer and dates:
        at = lines.index(dates[0][0])
        before = lines[at - 1].text if at else ""
        if 3 < len(before) < 40 and re.search(
            r"(?:政府|办公室|办公厅|委员会|局|厅|部|委|国务院)$", before
        ):
            made.issuer = before
    if made.number and (found := re.search(r"(?:19|20)[0-9]{2}", made.number)):
        made.year = int(found[0])
    elif dates:
        made.year = int(dates[0][1][1])
    elif horizon := horizon_of(made.title):
        made.year = horizon.year if horizon.yearly else horizon.first
    else:  # no older than the newest document it names
        cited = [int(m[1]) for m in _CITED.finditer(text.plain[:_HEAD])]
        made.year = max(cited, default=None)
