"""The reference policy, where it lies beside the repository: complete, and every trap found."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from jingkai.cli.policy_commands import load_registry
from jingkai.engine.policytext import Finding, Reading, key_of_quantity, parse_policy

ROOT = Path(__file__).resolve().parents[2]
PACK = ROOT / "packs" / "shenyang"
HAN = re.compile(r"[\u4e00-\u9fff]+")


@pytest.fixture(scope="module")
def text() -> str:
    given = os.environ.get("POLICY_FILE")
    found = [Path(given)] if given else sorted((ROOT.parent / "shared" / "policy").glob("*.txt"))
    if not found or not found[0].is_file():
        pytest.skip(
            "REFERENCE POLICY NOT READ: set POLICY_FILE to the draft as a UTF-8 text file, "
            "or lay it in ../shared/policy beside the repository."
        )
    return found[0].read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def reading(text: str) -> Reading:
    return parse_policy(text, registry=load_registry(PACK), reference_year=2026)


@pytest.fixture(scope="module")
def unaided(text: str) -> Reading:
    """Without the pack's bodies: public names and grammar only."""
    return parse_policy(text, reference_year=2026)


def pack_file(name: str) -> Any:
    return yaml.safe_load((PACK / f"{name}.yaml").read_text(encoding="utf-8"))


def codes() -> dict[str, str]:
    return {body["name_zh"]: body["code"] for body in pack_file("bodies")["bodies"]}


def test_counts(reading: Reading) -> None:
    assert len(reading.measures) == 19
    assert (reading.brackets, reading.standing_brackets) == (101, 1)
    assert Counter(task.group for task in reading.tasks) == {"一": 8, "二": 5, "三": 6, "四": 4}
    assert [task.number for task in reading.tasks] == list(range(1, 24))
    assert len(reading.references) >= 4


def test_parts_and_titles_are_the_pack_s(reading: Reading) -> None:
    parts = pack_file("pack")["document"]["parts"]
    assert [p.title for p in reading.parts[:5]] == [p["title_zh"] for p in parts[:5]]
    measures = pack_file("measures")["measures"]
    assert [(m.number, m.title) for m in reading.measures] == [
        (m["number"], m["title_zh"]) for m in measures
    ]


def test_every_bracket_has_the_bodies_of_the_pack(reading: Reading) -> None:
    """All 102 brackets, the bodies of each in their order, none invented."""
    code = codes()
    found = [
        [
            [code[body.canonical or ""] for body in clause.bodies]
            for clause in m.clauses
            if clause.bodies
        ]
        for m in reading.measures
    ]
    measures = pack_file("measures")["measures"]
    assert found == [[clause["bodies"] for clause in m["clauses"]] for m in measures]


def test_wordings_are_the_pack_s(reading: Reading) -> None:
    found = [c.bracket.wording for m in reading.measures for c in m.clauses if c.bracket]
    measures = pack_file("measures")["measures"]
    assert found == [c["wording"] for m in measures for c in m["clauses"]]


def test_tasks_have_the_bodies_of_the_pack(reading: Reading) -> None:
    code = codes()
    found = {t.number: [code[b.canonical or ""] for b in t.bodies] for t in reading.tasks}
    assert found == {t["number"]: t["bodies"] for t in pack_file("tasks")["tasks"]}
    goals = Counter(task.goal for task in reading.tasks)
    assert len(goals) == len(pack_file("tasks")["goals"]) == 10


UNITS = {
    "CNY_100M": "亿元",
    "USD_100M": "亿美元",
    "PERCENT": "%",
    "CNY_100M_PER_KM2": "亿元/平方公里",
}
UNITS |= {"FIRMS": "家", "UNITS": "个", None: ""}
PLACES = {"clause:m01.c01": "measure:1"}


def statement(record: dict[str, Any]) -> tuple[object, ...]:
    value = None if record["value"] is None else Decimal(str(record["value"]))
    unit = UNITS[record["unit"]]
    if record["id"] == "A1.GDP_2030":
        unit = ""  # the row prints none; the pack says so in a note
    place = PLACES.get(record["place"], record["place"])
    return place, record["kind"], record["modality"], value, unit, record["horizon"]


def test_targets_are_the_pack_s(reading: Reading) -> None:
    """All 59 statements: place, kind, modality, value, unit and horizon."""
    found = Counter(
        (t.place, str(t.kind), str(t.modality), t.value, t.unit, t.year) for t in reading.targets
    )
    expected = Counter(statement(record) for record in pack_file("targets")["targets"])

    assert found == expected
    assert found.total() == 59


def test_bases_of_targets(reading: Reading) -> None:
    based = {(t.place, t.indicator): t.base_year for t in reading.targets if t.base_year}

    assert based == {
        ("text:1", "地区生产总值年均增速"): 2025,
        ("annex2:1", "地区生产总值年均增速"): 2025,
        ("text:4", "单位工业增加值能耗"): 2024,
        ("text:4", "单位工业增加值水耗"): 2024,
        ("annex2:17", "单位工业增加值能耗"): 2024,
        ("annex2:17", "单位工业增加值水耗"): 2024,
    }


def of_kind(reading: Reading, kind: str, quantity: str = "") -> Iterator[Finding]:
    for finding in reading.findings:
        if finding.kind == kind and quantity in str(finding.params.get("indicator", "")):
            yield finding


