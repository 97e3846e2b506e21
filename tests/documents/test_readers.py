"""Readers of files: every good way in, and a clear refusal for every bad one."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from jingkai.core.documents import Unreadable, read_document
from jingkai.engine.policytext import Reading, parse_policy

from . import files
from .files import W, blank_pdf, docx, html, pdf, wrapped

TEXTS = Path(__file__).parent / "texts"
NATIONAL = (TEXTS / "national_opinion.txt").read_text(encoding="utf-8")
LINES = [line.strip("　 ") for line in NATIONAL.split("\n") if line.strip("　 ")]
GOALS = [
    ["序号", "指标", "2026年", "2028年"],
    ["1", "地区生产总值（亿元）", "740", "900"],
    ["2", "进出口总额（亿元）", "200", "260"],
]
TASKS = [
    ["序号", "主要任务", "任务目标", "推进举措", "落实单位"],
    [
        "（一）",
        "壮大产业",
        "到2028年，地区生产总值达到900亿元",
        "1.引进链主企业",
        "市商务局、市工业和信息化局",
    ],
    ["", "", "", "2.建设标准厂房", "市住房城乡建设局"],
    ["（二）", "扩大开放", "营商环境持续改善", "3.培育外贸主体", "市商务局"],
]


def parsed(content: bytes) -> Reading:
    return parse_policy(read_document(content).text)


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", b"\xef\xbb\xbf"),
        ("gb18030", b""),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("utf-16-le", b""),
    ],
)
def test_encodings_of_text(encoding: str, mark: bytes) -> None:
    made = read_document(mark + NATIONAL.encode(encoding))

    assert made.text == NATIONAL
    assert (made.format, made.encoding) == ("text", encoding)
    assert len(parse_policy(made.text).measures) == 9


def test_a_text_cut_off_in_the_middle_of_a_character_is_read() -> None:
    for cut in range(1, 5):
        assert read_document(NATIONAL.encode()[:-cut]).text.startswith("国务院关于")


def test_html() -> None:
    made = read_document(html([*LINES, GOALS]))

    assert (made.format, made.encoding) == ("html", "gb18030")
    for unwanted in ("网页标题", "首页", "脚本", "注释", "color"):
        assert unwanted not in made.text
    reading = parse_policy(made.text)
    assert len(reading.measures) == 9
    assert reading.number == "国发〔2024〕903号"


def test_html_that_is_never_closed_is_read_in_one_pass() -> None:
    page = "<html><body>" + "<div" * 200_000 + "<!-- " * 100_000
    with pytest.raises(Unreadable):
        read_document(page.encode())
    assert "正文" in read_document(("<html><p>" + "正文文字" * 20 + "<b" * 50_000).encode()).text


def test_docx_with_real_tables() -> None:
    blocks: list[files.Block] = [
        "云溪市开发区提升方案",
        "一、总体目标",
        "到2028年，地区生产总值达到920亿元，进出口总额达到260亿元。",
        "二、主要措施",
        "（一）扩大投资。实行清单管理。（市发展改革委牵头，市财政局配合）",
        "附件1",
        "主要目标",
        GOALS,
        "附件2",
        "重点任务清单",
        TASKS,
    ]
    reading = parsed(docx(blocks))

    assert reading.title == "云溪市开发区提升方案"
    assert [(t.number, t.group, t.group_title) for t in reading.tasks] == [
        (1, "一", "壮大产业"),
        (2, "一", "壮大产业"),
        (3, "二", "扩大开放"),
    ]
    assert [b.name for b in reading.tasks[0].bodies] == ["市商务局", "市工业和信息化局"]
    assert reading.tasks[1].goal == reading.tasks[0].goal
    table = [
        (t.indicator, str(t.value), t.unit, t.year)
        for t in reading.targets
        if t.place.startswith("annex1")
    ]
    assert table == [
        ("地区生产总值", "740", "亿元", 2026),
        ("地区生产总值", "900", "亿元", 2028),
        ("进出口总额", "200", "亿元", 2026),
        ("进出口总额", "260", "亿元", 2028),
    ]
    kinds = {finding.kind for finding in reading.findings}
    assert {"two_values", "promise_without_indicator"} <= kinds


def test_paragraphs_inside_a_cell_stay_in_it() -> None:
    rows = [
        ["序号", "重点任务", "工作举措", "责任单位"],
        [
            "1",
            "壮大产业",
            "1.引进链主企业。\n2.建设标准厂房。\n3.培育服务平台。",
            "市商务局\n市财政局",
        ],
        ["2", "扩大开放", "培育外贸主体。", "市商务局"],
    ]
    for made in (
        docx(["一、任务", "支持企业发展壮大，稳定外贸外资。", rows]),
        html(["一、任务", rows]),
    ):
        tasks = parsed(made).tasks

        assert len(tasks) == 2
        assert [body.name for body in tasks[0].bodies] == ["市商务局", "市财政局"]


def test_docx_numbers_that_word_counts_itself() -> None:
    blocks: list[files.Block] = [
        "关于推进园区建设的方案",
        ("0", "总体要求"),
        "坚持统筹推进。",
        ("H1b", "主要任务"),
        ("1", "扩大投资。实行清单管理。（市发展改革委负责）"),
        ("2", "要点不编号。"),
        ("1", "稳定外贸。培育主体。（市商务局负责）"),
        ("H1", "保障措施"),
        ("1", "加强领导。建立机制。（市政府办公室负责）"),
    ]
    reading = parsed(docx(blocks))

    assert [(p.printed, p.title) for p in reading.parts] == [
        ("一、", "总体要求"),
        ("二、", "主要任务"),
        ("三、", "保障措施"),
    ]
    assert [(m.printed, m.title) for m in reading.measures] == [
        ("一", "扩大投资"),
        ("二", "稳定外贸"),
        ("一", "加强领导"),
    ]


def test_docx_leaves_out_what_was_deleted() -> None:
    kept = "保留的文字，园区建设方案说明，" * 3
    body = (
        f'<w:document xmlns:w="{W}"><w:body><w:p><w:r><w:t>{kept}</w:t></w:r>'
        "<w:del><w:r><w:delText>删去</w:delText><w:t>删掉</w:t></w:r></w:del>"
        "<w:ins><w:r><w:t>新增</w:t></w:r></w:ins></w:p></w:body></w:document>"
    )
    text = read_document(docx([], document=body)).text

    assert text == kept + "新增"


def test_pdf_with_text_wrapped_by_its_pages() -> None:
    made = read_document(pdf(wrapped("\n".join(LINES))))
    reading = parse_policy(made.text)

    assert (made.format, made.pages) == ("pdf", 2)
    assert "— 1 —" not in made.text
    assert [m.title for m in reading.measures][:3] == [
        "拓展引资渠道",
        "稳定对外贸易",
        "优化通关服务",
    ]
    assert reading.brackets == 10
    (lead,) = [b for b in reading.measures[2].clauses[0].bodies if b.role == "lead"]
    assert lead.name == "海关总署"


def test_two_hundred_pages() -> None:
    """A yearbook-sized plan: every measure, bracket and target of 200 pages."""
    rows = ["关于建设综合开发区的总体规划", "一、任务"]
    for n in range(1, 1801):
        rows += [
            f"{n}.推进第{n}项工程。到2030年，第{n}类产值达到{n + 100}亿元。",
            "（市商务局牵头，市财政局配合）",
        ]
    made = read_document(pdf([rows[i : i + 18] for i in range(0, len(rows), 18)]))
    reading = parse_policy(made.text)

    assert made.pages == 201
    assert len(reading.measures) == reading.brackets == 1800
    assert len([t for t in reading.targets if t.year == 2030]) == 1800


def answer(content: bytes) -> str:
    """The code of the refusal, or `read`."""
    try:
        read_document(content)
    except Unreadable as problem:
        return problem.code
    return "read"


def refused(content: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        read_document(content)
    assert str(caught.value)
    return caught.value.code


def zipped(**parts: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return stream.getvalue()


BILLION = (
    f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "{"园区" * 50}">'
    + "".join(f'<!ENTITY a{n} "{"&a" * 10};">' for n in range(5))
    + f']><w:document xmlns:w="{W}"><w:body><w:p><w:r><w:t>&a;</w:t></w:r></w:p></w:body>'
    + "</w:document>"
)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"  \r\n \n", "empty"),
        (b"\x00" * 400, "empty"),
        (b"An English policy. " * 60, "not-chinese"),
        ("English with 中文 few words. ".encode() * 60, "not-chinese"),
        ("Des mots français écrits ici. ".encode("latin-1") * 40, "not-chinese"),
        (bytes(range(256)) * 40, "not-text"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "not-text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "old-format"),
        (b"{\\rtf1\\ansi " + b"x" * 90, "old-format"),
        (b"%PDF-1.7\n%\xe2\xe3\n" + b"junk " * 200, "damaged"),
        (b"PK\x03\x04" + b"\x00" * 300, "damaged"),
        (blank_pdf(3), "scanned"),
        (blank_pdf(1, password="x"), "encrypted"),
        (zipped(a=b"x"), "old-format"),
        (zipped(EncryptedPackage=b"x"), "encrypted"),
        (zipped(word__document_xml=b"<w:document"), "damaged"),
        (zipped(word__document_xml=BILLION.encode()), "damaged"),
        (zipped(word__document_xml=b"<a>" + b" " * 130_000_000 + b"</a>"), "zip-bomb"),
        (b"<html><script>" + "文字".encode() * 500, "empty"),
        (b"x" * (50 * 1024 * 1024 + 1), "too-large"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)} bytes",
)
def test_refusals(content: bytes, code: str) -> None:
    assert refused(content) == code


def test_a_word_file_cut_anywhere_is_refused_or_read() -> None:
    answers = set()
    whole = docx(["一、任务", "（一）推进。建设园区平台。（市商务局负责）" * 9])
    for cut in range(0, len(whole), 37):
        answers.add(answer(whole[:cut]))
    assert answers <= {"empty", "damaged", "old-format", "not-chinese", "not-text"}


def test_a_pdf_cut_anywhere_is_refused_or_read() -> None:
    answers = set()
    whole = pdf(wrapped("\n".join(LINES)))
    for cut in range(0, len(whole), max(1, len(whole) // 60)):
        answers.add(answer(whole[:cut]))
    assert answers <= {"empty", "damaged", "scanned", "not-chinese", "not-text", "read"}
