"""A name means one body on one day, or nobody: it is never guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from jingkai.core.accounts.public import Role, User
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.errors import Conflict, InvalidInput, NotPermitted
from jingkai.masterdata.organisations import services
from jingkai.masterdata.organisations.models import Body, BodyAlias
from jingkai.masterdata.organisations.public import resolve_body
from jingkai.masterdata.organisations.tests.factories import BodyFactory

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
DAY = date(2026, 11, 2)


@pytest.fixture
def office(db: None) -> User:
    return UserFactory(role=Role.OFFICE)


@pytest.fixture
def industry(db: None) -> Body:
    body = BodyFactory(code="INDUSTRY", name="市工业和信息化局")
    BodyAlias.objects.create(body=body, name="市工信局")
    return body


def test_official_name_alias_and_other_writing(industry: Body) -> None:
    assert resolve_body("市工业和信息化局", on=DAY).kind == "exact"
    assert resolve_body("市工信局", on=DAY).kind == "alias"
    kangxi = resolve_body("市⼯业和 信息化局", on=DAY)  # U+2F2F, as the document has it
    assert (kangxi.kind, kangxi.body) == ("normalised", industry)


def test_unknown_suggests_and_does_not_choose(industry: Body) -> None:
    found = resolve_body("市工业和信息化", on=DAY)
    assert (found.kind, found.body) == ("unknown", None)
    assert [s.body for s in found.suggestions] == [industry]
    assert resolve_body("　", on=DAY).suggestions == ()


def test_an_alias_holds_only_on_its_days(industry: Body) -> None:
    BodyAlias.objects.create(
        body=industry, name="市经信委", valid_from=date(2010, 1, 1), valid_to=date(2018, 12, 31)
    )
    assert resolve_body("市经信委", on=date(2018, 12, 31)).body == industry
    assert resolve_body("市经信委", on=date(2019, 1, 1)).body is None


def test_a_name_that_fits_two_is_nobody(industry: Body) -> None:
    other = BodyFactory(name="市 工业和信息化局")  # differs only by a space
    found = resolve_body("市工业和信息化局　", on=DAY)
    assert found.body == industry  # the exact name wins
    found = resolve_body("市工业 和信息化局", on=DAY)
    assert found.kind == "unknown"
    assert {s.body for s in found.suggestions} == {industry, other}


def test_an_alias_used_twice_is_refused_with_both_names(office: User, industry: Body) -> None:
    other = BodyFactory(name="市数据局")
    with pytest.raises(Conflict) as caught:
        services.add_alias(
            body_id=other.pk,
            name="市工信局",
            valid_from=None,
            valid_to=None,
            note="",
            actor=office,
            now=NOW,
        )
    assert "市工业和信息化局" in str(caught.value)
    assert "市数据局" in str(caught.value)


def test_an_alias_may_pass_on_when_it_has_ended(office: User, industry: Body) -> None:
    alias = industry.aliases.get()
    services.end_alias(alias_id=alias.pk, last_day=date(2026, 6, 30), actor=office, now=NOW)
    other = BodyFactory(name="市数据局")
    services.add_alias(
        body_id=other.pk,
        name="市工信局",
        valid_from=date(2026, 7, 1),
        valid_to=None,
        note="",
        actor=office,
        now=NOW,
    )
    assert resolve_body("市工信局", on=date(2026, 6, 30)).body == industry
    assert resolve_body("市工信局", on=date(2026, 7, 1)).body == other


def test_after_a_merge_the_new_body_answers_and_both_codes_stay(
    office: User, industry: Body
) -> None:
    new = BodyFactory(code="NEW", name="市产业局")
    services.merge_bodies(
        from_id=industry.pk,
        into_id=new.pk,
        on=date(2026, 7, 1),
        reason="机构改革",
        actor=office,
        now=NOW,
    )
    before = resolve_body("市工信局", on=date(2026, 6, 30))
    after = resolve_body("市工信局", on=date(2026, 7, 1))
    assert (before.body, before.merged_from) == (industry, None)
    assert (after.body, after.merged_from) == (new, industry)
    assert set(Body.objects.filter(code__in=["INDUSTRY", "NEW"])) == {industry, new}


def test_merges_that_cannot_be(office: User, industry: Body) -> None:
    new = BodyFactory(name="市产业局")
    base = {"on": date(2026, 7, 1), "actor": office, "now": NOW}
    with pytest.raises(InvalidInput):
        services.merge_bodies(from_id=new.pk, into_id=new.pk, reason="x", **base)
    with pytest.raises(InvalidInput):
        services.merge_bodies(from_id=industry.pk, into_id=new.pk, reason=" ", **base)
    services.merge_bodies(from_id=industry.pk, into_id=new.pk, reason="机构改革", **base)
    with pytest.raises(Conflict):
        services.merge_bodies(from_id=industry.pk, into_id=new.pk, reason="又一次", **base)
    with pytest.raises(Conflict):  # the way back would be a circle
        services.merge_bodies(from_id=new.pk, into_id=industry.pk, reason="撤回", **base)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "role", [Role.LEADER, Role.ZONE_LEADER, Role.DEPARTMENT_CLERK, Role.SYSTEM_ADMIN]
)
def test_only_the_office_writes(role: str, industry: Body) -> None:
    person = UserFactory(role=role)
    with pytest.raises(NotPermitted):
        services.add_alias(
            body_id=industry.pk,
            name="x",
            valid_from=None,
            valid_to=None,
            note="",
            actor=person,
            now=NOW,
        )
    assert industry.aliases.count() == 1
