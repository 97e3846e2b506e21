"""What the pages of schemes show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, Sum

from jingkai.core.accounts.public import User

from ..models import Scheme, SchemeNode, SchemeVersion, VersionState
from .schemes import visible_schemes, visible_versions


@dataclass(frozen=True, slots=True)
class SchemeRow:
    """One scheme of the list, with the edition that a reader opens first."""

    scheme: Scheme
    version: SchemeVersion | None
    draft: SchemeVersion | None
    editions: int
    leaves: int
    supplied: Decimal
    """Points of leaves that name an indicator."""
    unverified: int


def scheme_rows(user: User) -> list[SchemeRow]:
    """Every visible scheme. 3 queries at any length."""
    schemes = list(visible_schemes(user))
    by_scheme: dict[int, list[SchemeVersion]] = {}
    for version in visible_versions(user).filter(scheme__in=schemes).order_by("-number"):
        by_scheme.setdefault(version.scheme_id, []).append(version)
    shown = {pk: _first(versions) for pk, versions in by_scheme.items()}
    facts = {
        row["version_id"]: row
        for row in SchemeNode.objects.filter(
            version__in=[v.pk for v in shown.values() if v], is_leaf=True
        )
        .order_by()
        .values("version_id")
        .annotate(
            leaves=Count("pk"),
            supplied=Sum("points", filter=Q(indicator__isnull=False)),
            unverified=Count("pk", filter=Q(verified=False)),
        )
    }
    rows = []
    for scheme in schemes:
        versions, first = by_scheme.get(scheme.pk, []), shown.get(scheme.pk)
        draft = next((each for each in versions if each.state == VersionState.DRAFT), None)
        known = _facts(facts.get(first.pk if first else 0))
        rows.append(SchemeRow(scheme, first, draft, len(versions), *known))
    return rows


def _first(versions: Sequence[SchemeVersion]) -> SchemeVersion | None:
    """The newest in force, else the newest of all."""
    in_force = [v for v in versions if v.state == VersionState.PUBLISHED]
    return next(iter(in_force or versions), None)


def _facts(row: Mapping[str, object] | None) -> tuple[int, Decimal, int]:
    if row is None:
        return 0, Decimal(0), 0
    leaves, unverified = row["leaves"], row["unverified"]
    supplied = row["supplied"] or Decimal(0)
    assert isinstance(leaves, int)
    assert isinstance(unverified, int)
    assert isinstance(supplied, Decimal)
    return leaves, supplied, unverified


def editions(user: User, scheme: Scheme) -> list[SchemeVersion]:
    """The editions a person may see, newest first. 1 query."""
    rows = visible_versions(user).filter(scheme=scheme).order_by("-number")
    return list(rows.select_related("scheme", "created_by", "published_by"))


@dataclass(frozen=True, slots=True)
class TreeLine:
    """One node as the page shows it. `share` of the whole, 0 to 1."""

    node: SchemeNode
    depth: int
    share: float
    inside: float
    """Share of what stands above it."""
    supplied: Decimal
    """Points under it that an indicator supplies."""


def tree_lines(rows: Sequence[SchemeNode]) -> list[TreeLine]:
    """The tree in order, from `nodes_of` an edition."""
    by_key = {row.pk: row for row in rows}
    depth: dict[int, int] = {}
    supplied: dict[int, Decimal] = {}
    for row in rows:
        depth[row.pk] = 0 if row.parent_id is None else depth[row.parent_id] + 1
    for row in reversed(rows):
        own = row.points if row.is_leaf and row.indicator_id else Decimal(0)
        supplied[row.pk] = supplied.get(row.pk, Decimal(0)) + own
        if row.parent_id is not None:
            supplied[row.parent_id] = supplied.get(row.parent_id, Decimal(0)) + supplied[row.pk]
    lines = []
    for row in rows:
        above = by_key[row.parent_id].points if row.parent_id else row.points
        lines.append(
            TreeLine(
                row,
                depth[row.pk],
                float(row.points) / 100,
                float(row.points / above) if above else 0.0,
                supplied[row.pk],
            )
        )
    return lines
