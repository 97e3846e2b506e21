"""The Shenyang pack is complete, and its numbers are those of the document."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from jingkai.packs.public import Pack, check_pack

from .conftest import SHIPPED

D = Decimal


def test_nothing_is_wrong_with_it() -> None:
    assert [str(problem) for problem in check_pack(SHIPPED)] == []


def test_measures_clauses_and_tasks_are_complete(pack: Pack) -> None:
    assert len(pack.measures) == 19
    assert [len(m.clauses) for m in pack.measures] == [
        *(7, 4, 6, 7),
        *(6, 5, 2, 4, 4, 3, 6),
        *(9, 4, 8, 8, 11),
        *(1, 5, 2),
    ]
    assert sum(not c.standing for c in pack.clauses) == 101
    assert [c.id for c in pack.clauses if c.standing] == ["m01.c01"]
    assert Counter(t.group for t in pack.tasks) == {"one": 8, "two": 5, "three": 6, "four": 4}
    assert [t.number for t in pack.tasks] == list(range(1, 24))


@pytest.mark.parametrize(
    ("row", "horizon", "expected"),
    [
        ("1", 2028, {("relative_to_benchmark", None)}),
        ("1", 2030, {("level", D("5250")), ("average_growth", D("5.86"))}),
        ("2", 2028, {("level", D("2200")), ("average_growth", D("4.9"))}),
        ("2", 2030, {("level", D("2440")), ("average_growth", D("5.2"))}),
        ("3", 2028, {("level", D("360")), ("average_growth", D("5"))}),
        ("3", 2030, {("level", D("395")), ("average_growth", D("4.4"))}),
        ("4", 2028, {("level", D("760")), ("average_growth", D("5.3"))}),
        ("4", 2030, {("level", D("870")), ("average_growth", D("6.9"))}),
        ("5", 2028, {("level", D("1400")), ("share", D("75"))}),
        ("5", 2030, {("level", D("1474")), ("average_growth", D("6.3"))}),
        ("6", 2028, {("average_growth", D("10"))}),
        ("6", 2030, {("average_growth", D("10")), ("level", D("3.15")), ("share", D("70"))}),
    ],
)
def test_annex_1_at_both_horizons(
    pack: Pack, row: str, horizon: int, expected: set[tuple[str, D | None]]
) -> None:
    found = {
        (str(t.kind), t.value)
        for t in pack.targets
        if str(t.place) == f"annex1:{row}" and t.horizon == horizon
    }
    assert found == expected


@pytest.mark.parametrize(
    ("indicator", "kind", "modality", "value"),
    [
        ("GDP_GROWTH", "relative_to_benchmark", "more_than", None),
        ("IND_VA", "level", "plain", D("2440")),
        ("IND_VA", "average_growth", "about", D("5")),
        ("BUDGET_REV", "level", "plain", D("395")),
        ("FAI", "level", "about", D("870")),
        ("TRADE", "level", "strive", D("1400")),
        ("TRADE_SHARE", "share", "strive", D("75")),
        ("FDI", "average_growth", "at_least", D("10")),
        ("FDI", "level", "plain", D("3.15")),
        ("FDI_SHARE", "share", "plain", D("70")),
        ("PROJECT_STARTS", "floor", "at_least", D("400")),
        ("HIGH_TECH_FIRMS", "level", "strive", D("3550")),
        ("LADDER_FIRMS", "level", "plain", D("1300")),
        ("RD_INSTITUTIONS", "level", "plain", D("420")),
        ("SMART_MANUFACTURING", "level", "plain", D("200")),
        ("LAND_DEV_RATE", "floor", "strive", D("75")),
        ("GDP_PER_LAND", "intensity_ratio", "plain", D("8.6")),
        ("ENERGY_INTENSITY", "relative_to_benchmark", "at_least", None),
        ("WATER_INTENSITY", "relative_to_benchmark", "at_least", None),
    ],
)
def test_targets_of_the_text(
    pack: Pack, indicator: str, kind: str, modality: str, value: D | None
) -> None:
    found = [
        t
        for t in pack.targets
        if t.place.kind == "text" and (t.indicator, t.kind) == (indicator, kind)
    ]
    assert [(t.modality, t.value, t.horizon) for t in found] == [(modality, value, 2030)]


def test_every_kind_of_target_occurs(pack: Pack) -> None:
    assert {str(t.kind) for t in pack.targets} == {
        *("level", "average_growth", "share", "floor", "cap"),
        *("relative_to_benchmark", "reduction", "intensity_ratio", "qualitative"),
    }


# Worked by hand from the document's figures, to the digits a reader would quote.
IMPLIED = {
    ("C01", "city_total_low"): "1867",
    ("C01", "city_total_high"): "1965",
    ("C02", "rate_2028_2030"): "0.026",
    ("C05", "base_by_2028"): "1906",
    ("C05", "base_by_2030"): "1894",
    ("C06", "base_by_2028"): "311",
    ("C06", "base_by_2030"): "318",
    ("C06", "rate_2028_2030"): "0.0475",
    ("C07", "base_by_2028"): "651",
    ("C07", "base_by_2030"): "623",
    ("C07", "rate_2028_2030"): "0.0699",
    ("C08", "base_2025"): "3949",
    ("C09", "base_2025"): "1.96",
    ("C09", "city_total"): "4.5",
    ("C10", "base_2025"): "1086",
    ("C11", "land_area"): "610",
}


def test_the_arithmetic_of_the_conflicts(pack: Pack) -> None:
    """The inputs recorded give the figures that show each conflict."""
    targets = {t.id: t for t in pack.targets}
    found = {}
    for conflict in pack.conflicts:
        for a in conflict.arithmetic:
            role = {key: targets[code] for key, code in a.inputs.items()}
            value = {key: target.value for key, target in role.items()}
            match a.formula:
                case "base_from_growth":
                    years = role["growth"].horizon - a.base_year
                    result = value["level"] / (1 + value["growth"] / 100) ** years
                case "rate_between":
                    years = role["to"].horizon - role["from"].horizon
                    result = (value["to"] / value["from"]) ** (D(1) / years) - 1
                case "total_from_share":
                    result = value["level"] / (value["share"] / 100)
                case "denominator_from_ratio":
                    result = value["numerator"] / value["ratio"]
            wanted = IMPLIED.get((conflict.id, a.id))
            assert wanted is not None, f"{conflict.id} {a.id} gives {result}"
            found[conflict.id, a.id] = str(result.quantize(D(wanted)))
    assert found == IMPLIED


def test_conflicts_are_open_and_disputes_are_marked(pack: Pack) -> None:
    assert len(pack.conflicts) == 28
    assert {c.decision for c in pack.conflicts} == {None}
    status = {t.id: t.status for t in pack.targets}
    for conflict in pack.conflicts:
        if conflict.kind in {"contradiction", "horizon", "base_unstated"}:
            for statement in conflict.statements:
                assert status[statement.target] == "disputed", statement.target


def test_bodies_and_zones(pack: Pack) -> None:
    districts = {b.gb_code for b in pack.bodies if b.kind == "district"}
    last = (102, 103, 104, 105, 106, 111, 112, 113, 114, 115, 123, 124, 181)
    assert districts == {f"210{n}" for n in last}
    assert {z.code for z in pack.zones if z.level == "national"} == {"SHENYANG", "HUISHAN"}
    assert {z.code for z in pack.zones if z.verified} == {"SHENYANG", "HUISHAN"}
    assert not {n.code for n in pack.neighbours} & {z.code for z in pack.zones}
    # No area and no industry of any zone is confirmed by a source.
    assert not any(z.planned_ha or z.controlled_ha or z.approved_ha for z in pack.zones)
    assert not any(z.leading_industries for z in pack.zones)


def test_unconfirmed_tables_say_so(pack: Pack) -> None:
    kinds = {s.id: s.kind for s in pack.sources}
    for table in (*pack.references, *pack.light_rules):
        if table.confidence == "confirmed":
            assert kinds[table.source] in {"document", "standard"}, table
    assert {r.code for r in pack.references if r.confidence == "confirmed"} == {"POLICY_LIMITS"}


def test_the_digest_follows_the_content_only(pack: Pack, folder) -> None:
    from jingkai.packs.public import read_pack

    path = folder / "clusters.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text("# another comment\n" + text, encoding="utf-8")
    assert read_pack(folder).digest == pack.digest
    path.write_text(text.replace("航空", "航空航天", 1), encoding="utf-8")
    assert read_pack(folder).digest != pack.digest
