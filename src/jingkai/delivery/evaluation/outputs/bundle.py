"""The files with which `jingkai composite` makes the run again, to the last digit."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any, Final

import yaml

from ..computing.outcome import with_variation
from ..definition import GROUP_COLUMN
from ..models import ZoneResult
from .paper import Paper

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
README: Final = """\
{title}
{mark}
data.csv     冻结的数据：每个开发区一行；“代码.base”为上年数；bonus、deduction、veto 为台账合计。
meta.csv     指标体系：分值即权重。
method.yaml  方法；uncertainty 为位次区间所变动的内容。
results.csv  系统中保存的结果。

重新计算：
  jingkai composite build --data data.csv --meta meta.csv --method method.yaml --out build
  jingkai composite uncertainty --data data.csv --meta meta.csv --method method.yaml \\
      --replications {replications} --seed {seed} --out uncertainty

build/scores.csv 的 score 一列应与 results.csv 的 score 一列逐位相同。
覆盖率不足、被一票否决的开发区有得分但不参加排名，组内不足 {min_group} 个开发区时不排名：
results.csv 的 rank 只在参加排名的开发区之间计算。

输入摘要（SM3）  {inputs}
结果摘要（SM3）  {result}
计算引擎版本     {engine}
"""


def bundle_of(paper: Paper) -> bytes:
    """A zip of data.csv, meta.csv, method.yaml, results.csv and README.txt; same run, same bytes.

    Numbers are written as `repr` writes the engine's own, so that nothing is lost.
    """
    run = paper.run
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (
            ("data.csv", _data(paper)),
            ("meta.csv", _meta(paper)),
            ("method.yaml", yaml.safe_dump(_method(paper), allow_unicode=True, sort_keys=False)),
            ("results.csv", _results(paper)),
            (
                "README.txt",
                README.format(
                    title=f"{paper.definition.scheme} {run.year}",
                    mark=paper.mark,
                    replications=run.replications,
                    seed=run.seed,
                    min_group=paper.definition.min_group,
                    inputs=run.inputs_digest,
                    result=run.result_digest,
                    engine=run.engine,
                ),
            ),
        ):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content.encode())
    return out.getvalue()


def _data(paper: Paper) -> str:
    table = paper.table
    names = {unit.code: unit.name for unit in paper.units}
    columns = list(table.numbers)
    rows = (
        [code, _shown(names[code]), table.texts[GROUP_COLUMN][row]]
        + [_text(float(table.numbers[column][row])) for column in columns]
        for row, code in enumerate(table.units)
    )
    return _csv(["unit", "name", GROUP_COLUMN, *columns], rows)


def _meta(paper: Paper) -> str:
    head = ["code", "label", "level", "parent", "direction", "weight", "target"]
    rows = (
        [
            element.code,
            _shown(element.label),
            str(element.level),
            element.parent,
            "" if element.direction is None else str(element.direction),
            _text(element.numbers["weight"]),
            _text(element.numbers.get("target", float("nan"))),
        ]
        for element in (paper.element(node.code) for node in paper.definition.nodes)
    )
    return _csv(head, rows)


def _method(paper: Paper) -> dict[str, Any]:
    """The method; where the scheme varies nothing, with what was assumed for the intervals."""
    data = paper.definition.method_data()
    if paper.method.vary.is_empty:
        vary = with_variation(paper.method, paper.tree).vary
        data["uncertainty"] = {
            **({"weights": {"noise": vary.weight_noise}} if vary.weight_noise else {}),
            **({"aggregate": [one.label for one in vary.aggregate]} if vary.aggregate else {}),
        }
    return data


def _results(paper: Paper) -> str:
    head = ["unit", "score", "rank", "rank_in_group", "rank_q05", "rank_q95", "coverage", "why"]
    rows = (_result_row(paper, unit.code, paper.results[unit.code]) for unit in paper.units)
    return _csv(head, rows)


def _result_row(paper: Paper, code: str, result: ZoneResult) -> list[str]:
    score = paper.final(code)
    said = (result.rank, result.group_rank, result.rank_low, result.rank_high, result.coverage)
    return [
        code,
        "" if score is None else repr(score),
        *("" if value is None else str(value) for value in said),
        result.why_unranked,
    ]


def _shown(name: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    return f"'{name}" if name.startswith(("=", "+", "-", "@", "\t", "\r")) else name


def _text(value: float) -> str:
    return "" if value != value else repr(value)


def _csv(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return out.getvalue()
