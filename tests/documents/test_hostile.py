"""Whatever is fed in: never an exception, offsets always inside, the sentences always there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jingkai.cli.policy_texts import sentence
from jingkai.core.documents import Unreadable, read_document
from jingkai.engine.policytext import Known, Reading, Registry, as_data, parse_policy

TEXTS = [
    p.read_text(encoding="utf-8") for p in sorted((Path(__file__).parent / "texts").glob("*.txt"))
]
PIECES = (
    "一、", "二、", "（一）", "（二）", "（三", "(", ")", "【", "】", "〔", "〕", "1.", "2.",
    "(1)", "第一条", "第二章", "附件", "附件1", "附件2", "序号", "指标", "责任单位",
    "牵头单位：", "配合单位:", "", "市商务局", "省财政厅", "各市、县（区）", "人民政府",
    "商务部", "等", "和", "与", "会同", "牵头", "配合", "负责", "按职责分工负责", "下同",
    "排在首位的为牵头单位", "以下均需", "", "到2030年", "2028年、2030年", "“十五五”", "期间",
    "比2024年", "达到", "年均增长", "占全市比重", "下降", "力争", "不超过", "以上", "左右",
    "分别", "5%", "1,000亿元", "3.15", "三分之二", "翻一番", "", "百亿级", "8—10个",
    "高于全市平均水平", "2个百分点", "培育", "企业", "家", "。", "；", "，", "、", "：", "“",
    "”", "《", "》", "\n", "\t", "\n\t", "|", "⼀", "\u200b", "\r\n", "　", "总体要求",
    "主要目标", "国发〔2024〕1号", "", "关于", "意见", "的通知", "2025年3月1日", "%", "元/亩",
    "*", "★", "——", "任务", "目标", "措施",
)  # fmt: skip
REGISTRY = Registry.of([Known("市商务局", (("市商委", "short"), ("市商", "misprint")))], place="市")

soup = st.lists(st.sampled_from(PIECES), max_size=120).map("".join)
noise = st.text(max_size=300)


def inspected(text: str) -> Reading:
    """Read, and check what holds for every reading."""
    reading = parse_policy(text, registry=REGISTRY, reference_year=2026)
    data = as_data(reading, sentence)
    json.dumps(data, ensure_ascii=False)
    spans = [(m.start, m.end) for m in reading.measures]
    spans += [(c.start, c.end) for m in reading.measures for c in m.clauses]
    spans += [(b.start, b.end) for m in reading.measures for c in m.clauses for b in c.bodies]
    spans += [(t.start, t.end) for t in reading.targets]
    spans += [(t.start, t.end) for t in reading.tasks]
    spans += [(place.start, place.end) for f in reading.findings for place in f.locations]
    assert all(0 <= a <= b <= len(text) for a, b in spans)
    assert all(target.indicator for target in reading.targets)
    return reading


@given(soup)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_soup_of_a_policy_s_words(text: str) -> None:
    inspected(text)


@given(noise)
@settings(max_examples=200, deadline=None)
def test_noise(text: str) -> None:
    inspected(text)


@given(st.sampled_from(TEXTS), st.data())
@settings(max_examples=120, deadline=None)
def test_documents_cut_off_or_spoilt(text: str, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(text)))
    at = data.draw(st.integers(0, cut))
    piece = data.draw(st.sampled_from(PIECES))
    inspected(text[:at] + piece + text[at:cut])


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_bytes_are_read_or_refused(content: bytes) -> None:
    for head in (b"", b"PK\x03\x04", b"%PDF-1.4\n", b"<html>", "关于园区的意见".encode() * 9):
        try:
            inspected(read_document(head + content).text)
        except Unreadable:
            continue  # a refusal is an answer; any other error fails the test


@pytest.mark.parametrize(
    "piece",
    [
        "（",
        "）",
        "（市商务局",
        "1",
        "，",
        "责任单位：",
        "达到5%",
        "1家、",
        "“",
        "\t\n",
        ".",
        "…",
        "和",
    ],
)
def test_long_runs_are_read(piece: str) -> None:
    inspected("一、任务\n（一）推进。" + piece * 6000)


def test_nothing_is_nothing() -> None:
    reading = inspected("")

    assert not reading.measures
    assert "structure_unknown" in {finding.kind for finding in reading.findings}


def test_reading_twice_gives_the_same() -> None:
    for text in TEXTS:
        assert as_data(inspected(text), sentence) == as_data(inspected(text), sentence)
