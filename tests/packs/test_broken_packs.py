"""Each way to break a pack is answered with file, line and field, and with what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jingkai.packs.public import PackError, Severity, check_pack, read_pack

from .conftest import SHIPPED, Break


def line_of(file: str, needle: str) -> int:
    """Line of the first occurrence in the shipped file, from 1."""
    text = (SHIPPED / file).read_text(encoding="utf-8")
    return text[: text.index(needle)].count("\n") + 1


# file, what to replace, by what, field, words of the message
CASES = {
    "yaml": ("zones.yaml", "leading_industries: [],", "leading_industries: [,", "", "not YAML"),
    "tab": ("pack.yaml", "  measures: 19", "\tmeasures: 19", "", "A tab stands"),
    "duplicate_key": (
        *("pack.yaml", "  clauses: 101", "  clauses: 101\n  measures: 19"),
        *("expected.measures", "stands twice"),
    ),
    "yaml_alias": (
        *("clusters.yaml", "name_zh: 食品,", "name_zh: &x 食品, note: *x,"),
        *("clusters[2].note", "aliases"),
    ),
    "yaml_alias_unknown": (
        "clusters.yaml",
        "name_zh: 食品,",
        "name_zh: *x,",
        "",
        "undefined alias",
    ),
    "empty_item": (
        *("measures.yaml", "bodies: [INDUSTRY, DATA]", "bodies: [INDUSTRY, null]"),
        *("measures[0].clauses[5].bodies[1]", "Text is expected, not nothing"),
    ),
    "unknown_key": (
        *("measures.yaml", "wording: etc, bodies", "wordin: etc, wording: etc, bodies"),
        *("measures[0].clauses[1].wordin", "Did you mean wording?"),
    ),
    "missing_field": (
        *("tasks.yaml", "title_en: Technical retrofit and equipment renewal, ", ""),
        *("tasks[2]", "“title_en” is missing"),
    ),
    "empty_field": (
        "clusters.yaml",
        "name_zh: 食品",
        'name_zh: ""',
        "clusters[2].name_zh",
        "empty",
    ),
    "not_a_number": (
        *("targets.yaml", "value: 2440", "value: 二千四"),
        *("targets[1].value", "A number is expected, not the text"),
    ),
    "not_a_flag": (
        "clusters.yaml",
        "verified: true",
        "verified: 1",
        "clusters[0].verified",
        "true or",
    ),
    "not_a_list": (
        *("tasks.yaml", "bodies: [COMMERCE],", "bodies: COMMERCE,"),
        *("tasks[1].bodies", "A list is expected"),
    ),
    "not_a_date": (
        *("reference.yaml", "effective_from: 2026-01-01", "effective_from: 2026-02-30"),
        *("tables[0].effective_from", "no day 2026-02-30"),
    ),
    "no_choice": (
        *("targets.yaml", "modality: more_than", "modality: morethan"),
        *("targets[0].modality", "Did you mean more_than?"),
    ),
    "short_title": (
        *("measures.yaml", "title_zh: 智改数转与智能制造试点示范", "title_zh: 智改数转"),
        *("measures[3].clauses[0].title_zh", "8 to 25"),
    ),
    "no_place": ("targets.yaml", 'place: "text:1"', 'place: "page:1"', "targets[0].place", "place"),
    "task_without_body": (
        *("tasks.yaml", "bodies: [DATA]", "bodies: []"),
        *("tasks[7].bodies", "At least 1"),
    ),
    "unknown_body": (
        *("measures.yaml", "bodies: [INDUSTRY, DATA]", "bodies: [INDUSTRY, DATE]"),
        *("measures[0].clauses[5].bodies[1]", "no body “DATE”. Did you mean DATA"),
    ),
    "unknown_indicator": (
        *("targets.yaml", "indicator: IND_VA, kind: level", "indicator: IND_VAL, kind: level"),
        *("targets[1].indicator", "no indicator “IND_VAL”"),
    ),
    "unknown_source": ("clusters.yaml", "source: S31", "source: S99", "clusters[6].source", "S99"),
    "unknown_threshold": (
        *("light_rules.yaml", "TASK_LIGHT_THRESHOLDS.rejections", "TASK_LIGHT_THRESHOLDS.refused"),
        *("rules[0].cases[0].any[1].threshold", "no threshold"),
    ),
    "alias_twice": (
        *("bodies.yaml", "name: 市发改委,", "name: 市工信局,"),
        *("bodies[11].aliases[0].name", "leads to DRC already"),
    ),
    "alias_twice_in_another_width": (
        *("bodies.yaml", "{name: 市外办, kind: short}", "{name: 各区县(市)政府, kind: short}"),
        *("bodies[22].aliases[0].name", "leads to ALL_DISTRICTS already"),
    ),
    "id_twice": ("targets.yaml", "id: T1.FAI,", "id: T1.BUDGET_REV,", "targets[4].id", "twice"),
    "contradiction_unrecorded": (
        *("targets.yaml", "value: 395, unit: CNY_100M", "value: 400, unit: CNY_100M"),
        *("targets[29].value", "say different things"),
    ),
    "same_quantity_in_two_groups": (
        *("targets.yaml", "group: FDI.2030.share", "group: FDI.2030.part"),
        *("targets[42].group", "same quantity as T2.FDI_SHARE"),
    ),
    "horizon_before_base": (
        *(
            "targets.yaml",
            'horizon: 2030, base_year: 2024, place: "text:4"',
            'horizon: 2024, base_year: 2024, place: "text:4"',
        ),
        *("targets[17].base_year", "does not lie before"),
    ),
    "unit_of_another_kind": (
        *("targets.yaml", "value: 3.15, unit: USD_100M", "value: 3.15, unit: CNY_100M"),
        *("targets[8].unit", "USD_100M is needed"),
    ),
    "summed_rate": (
        *("indicators.yaml", "place_aggregation: weighted_ratio", "place_aggregation: sum"),
        *("indicators[7].place_aggregation", "A ratio cannot have"),
    ),
    "flow_without_sum": (
        *("indicators.yaml", "time_aggregation: sum", "time_aggregation: last"),
        *("indicators[0].time_aggregation", "A flow cannot have"),
    ),
    "circle_of_formulas": (
        *(
            "indicators.yaml",
            "terms: [EAGLE_FIRMS, GAZELLE_FIRMS",
            "terms: [LADDER_FIRMS, GAZELLE_FIRMS",
        ),
        *("indicators[15].formula", "circle"),
    ),
    "fourth_leading_industry": (
        *("zones.yaml", "leading_industries: []", "leading_industries: [装备, 汽车, 食品, 航空]"),
        *("zones[0].leading_industries[3]", "at most 3"),
    ),
    "host_that_is_no_district": (
        *("zones.yaml", "host: D210106", "host: COMMERCE"),
        *("zones[0].host", "is no district"),
    ),
    "task_gone": (
        "pack.yaml",
        "tasks: [8, 5, 6, 4]",
        "tasks: [8, 5, 6, 5]",
        "expected.tasks",
        "found",
    ),
    "clause_out_of_order": (
        "measures.yaml",
        "id: m02.c03",
        "id: m02.c04",
        "measures[1].clauses[2].id",
        "m02.c03",
    ),
    "wrong_ordinal": (
        "measures.yaml",
        "ordinal_zh: 十二",
        "ordinal_zh: 十三",
        "measures[11].ordinal_zh",
        "Write 十二",
    ),
    "task_against_clause": (
        *("tasks.yaml", "bodies: [INDUSTRY, SCITECH],", "bodies: [INDUSTRY],"),
        *("tasks[3].bodies", "Other bodies than in the clause"),
    ),
    "statement_at_the_wrong_place": (
        *(
            "conflicts.yaml",
            '{place: "annex1:5", target: A1.TRADE_2030}',
            '{place: "annex1:4", target: A1.TRADE_2030}',
        ),
        *("conflicts[0].statements[1].place", "stands at annex1:5"),
    ),
    "statement_of_other_bodies": (
        *("conflicts.yaml", "bodies: [DRC, TRANSPORT]}", "bodies: [DRC]}"),
        *("conflicts[18].statements[1].bodies", "names DRC, TRANSPORT"),
    ),
    "value_and_threshold": (
        *(
            "light_rules.yaml",
            'fact: overdue_days, op: ">", value: 0',
            'fact: overdue_days, op: ">"',
        ),
        *("rules[0].cases[0].any[0]", "either a value or a threshold"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_mistake_is_named_with_its_place(case: str, broken: Break) -> None:
    file, old, new, field, words = CASES[case]
    problems = broken(file, old, new)
    hits = [p for p in problems if p.file == file and p.field.startswith(field) and words in str(p)]
    assert hits, "\n".join(map(str, problems))
    hit = hits[0]
    assert hit.line > 0
    assert hit.remedy
    assert re.match(rf"{re.escape(file)}:", str(hit))


@pytest.mark.parametrize(
    ("case", "needle"),
    [
        ("unknown_key", "wording: etc, bodies"),
        ("not_a_number", "value: 2440"),
        ("unknown_body", "bodies: [INDUSTRY, DATA]"),
        ("fourth_leading_industry", "leading_industries: []"),
        ("horizon_before_base", 'horizon: 2030, base_year: 2024, place: "text:4"'),
        ("tab", "  measures: 19"),
    ],
)
def test_the_line_is_the_one_to_edit(case: str, needle: str, broken: Break) -> None:
    file, old, new, field, _ = CASES[case]
    problems = [p for p in broken(file, old, new) if p.field.startswith(field)]
    assert line_of(file, needle) in {p.line for p in problems}


def test_a_growth_rate_needs_a_base_year_or_a_conflict(broken: Break) -> None:
    found = broken(
        "conflicts.yaml",
        'place: "annex1:5", target: A1.TRADE_GROWTH_2030',
        'place: "annex1:5", written: 6.3%',
    )
    assert {(p.file, p.field) for p in found} == {
        ("targets.yaml", "targets[38].base_year"),
        ("targets.yaml", "targets[38].status"),
    }


def test_all_mistakes_are_found_at_once(folder: Path) -> None:
    path = folder / "clusters.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("verified: true", "verified: 7").replace("name_en: Food, ", ""),
        encoding="utf-8",
    )
    with pytest.raises(PackError) as caught:
        read_pack(folder)
    fields = [m.field for m in caught.value.mistakes]
    assert fields.count("clusters[2].name_en") == 1
    assert sum(field.endswith(".verified") for field in fields) == text.count("verified: true")
    assert caught.value.status == 422
    assert len(caught.value.problems) == len(fields)


def test_missing_strange_and_unreadable_files(folder: Path) -> None:
    (folder / "tasks.yaml").unlink()
    (folder / "task.yaml").write_text("tasks: []", encoding="utf-8")
    (folder / "clusters.yaml").write_bytes("名: 值".encode("gbk"))
    (folder / "zones.yaml").write_text("", encoding="utf-8")
    found = {(p.file, p.message) for p in check_pack(folder)}
    assert found == {
        ("tasks.yaml", "The file is missing."),
        ("task.yaml", "This file is not part of a pack."),
        ("clusters.yaml", "The file is not UTF-8."),
        ("zones.yaml", "The file is empty."),
    }


def test_a_file_that_is_a_list(folder: Path) -> None:
    (folder / "clusters.yaml").write_text("- one\n- two\n", encoding="utf-8")
    assert "A group of fields is expected, not a list" in str(check_pack(folder)[0])


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(PackError):
        read_pack(tmp_path / "nowhere")


def test_a_body_nobody_names_is_only_a_warning(broken: Break, folder: Path) -> None:
    problems = broken(
        "bodies.yaml",
        "bodies:\n",
        "bodies:\n  - {code: SPORT, kind: department, name_zh: 市体育局, name_en: Sports Bureau}\n",
    )
    assert [(p.severity, p.field) for p in problems] == [(Severity.WARNING, "bodies[0].code")]
    assert len(read_pack(folder).bodies) == 66


def test_kangxi_radicals_and_wide_letters_are_folded(broken: Break, folder: Path) -> None:
    broken("clusters.yaml", "name_zh: 食品", "name_zh: ⾷品Ａ１（市）")
    assert read_pack(folder).clusters[2].name_zh == "食品A1（市）"
