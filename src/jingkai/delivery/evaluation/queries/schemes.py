"""Reading schemes: who sees which, and an edition as the frozen data that runs keep."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.db.models import Exists, OuterRef, QuerySet

from jingkai.core.accounts.public import User
from jingkai.delivery.indicators.public import Indicator

from .. import rules
from ..checking import Facts, hints_of, problems_of
from ..definition import Definition, Problem
from ..drafting import EditionDraft, NodeDraft, plain
from ..models import Scheme, SchemeNode, SchemeVersion, VersionState


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


def nodes_of(version: SchemeVersion) -> list[SchemeNode]:
    """The nodes of an edition in the order of its table, with their indicators. 1 query."""
    return list(version.nodes.select_related("indicator").order_by("position", "pk"))


def definition_of(version: SchemeVersion, rows: Sequence[SchemeNode] | None = None) -> Definition:
    """The edition as data, nodes in the order of its table. 1 query and the scheme.

    Numbers are written without trailing zeros, so equal schemes have equal digests. `rows`: its
    `nodes_of`, where they are known already.
    """
    rows = nodes_of(version) if rows is None else rows
    units = {row.indicator.code: row.indicator.unit for row in rows if row.indicator}
    return edition_of_version(version, rows).definition(version.scheme.code, version.number, units)


def edition_of_version(
    version: SchemeVersion, rows: Sequence[SchemeNode] | None = None
) -> EditionDraft:
    """The edition as people edit it, with notes. 1 query, or none where `rows` are known."""
    rows = nodes_of(version) if rows is None else rows
    codes = {row.pk: row.code for row in rows}
    return EditionDraft(
        first_year=version.first_year,
        last_year=version.last_year,
        nodes=tuple(
            NodeDraft(
                code=row.code,
                parent=codes[row.parent_id] if row.parent_id else "",
                name=row.name,
                name_en=row.name_en,
                points=plain(row.points),
                is_leaf=row.is_leaf,
                direction=row.direction,
                indicator=row.indicator.code if row.indicator else "",
                period_rule=row.period_rule,
                growth_share=None if row.growth_share is None else plain(row.growth_share),
                growth_rule=row.growth_rule,
                target=None if row.target is None else plain(row.target),
                method=row.method,
                verified=row.verified,
                note=row.note,
            )
            for row in rows
        ),
        method=version.method,
        adjust=version.adjust,
        ledger_rules=tuple(version.ledger_rules),
        exit_rules=tuple(version.exit_rules),
        group_by=version.group_by,
        min_group=version.min_group,
        min_coverage=plain(Decimal(version.min_coverage)),
        verified=version.verified,
        source=version.source,
        reason=version.reason,
    )


def facts_of(codes: Iterable[str]) -> dict[str, Facts]:
    """What must be known of indicators to check a scheme. 1 query."""
    return facts_from(Indicator.objects.filter(code__in=set(codes)))


def facts_from(indicators: Iterable[Indicator]) -> dict[str, Facts]:
    """The same of indicators that are read already."""
    return {
        row.code: Facts(
            name=row.name,
            unit=row.unit,
            is_benchmark=row.is_benchmark,
            is_judged=row.direction == "none" and row.time_aggregation == "never",
            direction=row.direction,
            frequency=row.frequency,
            value_mode=row.value_mode,
            time_aggregation=row.time_aggregation,
        )
        for row in indicators
    }


def examine(
    edition: EditionDraft, *, scheme: str = "", number: int = 0
) -> tuple[Definition, tuple[Problem, ...], tuple[Problem, ...]]:
    """The definition an edition makes, what is wrong with it, what should be known. 1 query."""
    facts = facts_of(edition.indicators)
    units = {code: known.unit for code, known in facts.items()}
    definition = edition.definition(scheme, number, units)
    return definition, problems_of(definition, facts), hints_of(definition, facts)


def overlapping(version: SchemeVersion) -> SchemeVersion | None:
    """Another published edition of the scheme whose data years meet this one's. 1 query."""
    others = SchemeVersion.objects.filter(scheme=version.scheme_id, state=VersionState.PUBLISHED)
    others = others.exclude(pk=version.pk).exclude(last_year__lt=version.first_year)
    if version.last_year is not None:
        others = others.exclude(first_year__gt=version.last_year)
    return others.order_by("first_year").first()
