"""What a question of the reader computes, over the statements as they were taken over.

A conflict of a pack holds inputs and names of formulas, never results: a figure that a person
corrected is the figure that is reckoned with, and whoever reads the conflict sees it worked anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from .plan import Draft, Taken

Row = Mapping[str, Any]
_LEVELS: Final = frozenset({"level", "floor", "cap"})


def steps(draft: Draft, finding: Taken, named: Sequence[Row]) -> list[dict[str, Any]]:
    """The arithmetic of one finding about the targets `named`, as the pack writes it.

    Empty where the finding computes nothing, or where an input was not taken over.
    """
    known = [row for row in named if row.get("value") is not None and row.get("horizon")]
    match finding.data["kind"]:
        case "bases_disagree" | "base_unstated":
            made = _bases(known, finding.data["params"].get("base"))
        case "implied_whole":
            made = _wholes(draft, known)
        case "parts_disagree":
            made = _parts(draft, known)
        case "implied_pace":
            made = _paces(known)
        case "implied_denominator":
            made = _denominators(known)
        case _:
            return []
    return _numbered(made)


def _step(
    formula: str, inputs: Mapping[str, Row], chinese: str, english: str, base: int | None = None
) -> dict[str, Any]:
    step: dict[str, Any] = {
        "id": formula,
        "formula": formula,
        "inputs": {role: row["id"] for role, row in inputs.items()},
        "title_zh": chinese,
        "title_en": english,
    }
    return step if base is None else {**step, "base_year": Decimal(base)}


def _numbered(made: Iterator[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each computation once, with an id of its own."""
    found: list[dict[str, Any]] = []
    for step in made:
        if all(step["inputs"] != other["inputs"] for other in found):
            found.append({**step, "id": f"{step['id']}_{len(found) + 1}"})
    return found


def _bases(rows: Sequence[Row], default: Any) -> Iterator[dict[str, Any]]:
    """Each level with the rate that leads to it; of two levels the one beside the rate."""
    for growth in (row for row in rows if row["kind"] == "average_growth"):
        year = int(growth["horizon"])
        base = int(growth.get("base_year") or default or 0)
        levels = [r for r in rows if r["kind"] in _LEVELS and r["horizon"] == growth["horizon"]]
        beside = [row for row in levels if row["place"] == growth["place"]]
        if levels and 0 < base < year:
            yield _step(
                "base_from_growth",
                {"level": (beside or levels)[0], "growth": growth},
                f"由{year}年目标推算{base}年基数",
                f"Base of {base} implied by {year}",
                base,
            )


def _formula(draft: Draft, share: Row) -> Mapping[str, Any]:
    """Numerator and denominator of what a share is measured by."""
    rows = draft.rows("indicators.yaml", "indicators")
    found = next((row for row in rows if row["code"] == share["indicator"]), {})
    formula: Mapping[str, Any] = found.get("formula") or {}
    return formula


def _wholes(draft: Draft, rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """A share names itself alone; the level it is a share of stands elsewhere."""
    everything = draft.rows("targets.yaml", "targets")
    for share in (row for row in rows if row["kind"] == "share"):
        part = _formula(draft, share).get("numerator")
        for level in everything:
            same = level["indicator"] == part and level.get("horizon") == share["horizon"]
            if same and level["kind"] in _LEVELS and level["value"] is not None:
                yield _step(
                    "total_from_share",
                    {"level": level, "share": share},
                    f"由占比推算{int(share['horizon'])}年总量",
                    f"Whole of {int(share['horizon'])} implied by the share",
                )


def _parts(draft: Draft, rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    for share in (row for row in rows if row["kind"] == "share"):
        part = _formula(draft, share).get("numerator")
        levels = [r for r in rows if r["kind"] in _LEVELS and r["horizon"] == share["horizon"]]
        for level in (row for row in levels if row["indicator"] == part):
            for whole in (row for row in levels if row["indicator"] != part):
                yield _step(
                    "part_from_share",
                    {"level": level, "share": share, "whole": whole},
                    f"按占比推算{int(share['horizon'])}年数额",
                    f"Part of {int(share['horizon'])} implied by whole and share",
                )


def _paces(rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    levels = sorted((r for r in rows if r["kind"] in _LEVELS), key=lambda r: int(r["horizon"]))
    for early, late in pairwise(levels):
        one, two = int(early["horizon"]), int(late["horizon"])
        if one < two and early["indicator"] == late["indicator"]:
            yield _step(
                "rate_between",
                {"from": early, "to": late},
                f"{one}年至{two}年推得年均增速",
                f"Yearly growth implied from {one} to {two}",
            )


def _denominators(rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    for ratio in (row for row in rows if row["kind"] == "intensity_ratio"):
        for level in rows:
            if level["kind"] in _LEVELS and level["horizon"] == ratio["horizon"]:
                yield _step(
                    "denominator_from_ratio",
                    {"numerator": level, "ratio": ratio},
                    f"由比值推算{int(ratio['horizon'])}年分母",
                    f"Denominator of {int(ratio['horizon'])} implied by the ratio",
                )
