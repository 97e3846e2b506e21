"""Official documents keep the standard's measures, and say what they were given."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingkai.core.documents.official import Official, OfficialColumn, number_of, title_lines
from jingkai.core.documents.word import read_docx
from jingkai.core.documents.wordml import CHARACTERS, LINE_PITCH, LINES, TEXT_WIDTH

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
COLUMNS = (OfficialColumn("序号", 1, "center"), OfficialColumn("意见内容", 5))


def part(paper: Official, name: str = "word/document.xml") -> ElementTree.Element:
    with zipfile.ZipFile(io.BytesIO(paper.docx())) as archive:
        return ElementTree.fromstring(archive.read(name))


def millimetres(twips: str | None) -> float:
    return int(twips or 0) * 25.4 / 1440


def paper() -> Official:
    made = Official("关于调度情况的通报", number=number_of("沈开放办", 2026, 3), addressee="各单位")
    made.heading("总体情况")
    made.paragraph("各单位进展正常。\n有两项滞后。")
    made.heading("分项", 2)
    made.heading("下一步")
    made.heading("甲", 2)
    made.table(COLUMNS, [("1", "一行\n两行"), ("2", "<b>&")])
    made.attachments(["清单", "说明"])
    made.signature("领导小组办公室", date(2026, 11, 6))
    return made


def test_the_page_has_the_measures_of_the_standard() -> None:
    section = part(paper()).find(f".//{W}sectPr")
    assert section is not None
    size, margins = section.find(f"{W}pgSz"), section.find(f"{W}pgMar")
    assert size is not None
    assert margins is not None
    assert [round(millimetres(size.get(f"{W}{side}"))) for side in "wh"] == [210, 297]
    edges = ("top", "bottom", "left", "right")
    assert [round(millimetres(margins.get(f"{W}{edge}"))) for edge in edges] == [37, 35, 28, 26]
    grid = section.find(f"{W}docGrid")
    assert grid is not None
    assert grid.get(f"{W}linePitch") == str(LINE_PITCH)
    assert millimetres(str(LINE_PITCH * LINES)) == pytest.approx(225, abs=0.5)
    spaces = {s.get(f"{W}val") for s in part(paper()).iterfind(f".//{W}rPr/{W}spacing")}
    assert len(spaces) == 1
    line = (16 + int(spaces.pop() or 0) / 20) * CHARACTERS
    assert line <= TEXT_WIDTH / 20 < line + 16


def test_fonts_and_sizes_are_those_of_the_standard() -> None:
    looks = {}
    for run in part(paper()).iter(f"{W}r"):
        fonts, size = run.find(f".//{W}rFonts"), run.find(f".//{W}sz")
        text = "".join(t.text or "" for t in run.iter(f"{W}t"))
        if fonts is not None and size is not None:
            looks[text] = (fonts.get(f"{W}eastAsia"), size.get(f"{W}val"))
    assert looks["关于调度情况的通报"] == ("方正小标宋简体", "44")
    assert looks["一、总体情况"] == ("黑体", "32")
    assert looks["（一）分项"] == ("楷体_GB2312", "32")
    assert looks["各单位进展正常。"] == ("仿宋_GB2312", "32")


def test_the_words_are_there_in_order_and_headings_count_themselves() -> None:
    lines = [line for line in read_docx(paper().docx()).split("\n") if line.strip()]
    assert lines == [
        "沈开放办〔2026〕3号",
        "关于调度情况的通报",
        "各单位：",
        "一、总体情况",
        "各单位进展正常。",
        "有两项滞后。",
        "（一）分项",
        "二、下一步",
        "（一）甲",
        "\t序号",
        "\t意见内容",
        "\t1",
        "\t一行 两行",
        "\t2",
        "\t<b>&",
        "附件：1.清单",
        "2.说明",
        "领导小组办公室",
        "2026年11月6日",
    ]


def test_page_numbers_stand_outside_on_both_sides() -> None:
    sides = []
    for name in ("word/footer1.xml", "word/footer2.xml"):
        footer = part(paper(), name)
        assert "PAGE" in "".join(t.text or "" for t in footer.iter(f"{W}instrText"))
        jc = footer.find(f".//{W}jc")
        assert jc is not None
        sides.append(jc.get(f"{W}val"))
    assert sides == ["right", "left"]
    assert part(paper(), "word/settings.xml").find(f"{W}evenAndOddHeaders") is not None


def test_the_head_of_a_table_repeats_and_a_wrong_row_is_refused() -> None:
    first = next(part(paper()).iter(f"{W}tr"))
    assert first.find(f"{W}trPr/{W}tblHeader") is not None
    with pytest.raises(ValueError, match="1 cells for 2 columns"):
        Official("表").table(COLUMNS, [("1",)])


def test_a_turned_sheet_gives_the_table_its_width() -> None:
    made = Official("表", landscape=True)
    made.table(COLUMNS, [], empty="无")
    tree = part(made)
    size = tree.find(f".//{W}pgSz")
    assert size is not None
    assert size.get(f"{W}orient") == "landscape"
    width = sum(int(c.get(f"{W}w") or 0) for c in tree.iter(f"{W}gridCol"))
    assert millimetres(str(width)) == pytest.approx(225, abs=1)
    assert "无" in read_docx(made.docx())


def test_the_same_words_give_the_same_file() -> None:
    assert paper().docx() == paper().docx()


@given(st.text(max_size=60))
def test_no_text_breaks_the_file(text: str) -> None:
    made = Official(text or "题")
    made.paragraph(text)
    made.table(COLUMNS, [("1", text)])
    part(made)


@given(st.text(alphabet="经济开发区的了《》、2030年工业增加值abc", min_size=1, max_size=90))
def test_a_title_is_broken_without_loss(title: str) -> None:
    lines = title_lines(title)
    assert "".join(lines) == title
    assert all(len(line) <= 20 for line in lines)


def test_a_title_is_broken_where_people_would() -> None:
    assert title_lines("关于印发实施方案的通知") == ["关于印发实施方案的通知"]
    first, second = title_lines("关于到2030年实现开发区工业增加值和进出口总额双增长的通知")
    assert abs(len(first) - len(second)) <= 4
    assert not second.startswith("的")
    assert not (first[-1].isdigit() and second[0].isdigit())
