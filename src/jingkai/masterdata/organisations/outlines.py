"""Outlines of zones: GeoJSON judged on the way in, drawn as SVG on the way out. No tiles, no I/O.

RFC 7946: WGS 84, longitude before latitude, rings closed. Areas are planar after scaling
longitudes by the cosine of the mean latitude: within one per cent for anything of a zone's size.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from django.utils.translation import gettext as _

from jingkai.core.errors import FieldProblem, InvalidInput

MAX_BYTES: Final = 2 * 1024 * 1024
MAX_POINTS: Final = 50_000
_METRES_PER_DEGREE: Final = 111_195.0  # mean Earth radius 6,371,009 m
Ring = list[list[float]]


def _refuse(message: str, code: str) -> InvalidInput:
    return InvalidInput(message, problems=[FieldProblem("file", message, code)])


def read_outline(content: bytes) -> dict[str, Any]:
    """Return the one Polygon or MultiPolygon in `content`, coordinates as [longitude, latitude].

    Features and collections of one feature are unwrapped. Raises InvalidInput saying what is wrong
    and where: size, not JSON, type, ring not closed or too short, position out of range.
    """
    if len(content) > MAX_BYTES:
        raise _refuse(
            _("The file is larger than %(limit)d MB. Simplify the outline.")
            % {"limit": MAX_BYTES // 1024 // 1024},
            "too-large",
        )
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise _refuse(
            _("This is not GeoJSON: the file cannot be read as JSON."), "not-json"
        ) from error
    geometry = _geometry(found)
    polygons = (
        geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    )
    if not isinstance(polygons, list) or not polygons:
        raise _refuse(_("The outline has no rings."), "empty")
    points = 0
    clean: list[list[Ring]] = []
    for number, polygon in enumerate(polygons, start=1):
        if not isinstance(polygon, list) or not polygon:
            raise _refuse(_("Polygon %(number)d has no rings.") % {"number": number}, "empty")
        clean.append([_ring(ring, number, index) for index, ring in enumerate(polygon, start=1)])
        points += sum(len(ring) for ring in clean[-1])
        if points > MAX_POINTS:
            raise _refuse(
                _("The outline has more than %(limit)d points. Simplify it.")
                % {"limit": MAX_POINTS},
                "too-many-points",
            )
    if geometry["type"] == "MultiPolygon":
        return {"type": "MultiPolygon", "coordinates": clean}
    return {"type": "Polygon", "coordinates": clean[0]}


def _geometry(found: Any) -> dict[str, Any]:
    if isinstance(found, dict) and found.get("type") == "FeatureCollection":
        features = found.get("features")
        if not isinstance(features, list) or len(features) != 1:
            raise _refuse(
                _("The collection must hold exactly one feature: the outline of this zone."),
                "features",
            )
        found = features[0]
    if isinstance(found, dict) and found.get("type") == "Feature":
        found = found.get("geometry")
    kind = found.get("type") if isinstance(found, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        raise _refuse(
            _("The outline must be a Polygon or MultiPolygon, not “%(kind)s”.") % {"kind": kind},
            "type",
        )
    return {"type": kind, "coordinates": found.get("coordinates")}


def _ring(ring: Any, polygon: int, number: int) -> Ring:
    where = {"polygon": polygon, "ring": number}
    if not isinstance(ring, list) or len(ring) < 4:
        raise _refuse(
            _("Ring %(ring)d of polygon %(polygon)d needs at least four positions.") % where,
            "short-ring",
        )
    clean: Ring = []
    for index, position in enumerate(ring, start=1):
        if (
            not isinstance(position, list)
            or len(position) < 2
            or not all(
                isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v)
                for v in position[:2]
            )
        ):
            raise _refuse(
                _(
                    "Position %(index)d in ring %(ring)d of polygon %(polygon)d is "
                    "not [longitude, latitude]."
                )
                % {**where, "index": index},
                "position",
            )
        longitude, latitude = float(position[0]), float(position[1])
        if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
            raise _refuse(
                _(
                    "Position %(index)d in ring %(ring)d of polygon %(polygon)d lies outside the "
                    "Earth: [%(x)s, %(y)s]. Write longitude first, in degrees of WGS 84."
                )
                % {**where, "index": index, "x": position[0], "y": position[1]},
                "range",
            )
        clean.append([longitude, latitude])
    if clean[0] != clean[-1]:
        raise _refuse(
            _(
                "Ring %(ring)d of polygon %(polygon)d is not closed: its last "
                "position must be its first."
            )
            % where,
            "open-ring",
        )
    if len({tuple(p) for p in clean}) < 3 or abs(_signed_area(clean)) == 0:
        raise _refuse(
            _("Ring %(ring)d of polygon %(polygon)d encloses nothing.") % where, "empty-ring"
        )
    return clean


def _signed_area(ring: Ring) -> float:
    """The shoelace area in square degrees, positive counter-clockwise."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) / 2


