"""`jingkai composite`: the files it reads and writes, and how it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from .composite_scenes import C01, DATA, SMALL_DATA, SMALL_META, Run, table

VARY = """
uncertainty:
  normalise: [{method: minmax, range: [1, 100]}, {method: rank}]
  aggregate: [arithmetic, geometric]
  treat: {winmax: [1, 3, 5]}
  weights: {noise: 0.25}
"""


def asem(method: str | Path) -> dict[str, str | Path]:
    return {"data": DATA / "asem_input.csv", "meta": DATA / "asem_meta.csv", "method": method}


def close(found: Path, expected: Path, columns: slice = slice(1, None)) -> None:
    one, two = table(found), table(expected)
    assert one[0] == two[0]
    assert [row[0] for row in one] == [row[0] for row in two]

    def values(rows: list[list[str]]) -> np.ndarray:
        return np.array([[float(cell or "nan") for cell in row[columns]] for row in rows[1:]])

    assert_allclose(values(one), values(two), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    "case", ["c01_minmax100_arith", "c11_dist2ref_SGP_arith", "c14_missing_thresh75_arith"]
)
def test_build_writes_the_published_files(run: Run, tmp_path: Path, case: str) -> None:
    done = run("build", "--stages", **asem(DATA / "methods" / f"{case}.yaml"))
    assert done.exit_code == 0, done.output
    out = tmp_path / "out"
    close(out / "scores.csv", DATA / "scores" / f"{case}.csv")
    close(out / "normalised.csv", DATA / "normalised" / f"{case}.csv")
    record = json.loads((out / "run.json").read_text("utf-8"))
    assert record["command"] == "build"
    assert record["inputs"]["data"]["file"] == "asem_input.csv"
    assert len(record["inputs"]["method"]["sha256"]) == 64
    assert set(record["versions"]) == {"jingkai", "numpy", "python"}
    if case.startswith("c01"):
        assert table(out / "treatment_log.csv")[0] == table(DATA / "stages/treatment_log.csv")[0]
        close(out / "treated.csv", DATA / "stages" / "treated.csv")
        for row in table(out / "contributions.csv")[1:]:
            numbers = [float(cell) for cell in row[1:]]
            assert_allclose(sum(numbers[:-1]), numbers[-1], rtol=1e-12)
        assert record["warnings"] == []
    else:
        assert record["warnings"]


def test_treatment_log_says_what_was_done(run: Run, tmp_path: Path) -> None:
    assert run("build", **asem(C01)).exit_code == 0
    found = table(tmp_path / "out" / "treatment_log.csv")
    expected = table(DATA / "stages" / "treatment_log.csv")
    for one, two in zip(found, expected, strict=True):
        for a, b in zip(one, two, strict=True):
            if a.replace(".", "").replace("-", "").replace("e", "").isdigit():
                assert_allclose(float(a), float(b), rtol=1e-9)
            else:
                assert a == b


def test_uncertainty_replays_a_design(run: Run, tmp_path: Path) -> None:
    files = ["--design", str(DATA / "uncertainty" / "design.csv")]
    files += ["--weight-sets", str(DATA / "uncertainty" / "weight_sets.csv"), "--scores"]
    done = run("uncertainty", *files, **asem(C01))
    assert done.exit_code == 0, done.output
    out = tmp_path / "out"
    assert table(out / "ranks.csv") == table(DATA / "uncertainty" / "ranks.csv")
    close(out / "rank_stats.csv", DATA / "uncertainty" / "rank_stats.csv")
    # The nominal scores differ: 0 to 100 here, 1 to 100 there. The runs do not.
    close(out / "scores.csv", DATA / "uncertainty" / "scores.csv", slice(2, None))


def test_a_random_run_can_be_replayed_from_its_own_files(run: Run, tmp_path: Path) -> None:
    options = ["--replications", "40", "--seed", "7", "--details"]
    assert run("uncertainty", *options, **asem(C01 + VARY)).exit_code == 0
    out = tmp_path / "out"
    first = table(out / "ranks.csv")
    assert len(table(out / "pairwise.csv")) == 52
    design, sets = tmp_path / "design.csv", tmp_path / "sets.csv"
    (out / "design.csv").rename(design)
    (out / "weight_sets.csv").rename(sets)
    again = run(
        "uncertainty", "--design", str(design), "--weight-sets", str(sets), **asem(C01 + VARY)
    )
    assert again.exit_code == 0, again.output
    assert table(out / "ranks.csv") == first


def test_sensitivity_three_ways(run: Run, tmp_path: Path) -> None:
    sobol, out = DATA / "sobol", tmp_path / "out"
    design = ["--design", str(sobol / "design.csv")]
    sets = ["--weight-sets", str(sobol / "weight_sets.csv")]
    for options in ([*design, *sets], [*design, "--output", str(sobol / "sobol_output.csv")]):
        done = run("sensitivity", *options, **asem(C01))
        assert done.exit_code == 0, done.output
        close(out / "sobol.csv", sobol / "sobol.csv")
        close(out / "sobol_output.csv", sobol / "sobol_output.csv")
    vary = VARY.replace("[1, 3, 5]", "[1, 2, 3, 4, 5]").replace("  weights: {noise: 0.25}\n", "")
    vary = vary.replace("{method: rank}", "{method: zscore, mean: 100, sd: 10}, {method: rank}")
    done = run("sensitivity", *sets, "--json", **asem(C01 + vary))
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["exact"] is True
    found, expected = table(out / "sobol.csv"), table(sobol / "sobol_exact.csv")
    for one, two in zip(found[1:], expected[1:], strict=True):
        assert one[0] == two[0]
        assert_allclose([float(x) for x in one[1:]], [float(x) for x in two[1:]], rtol=1e-9)
    sampled = run("sensitivity", "--base", "64", "--seed", "3", **asem(C01 + VARY))
    assert sampled.exit_code == 0
    rows = table(out / "sobol.csv")
    assert rows[0] == ["input", "S1", "ST", "S1_low", "S1_high", "ST_low", "ST_high"]
    for row in rows[1:]:
        _first, total, _l, _h, low, high = (float(cell) for cell in row[1:])
        assert low <= total <= high


def test_audit_has_five_blocks_with_calls(run: Run, tmp_path: Path) -> None:
    done = run("audit", "--replications", "50", "--earlier", str(DATA / "asem_input.csv"),
               **asem(C01))  # fmt: skip
    assert done.exit_code == 0, done.output
    out = tmp_path / "out"
    record = json.loads((out / "audit.json").read_text("utf-8"))
    names = [block["name"] for block in record["blocks"]]
    assert names == ["data", "coherence", "uncertainty", "sensitivity", "use"]
    facts = {f["name"]: f for block in record["blocks"] for f in block["facts"]}
    assert facts["imputed_cells"]["value"] == 64
    assert facts["winsorised_cells"]["value"] == 35
    assert all(fact["call"] for fact in facts.values())
    markdown = (out / "audit.md").read_text("utf-8")
    assert markdown.count("\n## ") >= 5
    page = (out / "audit.html").read_text("utf-8")
    assert "<script" not in page
    assert "<style" not in page
    assert (out / "audit.css").exists()


def test_adjustments_groups_and_split(run: Run, tmp_path: Path) -> None:
    data = (
        "unit,region,a,b,base,plus,minus,out\nu1,x,1,5,2,3,,\nu2,x,2,4,2,,1,0\n"
        "u3,y,4,1,0,99,,\nu4,y,3,2,1,,,1\n"
    )
    method = (
        "normalise: efficacy\ngroups: region\n"
        "split: {a: {base: base, growth_share: 0.4, zero_base: skip}}\n"
        "adjust: {bonus: plus, bonus_cap: 5, deduction: minus, veto: out, veto_effect: zero}\n"
    )
    done = run("build", data=data, method=method)
    assert done.exit_code == 0, done.output
    header, *rows = table(tmp_path / "out" / "scores.csv")
    assert header == ["unit", "top", "bonus", "deduction", "lifted", "vetoed", "score", "rank",
                      "rank_in_region"]  # fmt: skip
    by_unit = {row[0]: dict(zip(header, row, strict=True)) for row in rows}
    assert float(by_unit["u3"]["bonus"]) == 5
    assert float(by_unit["u3"]["score"]) == 105
    assert float(by_unit["u4"]["score"]) == 0
    assert by_unit["u3"]["rank"] == by_unit["u3"]["rank_in_region"] == "1"
    # Growth: u1 -50 %, u2 0 %, u4 +200 %; u3 has no base and keeps its level.
    normalised = {row[0]: float(row[1]) for row in table(tmp_path / "out" / "normalised.csv")[1:]}
    assert_allclose(normalised["u1"], 0.6 * 60 + 0.4 * 60)
    assert_allclose(normalised["u2"], 0.6 * (60 + 40 / 3) + 0.4 * 68)
    assert normalised["u3"] == 100
    record = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))
    assert next(w for w in record["warnings"] if w["step"] == "growth")["unit"] == "u3"


def test_single_scales_and_rules_reach_the_files(run: Run, tmp_path: Path) -> None:
    meta = (
        "code,label,level,parent,direction,weight,goal_zero,plan\n"
        "a,A,1,top,1,1,0,2\nb,B,1,top,-1,1,,\ntop,Top,2,,,1,,\n"
    )
    method = (
        "normalise: {method: efficacy, indicators: {a: {method: goalposts, low: goal_zero, "
        "high: plan, range: [50, 100]}}}\naggregate: {method: arithmetic, nodes: {top: harmonic}}\n"
    )
    done = run("build", meta=meta, method=method)
    assert done.exit_code == 0, done.output
    rows = {row[0]: row for row in table(tmp_path / "out" / "normalised.csv")}
    assert [float(rows[unit][1]) for unit in ("u1", "u2", "u3")] == [75, 100, 100]
    scores = {row[0]: float(row[1]) for row in table(tmp_path / "out" / "scores.csv")[1:]}
    assert_allclose(scores["u1"], 2 / (1 / 75 + 1 / 60))
    record = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))["method"]
    assert record["normalise"]["indicators"]["a"]["method"] == "goalposts"
    assert record["aggregate"]["nodes"]["top"]["mean"] == "harmonic"
    assert run("build", method="normalise: efficacy\n").exit_code == 0
    record = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))["method"]
    assert "indicators" not in record["normalise"]
    assert "nodes" not in record["aggregate"]


META = SMALL_META.splitlines(keepends=True)
REFUSALS = [
    ({"method": "normalise: {metod: minmax}"}, "METHOD.yaml:1: normalise.metod is not a key of a "
     "method; did you mean “method”?"),
    ({"method": "impute: none\nnormalize: minmax"}, "METHOD.yaml:2: normalize is not a key of a "
     "method; did you mean “normalise”?"),
    ({"method": "normalise: minmaks"}, "METHOD.yaml:1: normalise.method: “minmaks” is not known; "
     "did you mean “minmax”?"),
    ({"method": "normalise: {method: rank, range: [0, 1]}"}, "normalise.range has no meaning for "
     "rank; it takes no keys"),
    ({"method": "normalise:\n  method: rank\n  indicators:\n    c: zscore"}, "METHOD.yaml:4: "
     "normalise.indicators.c: “c” is not in the tree"),
    ({"method": "normalise: {method: efficacy,\n  indicators: {a: zscore}}\naggregate:\n"
      "  method: arithmetic\n  nodes:\n    top: geometric\n"},
     "METHOD.yaml:6: “a” cannot go into “top” by geometric: z-scores around 0"),
    ({"method": "normalise: zscore\naggregate: geometric"}, "METHOD.yaml:2: normalise: zscore_0_1 "
     "cannot go with aggregate: geometric"),
    ({"method": "normalise: minmax\naggregate: harmonic"}, "use range: [1, 100]"),
    ({"method": "aggregate: {method: generalised_mean}"}, "aggregate.power is missing"),
    ({"method": "treat: {winmax: -1}"}, "treat.winmax must be a whole number"),
    ({"method": "screen: {min_coverage: 1.5}"}, "screen.min_coverage is 1.5; it must be"),
    ({"method": "uncertainty: {normalise: [minmax, zscore], aggregate: [geometric]}"},
     "METHOD.yaml:1: normalise: minmax_0_100 cannot go with aggregate: geometric"),
    ({"method": "a: [1\n"}, "METHOD.yaml: while parsing"),
    ({"data": SMALL_DATA.replace("u2,x,2", "u2,x,two")}, "data.csv, row 3, column “a”: “two” "
     "is not a finite number."),
    ({"data": SMALL_DATA.replace("u2,x,2", "u2,x,inf")}, "data.csv, row 3, column “a”: “inf”"),
    ({"data": SMALL_DATA.replace("u2,x,2", "u2,x,nan")}, "data.csv, row 3, column “a”: “nan”"),
    ({"data": SMALL_DATA.replace("u2,", "u1,")}, "data.csv, row 2: unit “u1” is listed twice."),
    ({"data": SMALL_DATA.replace("unit,region,a", "unit,region,A")}, "data.csv has no column “a”; "
     "did you mean “A”?"),
    ({"data": "unit,a,b\nu1,1\n"}, "data.csv, row 2 has 2 cells, the header has 3."),
    ({"data": "unit,a,b\n"}, "data.csv has a header but no rows."),
    ({"data": ""}, "data.csv is empty."),
    ({"data": "unit,a,b\nu1,1,2\nu2,1,3\n"}, "minmax: indicator “a” does not tell the units apart"),
    ({"data": "unit,a,b\nu1,1,2\n"}, "minmax: indicator “a” (and 1 more) does not tell"),
    ({"meta": SMALL_META.replace("a,A,1,top,1,1,", "a,A,1,top,,1,")}, "meta.csv, row 2: indicator "
     "“a” has no direction"),
    ({"meta": SMALL_META.replace("a,A,1,top", "a,A,1,tpo")}, "meta.csv, row 2: “a” has the unknown "
     "parent “tpo”; did you mean “top”?"),
    ({"meta": SMALL_META.replace("a,A,1,top,1,1", "a,A,1,top,1,-1")}, "meta.csv, row 2: the weight "
     "of “a” is -1: it must be zero or more."),
    ({"meta": SMALL_META.replace("a,A,1,top,1,1", "a,A,1,top,1,")}, "meta.csv, row 2: the weight "
     "of “a” is missing."),
    ({"meta": SMALL_META.replace("1,1,", "1,0,").replace("-1,1,", "-1,0,")}, "meta.csv, row 4: all "
     "children of “top” have weight zero."),
    ({"meta": "".join(META[:3]) + "b,B,1,top,1,1,\ntop,Top,2,,,1,\n"}, "element “b” is listed"),
    ({"meta": "".join(META[:3]) + "top,T,2,up,,1,\nup,U,3,top,,1,\n"}, "the elements form a "
     "circle: top → up → top"),
    ({"meta": SMALL_META + "void,V,2,top,,1,\n"}, "“void” (level 2) lies under “top” (level 2)"),
    ({"meta": SMALL_META.replace("a,A,1", "a,A,x")}, "meta.csv, row 2, column “level”: “x” is not"),
    ({"meta": SMALL_META, "method": "weights: wieght"}, "no element has a number “wieght” to be "
     "its weight; did you mean “weight”?"),
    ({"method": "weights: {sums_to: 100}"}, "the weights under “top” sum to 2, not to 100."),
    ({"method": "impute: {method: group_mean, by: regoin}"}, "no column “regoin”; did you mean "
     "“region”?"),
    ({"method": "normalise: {method: distance_to_reference, unit: u9}"}, "the reference unit “u9” "
     "is not among the units"),
    ({"method": "aggregate: {levels: {3: arithmetic}}"}, "aggregate.levels says nothing of "
     "level 2"),
    ({"method": "aggregate: {method: arithmetic, min_available: {4: 1}}"}, "aggregate."
     "min_available names level 4, but the tree computes 2"),
    ({"meta": SMALL_META.replace("1,1,\nb", "1,1,area\nb"), "method": "denominate: true"},
     "data.csv has no column “area”"),
    ({"method": "normalise: goalposts"}, "no indicator has a number “goal_low”"),
    ({"method": "normalise: efficacy\nsplit: {a: {base: base, zero_base: error}}"},
     "data.csv, row 4: percent growth of “a”: “u3” stands at 0, which is zero"),
]  # fmt: skip


@pytest.mark.parametrize(("inputs", "said"), REFUSALS)
def test_refusals_name_the_place(run: Run, inputs: dict[str, str], said: str) -> None:
    done = run("build", **inputs)
    flat = " ".join(done.output.split())
    assert said in flat
    assert done.exit_code == 1
    assert "Traceback" not in done.output


def test_wrong_usage_is_code_two(run: Run) -> None:
    assert run("build", data=Path("/nowhere.csv")).exit_code == 2
    assert run("uncertainty", "--replications", "0").exit_code == 2
    assert run("build", "--no-such-option").exit_code == 2


def test_nothing_to_vary_is_said(run: Run) -> None:
    for command in ("uncertainty", "sensitivity"):
        done = run(command)
        assert done.exit_code == 1
        assert "METHOD.yaml has no uncertainty block" in " ".join(done.output.split())


@pytest.mark.parametrize(
    ("design", "sets", "said"),
    [
        ("rep,normalisation\n1,minmaxx_0_1\n", "", "design.csv: normalisation “minmaxx_0_1”"),
        ("rep,aggregation\n1,arithmetik\n", "", "did you mean “arithmetic”?"),
        ("rep,weight_set\n1,9\n", "weight_set,a,b\n1,1,1\n", "weight set “9” of the design"),
        ("rep,weight_set\n1,1\n", "", "design.csv names weight sets: give them"),
        (
            "rep,weight_set\n1,1\n",
            "weight_set,a,b\n1,1,-1\n",
            "the weight of “b” is missing or",
        ),
        ("rep,winmax\n1,many\n", "", "winmax “many” of the design is not a whole number"),
        ("rep,colour\n1,red\n", "", "has none of the columns winmax"),
    ],
)
def test_designs_are_checked(run: Run, tmp_path: Path, design: str, sets: str, said: str) -> None:
    (tmp_path / "design.csv").write_text(design)
    options = ["--design", str(tmp_path / "design.csv")]
    if sets:
        (tmp_path / "sets.csv").write_text(sets)
        options += ["--weight-sets", str(tmp_path / "sets.csv")]
    done = run("uncertainty", *options)
    assert said in " ".join(done.output.split())
    assert done.exit_code == 1


def test_a_design_that_is_no_variance_design_is_refused(run: Run) -> None:
    options = ["--design", str(DATA / "uncertainty" / "design.csv"), "--weight-sets",
               str(DATA / "uncertainty" / "weight_sets.csv")]  # fmt: skip
    done = run("sensitivity", *options, **asem(C01))
    assert done.exit_code == 1
    assert "should have Winmax" in " ".join(done.output.split())


def test_how_the_files_are_laid_out_does_not_matter(run: Run, tmp_path: Path) -> None:
    assert run("build").exit_code == 0
    out = tmp_path / "out"
    expected = (out / "scores.csv").read_bytes(), (out / "normalised.csv").read_bytes()
    header, *rows = SMALL_DATA.splitlines()
    for data in (
        "\ufeff" + SMALL_DATA.replace("\n", "\r\n"),
        "\n".join([header, *reversed(rows)]) + "\n\n",
        "\n".join(f'"{line}"'.replace(",", '","') for line in (header, *rows)) + "\n",
    ):
        done = run("build", data=data)
        assert done.exit_code == 0, done.output
        assert (out / "scores.csv").read_bytes() == expected[0]
        assert (out / "normalised.csv").read_bytes() == expected[1]


def test_json_is_json(run: Run) -> None:
    done = run("build", "--json")
    assert done.exit_code == 0
    record = json.loads(done.stdout)
    assert record["index"] == "top"
    assert [row["rank"] for row in record["ranking"]] == [1, 2, 3, 4]
