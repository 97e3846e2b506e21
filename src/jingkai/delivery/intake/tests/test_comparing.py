"""Two versions side by side: what changed is told once, what only moved is found again."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from jingkai.delivery.intake.comparing import compare
from jingkai.delivery.intake.differing import difference
from jingkai.delivery.intake.marking import paragraphs
from jingkai.delivery.intake.sections import MOST, section_at, sections_of
from jingkai.engine.policytext import as_data, parse_policy

from .factories import SYNTHETIC

WORDS = st.text(alphabet="市区达到一二三1400亿元,。\n", max_size=60)


def reading(text: str):
    return as_data(parse_policy(text))


def changes(old: str, new: str):
    return compare(reading(old), reading(new))


def test_a_document_does_not_differ_from_itself() -> None:
    found = changes(SYNTHETIC, SYNTHETIC)

    assert found.all == []
    assert found.unchanged == {"target": 5, "task": 0, "measure": 3, "clause": 4}


def test_a_figure_that_changed_is_one_change() -> None:
    found = changes(SYNTHETIC, SYNTHETIC.replace("880亿元", "920亿元"))

    (change,) = found.targets
    assert (change.what, change.title) == ("changed", "工业增加值")
    assert [(f.name, f.before, f.after) for f in change.fields] == [("value", "880", "920")]
    assert len(found.all) == 1


def test_year_and_modality_of_a_target() -> None:
    new = SYNTHETIC.replace("高新技术企业数量力争达到350家", "高新技术企业数量达到350家")
    (change,) = changes(SYNTHETIC, new).targets

    assert [(f.name, f.before, f.after) for f in change.fields] == [("modality", "strive", "plain")]


def test_a_target_that_came_and_one_that_went() -> None:
    new = SYNTHETIC.replace("进出口总额达到410亿元，占全市比重60%；", "新增就业达到9万人；")
    found = changes(SYNTHETIC, new)

    assert sorted((c.what, c.title) for c in found.targets if c.what != "changed") == [
        ("added", "新增就业"),
        ("removed", "进出口总额"),
        ("removed", "进出口总额"),
    ]


def test_a_body_added_to_a_duty_and_a_lead_that_changed() -> None:
    new = SYNTHETIC.replace("（市科技局负责）", "（市科技局、市教育局按职责分工负责）").replace(
        "市工业和信息化局牵头，市发展改革委配合", "市发展改革委牵头，市工业和信息化局配合"
    )
    found = changes(SYNTHETIC, new)
    fields = {(f.name, f.before, f.after) for change in found.duties for f in change.fields}

    assert ("body", "", "市教育局") in fields
    assert ("lead", "市工业和信息化局", "市发展改革委") in fields
    assert [(b.what, b.title) for b in found.bodies] == [("added", "市教育局")]
    assert not found.clauses


def test_a_clause_that_moved_is_not_removed_and_added() -> None:
    sentence = "建设跨境电商产业园区并完善服务体系。（市商务局、市投资促进服务中心按职责分工负责）"
    new = SYNTHETIC.replace(sentence, "").replace("（市科技局负责）", "（市科技局负责）" + sentence)
    found = changes(SYNTHETIC, new)

    assert [c.fields[0].name for c in found.clauses if c.what == "moved"] == ["measure"]
    assert not [c for c in found.clauses if c.what == "removed"]


def test_reworded_clauses_show_what_was_put_in() -> None:
    new = SYNTHETIC.replace("并动态调整", "并每年动态调整")
    (change,) = changes(SYNTHETIC, new).clauses

    assert change.what == "changed"
    assert [s.text for s in change.diff if s.op == "insert"] == ["每年"]


def test_a_measure_with_another_title() -> None:
    new = SYNTHETIC.replace("（二）加快科技创新。", "（二）加快科技自立自强。")
    (change,) = changes(SYNTHETIC, new).measures

    assert (change.what, change.title) == ("changed", "加快科技自立自强")


@given(WORDS, WORDS)
def test_a_difference_holds_both_texts(old: str, new: str) -> None:
    made = difference(old, new)

    assert "".join(s.text for s in made if s.op != "insert") == old
    assert "".join(s.text for s in made if s.op != "delete") == new


@given(WORDS, WORDS)
def test_what_was_added_one_way_was_removed_the_other(old: str, new: str) -> None:
    one = sum(s.op == "equal" for s in difference(old, old))
    assert one <= 1
    assert {s.op for s in difference(old, new)} <= {"equal", "insert", "delete"}


@given(
    st.text(alphabet="甲乙丙\n\t", max_size=40),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12)), max_size=6),
)
def test_marks_lose_no_word(text: str, spans) -> None:
    marks = [
        (n, "target", "pending", min(start, len(text)), min(start + length, len(text)))
        for n, (start, length) in enumerate(spans)
    ]
    made = paragraphs(text, 0, marks)

    shown = "\n".join("".join(piece.text for piece in p.pieces) for p in made)
    assert shown == "\n".join(line for line in text.split("\n") if line.strip())
    for p in made:
        at = p.offset
        for piece in p.pieces:
            for item in piece.items:
                _n, _kind, _state, start, end = marks[item]
                assert start <= at
                assert at + len(piece.text) <= end
            at += len(piece.text)


@given(st.integers(0, 5), st.integers(0, 60_000))
def test_pages_cover_the_text_without_gaps(parts: int, length: int) -> None:
    text = "字" * length
    step = max(1, length // (parts + 1))
    heads = [
        {"title": f"部分{n}", "printed": "", "start": n * step, "end": (n + 1) * step, "kind": ""}
        for n in range(1, parts + 1)
        if n * step < length
    ]
    made = sections_of(text, {"parts": heads})

    assert made[0]["start"] == 0
    assert made[-1]["end"] == length
    assert all(a["end"] == b["start"] for a, b in pairwise(made))
    assert all(s["end"] - s["start"] <= MOST + 40 for s in made)
    for at, section in enumerate(made):
        if section["end"] > section["start"]:
            assert section_at(made, section["start"]) == at