def _polygons(geometry: dict[str, Any]) -> list[list[Ring]]:
    found: list[list[Ring]] = (
        geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    )
    return found


def area_hectares(geometry: dict[str, Any]) -> float:
    """Area in hectares: outer rings less their holes.

    >>> square = [[0, 0], [0.01, 0], [0.01, 0.01], [0, 0.01], [0, 0]]
    >>> round(area_hectares({"type": "Polygon", "coordinates": [square]}), 1)
    123.6
    """
    total = 0.0
    for outer, *holes in _polygons(geometry):
        middle = math.cos(math.radians(sum(p[1] for p in outer) / len(outer)))
        square_metres = _METRES_PER_DEGREE**2 * middle
        # Measured from the ring's own corner: degrees far from zero would cost digits.
        net = abs(_signed_area(_shifted(outer, outer[0]))) - sum(
            abs(_signed_area(_shifted(hole, outer[0]))) for hole in holes
        )
        total += net * square_metres
    return total / 10_000


def _shifted(ring: Ring, origin: list[float]) -> Ring:
    return [[p[0] - origin[0], p[1] - origin[1]] for p in ring]


@dataclass(frozen=True, slots=True)
class Drawing:
    """An outline for an SVG: its box, one path, and a scale bar (pixels and words)."""

    width: int
    height: int
    path: str
    bar: float
    bar_label: str


def draw(geometry: dict[str, Any], *, width: int = 520, height: int = 320) -> Drawing:
    """Fit the outline into a box, north up, with a scale bar of a round length."""
    positions = list(_positions(geometry))
    west, east = min(p[0] for p in positions), max(p[0] for p in positions)
    south, north = min(p[1] for p in positions), max(p[1] for p in positions)
    squeeze = math.cos(math.radians((south + north) / 2)) or 1e-6
    margin = 14.0
    wide, tall = max((east - west) * squeeze, 1e-9), max(north - south, 1e-9)
    scale = min((width - 2 * margin) / wide, (height - 2 * margin - 16) / tall)
    left = (width - wide * scale) / 2
    top = (height - 16 - tall * scale) / 2

    def place(p: list[float]) -> str:
        return f"{left + (p[0] - west) * squeeze * scale:.1f} {top + (north - p[1]) * scale:.1f}"

    path = "".join(
        "M" + "L".join(place(p) for p in ring[:-1]) + "Z"
        for polygon in _polygons(geometry)
        for ring in polygon
    )
    metres_per_pixel = _METRES_PER_DEGREE / scale
    length = _round_length(metres_per_pixel * width / 4)
    label = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    return Drawing(width, height, path, length / metres_per_pixel, label)


def _positions(geometry: dict[str, Any]) -> Iterator[list[float]]:
    for polygon in _polygons(geometry):
        for ring in polygon:
            yield from ring


def _round_length(metres: float) -> float:
    """The largest of 1, 2 or 5 times a power of ten that is at most `metres`."""
    power = 10.0 ** math.floor(math.log10(max(metres, 0.001)))
    return max(step * power for step in (1.0, 2.0, 5.0) if step * power <= metres)