CONFLICTS = [
    ("C01", "two_values", "进出口"),
    ("C02", "one_value_two_years", "进出口"),
    ("C03", "two_measures", "能耗"),
    ("C04", "two_measures", "水耗"),
    ("C05", "base_unstated", "工业增加值"),
    ("C06", "bases_disagree", "一般公共预算收入"),
    ("C07", "bases_disagree", "固定资产投资"),
    ("C08", "base_unstated", "地区生产总值"),
    ("C09", "base_unstated", "实际利用外资"),
    ("C10", "base_unstated", "进出口"),
    ("C11", "implied_denominator", "单位土地"),
    ("C12", "unit_missing", ""),
    ("C13", "modality_differs", "高新技术企业"),
    ("C14", "modality_differs", "固定资产投资"),
    ("C15", "missing_in_annex", ""),
    ("C16", "scope_differs", ""),
    ("C17", "no_lead_named", ""),
    ("C18", "standing_rule", ""),
    ("C19", "task_bodies_differ", ""),
    ("C20", "task_body_without_bracket", ""),
    ("C21", "task_text_differs", ""),
    ("C22", "task_text_differs", ""),
    ("C23", "name_variants", ""),
    ("C24", "name_misprint", ""),
    ("C25", "heading_without_number", ""),
    ("C26", "radical_characters", ""),
    ("C27", "single_body_divided", ""),
    ("C28", "group_repeated", ""),
]


@pytest.mark.parametrize(("conflict", "kind", "quantity"), CONFLICTS)
def test_every_conflict_of_the_pack_is_found(
    reading: Reading, conflict: str, kind: str, quantity: str
) -> None:
    found = list(of_kind(reading, kind, quantity))

    assert found, conflict
    assert kind == "unit_missing" or all(finding.locations for finding in found)


def test_this_list_is_all_conflicts() -> None:
    assert [c["id"] for c in pack_file("conflicts")["conflicts"]] == [c for c, _k, _q in CONFLICTS]


def test_arithmetic_of_the_contradictions(reading: Reading) -> None:
    (trade,) = of_kind(reading, "two_values")
    assert {trade.params["first"], trade.params["second"]} == {"1400", "1474"}
    (budget,) = of_kind(reading, "bases_disagree", "一般公共预算收入")
    assert {budget.params["first"], budget.params["second"]} == {"311", "318.5"}
    (invested,) = of_kind(reading, "bases_disagree", "固定资产投资")
    assert {invested.params["first"], invested.params["second"]} == {"650.9", "623.2"}
    assert [step for step, _n, _r in invested.arithmetic].count("reading") == 1  # fits 2028
    (land,) = of_kind(reading, "implied_denominator")
    assert land.params["result"] == "610.5"
    wholes = {str(f.params["results"]) for f in of_kind(reading, "implied_whole", "进出口")}
    assert "1866.7 / 1965.3" in wholes
    assert not list(of_kind(reading, "bases_disagree", "工业增加值"))  # both columns fit 2025


def test_particular_slips(reading: Reading) -> None:
    misprints = {f.params["name"] for f in of_kind(reading, "name_misprint")}
    assert misprints == {"市工业和信息化", "市人力社会资源保障局"}
    (differs,) = of_kind(reading, "task_bodies_differ")
    assert (differs.params["task"], differs.params["missing"]) == (9, "市商务局")
    assert {f.params["task"] for f in of_kind(reading, "task_text_differs")} == {10, 13}
    (lonely,) = of_kind(reading, "task_body_without_bracket")
    assert lonely.params["task"] == 21
    (goals,) = of_kind(reading, "promise_without_indicator")
    assert goals.params["count"] == 3
    assert not list(of_kind(reading, "body_unknown"))


def test_without_the_pack_names_are_asked_about(unaided: Reading) -> None:
    """The same measures and brackets; misprints become questions, not corrections."""
    assert len(unaided.measures) == 19
    assert (unaided.brackets, unaided.standing_brackets) == (101, 1)
    asked = {
        f.params["name"]: f.params["suggestions"] for f in unaided.findings if "name" in f.params
    }
    assert asked["市工业和信息化"] == "市工业和信息化局"
    assert asked["市人力社会资源保障局"] == "市人力资源社会保障局"
    known = {key for body in pack_file("bodies")["bodies"] for key in [body["name_zh"]]}
    invented = [
        body.name
        for m in unaided.measures
        for clause in m.clauses
        for body in clause.bodies
        if body.canonical not in known and "区县" not in body.name and "领导小组" not in body.name
    ]
    assert invented == []


def test_offsets(reading: Reading, text: str) -> None:
    for measure in reading.measures:
        for clause in measure.clauses:
            if clause.bracket:
                assert text[clause.bracket.start] == "（"
                assert text[clause.bracket.end - 1] == "）"
    for target in reading.targets:
        if target.value is not None:
            assert f"{target.value}" in text[target.start : target.end]


def test_one_key_for_one_quantity(reading: Reading) -> None:
    keys = {key_of_quantity(target) for target in reading.targets}

    assert {"实际利用外资", "固定资产投资", "进出口", "高新技术企业"} <= keys


def test_no_sentence_of_it_is_in_the_synthetic_documents(text: str) -> None:
    han = "".join(HAN.findall(text))
    runs = {han[i : i + 16] for i in range(len(han) - 15)}
    here, engine = Path(__file__).parent, ROOT / "src" / "jingkai" / "engine" / "policytext"
    files = [*here.rglob("*.txt"), *here.rglob("*.py"), *engine.rglob("*.py")]
    assert len(files) > 30
    for file in files:
        own = "".join(HAN.findall(file.read_text(encoding="utf-8")))
        borrowed = [own[i : i + 16] for i in range(len(own) - 15) if own[i : i + 16] in runs]
        assert not borrowed, f"{file.name}: {borrowed[:3]}"
