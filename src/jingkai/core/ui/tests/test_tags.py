"""Figures, lights and charts as every page shows them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from jingkai.core.ui.templatetags import jingkai as tags


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (Decimal("1234.56"), 1, "1,234.6"),
        (Decimal("-0.04"), 1, "0.0"),
        (Decimal("-3.25"), 2, "−3.25"),
        (0, 0, "0"),
        (None, 1, "—"),
        ("", 1, "—"),
        ("not a number", 1, "not a number"),
    ],
)
def test_number(value: object, decimals: int, text: str) -> None:
    assert tags.number(value, decimals) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(Decimal("3.2"), "+3.2"), (Decimal("-3.2"), "−3.2"), (0, "0.0"), (None, "—")],
)
def test_signed(value: object, text: str) -> None:
    assert tags.signed(value, 1) == text


@pytest.mark.parametrize(
    ("light", "shape"), [("green", "●"), ("yellow", "▲"), ("red", "■"), ("grey", "○")]
)
def test_each_light_has_its_own_shape_and_word(light: str, shape: str) -> None:
    html = tags.light(light)
    assert shape in html
    assert tags.light_word(light) in html


def test_sparkline_leaves_a_gap_where_nothing_is_known() -> None:
    html = tags.sparkline([1, 2, None, 4, 5], [1, 2, 3, 4, 5], "green")
    line = html.split('class="line" d="')[1].split('"')[0]
    assert line.count("M") == 2


def test_sparkline_of_one_point_is_a_dash() -> None:
    assert "svg" not in tags.sparkline([1], [])


def test_chart_data_cannot_close_its_script() -> None:
    html = tags.chart("c", {"title": "</script><script>alert(1)</script>"})
    assert html.count("</script>") == 1
