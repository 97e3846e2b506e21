"""Schemes of a pack: counted, checked by line, loaded once, never over people's own."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone

from jingkai.delivery.evaluation.models import Scheme, VersionState
from jingkai.delivery.evaluation.public import (
    edition_of_version,
    publish_version,
    save_draft,
    start_draft,
)
from jingkai.packs.public import Pack, check_pack, export_pack, load_pack, read_pack
from jingkai.packs.schemes import nodes_of

from .conftest import Break


def test_the_national_scheme_is_that_of_2021(pack: Pack) -> None:
    scheme = next(row for row in pack.schemes if row.code == "NATIONAL_2021")
    assert scheme.tree is not None
    classes = [(node.name_zh, node.points, len(node.parts)) for node in scheme.tree.parts]
    assert classes == [
        ("对外开放", Decimal(30), 7),
        ("发展质量", Decimal(30), 8),
        ("科技创新", Decimal(15), 6),
        ("绿色发展", Decimal(15), 5),
        ("统筹协调", Decimal(10), 4),
    ]
    leaves = [node for node, __ in nodes_of(scheme) if node.direction]
    assert Counter(leaf.verified for leaf in leaves) == {True: 22, False: 8}
    assert [leaf.code for leaf in leaves if leaf.indicator is None] == ["NAT_AID", "NAT_DUTY"]
    assert {rule["kind"] for rule in scheme.exit_rules} == {
        *("bottom_times", "average_bottom", "bottom_consecutive", "bottom_once"),
    }


def test_every_scheme_adds_up_and_filled_points_are_unverified(pack: Pack) -> None:
    assert [row.code for row in pack.schemes] == ["NATIONAL_2021", "PROVINCIAL", "SHENYANG"]
    for row in pack.schemes:
        leaves = [node for node, __ in nodes_of(row) if not node.parts]
        assert sum(leaf.points for leaf in leaves) == 100
        assert not row.verified
        if row.code != "NATIONAL_2021":
            assert not any(leaf.verified for leaf in leaves)
            assert not any(rule["verified"] for rule in row.ledger_rules)


NATIONAL = "tree.parts[1]"


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("Tax revenue, points: 3.75", "Tax revenue, points: 3.5", f"{NATIONAL}.points"),
        ("indicator: TAX_REV,", "indicator: TAX_REVV,", f"{NATIONAL}.parts[2].indicator"),
        ("indicator: TAX_REV,", "indicator: CITY_TRADE,", f"{NATIONAL}.parts[2].indicator"),
        ("indicator: TAX_REV,", "wieght: 1,", f"{NATIONAL}.parts[2].wieght"),
        ("direction: down,", "direction: downward,", "tree.parts[3].parts[0].direction"),
        ("aggregate: arithmetic", "aggregate: arithmetical", "schemes[0]"),
        ("normalise: {method: efficacy", "normalise: {method: goalposts", "schemes[0]"),
        ("group_by: level", "group_by: region", "schemes[0].group_by"),
        ("kind: bottom_times", "kind: bottom_sometimes", "schemes[0]"),
    ],
)
def test_what_is_wrong_is_said_at_its_line(broken: Break, old: str, new: str, field: str) -> None:
    problems = [p for p in broken("schemes.yaml", old, new) if p.file == "schemes.yaml"]
    assert [p for p in problems if p.field.endswith(field)], problems
    assert all(p.line > 0 for p in problems)


@pytest.mark.django_db
def test_loading_publishes_once_and_never_over_people(folder: Path, tmp_path: Path) -> None:
    now = timezone.now()
    load_pack(folder, now=now)
    load_pack(folder, now=now)
    assert [s.versions.count() for s in Scheme.objects.all()] == [1, 1, 1]
    assert not Scheme.objects.exclude(versions__state=VersionState.PUBLISHED).exists()

    path = folder / "schemes.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("noise: 0.25", "noise: 0.2", 1), encoding="utf-8")
    load_pack(folder, now=now)
    national = Scheme.objects.get(code="NATIONAL_2021")
    states = list(national.versions.order_by("number").values_list("state", flat=True))
    assert states == ["retired", "published"]

    shenyang = Scheme.objects.get(code="SHENYANG")
    draft = start_draft(scheme_id=shenyang.pk, actor=None, now=now)
    edition = edition_of_version(draft)
    nodes = tuple(
        replace(node, note="办公室改过") if node.code == "SY_GDP" else node
        for node in edition.nodes
    )
    own = replace(edition, nodes=nodes, first_year=2026)
    save_draft(version_id=draft.pk, edition=own, revision=draft.revision, actor=None, now=now)
    publish_version(version_id=draft.pk, reason="办公室调整", actor=None, now=now)
    path.write_text(
        path.read_text(encoding="utf-8").replace("deduction_cap: 10", "deduction_cap: 8"),
        encoding="utf-8",
    )
    load_pack(folder, now=now)
    assert shenyang.versions.count() == 2

    target = tmp_path / "exported"
    export_pack(target, source=folder)
    assert check_pack(target) == []
    written = next(row for row in read_pack(target).schemes if row.code == "SHENYANG")
    assert written.first_year == 2026
    assert next(n for n, __ in nodes_of(written) if n.code == "SY_GDP").note == "办公室改过"
