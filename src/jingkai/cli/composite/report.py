"""An audit as a document: Markdown, HTML and JSON, in the terminal's language."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from typing import Any

from jingkai.engine.composite import Audit, Block, Rows

from ..texts import gettext as _
from .writing import plain

LONG = 60
"""Rows of a table that are shown; the JSON file holds all."""


def titles() -> dict[str, str]:
    """Headings and names of facts, columns and words in the terminal's language."""
    return {
        "data": _("Data"),
        "coherence": _("Internal coherence"),
        "uncertainty": _("Uncertainty analysis"),
        "sensitivity": _("Sensitivity analysis"),
        "use": _("Use: which conclusions survive"),
        "units": _("Evaluated units"),
        "units_left_out": _("Units left out for low coverage"),
        "indicators": _("Indicators"),
        "reversed_indicators": _("Indicators where less is better"),
        "denominated_indicators": _("Indicators divided by a denominator"),
        "coverage": _("Share of available values"),
        "indicators_with_low_coverage": _("Indicators with low coverage"),
        "units_with_low_coverage": _("Units with low coverage"),
        "imputed_cells": _("Imputed values"),
        "missing_cells": _("Values still missing"),
        "winsorised_cells": _("Winsorised values"),
        "logged_indicators": _("Indicators replaced by their logarithm"),
        "outlying_before": _("Indicators with outliers before treatment"),
        "outlying_after": _("Indicators with outliers after treatment"),
        "units_least_covered": _("Units with the lowest coverage"),
        "changed_cells": _("Changed values"),
        "groups_with_low_alpha": _("Groups with low Cronbach alpha"),
        "elements_against_their_group": _("Elements that run against their group"),
        "elements_weak_in_their_group": _("Elements weakly related to their group"),
        "redundant_pairs": _("Redundant pairs of elements"),
        "groups": _("Groups of elements"),
        "correlations": _("Correlations"),
        "importance": _("Nominal and effective importance"),
        "more_than_one_part": _("Units ranked differently by the index and by a part"),
        "assumed_variation": _("Assumed variation (the method names none)"),
        "replications": _("Replications"),
        "varied_imputation": _("Imputation varied over"),
        "varied_treatment": _("Most winsorised values varied over"),
        "varied_normalisation": _("Normalisation varied over"),
        "varied_aggregation": _("Aggregation varied over"),
        "share_of_narrow_intervals": _("Share of units with a narrow rank interval"),
        "share_with_nominal_rank_inside": _("Share of units whose rank lies in its interval"),
        "rank_intervals": _("Rank intervals (90 %)"),
        "neighbours": _("Neighbours in the ranking"),
        "mean_rank_shift": _("Mean absolute rank shift"),
        "estimator": _("Estimator"),
        "variance_shares": _("Shares of the variance of the rank shift"),
        "single_changes": _("One change at a time"),
        "leave_one_out": _("Leaving one element out"),
        "units_on_the_frontier": _("Units nobody outdoes under their own best weights"),
        "shift_under_own_best_weights": _("Mean rank shift when each unit takes its best weights"),
        "benefit_of_the_doubt": _("Benefit of the doubt: each unit under its own best weights"),
        "units_removed_in_turn": _("Units removed in turn"),
        "most_pairs_reversed": _("Most pairs reversed by one removal"),
        "removals_that_change_the_leader": _("Removals that change who leads"),
        "rank_reversals": _("Rank reversals"),
        "robust_top_group": _("Units surely in the top group"),
        "top_group_size": _("Size of the top group"),
        "neighbours_in_robust_order": _("Neighbours in sure order"),
        "share_of_robust_pairs": _("Share of all pairs in sure order"),
        "strengths_and_weaknesses": _("Strengths and weaknesses against the median"),
        "since_the_earlier_edition": _("Since the earlier edition"),
    }


def document(audit: Audit) -> list[tuple[str, Any]]:
    """The report as a list of (kind, content), from which each format is written."""
    names = titles()
    tree = audit.nominal.tree
    parts: list[tuple[str, Any]] = [
        ("h1", _("Audit of the index “%(index)s”") % {"index": tree.index}),
        ("p", _("Statistical soundness is necessary, not sufficient. ▲ marks what deserves a "
                "question; thresholds are conventions. Every number names the call that gave it.")),
    ]  # fmt: skip
    for number, block in enumerate(audit.blocks, start=1):
        parts.append(("h2", f"{number}. {names[block.name]}"))
        parts.append(("table", _facts(block, names)))
        for rows in block.tables:
            parts.append(("h3", names.get(rows.name, rows.name)))
            parts.append(("call", rows.call))
            parts.append(("table", _rows(rows)))
            if len(rows.rows) > LONG:
                more = _("%(more)d more rows are in audit.json.") % {"more": len(rows.rows) - LONG}
                parts.append(("p", more))
    if audit.nominal.notices:
        parts.append(("h2", _("Notes on this run")))
        shown = audit.nominal.notices[:LONG]
        parts.append(("list", [f"{n.step}: {n.message}" for n in shown]))
    return parts


def _facts(block: Block, names: dict[str, str]) -> tuple[list[str], list[list[str]]]:
    header = ["", _("finding"), _("value"), _("source of the number")]
    return header, [
        ["▲" if fact.flag else "", names.get(fact.name, fact.name), shown(fact.value), fact.call]
        for fact in block.facts
    ]


