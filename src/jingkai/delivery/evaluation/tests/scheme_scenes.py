"""Small schemes for tests: two classes, four leaves, indicators that zones report."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from jingkai.core.accounts.models import User
from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.delivery.evaluation.drafting import EditionDraft, NodeDraft
from jingkai.delivery.evaluation.models import Scheme, SchemeVersion
from jingkai.delivery.evaluation.services.schemes import (
    create_scheme,
    publish_version,
    save_draft,
    start_draft,
)
from jingkai.delivery.indicators.models import Indicator
from jingkai.delivery.indicators.tests.factories import IndicatorFactory

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
METHOD: dict[str, Any] = {
    "normalise": {"method": "minmax", "range": [1, 100], "constant": "middle"},
    "aggregate": "arithmetic",
}


def office() -> User:
    return UserFactory(role=Role.OFFICE, name="评价处")


def leaf(code: str, parent: str, points: str, indicator: str = "", **more: Any) -> NodeDraft:
    fields: dict[str, Any] = {"name": f"末级{code}", "direction": 1, **more}
    return NodeDraft(
        code=code,
        parent=parent,
        points=Decimal(points),
        is_leaf=True,
        indicator=indicator,
        **fields,
    )


def inner(code: str, parent: str, points: str, **more: Any) -> NodeDraft:
    return NodeDraft(code=code, parent=parent, name=f"类别{code}", points=Decimal(points), **more)


def indicators(count: int = 4) -> list[Indicator]:
    return [IndicatorFactory(code=f"SCH{n}", name=f"方案测试指标{n}") for n in range(count)]


def edition(codes: list[str] | None = None, **changes: Any) -> EditionDraft:
    """A sound edition: 60 + 40 points, the first leaf half for growth."""
    names = [*(codes or ()), "", "", "", ""]
    given = EditionDraft(
        first_year=2025,
        nodes=(
            NodeDraft("ROOT", "测试方案总分", Decimal(100)),
            inner("A", "ROOT", "60"),
            leaf("A1", "A", "35", names[0], growth_share=Decimal("0.5")),
            leaf("A2", "A", "25", names[1]),
            inner("B", "ROOT", "40"),
            leaf("B1", "B", "22.5", names[2], direction=-1),
            leaf("B2", "B", "17.5", names[3]),
        ),
        method=METHOD,
        source="测试依据",
        reason="测试",
    )
    return replace(given, **changes)


def with_node(given: EditionDraft, at: str, /, **changes: Any) -> EditionDraft:
    """The edition with one node changed."""
    nodes = tuple(replace(n, **changes) if n.code == at else n for n in given.nodes)
    return replace(given, nodes=nodes)


def without(given: EditionDraft, code: str) -> EditionDraft:
    return replace(given, nodes=tuple(n for n in given.nodes if n.code != code))


def drafted(
    actor: User, given: EditionDraft | None = None, code: str = "TEST", name: str = "测试方案"
) -> SchemeVersion:
    """A scheme whose draft says `given`."""
    scheme = create_scheme(code=code, name=name, actor=actor, now=NOW)
    return redrafted(scheme, actor, given or edition())


def redrafted(scheme: Scheme, actor: User, given: EditionDraft) -> SchemeVersion:
    draft = start_draft(scheme_id=scheme.pk, actor=actor, now=NOW)
    return save_draft(
        version_id=draft.pk, edition=given, revision=draft.revision, actor=actor, now=NOW
    )


def published(
    actor: User, given: EditionDraft | None = None, code: str = "TEST", name: str = "测试方案"
) -> SchemeVersion:
    """A scheme with one edition in force."""
    draft = drafted(actor, given, code, name)
    return publish_version(version_id=draft.pk, reason="测试发布", actor=actor, now=NOW)
