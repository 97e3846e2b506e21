"""The official report of a run, and that of one zone, in the layout of GB/T 9704.

Both are Chinese official documents in whatever language the system is being used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from jingkai.core.documents.official import Official, OfficialColumn
from jingkai.core.ui.templatetags.jingkai import signed

from ..definition import Node
from ..models import ZoneResult
from ..templatetags.results import plain
from .paper import Paper
from .workbook import UNRANKED

GROUPS: Final = {"national": "国家级", "provincial": "省级", "": "全部"}
ABSENCES: Final = {
    "no_indicator": "暂无数据来源",
    "no_figure": "未报送",
    "incomplete": "年度数据不全",
    "withdrawn": "数据已撤回",
    "voided": "经申诉核定不计",
}
_PLACES: Final = 2
_TITLE: Final = 20
_SHOWN: Final = 5


def run_report(paper: Paper, *, issued_on: date, issuer: str) -> bytes:
    """The circular on a run's results as a Word file."""
    run = paper.run
    name = run.version.scheme.name
    doc = Official(
        _title(f"关于{run.year}年度", f"{name}结果的通报"),
        addressee="各有关单位",
        mark=paper.mark,
    )
    doc.paragraph(
        f"按照《{name}》（第{paper.definition.number}版），{issuer}组织开展了"
        f"{run.year}年度评价。现将结果通报如下。"
    )
    doc.heading("评价依据")
    _basis(doc, paper)
    doc.heading("评价结果")
    _ranking(doc, paper)
    doc.heading("分组情况")
    _groups(doc, paper)
    doc.heading("数据质量")
    _quality(doc, paper)
    doc.heading("结果的可靠程度")
    _reliability(doc, paper)
    if paper.lines:
        doc.heading("加分、扣分和一票否决事项")
        doc.table(
            [OfficialColumn("开发区", 3), OfficialColumn("类别", 2, "center"),
             OfficialColumn("分值", 2, "right"), OfficialColumn("事由", 6)],
            [[line.zone.name, _KINDS[line.kind],
              f"{line.points.normalize():f}", line.text] for line in paper.lines],
        )  # fmt: skip
    doc.signature(issuer, issued_on)
    return doc.docx()


_ADJUSTED: Final = {
    "bonus": "加分", "deduction": "扣分", "lifted": "保底返还", "vetoed": "一票否决",
}  # fmt: skip
_KINDS: Final = {"bonus": "加分", "deduction": "扣分", "veto": "一票否决"}


def zone_report(paper: Paper, zone: str, *, issued_on: date, issuer: str) -> bytes:
    """One zone's own report. Raises KeyError when the zone is not in the run."""
    result = paper.results[zone]
    unit = next(u for u in paper.units if u.code == zone)
    run = paper.run
    doc = Official(f"{unit.name}{run.year}年度评价结果告知书", addressee=unit.name, mark=paper.mark)
    doc.paragraph(
        f"现将你区{run.year}年度{run.version.scheme.name}结果告知如下。{_place(result)}"
        f"数据覆盖率为{_percent(result.coverage)}。"
    )
    doc.heading("得分构成")
    doc.table(
        [OfficialColumn("指标", 6), OfficialColumn("分值", 2, "right"),
         OfficialColumn("得分", 2, "right"), OfficialColumn("折合分值", 2, "right")],
        [_node_row(result, node, paper) for node in paper.definition.nodes],
    )  # fmt: skip
    doc.note("得分为该项在评分区间内的得分；折合分值为该项对总分的贡献。")
    _compared(doc, "与上年比较", result.detail.get("vs_last_year"), paper)
    _compared(doc, "与同组中位水平比较", result.detail.get("vs_median"), paper)
    _lifts(doc, result, paper)
    _absent(doc, zone, paper)
    lines = [line for line in paper.lines if line.zone.code == zone]
    if lines:
        doc.heading("加分、扣分和一票否决事项")
        for line in lines:
            doc.paragraph(f"{_KINDS[line.kind]}{line.points.normalize():f}分：{line.text}。")
    doc.signature(issuer, issued_on)
    return doc.docx()


