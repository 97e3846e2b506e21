"""Outlines: refused with the place of the mistake, measured and drawn."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jingkai.core.errors import InvalidInput
from jingkai.masterdata.organisations.outlines import area_hectares, draw, read_outline

SQUARE = [[123.2, 41.7], [123.3, 41.7], [123.3, 41.8], [123.2, 41.8], [123.2, 41.7]]


def polygon(*rings: Any) -> bytes:
    return json.dumps({"type": "Polygon", "coordinates": list(rings)}).encode()


def test_a_feature_is_unwrapped_and_heights_are_dropped() -> None:
    ring = [[*p, 50] for p in SQUARE]
    feature = {"type": "Feature", "geometry": {"type": "MultiPolygon", "coordinates": [[ring]]}}
    found = read_outline(json.dumps({"type": "FeatureCollection", "features": [feature]}).encode())
    assert found == {"type": "MultiPolygon", "coordinates": [[SQUARE]]}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"not json", "not-json"),
        (b"[1]", "type"),
        (b'{"type": "Point", "coordinates": [1, 2]}', "type"),
        (b'{"type": "FeatureCollection", "features": []}', "features"),
        (polygon(), "empty"),
        (polygon(SQUARE[:-1]), "open-ring"),
        (polygon(SQUARE[:3]), "short-ring"),
        (polygon([[0, 0], [1, 1], [2, 2], [0, 0]]), "empty-ring"),
        (polygon([[p[1], p[0]] for p in SQUARE]), "range"),
        (polygon([["a", 1], *SQUARE]), "position"),
        (b'{"type": "Polygon", "coordinates": [[[NaN, 1], [1, 1], [1, 2], [NaN, 1]]]}', "position"),
        (b'{"type": "Polygon", "coordinates": {"a": 1}}', "empty"),
        (b" " * (2 * 1024 * 1024 + 1), "too-large"),
    ],
)
def test_what_is_wrong_is_said(content: bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_outline(content)
    assert caught.value.problems[0].code == code


def test_area_against_the_spherical_formula() -> None:
    """A degree cell at 41.75° N: R² · Δλ · (sin φ₂ − sin φ₁) = 9,230.4 ha for R = 6,371,009 m."""
    found = area_hectares({"type": "Polygon", "coordinates": [SQUARE]})
    assert found == pytest.approx(9224.6, rel=0.002)


def test_holes_are_not_area() -> None:
    hole = [[123.22, 41.72], [123.28, 41.72], [123.28, 41.78], [123.22, 41.78], [123.22, 41.72]]
    whole = area_hectares({"type": "Polygon", "coordinates": [SQUARE]})
    left = area_hectares({"type": "Polygon", "coordinates": [SQUARE, hole]})
    assert left / whole == pytest.approx(1 - 0.36, rel=1e-6)


def test_the_drawing_fits_its_box_north_up() -> None:
    drawing = draw({"type": "Polygon", "coordinates": [SQUARE]}, width=520, height=320)
    points = [tuple(float(n) for n in pair.split()) for pair in drawing.path.strip("MZ").split("L")]
    assert all(0 <= x <= 520 and 0 <= y <= 320 for x, y in points)
    assert points[0][1] > points[2][1]  # the southern corner lies lower on the page
    # 11,119 m over 276 px make 40.3 m a pixel; a quarter of the box is 5.2 km.
    assert drawing.bar_label == "5 km"
