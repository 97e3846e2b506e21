"""The indicators and units that targets need: another pack's word first, else declared anew."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from . import naming
from .naming import code_of
from .plan import Draft, Taken

_MONEY: Final = {
    "万亿": Decimal(10_000),
    "千亿": Decimal(1000),
    "百亿": Decimal(100),
    "亿": Decimal(1),
    "万": Decimal("0.0001"),
}


def scaled(value: Decimal, unit: str, wanted: str) -> Decimal | None:
    """`value` in `unit` as a number in `wanted`; None when the two have nothing in common.

    >>> scaled(Decimal("24400000"), "万元", "亿元"), scaled(Decimal(3), "家", "户")
    (Decimal('2440.0000'), Decimal('3'))
    """
    counts = {"家", "户", "个", "项", "座", "所", ""}
    if unit == wanted or not unit or {unit, wanted} <= counts:
        return value
    for scale, factor in _MONEY.items():
        for other, divisor in _MONEY.items():
            if unit.startswith(scale) and wanted == other + unit[len(scale) :]:
                return value * factor / divisor
    if "%" in unit and wanted in ("%", "％"):
        return value
    return None


def measure(draft: Draft, item: Taken, row: dict[str, Any]) -> None:
    """Set indicator, unit, benchmark and what is compared, declaring what is missing."""
    data, kind = item.data, row["kind"]
    name = str(data["indicator"])
    unit = "%" if kind in ("average_growth", "reduction", "share") else str(data.get("unit") or "")
    code = str(data.get("indicator_code") or data.get("indicator_proposal") or "")
    if code:
        adopt(draft, code)
    known = _known(draft)
    whole = str(data.get("benchmark") or "全市")
    if kind == "share":
        base = code if code in known and not known[code].get("formula") else ""
        row["indicator"], row["benchmark"] = _share(draft, name, base, whole)
        row["unit"] = _unit(draft, "%")
    elif kind == "relative_to_benchmark":
        falls = (bool(row["base_year"]) and "下降" in str(data.get("clause", ""))) or (
            str(data.get("measured_as") or "") == "reduction"
        )
        growth = not falls
        row["indicator"] = _growth(draft, name, code, fall=falls, base=row["base_year"])
        row["benchmark"] = _growth(
            draft, f"{whole}{name}", "", fall=falls, base=row["base_year"], city=True
        )
        row["measured_as"] = "level" if growth else "reduction"
        row["unit"] = _unit(draft, "%")
    elif kind == "intensity_ratio":
        row["indicator"] = code if code in known else _ratio(draft, name, unit)
        row["unit"] = known.get(code, {}).get("unit") or _unit(draft, unit)
    else:
        row["indicator"] = (
            code if code in known else _indicator(draft, name, _level_unit(unit, kind))
        )
        row["unit"] = (
            _unit(draft, "%")
            if kind in ("average_growth", "reduction")
            else _known(draft)[row["indicator"]]["unit"]
        )
    own = {u["code"]: u["name_zh"] for u in draft.rows("indicators.yaml", "units")}
    if row["value"] is not None:
        value = scaled(row["value"], str(data.get("unit") or ""), own[row["unit"]])
        if value is None:
            message = _("The unit %(one)s cannot be turned into %(other)s. Correct the figure.")
            units = {"one": data.get("unit"), "other": own[row["unit"]]}
            draft.mistake(item, "unit", message % units)
        else:
            row["value"] = value


def _level_unit(unit: str, kind: str) -> str:
    return "" if kind in ("average_growth", "reduction") else unit


def _known(draft: Draft) -> dict[str, dict[str, Any]]:
    return {row["code"]: row for row in draft.rows("indicators.yaml", "indicators")}


def adopt(draft: Draft, code: str) -> bool:
    """Take an indicator that another pack declares, with its unit, inputs and bodies."""
    if code in _known(draft):
        return True
    record = draft.plan.catalogue.get(code)
    if record is None:
        return False
    row = {**record, "unit": record["unit"]["code"]}
    units = draft.rows("indicators.yaml", "units")
    same = [u for u in units if u["name_zh"] == record["unit"]["name_zh"]]
    if same:
        row["unit"] = same[0]["code"]
    else:
        units.append(dict(record["unit"]))
    for body in (row["responsible"], row["verifying"]):
        naming.from_register(draft, body)
    formula = row.get("formula") or {}
    inputs = (formula.get("numerator"), formula.get("denominator"), *formula.get("terms", ()))
    for used in inputs:
        if used:
            adopt(draft, used)
    draft.rows("indicators.yaml", "indicators").append(row)
    return True


def _unit(draft: Draft, name: str) -> str:
    rows = draft.rows("indicators.yaml", "units")
    name = {"％": "%", "": "项"}.get(name, name)
    for row in rows:
        if row["name_zh"] == name:
            return str(row["code"])
    used = {row["code"] for row in rows}
    code = "PERCENT" if name == "%" else code_of("单位" + name, used, initials=True)
    dimension = "ratio" if "%" in name or "/" in name else "money" if "元" in name else "count"
    rows.append({"code": code, "name_zh": name, "name_en": name, "dimension": dimension})
    return code


def _declare(draft: Draft, name: str, unit: str, **more: Any) -> str:
    rows = draft.rows("indicators.yaml", "indicators")
    for row in rows:
        if row["name_zh"] == name[:40]:
            return str(row["code"])
    for code, record in draft.plan.catalogue.items():
        if record["name_zh"] == name[:40] and adopt(draft, code):
            return code
    head = draft.plan.head
    used = {*draft.plan.indicators, *(row["code"] for row in rows)}
    row = {
        "code": code_of(name, used, initials=True),
        "name_zh": name[:40],
        "name_en": f"Indicator {len(rows) + 1}",
        "unit": _unit(draft, unit),
        "kind": "flow",
        "direction": "up",
        "scope": "zones",
        "frequency": "year",
        "value_mode": "ytd",
        "time_aggregation": "sum",
        "place_aggregation": "sum",
        "price_basis": "none",
        "decimals": Decimal(2),
        "responsible": head.coordinator,
        "verifying": head.coordinator,
        "definition_zh": "按文件所列指标名称登记，口径待主管部门核定。",
        "verified": False,
        **more,
    }
    rows.append(row)
    return str(row["code"])


def _indicator(draft: Draft, name: str, unit: str) -> str:
    if unit in ("%", "％"):
        return _declare(
            draft,
            name,
            "%",
            kind="growth",
            value_mode="point",
            time_aggregation="never",
            place_aggregation="never",
        )
    if unit in ("家", "户", "个", "座", "所"):
        return _declare(
            draft,
            name,
            unit,
            kind="stock",
            value_mode="point",
            time_aggregation="last",
            decimals=Decimal(0),
        )
    return _declare(draft, name, unit or "亿元")


def _city(draft: Draft, name: str, unit: str, **more: Any) -> str:
    return _declare(draft, name, unit, scope="city", place_aggregation="never", **more)


def _share(draft: Draft, name: str, base: str, whole: str) -> tuple[str, str]:
    for row in draft.rows("indicators.yaml", "indicators"):
        formula = row.get("formula") or {}
        if base and formula.get("numerator") == base and formula.get("denominator"):
            return str(row["code"]), str(formula["denominator"])
    numerator = base or _indicator(draft, name, "")
    own = _known(draft)[numerator]
    units = {u["code"]: u["name_zh"] for u in draft.rows("indicators.yaml", "units")}
    city = _city(
        draft,
        f"{whole}{own['name_zh']}",
        units[own["unit"]],
        kind=own["kind"],
        value_mode=own["value_mode"],
        time_aggregation=own["time_aggregation"],
    )
    return _formula(draft, f"{own['name_zh']}占{whole}比重", "%", numerator, city), city


def _formula(draft: Draft, name: str, unit: str, numerator: str, denominator: str) -> str:
    scale = Decimal(100) if unit == "%" else Decimal(1)
    return _declare(
        draft,
        name,
        unit,
        kind="ratio",
        time_aggregation="weighted_ratio",
        place_aggregation="weighted_ratio",
        formula={
            "type": "ratio",
            "numerator": numerator,
            "denominator": denominator,
            "scale": scale,
        },
    )


def _ratio(draft: Draft, name: str, unit: str) -> str:
    above, _slash, below = unit.partition("/")
    numerator = _indicator(draft, f"{name}分子", above or "亿元")
    denominator = _declare(
        draft,
        f"{name}分母",
        below or "个",
        kind="stock",
        value_mode="point",
        time_aggregation="last",
    )
    return _formula(draft, name, unit or "%", numerator, denominator)


def _growth(
    draft: Draft, name: str, code: str, *, fall: bool, base: Decimal | None, city: bool = False
) -> str:
    known = _known(draft)
    wanted = "reduction" if fall else "growth"
    if code in known and (known[code]["kind"] == wanted or fall):
        return code
    more: dict[str, Any] = {
        "kind": wanted,
        "value_mode": "point",
        "time_aggregation": "never",
        "place_aggregation": "never",
    }
    if fall:
        more["base_year"] = base
    suffix = (
        "" if name.endswith(("增速", "增长率", "降幅", "下降率")) else "降幅" if fall else "增速"
    )
    if city:
        more["scope"] = "city"
    return _declare(draft, f"{name}{suffix}", "%", **more)
