"""Reading schemes: who sees which, and an edition as the frozen data that runs keep."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Exists, OuterRef, QuerySet

from jingkai.core.accounts.public import User

from .. import rules
from ..definition import Definition, Node
from ..models import Scheme, SchemeVersion, VersionState


def visible_schemes(user: User) -> QuerySet[Scheme]:
    """The office sees all schemes, other officials those with an edition that was published."""
    if rules.can_edit_schemes(user):
        return Scheme.objects.all()
    if not rules.can_follow(user):
        return Scheme.objects.none()
    editions = SchemeVersion.objects.filter(scheme=OuterRef("pk"))
    return Scheme.objects.filter(Exists(editions.exclude(state=VersionState.DRAFT)))


def visible_versions(user: User) -> QuerySet[SchemeVersion]:
    """Editions: drafts are the office's."""
    versions = SchemeVersion.objects.select_related("scheme")
    if rules.can_edit_schemes(user):
        return versions
    if not rules.can_follow(user):
        return versions.none()
    return versions.exclude(state=VersionState.DRAFT)


def definition_of(version: SchemeVersion) -> Definition:
    """The edition as data, nodes in the order of its table. 1 query, 2 without the scheme loaded.

    Numbers are written without trailing zeros, so equal schemes have equal digests.
    """
    rows = version.nodes.select_related("indicator", "parent").order_by("position", "pk")
    nodes = tuple(
        Node(
            code=row.code,
            parent=row.parent.code if row.parent else "",
            name=row.name,
            name_en=row.name_en,
            points=plain(row.points),
            is_leaf=row.is_leaf,
            direction=row.direction,
            indicator=row.indicator.code if row.indicator else "",
            unit=row.indicator.unit if row.indicator else "",
            period_rule=row.period_rule,
            growth_share=None if row.growth_share is None else plain(row.growth_share),
            growth_rule=row.growth_rule,
            target=None if row.target is None else plain(row.target),
            method=row.method,
            verified=row.verified,
        )
        for row in rows
    )
    return Definition(
        scheme=version.scheme.code,
        number=version.number,
        nodes=nodes,
        method=version.method,
        adjust=version.adjust,
        group_by=version.group_by,
        min_group=version.min_group,
        min_coverage=plain(Decimal(version.min_coverage)),
        ledger_rules=tuple(version.ledger_rules),
        exit_rules=tuple(version.exit_rules),
    )


def plain(number: Decimal) -> Decimal:
    """The same number without trailing zeros or exponent.

    >>> plain(Decimal("30.0000")), plain(Decimal("1E+2"))
    (Decimal('30'), Decimal('100'))
    """
    return Decimal(f"{number.normalize():f}")
