"""`jingkai policy parse`: exit codes, shape of the data, sentences for everything."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jingkai.cli import policy_texts
from jingkai.cli.main import app

ROOT = Path(__file__).resolve().parents[2]
TEXTS = ROOT / "tests" / "documents" / "texts"
CLEAR = """演示市人民政府关于稳定外贸的意见
演政发〔2025〕9号
一、总体目标
到2030年，全市进出口总额达到300亿元。
二、主要措施
（一）培育主体。支持企业开拓市场。（市商务局牵头，演示海关配合）
（二）优化服务。推行网上办理。（演示海关负责）
"""
TOP = {
    "source", "title", "number", "issuer", "draft", "counts", "references", "parts", "measures",
    "targets", "tasks", "bodies", "annexes", "programmes", "deadlines", "standing_rules",
    "findings",
}  # fmt: skip
TARGET = {
    "indicator", "value", "high", "unit", "comparator", "modality", "year", "year_stated",
    "first_year", "base_year", "kind", "benchmark", "annual", "scope", "place", "clause", "start",
    "end",
}  # fmt: skip


def parse(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["policy", "parse", *arguments])
    return done.exit_code, done.stdout, done.stderr


def test_json_of_a_document_with_open_questions() -> None:
    code, out, _err = parse(str(TEXTS / "province_plan.txt"), "--json", "--year", "2025")
    data = json.loads(out)

    assert code == 1
    assert set(data) == TOP
    assert data["source"]["format"] == "text"
    assert data["counts"]["measures"] == len(data["measures"]) == 6
    clause = data["measures"][0]["clauses"][0]
    assert set(clause) == {"text", "start", "end", "bodies", "standing_rule", "deadline", "bracket"}
    assert set(clause["bodies"][0]) == {"name", "canonical", "role", "start", "end"}
    assert all(set(target) == TARGET for target in data["targets"])
    for finding in data["findings"]:
        assert set(finding) == {"kind", "severity", "message", "params", "locations", "arithmetic"}
        assert finding["message"]
        assert "%(" not in finding["message"]
    text = (TEXTS / "province_plan.txt").read_text(encoding="utf-8")
    body = clause["bodies"][0]
    assert text[body["start"] : body["end"]] == body["name"] == "省发展改革委"


def test_nothing_open_is_zero(tmp_path: Path) -> None:
    file = tmp_path / "clear.txt"
    file.write_text(CLEAR, encoding="utf-8")
    code, out, _err = parse(str(file))

    assert code == 0
    assert "演示市人民政府关于稳定外贸的意见" in out
    assert "300亿元" in out


def test_summary_names_what_is_open() -> None:
    code, out, _err = parse(str(TEXTS / "broken.txt"))

    assert code == 1
    assert "总体要求" in out
    assert "open questions" in out


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("english.txt", b"An English text. " * 50, "not Chinese"),
        ("empty.docx", b"", "no text"),
        ("broken.pdf", b"%PDF-1.4 nothing", "damaged"),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "cannot be read"),
    ],
)
def test_unreadable_is_two_and_one_sentence(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    code, out, err = parse(str(file), "--json")

    assert code == 2
    assert said in err
    assert "Traceback" not in err
    assert json.loads(out)["error"]["file"] == name


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    code, _out, err = parse(str(tmp_path / "none.txt"))

    assert code == 2
    assert "cannot be opened" in err
    assert parse(str(tmp_path))[0] == 2


def test_bodies_of_a_pack_are_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "clear.txt"
    file.write_text(CLEAR.replace("演示海关", "市工信局"), encoding="utf-8")
    _code, out, _err = parse(str(file), "--json", "--bodies", str(ROOT / "packs" / "shenyang"))
    bodies = {body["canonical"]: body["aliases"] for body in json.loads(out)["bodies"]}
    assert bodies["市工业和信息化局"] == ["市工信局"]

    code, _out, err = parse(str(file), "--bodies", str(tmp_path / "nowhere"))
    assert code == 1
    assert "--bodies none" in err


def kinds_in_the_engine() -> set[str]:
    """The first argument of every `Finding(…)` in the engine, read from its source."""
    found: set[str] = set()
    engine = ROOT / "src" / "jingkai" / "engine"
    for path in (engine / "policytext").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding":
                found |= {c.value for c in ast.walk(node.args[0]) if isinstance(c, ast.Constant)}
    return found


def test_every_kind_of_finding_has_a_sentence() -> None:
    written = kinds_in_the_engine()

    assert len(written) > 25
    assert written <= policy_texts.FINDING_KINDS


def test_every_refusal_has_a_sentence() -> None:
    written = set()
    for path in (ROOT / "src" / "jingkai" / "core" / "documents").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Unreadable":
                written.add(ast.literal_eval(node.args[0]))

    assert written == policy_texts.REFUSALS