def _title(first: str, second: str) -> str:
    """Two lines parted where the words part, if the second fits one line."""
    return f"{first}\n{second}" if len(second) <= _TITLE else first + second


def _basis(doc: Official, paper: Paper) -> None:
    run, definition = paper.run, paper.definition
    classes = "、".join(
        f"{node.name}{_plain(node.points)}分" for node in definition.children(definition.root.code)
    )
    doc.paragraph(
        f"评价方案满分100分，设{classes}，共{len(definition.leaves)}项指标。"
        f"数据截至{run.as_of:%Y年%m月%d日}，方案、数据和随机种子在评价时一并固定，"
        "任何时候均可重新计算。"
    )
    doc.note(f"结果摘要（SM3）：{run.result_digest}")


def _ranking(doc: Official, paper: Paper) -> None:
    rows = [
        [
            str(result.rank) if result.rank else "—",
            unit.name,
            GROUPS.get(result.group, result.group),
            _number(result.score),
            _interval(result),
            _percent(result.coverage),
        ]
        for unit, result in paper.ranking
    ]
    doc.caption("评价结果排名")
    doc.table(
        [OfficialColumn("位次", 2, "center"), OfficialColumn("开发区", 7),
         OfficialColumn("级别", 3, "center"), OfficialColumn("得分", 3, "right"),
         OfficialColumn("位次区间", 4, "center"), OfficialColumn("覆盖率", 3, "right")],
        rows,
        empty="没有参评的开发区",
    )  # fmt: skip
    unranked = [(u, r) for u, r in paper.ranking if not r.rank]
    for unit, result in unranked:
        doc.paragraph(f"{unit.name}：{UNRANKED.get(result.why_unranked, result.why_unranked)}。")


def _groups(doc: Official, paper: Paper) -> None:
    if paper.definition.group_by == "none":
        doc.paragraph("本方案不分组，全部开发区一并排名。")
        return
    by_group: dict[str, list[tuple[str, ZoneResult]]] = {}
    for unit, result in paper.ranking:
        by_group.setdefault(result.group, []).append((unit.name, result))
    for group, members in sorted(by_group.items()):
        name = GROUPS.get(group, group)
        placed = sorted(
            ((r.group_rank, n) for n, r in members if r.group_rank), key=lambda pair: pair[0]
        )
        if not placed:
            ranked = sum(1 for _name, one in members if one.rank)
            doc.paragraph(
                f"{name}开发区参评{len(members)}个，其中参加排名{ranked}个，"
                f"少于{paper.definition.min_group}个，不作组内排名，应以上一级组织的评价位次为准。"
            )
            continue
        said = "，".join(f"第{rank}名{who}" for rank, who in placed[:_SHOWN])
        doc.paragraph(f"{name}开发区参加排名{len(placed)}个：{said}。")


def _quality(doc: Official, paper: Paper) -> None:
    results = [result for _unit, result in paper.ranking]
    if not results:
        return
    worst = min(results, key=lambda r: r.coverage)
    whole = sum(1 for r in results if r.coverage == 1)
    doc.paragraph(
        f"参评开发区{len(results)}个，其中{whole}个数据齐全，覆盖率最低为{_percent(worst.coverage)}。"
        f"{paper.missing_words}；"
        f"覆盖率低于{_percent(paper.definition.min_coverage)}的不参加排名。"
    )
    unverified = sum(1 for leaf in paper.definition.leaves if not leaf.verified)
    if unverified:
        doc.paragraph(f"方案中有{unverified}项指标的口径或分值尚未核实。")


def _reliability(doc: Official, paper: Paper) -> None:
    ranked = [(u, r) for u, r in paper.ranking if r.rank and r.rank_low is not None]
    wide = [(u, r) for u, r in ranked if r.rank_high is not None and r.rank_low is not None
            and r.rank_high - r.rank_low > 2]  # fmt: skip
    doc.paragraph(
        f"对权重和方法作{paper.run.replications}次变动后，{len(ranked) - len(wide)}个开发区的位次"
        f"在90%的情形下变动不超过两位，{len(wide)}个变动较大，其位次宜按区间理解。"
    )