def columns() -> dict[str, str]:
    """Names of columns in the terminal's language; what is not here is a symbol."""
    return {
        "unit": _("evaluated unit"),
        "nominal": _("index rank"),
        "median": _("median"),
        "width": _("interval width"),
        "runs": _("runs counted"),
        "own best score": _("score under own best weights"),
        "own best rank": _("rank under own best weights"),
        "next unit": _("next in the ranking"),
        "P(before)": _("probability of coming first"),
        "indicator": _("indicator code"),
        "available": _("share available"),
        "zeros": _("share of zeros"),
        "unique": _("share of distinct values"),
        "skew": _("skewness"),
        "kurtosis": _("excess kurtosis"),
        "skew treated": _("skewness after treatment"),
        "kurtosis treated": _("excess kurtosis after treatment"),
        "how": _("how changed"),
        "from": _("value before"),
        "to": _("value after"),
        "group": _("group of elements"),
        "element": _("element of the index"),
        "elements": _("number of elements"),
        "alpha": _("Cronbach alpha"),
        "eigenvalues > 1": _("eigenvalues above 1"),
        "first component": _("share of the first component"),
        "one sign": _("loadings of one sign"),
        "with group": _("correlation with its group"),
        "with index": _("correlation with the index"),
        "weight": _("nominal weight"),
        "r² share": _("effective importance (share of r²)"),
        "weight in the index": _("weight in the index"),
        "share of units": _("share of evaluated units"),
        "input": _("varied choice"),
        "change": _("single change"),
        "mean shift": _("mean shift in ranks"),
        "largest shift": _("largest shift in ranks"),
        "lifted by": _("lifted by"),
        "held back by": _("held back by"),
        "rank before": _("rank in the earlier edition"),
        "rank now": _("rank in this edition"),
        "score before": _("score in the earlier edition"),
        "score now": _("score in this edition"),
    }


def _rows(rows: Rows) -> tuple[list[str], list[list[str]]]:
    names = columns()
    return [names.get(name, name) for name in rows.columns], [
        [shown(value) for value in row] for row in rows.rows[:LONG]
    ]


def shown(value: Any) -> str:
    """A number for reading: three decimals at most, a dash when there is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, float):
        if math.isnan(value):
            return "–"
        if math.isfinite(value) and value != int(value):
            return f"{value:.3f}" if abs(value) < 1000 else f"{value:,.1f}"
        return f"{value:,.0f}"
    return f"{value:,}"


def as_markdown(parts: Sequence[tuple[str, Any]]) -> str:
    """The document as Markdown."""
    lines: list[str] = []
    for kind, content in parts:
        match kind:
            case "h1" | "h2" | "h3":
                lines += [f"{'#' * int(kind[1])} {content}", ""]
            case "p":
                lines += [content, ""]
            case "call":
                lines += [f"`{content}`", ""]
            case "list":
                lines += [*(f"- {entry}" for entry in content), ""]
            case _:
                header, rows = content
                lines.append("| " + " | ".join(map(_cell, header)) + " |")
                lines.append("|" + "---|" * len(header))
                lines += ["| " + " | ".join(map(_cell, row)) + " |" for row in rows]
                lines.append("")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ") or " "


def as_html(parts: Sequence[tuple[str, Any]], language: str) -> str:
    """The document as one page without scripts or foreign resources."""
    body: list[str] = []
    for kind, content in parts:
        match kind:
            case "h1" | "h2" | "h3" | "p":
                body.append(f"<{kind}>{html.escape(content)}</{kind}>")
            case "call":
                body.append(f"<p><code>{html.escape(content)}</code></p>")
            case "list":
                entries = "".join(f"<li>{html.escape(entry)}</li>" for entry in content)
                body.append(f"<ul>{entries}</ul>")
            case _:
                header, rows = content
                body.append("<table><thead><tr>")
                body += [f"<th>{html.escape(name)}</th>" for name in header]
                body.append("</tr></thead><tbody>")
                for row in rows:
                    cells = "".join(f"<td>{html.escape(cell)}</td>" for cell in row)
                    body.append(f"<tr>{cells}</tr>")
                body.append("</tbody></table>")
    title = html.escape(parts[0][1])
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head><meta charset="utf-8">'
        f"<title>{title}</title>\n<link rel='stylesheet' href='audit.css'></head>\n<body>\n"
        + "\n".join(body)
        + "\n</body>\n</html>\n"
    )


STYLE = """body { font: 15px/1.6 "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; color: #1a2b42;
  max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h2 { border-bottom: 2px solid #1f5fbf; padding-bottom: .2rem; margin-top: 2.5rem; }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid #d5dce6; padding: .25rem .75rem .25rem 0; text-align: left;
  vertical-align: top; }
code { color: #5b6b80; font-size: 12px; }
@media print { body { margin: 0; max-width: none; } }
"""


def as_data(audit: Audit) -> dict[str, Any]:
    """Everything, for machines; names are keys, not translated."""
    return {
        "index": audit.nominal.tree.index,
        "limits": plain(audit.limits),
        "assumed": plain(audit.assumed) if audit.assumed else None,
        "blocks": [plain(block) for block in audit.blocks],
    }
