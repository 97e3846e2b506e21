"""The run as a workbook that computes itself: an official can follow every point by hand.

Weighted sums, efficacy and min-max scores, bonus, deduction, veto and ranks are live formulas; what
no cell formula can say (medians for missing figures, growth shares, other means) stands as the
number the engine gave, on a grey ground. Each formula carries its result, so that a reader that
does not compute shows it; a last column compares with what the system keeps.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from jingkai.engine.composite import Cell
from jingkai.engine.composite.method import Mean, Normalise, Scale

from ..definition import Node
from ..points import point_rules
from .paper import Paper

TREE, RAW, SCALED, SUM, POINTS, NOTES = "指标体系", "原始数据", "标准化", "得分", "台账", "说明"
FIRST: Final = 4
"""First row of zones, from 0, on every sheet of figures."""
TOLERANCE: Final = 1e-9
UNRANKED: Final = {
    "few_peers": "参评数量过少，不排名",
    "coverage": "数据覆盖率不足，不排名",
    "vetoed": "一票否决，不排名",
    "no_score": "无得分",
}
CELLS: Final = {
    Cell.IMPUTED: "插补",
    Cell.WINSORISED_HIGH: "缩尾",
    Cell.WINSORISED_LOW: "缩尾",
    Cell.LOGGED: "取对数",
}


def workbook_of(paper: Paper) -> bytes:
    """The workbook; sheets: notes, tree, figures, scaled scores, scores and ranks, ledger."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    _Writer(paper, book).write()
    book.close()
    return out.getvalue()


def exactly(text: str) -> str:
    """A criterion that only this text meets, to stand between quotes in a formula.

    >>> exactly('a*"b')
    '=a~*""b'
    """
    for sign in "~*?":
        text = text.replace(sign, f"~{sign}")
    return "=" + text.replace('"', '""')