def _place(result: ZoneResult) -> str:
    if not result.rank:
        return f"得分{_number(result.score)}，{UNRANKED.get(result.why_unranked, '')}。"
    inside = f"，组内第{result.group_rank}名" if result.group_rank else ""
    return (
        f"得分{_number(result.score)}，列第{result.rank}名{inside}，位次区间为{_interval(result)}。"
    )


def _node_row(result: ZoneResult, node: Node, paper: Paper) -> list[str]:
    depth = 0
    above = node.parent
    while above:
        depth, above = depth + 1, paper.definition.by_code[above].parent
    kept: Mapping[str, Any] = result.detail.get("nodes", {}).get(node.code, {})
    return [
        "　" * depth + node.name,
        _plain(node.points),
        _number(kept.get("score")),
        _number(kept.get("points")),
    ]


def _compared(doc: Official, title: str, found: Mapping[str, Any] | None, paper: Paper) -> None:
    if not found:
        return
    doc.heading(title)
    start, end = float(found["start"]), float(found["end"])
    amounts: dict[str, float] = {}
    for code, kind, amount in found["parts"]:
        name = _part_name(paper, code, kind)
        amounts[name] = amounts.get(name, 0.0) + float(amount or 0)
    largest = sorted(amounts.items(), key=lambda item: -abs(item[1]))[:_SHOWN]
    said = "；".join(
        f"{name}{_signed(amount)}分" for name, amount in largest if abs(amount) >= 0.005
    )
    doc.paragraph(
        f"比较基准为{_number(start)}分，本年为{_number(end)}分，相差{_signed(end - start)}分。"
        + (f"影响最大的是：{said}。" if said else "各项没有明显差异。")
    )


def _part_name(paper: Paper, code: str, kind: str) -> str:
    """What moved a score: an indicator, the share of its points, or what came on top."""
    if kind in _ADJUSTED:
        return _ADJUSTED[kind]
    node = paper.definition.by_code.get(code)
    name = node.name if node is not None else code
    return f"{name}（所占分值）" if kind == "weight" else name


def _lifts(doc: Official, result: ZoneResult, paper: Paper) -> None:
    found: Sequence[Mapping[str, Any]] = result.detail.get("lifts") or ()
    if not found:
        return
    doc.heading("位次提升的着力点")
    by_code = paper.definition.by_code
    for one in found[:3]:
        node = by_code[one["node"]]
        doc.paragraph(
            f"其他条件不变，{node.name}由{_figure(one['from'])}{node.unit}变为"
            f"{_figure(one['to'])}{node.unit}，位次可到第{one['rank_after']}名。"
        )


def _absent(doc: Official, zone: str, paper: Paper) -> None:
    missing = [
        (leaf.name, paper.inputs[key].absence)
        for leaf in paper.definition.leaves
        if (key := (zone, leaf.code, paper.run.year)) in paper.inputs
        and paper.inputs[key].value is None
    ]
    if not missing:
        return
    doc.heading("缺失的数据")
    doc.paragraph("；".join(f"{name}（{ABSENCES.get(why, why)}）" for name, why in missing) + "。")


def _number(value: object) -> str:
    return "—" if value is None else f"{float(str(value)):.{_PLACES}f}"


def _plain(value: object) -> str:
    return f"{float(str(value)):g}"


def _figure(value: object) -> str:
    return "—" if value is None else plain(value)


def _signed(value: float) -> str:
    return signed(value, _PLACES)


def _percent(value: object) -> str:
    return f"{float(str(value)) * 100:.1f}%"


def _interval(result: ZoneResult) -> str:
    if result.rank_low is None or result.rank_high is None:
        return "—"
    return f"{result.rank_low.normalize():f}—{result.rank_high.normalize():f}"
