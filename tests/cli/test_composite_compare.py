"""`jingkai composite panel` and `compare`, and what --explain says part by part."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from numpy.testing import assert_allclose
from typer.testing import CliRunner

from jingkai.cli.main import app

from .composite_scenes import SMALL_DATA, SMALL_META, Run, table

LATER = "unit,region,a,b,base\nu1,x,8,5,2\nu2,x,2,2,2\nu3,y,4,1,0\nu5,y,1,3,1\n"


def parts(path: Path) -> dict[tuple[str, str], tuple[float, float, float]]:
    """By unit and later state: start, end, sum of the parts."""
    header, *rows = table(path)
    assert header == ["unit", "from", "to", "start", "end", "element", "kind", "amount"]
    found: dict[tuple[str, str], tuple[float, float, float]] = {}
    for unit, _first, last, start, end, _element, _kind, amount in rows:
        before = found.get((unit, last), (0.0, 0.0, 0.0))[2]
        found[unit, last] = float(start), float(end), before + float(amount)
    return found


@pytest.mark.parametrize("method", ["normalise: efficacy\n", "normalise: efficacy\naggregate: "
    "{method: geometric}\nadjust: {bonus: base}\n"])  # fmt: skip
def test_a_comparison_explains_the_difference(run: Run, tmp_path: Path, method: str) -> None:
    earlier = tmp_path / "before.csv"
    earlier.write_text(SMALL_DATA)
    done = run("compare", "--earlier", str(earlier), "--explain", "u2", data=LATER, method=method)
    assert done.exit_code == 0, done.output
    out = tmp_path / "out"
    found = parts(out / "waterfall.csv")
    assert {unit for unit, _to in found} == {"u1", "u2", "u3"}
    moves = {row[0]: row for row in table(out / "moves.csv")[1:]}
    for (unit, _to), (start, end, total) in found.items():
        assert_allclose(total, end - start, atol=1e-10)
        assert_allclose([start, end], [float(cell) for cell in moves[unit][3:]])
    assert moves["u5"][1] == moves["u4"][2] == ""
    record = json.loads((out / "run.json").read_text("utf-8"))
    assert record["not_explained"] == ["u4", "u5"]
    assert record["earlier"]["inputs"]["data"]["file"] == "before.csv"
    assert "u2" in done.output
    assert "explained from" in done.output


def test_a_comparison_of_two_methods(run: Run, tmp_path: Path) -> None:
    files = {"m.yaml": "normalise: {method: minmax, range: [20, 90]}\n", "d.csv": SMALL_DATA,
             "other.yaml": "normalise: efficacy\naggregate: geometric\n"}  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    old = ["--earlier", str(tmp_path / "d.csv"), "--earlier-method"]
    method = "normalise: efficacy\n"
    done = run(
        "compare", *old, str(tmp_path / "m.yaml"), "--json", "--explain", "u3", method=method
    )
    assert done.exit_code == 0, done.output
    (chain,) = json.loads(done.stdout)["explained"]
    total = sum(part["amount"] for part in chain["parts"])
    assert_allclose(chain["start"] + total, chain["end"])
    done = run("compare", *old, str(tmp_path / "other.yaml"), method=method)
    assert done.exit_code == 1
    assert "aggregate differently" in done.output
    done = run("compare", *old, str(tmp_path / "m.yaml"), "--explain", "u33", method=method)
    assert done.exit_code == 1
    assert "There is no unit “u33”; did you mean “u3”?" in " ".join(done.output.split())


@pytest.mark.parametrize(
    ("options", "same"),
    [(["--scale", "each"], True), (["--scale", "base", "--base", "2024"], False), ([], False)],
)
def test_periods_on_one_scale(run: Run, tmp_path: Path, options: list[str], same: bool) -> None:
    for name, text in (("a.csv", SMALL_DATA), ("b.csv", LATER), ("meta.csv", SMALL_META)):
        (tmp_path / name).write_text(text)
    (tmp_path / "m.yaml").write_text("normalise: efficacy\naggregate: geometric\n")
    out = tmp_path / "panel"
    arguments = ["composite", "panel", "--meta", str(tmp_path / "meta.csv"), "--method",
                 str(tmp_path / "m.yaml"), "--out", str(out), *options]  # fmt: skip
    years = ["--data", f"2024={tmp_path / 'a.csv'}", "--data", f"2025={tmp_path / 'b.csv'}"]
    done = CliRunner().invoke(app, [*arguments, *years, "--explain", "u1"])
    assert done.exit_code == 0, done.output
    header, *rows = table(out / "series.csv")
    assert header == ["unit", "score_2024", "rank_2024", "score_2025", "rank_2025"]
    assert [row[0] for row in rows] == ["u1", "u2", "u3", "u4", "u5"]
    series = {row[0]: row[1:] for row in rows}
    assert series["u5"][:2] == series["u4"][2:] == ["", ""]
    for (unit, to), (start, end, total) in parts(out / "waterfall.csv").items():
        assert to == "2025"
        assert_allclose(total, end - start, atol=1e-10)
        assert_allclose([start, end], [float(series[unit][0]), float(series[unit][2])])
    as_alone = []
    for year, data in (("2024", SMALL_DATA), ("2025", LATER)):
        assert run("build", data=data, method=tmp_path / "m.yaml").exit_code == 0
        alone = (tmp_path / "out" / "scores.csv").read_bytes()
        as_alone.append((out / year / "scores.csv").read_bytes() == alone)
    assert all(as_alone) is same
    record = json.loads((out / "run.json").read_text("utf-8"))
    assert set(record["periods"]) == {"2024", "2025"}
    for wrong in (["--data", "2024"], ["--data", "2024=/none.csv"], ["--data", f"../x={out}"],
                  [*years, *years[:2]]):  # fmt: skip
        assert CliRunner().invoke(app, [*arguments, *wrong]).exit_code == 2
    done = CliRunner().invoke(app, [*arguments, *years, "--scale", "base", "--base", "1999"])
    assert done.exit_code == 1
    assert "one of the periods 2024, 2025" in " ".join(done.output.split())


def test_a_score_is_explained_part_by_part(run: Run, tmp_path: Path) -> None:
    done = run("build", "--explain", "u1", "--explain", "u3", method="normalise: efficacy\n")
    assert done.exit_code == 0, done.output
    for (unit, to), (start, end, total) in parts(tmp_path / "out" / "waterfall.csv").items():
        assert unit in ("u1", "u3")
        assert to == "score"
        assert_allclose(start + total, end)
    scores = {row[0]: float(row[1]) for row in table(tmp_path / "out" / "scores.csv")[1:]}
    assert_allclose(parts(tmp_path / "out" / "waterfall.csv")["u1", "score"][1], scores["u1"])
    done = run("build", "--explain", "u9")
    assert done.exit_code == 1
    assert "There is no unit “u9”" in done.output
    done = run("build", "--explain", "u1", method="normalise: rank\naggregate: copeland\n")
    assert done.exit_code == 1
    assert "compares units with each other" in " ".join(done.output.split())
