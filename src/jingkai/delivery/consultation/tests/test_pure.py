"""The parts that need no database: cutting a text, comparing readings, finding duplicates."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingkai.core.documents import read_document
from jingkai.delivery.consultation.anchors import like, spans_of, with_changes
from jingkai.delivery.consultation.effect import effect_of, read
from jingkai.delivery.consultation.similarity import groups, likeness, nearest, normal

from .factories import TEXT

ROW = "\n\n\t序号\n\t指标\n\n\t1\n\t进出口总额\n"


def words(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_clauses_keep_their_keys_and_everything_has_a_place() -> None:
    spans = {span.key: span for span in spans_of(TEXT, read(TEXT))}
    said = {key: TEXT[span.start : span.end] for key, span in spans.items()}
    assert said["m01.c01"].startswith("支持企业开拓") or said["m01.c01"].startswith("(一)")
    assert said["m02.c02"].endswith("(市科技局负责)")
    goal = next(span for span in spans.values() if "1400亿元" in TEXT[span.start : span.end])
    assert goal.key.startswith("p")
    assert not goal.is_heading
    headings = {said[key] for key, span in spans.items() if span.is_heading}
    assert "二、重点任务" in headings
    assert spans["m02.c02"].heading == "（二）壮大主导产业 第2款"


def test_a_row_of_a_table_is_one_place() -> None:
    text = TEXT + ROW
    rows = [text[s.start : s.end] for s in spans_of(text, read(text)) if text[s.start] == "\t"]
    assert "\t1\n\t进出口总额" in rows


@given(st.text(alphabet="一、(一)增长到2030年达到100亿元。\n\t 市商务局负责", max_size=120))
def test_the_spans_hold_every_word_once_in_order(text: str) -> None:
    spans = spans_of(text, read(text))
    assert words("".join(text[s.start : s.end] for s in spans)) == words(text)
    assert len({s.key for s in spans}) == len(spans)
    assert all(a.end <= b.start for a, b in pairwise(spans))


@given(st.text(alphabet="甲乙丙\n", min_size=2, max_size=40), st.text(alphabet="丁戊", max_size=8))
def test_a_change_touches_its_stretch_alone(text: str, new: str) -> None:
    half = len(text) // 2
    changed = with_changes(text, [(half, len(text), new), (0, 0, "头")])
    assert changed == "头" + text[:half] + new


def test_overlapping_changes_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        with_changes("甲乙丙", [(0, 2, "丁"), (1, 3, "戊")])


def test_words_take_the_shape_of_what_they_replace() -> None:
    assert like("\t1\n\t甲", "1\r\n 乙 ") == "\t1\n\t乙"
    assert like("一段话。", "改成\n一段话。") == "改成一段话。"


def test_a_figure_that_agrees_closes_the_conflict() -> None:
    effect = effect_of(TEXT, TEXT.replace("1400亿元", "1474亿元"))
    (change,) = [c for c in effect.changes if c.what == "target"]
    assert (change.before, change.after) == ("1400亿元", "1474亿元")
    assert "进出口总额" in change.name
    assert "two_values" in {q.kind for q in effect.closed}
    assert not effect.opened


def test_a_figure_that_disagrees_opens_one() -> None:
    agreed = TEXT.replace("1400亿元", "1474亿元")
    effect = effect_of(agreed, TEXT)
    assert "two_values" in {q.kind for q in effect.opened}
    assert not effect.closed


def test_a_body_that_is_added_shows_as_duty() -> None:
    effect = effect_of(TEXT, TEXT.replace("(市科技局负责)", "(市科技局、市财政局按职责分工负责)"))
    (change,) = effect.changes
    assert change.what == "duty"
    assert change.before == "市科技局"
    assert change.after == "市科技局、市财政局"


def test_polish_means_nothing_to_the_reader() -> None:
    effect = effect_of(TEXT, TEXT.replace("及时总结经验", "认真总结经验"))
    assert effect.empty
    assert effect_of(TEXT, TEXT).empty


def test_the_revised_text_can_be_read_as_a_file_again() -> None:
    revised = TEXT.replace("1400亿元", "1474亿元") + ROW
    assert read_document(revised.encode()).text == revised


SAME = (
    "建议将进出口总额目标由1400亿元调整为1474亿元，与正文保持一致",
    "进出口总额的目标建议由1400亿元调整为1474亿元，与正文一致。",
)


def test_duplicates_are_proposed_and_others_are_not() -> None:
    texts = {1: SAME[0], 2: "希望增加公交线路，方便职工上下班", 3: SAME[1], 4: "补充人才公寓配套"}
    (group,) = groups(texts)
    assert group.members == (1, 3)
    assert group.likeness >= 75


def test_what_was_told_apart_stays_apart() -> None:
    assert not groups({1: SAME[0], 3: SAME[1]}, apart=[(1, 3)])


def test_the_very_same_words_are_found_among_many() -> None:
    texts = dict.fromkeys(range(1, 60), "同意") | {99: "反对提高目标值，企业负担较重"}
    (group,) = groups(texts)
    assert 99 not in group.members
    assert len(group.members) == 59


@given(st.text(alphabet="提高目标值一二三四", min_size=1, max_size=30))
def test_likeness_is_even_handed(text: str) -> None:
    other = text[::-1]
    assert likeness(normal(text), normal(text)) == 100
    assert likeness(text, other) == likeness(other, text)


def test_the_nearest_come_first() -> None:
    others = {1: "无关的内容", 2: SAME[1]}
    assert nearest(SAME[0], others) == [2]
