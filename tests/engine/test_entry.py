"""Figures as people write them are read exactly, or refused with a reason."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from jingkai.engine.entry import EntryError, guess_unit, read_figure
from jingkai.engine.units import convert, known_units, unit


@pytest.mark.parametrize(
    ("raw", "asked", "value"),
    [
        ("１，２３４．５", "亿元", "1234.5"),
        (" 1,234,567 ", "家", "1234567"),
        ("1 234 567", "家", "1234567"),
        ("+5", "家", "5"),
        ("－5.20", "亿元", "-5.2"),
        ("− 5", "亿元", "-5"),
        (".5", "亿元", "0.5"),
        ("1.2E+05", "万元", "120000"),
        ("-0", "家", "0"),
        (1234, "家", "1234"),
        (0.1 + 0.2, "亿元", "0.3"),
        (33.333333333333336, "%", "33.333333"),
        (Decimal("7.50"), "亿元", "7.5"),
        ("'0012", "家", "12"),
        ("2026.09", "亿元", "2026.09"),
    ],
)
def test_plain_numbers(raw: object, asked: str, value: str) -> None:
    reading = read_figure(raw, unit=asked)
    assert str(reading.value) == value
    assert (reading.absence, reading.unit_seen) == ("", None)


@pytest.mark.parametrize(
    ("raw", "asked", "value", "seen"),
    [
        ("1.2亿元", "万元", "12000", "亿元"),
        ("12000 万元", "亿元", "1.2", "万元"),
        ("100 万 元", "元", "1000000", "万元"),
        ("3亿", "亿元", "3", "亿"),
        ("3万", "亿元", "0.0003", "万"),
        ("2.5亿", "亿美元", "2.5", "亿"),
        ("3万家", "家", "30000", "万家"),
        ("12%", "%", "12", "%"),
        ("12％", "倍", "0.12", "%"),
        ("12亩", "公顷", "0.8", "亩"),
        ("3.2亿元/平方公里", "亿元/平方公里", "3.2", "亿元/平方公里"),
        ("1.5万吨标煤", "吨标准煤", "15000", "万吨标准煤"),
        ("3万亿元", "亿元", "30000", "万亿元"),
    ],
)
def test_units_beside_the_number(raw: str, asked: str, value: str, seen: str) -> None:
    reading = read_figure(raw, unit=asked)
    assert reading.value is not None
    assert f"{reading.value:f}" == value
    assert reading.unit_seen == seen


@pytest.mark.parametrize(
    "raw", ["—", "——", "-", "--", "…", "……", "无", "暂无", " － ", "/", "（无）"]
)
def test_missing(raw: str) -> None:
    reading = read_figure(raw, unit="亿元")
    assert (reading.value, reading.absence) == (None, "missing")


@pytest.mark.parametrize("raw", ["不适用", "N/A", "n/a", "Ｎ／Ａ", "不涉及"])
def test_not_applicable(raw: str) -> None:
    assert read_figure(raw, unit="亿元").absence == "not_applicable"


@pytest.mark.parametrize("raw", [None, "", "  ", "\u3000", "\u00a0"])
def test_nothing_written_is_unanswered(raw: object) -> None:
    reading = read_figure(raw, unit="亿元")
    assert (reading.value, reading.absence) == (None, "")


@pytest.mark.parametrize(
    ("raw", "asked", "code"),
    [
        (True, "家", "boolean"),
        ("TRUE", "家", "boolean"),
        (date(2026, 9, 1), "家", "date"),
        (datetime(2026, 9, 1, 8, 0, tzinfo=UTC), "家", "date"),
        ("2026-09", "家", "date"),
        ("2026年9月", "家", "date"),
        ("9月", "家", "date"),
        ("1/2", "家", "date"),
        ("#REF!", "家", "excel_error"),
        ("#N/A", "家", "excel_error"),
        ("#####", "家", "excel_error"),
        ("=A1+B1", "家", "formula"),
        ("12,34", "家", "separator"),
        ("1,5", "亿元", "separator"),
        ("约12", "家", "not_a_number"),
        ("1.2.3", "家", "not_a_number"),
        (float("nan"), "家", "not_finite"),
        (float("inf"), "家", "not_finite"),
        (1e30, "家", "too_large"),
        ("1元", "亿元", "too_small"),
        ("12abc", "家", "unit_unknown"),
        ("5家", "亿元", "unit_mismatch"),
        ("5亿元", "亿美元", "unit_mismatch"),
        ("5%", "亿元", "unit_mismatch"),
        ([], "家", "not_a_number"),
    ],
)
def test_what_is_not_a_figure_is_refused_with_a_reason(raw: object, asked: str, code: str) -> None:
    with pytest.raises(EntryError) as caught:
        read_figure(raw, unit=asked)
    assert caught.value.code == code


figures = st.decimals(
    min_value=-(10**12), max_value=10**12, places=4, allow_nan=False, allow_infinity=False
)


@given(figures, st.sampled_from(["", "亿元"]), st.booleans(), st.booleans())
def test_the_way_of_writing_does_not_matter(
    value: Decimal, tail: str, grouped: bool, wide: bool
) -> None:
    text = f"{value:,f}" if grouped else f"{value:f}"
    if wide:
        text = text.translate({i: i + 0xFEE0 for i in range(0x21, 0x7F)})
    assert read_figure(text + tail, unit="亿元").value == value


@given(
    st.decimals(min_value=1, max_value=10**6, places=2, allow_nan=False, allow_infinity=False),
    st.sampled_from(known_units()),
    st.sampled_from(known_units()),
)
def test_units_of_one_dimension_convert_and_others_are_refused(
    value: Decimal, written: str, asked: str
) -> None:
    same = unit(written).dimension == unit(asked).dimension
    exact = convert(value, written, asked) if same else None
    assume(exact is None or (abs(exact) >= Decimal("0.000001") and abs(exact) < 10**18))
    if exact is None:
        with pytest.raises(EntryError) as caught:
            read_figure(f"{value}{written}", unit=asked)
        assert caught.value.code == "unit_mismatch"
        return
    read = read_figure(f"{value}{written}", unit=asked).value
    assert read is not None
    assert abs(read - exact) <= Decimal("0.0000005")


@given(st.text(max_size=12))
def test_any_text_is_read_or_refused_by_its_own_error(text: str) -> None:
    refusal: EntryError | None = None
    reading = None
    try:
        reading = read_figure(text, unit="亿元")
    except EntryError as error:
        refusal = error
    if refusal is not None:
        assert refusal.code
        assert refusal.params["text"] == text
    assert reading is None or reading.value is None or not reading.absence


@given(figures)
def test_reading_a_read_figure_changes_nothing(value: Decimal) -> None:
    once = read_figure(value, unit="万元").value
    assert read_figure(once, unit="万元").value == once


positive = st.decimals(min_value="0.5", max_value=10**4, places=2)


@given(st.lists(positive, min_size=2, max_size=12), st.sampled_from(["万元", "元", "千元"]))
def test_a_block_in_another_unit_is_recognised(truth: list[Decimal], written: str) -> None:
    values = [convert(value, "亿元", written) for value in truth]
    guess = guess_unit(values, truth, "亿元")
    assert guess is not None
    assert (guess.fits, guess.of) == (len(truth), len(truth))
    assert [value * guess.factor for value in values] == truth
    assert guess.unit == written


@given(st.lists(positive, min_size=2, max_size=12))
def test_figures_in_the_right_unit_raise_no_guess(values: list[Decimal]) -> None:
    assert guess_unit(values, values, "亿元") is None


def test_a_guess_says_how_many_fit_and_needs_most_of_them() -> None:
    truth = [Decimal(value) for value in (10, 20, 30, 40)]
    values = [Decimal(100_000), Decimal(200_000), Decimal(300_000), Decimal(41)]
    guess = guess_unit([*values, None], [*truth, Decimal(5)], "亿元")
    assert guess is not None
    assert (guess.unit, guess.fits, guess.of) == ("万元", 3, 4)
    assert guess_unit(values[:1], truth[:1], "亿元") is None
    assert guess_unit([*values[:2], *truth[:2]], [*truth[:2], *truth[:2]], "亿元") is None
    with pytest.raises(EntryError):
        guess_unit(values, truth[:1], "亿元")
