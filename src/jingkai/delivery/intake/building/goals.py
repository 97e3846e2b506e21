"""Targets of the pack, and the indicators and units they need."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from .duties import fitted
from .measuring import measure, scaled
from .plan import Draft, Taken, figure

_NATURE: Final = {
    "average_growth": "growth",
    "reduction": "fall",
    "qualitative": "quality",
}
_TITLES: Final = {
    "average_growth": "年均增速",
    "share": "占比",
    "reduction": "降幅",
    "relative_to_benchmark": "与参照比较",
}


def nature(row: Mapping[str, Any]) -> str:
    """What a statement speaks of, as the pack's own check groups statements."""
    if row["kind"] == "relative_to_benchmark":
        return "fall" if row.get("measured_as") == "reduction" else "relative"
    return _NATURE.get(row["kind"], "amount")


def quantity(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Statements with one quantity share a group."""
    return (row.get("indicator") or row["group"], row.get("horizon"), nature(row))


def targets(draft: Draft) -> None:
    """Every statement of a goal; a joined one takes the document's figure."""
    rows = draft.rows("targets.yaml", "targets")
    units = {unit["code"]: unit["name_zh"] for unit in draft.rows("indicators.yaml", "units")}
    for item in draft.of("target"):
        row = draft.by_code.get(item.match) if item.match else None
        if item.match and row is None:
            draft.mistake(item, "match", _("This target is not in the pack of the document."))
            continue
        if row is None:
            row = _new(draft, item)
            if row is None:
                continue
            rows.append(row)
        else:
            _update(draft, row, item, units.get(row.get("unit") or "", ""))
        draft.made[id(row)] = item.key
        draft.built.codes[item.key] = row["id"]


def _update(draft: Draft, row: dict[str, Any], item: Taken, unit: str) -> None:
    data = item.data
    value = figure(data.get("value"))
    if value is not None and row.get("value") is not None:
        made = scaled(value, str(data.get("unit") or ""), unit)
        if made is None:
            message = _("The unit %(one)s cannot be turned into %(other)s. Correct the figure.")
            draft.mistake(item, "unit", message % {"one": data.get("unit"), "other": unit})
            return
        if made != row["value"]:
            row["value"] = made.normalize() if made == made.to_integral() else made
    if data.get("year") and row.get("horizon") and int(row["horizon"]) != data["year"]:
        row["horizon"] = Decimal(data["year"])
    if data["modality"] != row["modality"]:
        row["modality"] = data["modality"]
    base = data.get("base_year")
    if base and row.get("base_year") != base:
        row["base_year"] = Decimal(base)
    for field, name in (("title", "title_zh"), ("title_en", "title_en")):
        if field in item.corrected and data[field]:
            row[name] = fitted(str(data[field]), "", low=6)


def _new(draft: Draft, item: Taken) -> dict[str, Any] | None:
    data = item.data
    kind = str(data["kind"])
    if kind == "growth":
        message = _("Growth in all is no kind of target here. Correct the kind, or reject it.")
        draft.mistake(item, "kind", message)
        return None
    if data.get("high"):
        message = _("A range is given. Correct it to the figure that is to be reached.")
        draft.mistake(item, "value", message)
        return None
    if kind not in ("qualitative", "cap") and not data.get("year"):
        draft.mistake(item, "year", _("Name the year it is due."))
        return None
    row: dict[str, Any] = {
        "id": _id(draft),
        "group": "",
        "indicator": None,
        "kind": kind,
        "modality": str(data["modality"]),
        "value": figure(data.get("value")),
        "unit": None,
        "horizon": Decimal(data["year"]) if data.get("year") else None,
        "base_year": Decimal(data["base_year"]) if data.get("base_year") else None,
        "place": place_of(draft, str(data.get("place") or "")),
        "status": "agreed",
        "title_zh": _title(data),
        "title_en": str(data.get("title_en") or "Target as stated in the document"),
    }
    if kind == "cap" and row["modality"] != "at_most":
        row["modality"] = "at_most"
    if kind == "qualitative":
        row["value"], row["group"] = None, f"{row['id']}.qualitative"
        return row
    measure(draft, item, row)
    row["group"] = _group_of(draft, row)
    return row


def _id(draft: Draft) -> str:
    used = {row["id"] for row in draft.rows("targets.yaml", "targets")}
    number = next(n for n in range(1, 100_000) if f"N{n}" not in used)
    return f"N{number}"


def _title(data: Mapping[str, Any]) -> str:
    given = str(data.get("title") or "")
    if not given:
        year = f"{data['year']}年" if data.get("year") else ""
        given = f"{year}{data['indicator']}"
        suffix = _TITLES.get(str(data["kind"]), "")
        given = given[: 25 - len(suffix)] + suffix
    return fitted(given, "目标", low=6)


def _group_of(draft: Draft, row: Mapping[str, Any]) -> str:
    wanted = quantity(row)
    for other in draft.rows("targets.yaml", "targets"):
        if other.get("indicator") and quantity(other) == wanted:
            return str(other["group"])
    year = f".{int(row['horizon'])}" if row.get("horizon") else ""
    return f"{row['indicator']}{year}.{nature(row)}"


def place_of(draft: Draft, place: str) -> str:
    """The reader's place in the pack's words; what the pack cannot say is said of the text."""
    kind, _colon, rest = place.partition(":")
    codes = draft.built.codes
    if kind == "annex2" and f"task:{rest}" in codes:
        return f"annex2:{codes[f'task:{rest}'].rpartition('-')[2]}"
    if kind == "clause" and rest in codes:
        return f"clause:{codes[rest]}"
    if kind in ("measure", "clause"):
        key = rest.split(".")[0]
        key = f"m{int(key):02d}" if key.isdigit() else key
        return f"measure:{int(codes[key][1:])}" if key in codes else "measures:all"
    if kind == "text" and rest:
        return f"text:{rest}"
    if kind == "annex1" and rest.isdigit():
        return f"annex1:{rest}"
    return "text:1"


def rows_of_annex(draft: Draft) -> int:
    """Rows of the table of targets, numbered without gaps as the pack counts them."""
    rows = draft.rows("targets.yaml", "targets")
    refs = sorted(
        {int(r["place"].partition(":")[2]) for r in rows if str(r["place"]).startswith("annex1:")}
    )
    order = {ref: at for at, ref in enumerate(refs, start=1)}
    if any(ref != at for ref, at in order.items()):
        for row in rows:
            if str(row["place"]).startswith("annex1:"):
                row["place"] = f"annex1:{order[int(row['place'].partition(':')[2])]}"
    return len(refs)
