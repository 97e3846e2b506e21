"""Packs made of documents: the reference draft joins the shipped pack; new ones are sound."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from jingkai.delivery.indicators.models import Target
from jingkai.delivery.intake import services
from jingkai.delivery.intake.building import Head, Plan, Taken, build
from jingkai.delivery.intake.models import ItemKind, ItemState, SourceState, SourceVersion
from jingkai.delivery.intake.publisher import publisher
from jingkai.delivery.intake.queries import sentences_of
from jingkai.delivery.intake.services.publishing import archive_of
from jingkai.delivery.intake.tests.factories import office, read, reference_text
from jingkai.delivery.policy.models import Clause, Conflict, KeyTask, Measure
from jingkai.masterdata.organisations.tests.factories import BodyFactory
from jingkai.packs.from_documents import DocumentPublisher, texts_of
from jingkai.packs.models import KeptFiles
from jingkai.packs.public import check_pack, load_pack

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "packs" / "shenyang"
NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)


def decide_all(version: SourceVersion, actor: object) -> None:
    """All that is clear at once; then each thing by itself, joined where something is proposed."""
    for kind in ItemKind.values:
        if kind != ItemKind.FINDING:
            services.accept_all(version_id=version.pk, kind=kind, actor=actor, now=NOW)
    for item in version.items.filter(state=ItemState.PENDING).exclude(kind=ItemKind.FINDING):
        gap = bool(item.read.get("gap"))
        services.decide_item(
            item_id=item.pk,
            action="reject" if gap else "join" if item.proposal else "accept",
            reason="无责任单位" if gap else "",
            revision=None,
            actor=actor,
            now=NOW,
        )


@pytest.mark.slow
@pytest.mark.django_db
def test_the_reference_draft_joins_the_shipped_pack() -> None:
    text = reference_text()
    load_pack(SHIPPED, now=NOW)
    counts = [m.objects.count() for m in (Measure, Clause, KeyTask, Target)]
    values = dict(Target.objects.values_list("code", "value"))
    states = list(Target.objects.order_by("code").values("code", "horizon", "modality", "kind"))
    me = office()
    version = read(text, actor=me, policy_code="shenyang")
    clauses = version.items.filter(kind=ItemKind.CLAUSE).exclude(proposal="")
    assert all(item.proposal == item.key.replace(".", "-") for item in clauses)
    assert not version.items.filter(kind=ItemKind.TARGET, proposal="").exists()
    decide_all(version, me)

    done = services.publish_version(version_id=version.pk, actor=me, now=NOW)

    assert done.state == SourceState.PUBLISHED, done.outcome
    assert [m.objects.count() for m in (Measure, Clause, KeyTask, Target)] == counts
    assert dict(Target.objects.values_list("code", "value")) == values
    assert (
        list(Target.objects.order_by("code").values("code", "horizon", "modality", "kind"))
        == states
    )
    assert not Clause.objects.filter(sentence="").exists()
    (said, *_more) = sentences_of(me, "target", "T2-TRADE")
    assert "1400亿元" in said.text
    services.reopen_version(version_id=version.pk, reason="再看", actor=me, now=NOW)
    before = Conflict.objects.count()
    again = services.publish_version(version_id=version.pk, actor=me, now=NOW)
    assert (again.outcome["created"], again.outcome["updated"]) == (0, 0)
    assert Conflict.objects.count() == before


@pytest.mark.django_db
def test_the_downloaded_pack_passes_its_own_checks(tmp_path: Path) -> None:
    me = office()
    BodyFactory(code="GOV", name="市政府", name_en="Municipal Government")
    version = read(actor=me)
    decide_all(version, me)
    version.publication = {
        "code": "ceshi",
        "city": "210200",
        "approved_by": "GOV",
        "coordinator": "GOV",
    }
    version.save()
    with zipfile.ZipFile(io.BytesIO(archive_of(version, actor=me, now=NOW))) as archive:
        archive.extractall(tmp_path)

    problems = check_pack(tmp_path / "ceshi")
    assert [str(p) for p in problems if p.severity == "error"] == []
    text = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "ceshi").iterdir())
    assert "制定主导产业目录并动态调整。" not in text


@pytest.mark.django_db
def test_files_come_back_as_they_were_loaded() -> None:
    load_pack(SHIPPED, now=NOW)
    made = DocumentPublisher()
    base = made.base("shenyang")
    assert base is not None
    shipped = KeptFiles.objects.get(pack="shenyang").files
    assert set(texts_of(base)) == set(shipped)
    assert made.check(base) == [] or all(not p.blocking for p in made.check(base))
    values = [t["value"] for t in base["targets.yaml"]["targets"] if t["value"] is not None]
    assert all(isinstance(value, Decimal) for value in values)


@pytest.mark.django_db
def test_a_plan_of_nothing_changes_nothing() -> None:
    load_pack(SHIPPED, now=NOW)
    base = publisher().base("shenyang")
    head = Head("shenyang", "标题", "Title", "210100", "CITY_GOV", "LEADING_GROUP")

    built = build(Plan(head, ()), base)

    assert not built.changed
    assert built.files == base


_TARGETS = st.lists(
    st.tuples(
        st.sampled_from(["工业增加值", "进出口总额", "研发投入", "高新技术企业数量"]),
        st.sampled_from(["level", "floor", "average_growth", "share"]),
        st.integers(1, 99_999),
        st.sampled_from([2027, 2028, 2030]),
    ),
    max_size=8,
)


@given(_TARGETS)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_built_again_from_what_was_built_is_the_same(stated) -> None:
    """The law of joining: things that carry their codes change nothing the second time."""
    body = Taken("body", "body:市商务局", {"name": "市商务局"})
    items = [body]
    for number, (name, kind, value, year) in enumerate(stated, start=1):
        data = {
            "indicator": name,
            "kind": kind,
            "modality": "plain",
            "value": str(value),
            "unit": "%" if kind in ("average_growth", "share") else "亿元",
            "year": year,
            "benchmark": "全市" if kind == "share" else "",
            "place": f"text:{number}",
        }
        items.append(Taken("target", f"target:{number}", data))
    head = Head("law", "某市措施", "Law", "210200", "SHI_SHANG_WU_JU", "SHI_SHANG_WU_JU")
    first = build(Plan(head, tuple(items)), None)
    assume(not first.mistakes)
    joined = tuple(Taken(i.kind, i.key, i.data, match=first.codes.get(i.key, "")) for i in items)
    again = build(Plan(head, joined), first.files)

    assert again.files == first.files
    assert again.codes == first.codes