@dataclass
class _Writer:
    paper: Paper
    book: Any
    columns: dict[str, int] = field(default_factory=dict)
    """Column of each node on the sheet of scores."""

    def write(self) -> None:
        self._formats()
        sheets = {
            name: self.book.add_worksheet(name) for name in (NOTES, TREE, RAW, SCALED, SUM, POINTS)
        }
        self._tree(sheets[TREE])
        self._raw(sheets[RAW])
        self._scaled(sheets[SCALED])
        self._points(sheets[POINTS])
        self._sum(sheets[SUM])
        self._notes(sheets[NOTES])
        sheets[SUM].activate()

    def _formats(self) -> None:
        make = self.book.add_format
        self.title = make({"bold": True, "font_size": 14})
        self.mark = make({"font_color": "#b42318"})
        self.head = make(
            {"bold": True, "bg_color": "#e8eef7", "border": 1, "text_wrap": True, "valign": "top"}
        )
        self.text = make({"border": 1})
        self.wrapped = make({"text_wrap": True, "valign": "top"})
        self.number = make({"border": 1, "num_format": "#,##0.0000"})
        self.raw = make({"border": 1, "num_format": "#,##0.######"})
        self.fixed = make({"border": 1, "num_format": "#,##0.0000", "bg_color": "#eeeeee"})
        self.whole = make({"border": 1, "num_format": "0"})
        self.least = make({"border": 1, "num_format": "0.00E+00"})

    def _frame(self, sheet: Any, name: str, heads: Sequence[tuple[str, str, str]]) -> None:
        """Title, mark, and three lines of heading: name, code, what stands below them."""
        sheet.write_string(0, 0, f"{self._what} {name}", self.title)
        if self.paper.mark:
            sheet.write_string(0, 4, self.paper.mark, self.mark)
        for column, lines in enumerate(heads):
            for row, line in enumerate(lines, start=1):
                sheet.write_string(row, column, line, self.head)
        sheet.set_row(1, 48)
        sheet.set_column(0, 0, 12)
        sheet.set_column(1, 1, 28)
        sheet.set_column(2, max(len(heads) - 1, 2), 14)
        sheet.freeze_panes(FIRST, 2)
        for row, unit in enumerate(self.paper.units, start=FIRST):
            sheet.write_string(row, 0, unit.code, self.text)
            sheet.write_string(row, 1, unit.name, self.text)

    @property
    def _what(self) -> str:
        return f"{self.paper.run.version.scheme.name}（{self.paper.run.year}年）"

    @property
    def _last(self) -> int:
        return FIRST + len(self.paper.units) - 1

    def _tree(self, sheet: Any) -> None:
        heads = ("代码", "上级", "名称", "分值", "方向", "数据来源", "增速占比", "已核实")
        sheet.write_string(0, 0, f"{self._what} {TREE}", self.title)
        for column, label in enumerate(heads):
            sheet.write_string(2, column, label, self.head)
        for row, node in enumerate(self.paper.definition.nodes, start=3):
            direction = {1: "正向", -1: "逆向"}.get(node.direction or 0, "")
            source = (node.indicator or "暂无数据来源") if node.is_leaf else ""
            for column, text in enumerate((node.code, node.parent, node.name)):
                sheet.write_string(row, column, text, self.text)
            sheet.write_number(row, 3, float(node.points), self.number)
            sheet.write_string(row, 4, direction if node.is_leaf else "", self.text)
            sheet.write_string(row, 5, source, self.text)
            sheet.write_string(row, 6, str(node.growth_share or ""), self.text)
            sheet.write_string(row, 7, "是" if node.verified else "未核实", self.text)
        sheet.set_column(0, 1, 14)
        sheet.set_column(2, 2, 34)
        sheet.set_column(3, 7, 14)

    def _raw(self, sheet: Any) -> None:
        year = self.paper.run.year
        shown = [(leaf, year) for leaf in self.paper.definition.leaves]
        shown += [(leaf, year - 1) for leaf in self.paper.definition.leaves if leaf.growth_share]
        heads = [("开发区代码", "", ""), ("开发区", "", "")]
        heads += [(leaf.name, leaf.code, f"{y}年 {leaf.unit}".strip()) for leaf, y in shown]
        self._frame(sheet, RAW, heads)
        for column, (leaf, y) in enumerate(shown, start=2):
            for row, unit in enumerate(self.paper.units, start=FIRST):
                value = self.paper.figure(unit.code, leaf.code, y)
                if value is None:
                    sheet.write_blank(row, column, None, self.raw)
                else:
                    sheet.write_number(row, column, float(value), self.raw)

    def _scaled(self, sheet: Any) -> None:
        leaves = self.paper.definition.leaves
        heads = [("开发区代码", "", ""), ("开发区", "", "")]
        heads += [(leaf.name, leaf.code, self._how(leaf)) for leaf in leaves]
        self._frame(sheet, SCALED, heads)
        for column, leaf in enumerate(leaves, start=2):
            for row, unit in enumerate(self.paper.units, start=FIRST):
                score = self.paper.score(unit.code, leaf.code)
                if self._is_live(leaf):
                    formula = self._scale_formula(leaf, row, column)
                    sheet.write_formula(
                        row, column, formula, self.number, "" if score is None else score
                    )
                elif score is None:
                    sheet.write_blank(row, column, None, self.fixed)
                else:
                    sheet.write_number(row, column, score, self.fixed)

    def _how(self, leaf: Node) -> str:
        if self._is_live(leaf):
            return "公式"
        touched = {self.paper.cell(unit.code, leaf.code) for unit in self.paper.units}
        words = dict.fromkeys(CELLS[cell] for cell in CELLS if cell in touched)
        if leaf.growth_share:
            words["含增速"] = None
        return "系统值" + (f"（{'、'.join(words)}）" if words else "")

    def _is_live(self, leaf: Node) -> bool:
        """Whether a formula on the raw figures alone gives the score."""
        scale = self._scale(leaf)
        plain = {self.paper.cell(u.code, leaf.code) for u in self.paper.units} <= {
            Cell.RAW,
            Cell.MISSING,
        }
        values = [
            self.paper.figure(u.code, leaf.code, self.paper.run.year) for u in self.paper.units
        ]
        spread = len({v for v in values if v is not None}) > 1
        known = scale.method in (Scale.MINMAX, Scale.EFFICACY)
        return plain and spread and known and not leaf.growth_share

    def _scale(self, leaf: Node) -> Normalise:
        return self.paper.method.normalise.of(leaf.code)

    def _scale_formula(self, leaf: Node, row: int, column: int) -> str:
        scale = self._scale(leaf)
        cell = f"{RAW}!{xl_rowcol_to_cell(row, column, col_abs=True)}"
        name = xl_col_to_name(column, True)
        field_ = f"{RAW}!{name}${FIRST + 1}:{name}${self._last + 1}"
        low, high = f"MIN({field_})", f"MAX({field_})"
        from_, to = (low, high) if leaf.direction == 1 else (high, low)
        return (
            f"=IF(ISNUMBER({cell}),{scale.low:g}+({scale.high:g}-{scale.low:g})"
            f'*({cell}-{from_})/({to}-{from_}),"")'
        )

    def _sum(self, sheet: Any) -> None:
        leaves, inner = self.paper.definition.leaves, self.paper.aggregates
        for column, node in enumerate((*leaves, *inner), start=2):
            self.columns[node.code] = column
        after = 2 + len(leaves) + len(inner)
        ends = ("加分", "扣分", "最终得分", "参加排名", "排名", "系统得分", "差异", "核对")
        heads = [("开发区代码", "", ""), ("开发区", "", "分值 →")]
        heads += [(n.name, n.code, "") for n in (*leaves, *inner)]
        heads += [(label, "", "") for label in ends]
        self._frame(sheet, SUM, heads)
        for node in (*leaves, *inner):
            sheet.write_number(3, self.columns[node.code], float(node.points), self.head)
        place = {leaf.code: k for k, leaf in enumerate(leaves, start=2)}
        for row, unit in enumerate(self.paper.units, start=FIRST):
            for leaf in leaves:
                score = self.paper.score(unit.code, leaf.code)
                source = xl_rowcol_to_cell(row, place[leaf.code])
                sheet.write_formula(
                    row,
                    self.columns[leaf.code],
                    f'=IF(ISNUMBER({SCALED}!{source}),{SCALED}!{source},"")',
                    self.number,
                    "" if score is None else score,
                )
            for node in inner:
                self._aggregate(sheet, row, unit.code, node)
            self._ends(sheet, row, unit.code, after)

    def _aggregate(self, sheet: Any, row: int, zone: str, node: Node) -> None:
        score = self.paper.score(zone, node.code)
        column = self.columns[node.code]
        if not self._is_sum(node):
            if score is None:
                sheet.write_blank(row, column, None, self.fixed)
            else:
                sheet.write_number(row, column, score, self.fixed)
            return
        children = [self.columns[child.code] for child in self.paper.definition.children(node.code)]
        cells = [xl_rowcol_to_cell(row, k) for k in children]
        weights = [xl_rowcol_to_cell(3, k, row_abs=True) for k in children]
        above = "+".join(f"N({c})*{w}" for c, w in zip(cells, weights, strict=True))
        below = "+".join(f"ISNUMBER({c})*{w}" for c, w in zip(cells, weights, strict=True))
        level = self.paper.element(node.code).level
        least = self.paper.method.aggregate.threshold(level)
        there = f"COUNT({','.join(cells)})"
        enough = f"AND({there}>0,{there}>={least:g}*{len(cells)})"
        formula = f'=IF({enough},IF(({below})=0,"",({above})/({below})),"")'
        sheet.write_formula(row, column, formula, self.number, "" if score is None else score)

    def _is_sum(self, node: Node) -> bool:
        level = self.paper.element(node.code).level
        return self.paper.method.aggregate.of(node.code, level).mean is Mean.ARITHMETIC

    def _ends(self, sheet: Any, row: int, zone: str, at: int) -> None:
        built = self.paper.built
        place = built.units.index(zone) if zone in built.units else None
        adjusted = built.adjusted
        bonus = deduction = 0.0
        if adjusted is not None and place is not None:
            bonus = float(adjusted.bonus[place])
            deduction = float(adjusted.deduction[place])
        code = xl_rowcol_to_cell(row, 0, col_abs=True)
        for k, (kind, value) in enumerate((("bonus", bonus), ("deduction", deduction))):
            sheet.write_formula(row, at + k, self._points_formula(kind, code), self.number, value)
        final = self.paper.final(zone)
        sheet.write_formula(
            row, at + 2, self._final_formula(row, zone, at), self.number,
            "" if final is None else final,
        )  # fmt: skip
        result = self.paper.results[zone]
        sheet.write_number(row, at + 3, 1 if result.rank else 0, self.whole)
        mine = xl_rowcol_to_cell(row, at + 2)
        scores = self._column(at + 2)
        takes_part = self._column(at + 3)
        said = UNRANKED.get(result.why_unranked, "")
        sheet.write_formula(
            row,
            at + 4,
            f"=IF({xl_rowcol_to_cell(row, at + 3)}=1,"
            f'1+SUMIFS({takes_part},{takes_part},1,{scores},">"&({mine}+{TOLERANCE:g})),"{said}")',
            self.text,
            result.rank or said,
        )
        if final is None:
            sheet.write_blank(row, at + 5, None, self.number)
        else:
            sheet.write_number(row, at + 5, final, self.number)
        kept = xl_rowcol_to_cell(row, at + 5)
        sheet.write_formula(
            row, at + 6, f'=IF(ISNUMBER({kept}),ABS({mine}-{kept}),"")', self.least,
            "" if final is None else 0,
        )  # fmt: skip
        gap = xl_rowcol_to_cell(row, at + 6)
        sheet.write_formula(
            row, at + 7, f'=IF({gap}="","",IF({gap}<{TOLERANCE:g},"一致","不一致"))', self.text,
            "" if final is None else "一致",
        )  # fmt: skip

    def _points_formula(self, kind: str, zone: str) -> str:
        """Each rule of points up to its own cap, then all of a kind up to the scheme's."""
        adjust = self.paper.method.adjust
        cap = getattr(adjust, f"{kind}_cap") if adjust else None
        caps = point_rules(self.paper.definition.ledger_rules)
        used = dict.fromkeys(line.rule for line in self.paper.lines if line.kind == kind)
        parts = []
        for rule in used:
            of_rule = (
                f"SUMIFS({POINTS}!$E:$E,{POINTS}!$A:$A,{zone},"
                f'{POINTS}!$C:$C,"{kind}",{POINTS}!$D:$D,"{exactly(rule)}")'
            )
            limit = caps[rule].cap if rule in caps else None
            parts.append(of_rule if limit is None else f"MIN({float(limit):g},{of_rule})")
        total = "+".join(parts) or "0"
        return f"={total}" if cap is None else f"=MIN({cap:g},{total})"

    def _column(self, column: int) -> str:
        name = xl_col_to_name(column, True)
        return f"{name}${FIRST + 1}:{name}${self._last + 1}"

    def _final_formula(self, row: int, zone: str, at: int) -> str:
        root = xl_rowcol_to_cell(row, self.columns[self.paper.definition.root.code])
        bonus, deduction = xl_rowcol_to_cell(row, at), xl_rowcol_to_cell(row, at + 1)
        adjust = self.paper.method.adjust
        total = f"{root}+{bonus}-{deduction}"
        if adjust is not None and adjust.floor is not None:
            total = f"MAX({total},MIN({adjust.floor:g},{root}+{bonus}))"
        if adjust is not None and adjust.veto:
            code = xl_rowcol_to_cell(row, 0, col_abs=True)
            vetoed = f'COUNTIFS({POINTS}!$A:$A,{code},{POINTS}!$C:$C,"veto")>0'
            after = {
                "zero": "0",
                "cap": f"MIN({total},{adjust.veto_cap:g})",
                "exclude": '""',
            }[adjust.veto_effect]
            total = f"IF({vetoed},{after},{total})"
        return f'=IF(ISNUMBER({root}),{total},"")'

    def _points(self, sheet: Any) -> None:
        sheet.write_string(0, 0, f"{self._what} {POINTS}", self.title)
        for column, label in enumerate(("开发区代码", "开发区", "类别", "规则", "分值", "事由")):
            sheet.write_string(2, column, label, self.head)
        for row, line in enumerate(self.paper.lines, start=3):
            for column, text in enumerate((line.zone.code, line.zone.name, line.kind, line.rule)):
                sheet.write_string(row, column, text, self.text)
            sheet.write_number(row, 4, float(line.points), self.number)
            sheet.write_string(row, 5, line.text, self.text)
        if not self.paper.lines:
            sheet.write_string(3, 0, "本次评价没有加分、扣分或一票否决事项。")
        sheet.set_column(0, 0, 12)
        sheet.set_column(1, 1, 28)
        sheet.set_column(2, 4, 12)
        sheet.set_column(5, 5, 60)

    def _notes(self, sheet: Any) -> None:
        run = self.paper.run
        sheet.set_column(0, 0, 18)
        sheet.set_column(1, 1, 90)
        sheet.write_string(0, 0, self._what, self.title)
        facts = (
            ("性质", "试算" if self.paper.is_trial else "正式评价"),
            ("标注", self.paper.mark or "无"),
            ("数据年度", str(run.year)),
            ("数据截止时点", run.as_of.isoformat(timespec="seconds")),
            ("方案版本", f"{self.paper.definition.scheme} 第{self.paper.definition.number}版"),
            ("随机种子", str(run.seed)),
            ("模拟次数", str(run.replications)),
            ("输入摘要 SM3", run.inputs_digest),
            ("结果摘要 SM3", run.result_digest),
            (
                "怎样核对",
                "“得分”表的公式由“标准化”“台账”两表计算；“标准化”表的公式由“原始数据”计算。",
            ),
            (
                "灰色单元格",
                "系统计算的数值：含插补、缩尾、增速或非加权求和的步骤，公式无法简单表达。",
            ),
            (
                "缺失数据",
                f"{self.paper.missing_words}；覆盖率不足的不排名。",
            ),
            ("核对列", f"公式结果与系统保存的得分相差小于 {TOLERANCE:g} 时为“一致”。"),
        )
        for row, (label, text) in enumerate(facts, start=2):
            sheet.write_string(row, 0, label, self.head)
            sheet.write_string(row, 1, text, self.wrapped)
