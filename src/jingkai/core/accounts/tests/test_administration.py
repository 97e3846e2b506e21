"""The three administrators: what each may do, what none may do, and who cannot be lost."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from jingkai.core.accounts.models import LinkPurpose, User
from jingkai.core.accounts.public import (
    create_link,
    ensure_first_administrator,
    issue_demo_links,
    users_with_role,
)
from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.services import roles, users
from jingkai.core.accounts.tests.factories import MembershipFactory, UserFactory, signed_in
from jingkai.core.audit.models import AuditEvent
from jingkai.core.errors import Conflict, InvalidInput, NotPermitted
from jingkai.masterdata.organisations.tests.factories import BodyFactory

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def system() -> User:
    return UserFactory(role=Role.SYSTEM_ADMIN)


@pytest.fixture
def security() -> User:
    return UserFactory(role=Role.SECURITY_ADMIN)


@pytest.fixture
def auditor() -> User:
    return UserFactory(role=Role.AUDIT_ADMIN)


def fresh(user: User) -> User:
    """The person as the next request sees it."""
    return User.objects.get(pk=user.pk)


def test_one_makes_people_the_other_gives_roles(system: User, security: User) -> None:
    body = BodyFactory()
    with pytest.raises(NotPermitted):
        users.create_user(username="li", name="李", actor=security, now=NOW)
    person = users.create_user(username="li", name="李", actor=system, now=NOW)
    assert not person.has_usable_password()
    with pytest.raises(NotPermitted):
        roles.grant_role(user_id=person.pk, role=Role.OFFICE, body=body, actor=system, now=NOW)
    roles.grant_role(user_id=person.pk, role=Role.OFFICE, body=body, actor=security, now=NOW)
    written = AuditEvent.objects.order_by("pk").values_list("action", "actor_id")
    assert list(written) == [
        ("accounts.user.created", system.pk),
        ("accounts.role.granted", security.pk),
    ]


@pytest.mark.parametrize("first", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN])
@pytest.mark.parametrize(
    "second", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN, Role.OFFICE]
)
def test_administrators_are_separate_persons(security: User, first: str, second: str) -> None:
    person = UserFactory(role=first)
    body = BodyFactory()

    def grant() -> None:
        roles.grant_role(user_id=person.pk, role=second, body=body, actor=security, now=NOW)

    if first == second:
        grant()  # for another body
        assert person.memberships.count() == 2
        return
    with pytest.raises(NotPermitted, match=r"\w"):
        grant()
    person.memberships.update(ended_at=NOW)
    grant()  # one after the other is possible


def test_a_role_that_begins_tomorrow_counts_for_separation(security: User) -> None:
    person, body = UserFactory(), BodyFactory()
    tomorrow = datetime(2026, 3, 3, tzinfo=UTC).date()
    roles.grant_role(
        user_id=person.pk,
        role=Role.AUDIT_ADMIN,
        body=body,
        valid_from=tomorrow,
        actor=security,
        now=NOW,
    )
    with pytest.raises(NotPermitted):
        roles.grant_role(
            user_id=person.pk, role=Role.SYSTEM_ADMIN, body=body, actor=security, now=NOW
        )


def test_nobody_acts_on_himself(system: User, security: User) -> None:
    MembershipFactory(user=UserFactory(), role=Role.SECURITY_ADMIN)
    own = security.memberships.get()
    for act in (
        lambda: roles.end_role(membership_id=own.pk, actor=security, now=NOW),
        lambda: roles.grant_role(
            user_id=security.pk, role=Role.SECURITY_ADMIN, body=BodyFactory(),
            actor=security, now=NOW,
        ),
        lambda: users.unlock_user(user_id=security.pk, actor=security, now=NOW),
        lambda: users.reset_second_factor(user_id=security.pk, actor=security, now=NOW),
        lambda: users.deactivate_user(user_id=system.pk, reason="x", actor=system, now=NOW),
        lambda: create_link(user=system, purpose=LinkPurpose.SIGN_IN, actor=system, now=NOW),
    ):  # fmt: skip
        with pytest.raises(NotPermitted):
            act()


def test_an_ended_role_is_gone_at_once(security: User) -> None:
    person = UserFactory(role=Role.OFFICE)
    member = person.memberships.get()
    roles.end_role(membership_id=member.pk, actor=security, now=timezone.now())
    assert fresh(person).roles == frozenset()
    with pytest.raises(Conflict):
        roles.end_role(membership_id=member.pk, actor=security, now=timezone.now())
    again = roles.grant_role(
        user_id=person.pk, role=Role.OFFICE, body=member.body, actor=security, now=timezone.now()
    )
    assert again.pk != member.pk


def test_the_last_administrators_cannot_go(system: User, security: User) -> None:
    other = UserFactory(role=Role.SECURITY_ADMIN)
    with pytest.raises(Conflict):
        roles.end_role(membership_id=system.memberships.get().pk, actor=security, now=NOW)
    roles.end_role(membership_id=security.memberships.get().pk, actor=other, now=NOW)
    with pytest.raises(Conflict):
        users.deactivate_user(user_id=other.pk, reason="left", actor=system, now=NOW)
    UserFactory(role=Role.SECURITY_ADMIN)
    users.deactivate_user(user_id=other.pk, reason="left", actor=system, now=NOW)
    assert not fresh(other).is_active


@pytest.mark.django_db(transaction=True)
def test_two_who_end_each_other_at_once_leave_one() -> None:
    first = UserFactory(role=Role.SECURITY_ADMIN)
    second = UserFactory(role=Role.SECURITY_ADMIN)
    barrier, refused = threading.Barrier(2), []

    def end(actor: User, other: User) -> None:
        barrier.wait()
        try:
            roles.end_role(membership_id=other.memberships.get().pk, actor=actor, now=NOW)
        except (Conflict, NotPermitted) as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=end, args=pair) for pair in ((first, second), (second, first))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert users_with_role(Role.SECURITY_ADMIN).count() == 1
    assert len(refused) == 1


def test_deactivating_ends_sessions_and_tokens_and_needs_a_reason(system: User) -> None:
    person = UserFactory(role=Role.OFFICE)
    client = signed_in(person)
    with pytest.raises(InvalidInput):
        users.deactivate_user(user_id=person.pk, reason=" ", actor=system, now=NOW)
    users.deactivate_user(user_id=person.pk, reason="left", actor=system, now=NOW)
    assert client.get("/account/").status_code == 302
    with pytest.raises(Conflict):
        users.deactivate_user(user_id=person.pk, reason="left", actor=system, now=NOW)
    users.activate_user(user_id=person.pk, actor=system, now=NOW)
    assert client.get("/account/").status_code == 302  # old sessions stay ended


def test_holders_of_a_role_today() -> None:
    body, other = BodyFactory(), BodyFactory()
    here = UserFactory(role=Role.ZONE_CLERK, body=body)
    there = UserFactory(role=Role.ZONE_CLERK, body=other)
    UserFactory(role=Role.ZONE_CLERK, body=body, is_active=False)
    past = UserFactory(role=Role.ZONE_CLERK, body=body)
    past.memberships.update(valid_to=datetime(2026, 1, 2, tzinfo=UTC).date())
    assert list(users_with_role(Role.ZONE_CLERK)) == [here, there]
    assert list(users_with_role(Role.ZONE_CLERK, body_ids=[body.pk])) == [here]


# First start


def test_the_first_two_are_separate_and_have_no_password(client: Client) -> None:
    BodyFactory()
    issued = ensure_first_administrator(now=timezone.now())
    assert len(issued) == 2
    people = User.objects.order_by("pk")
    assert [p.username for p in people] == ["sysadmin", "secadmin"]
    assert [p.roles for p in people] == [{Role.SYSTEM_ADMIN}, {Role.SECURITY_ADMIN}]
    assert not any(p.has_usable_password() for p in people)
    word = "a-long-word-nobody-knows"
    entered = client.post(issued[0][1], {"new": word, "again": word})
    assert entered["Location"] == "/account/second-factor/enrol/"
    again = ensure_first_administrator(now=timezone.now())
    assert [role for role, _path in again] == [issued[1][0]]  # only who still has no password
    assert User.objects.count() == 2


def test_no_first_administrator_without_a_body() -> None:
    with pytest.raises(Conflict):
        ensure_first_administrator(now=NOW)
    assert not User.objects.exists()


def test_demo_links_are_for_demo_people_only(client: Client, settings: Any) -> None:
    settings.DEMO = True
    UserFactory(role=Role.LEADER)
    UserFactory(role=Role.OFFICE, is_demo=True)
    links = issue_demo_links(now=timezone.now())
    assert len(links) == 1
    assert client.post(links[0][1]).status_code == 302
    settings.DEMO = False
    assert issue_demo_links(now=timezone.now()) == []


# Pages


@pytest.mark.parametrize("rows", [2, 20])
def test_the_list_costs_the_same_at_any_length(
    auditor: User, rows: int, django_assert_max_num_queries: Any
) -> None:
    for _ in range(rows):
        UserFactory(role=Role.ZONE_CLERK)
    client = signed_in(auditor)
    with django_assert_max_num_queries(8):
        page = client.get("/admin/users/")
    assert page.status_code == 200


def test_the_list_filters_and_exports(auditor: User) -> None:
    body = BodyFactory(name="市测试局甲")
    wanted = UserFactory(role=Role.ZONE_CLERK, body=body, name="王某")
    UserFactory(role=Role.OFFICE)
    client = signed_in(auditor)
    for query in ("q=测试局甲", "q=王某", "role=zone-clerk"):
        assert list(client.get(f"/admin/users/?{query}").context["page_obj"]) == [wanted]
    assert list(client.get("/admin/users/?state=locked").context["page_obj"]) == []
    out = client.get("/admin/users/?role=zone-clerk&format=csv")
    assert wanted.username in out.content.decode("utf-8-sig")
    assert AuditEvent.objects.get(action="list.exported").row_count == 1


def test_the_audit_administrator_looks_and_changes_nothing(auditor: User) -> None:
    person = UserFactory(role=Role.OFFICE)
    member = person.memberships.get()
    client = signed_in(auditor)
    card = f"/admin/users/{person.pk}/"
    assert client.get(card).status_code == 200
    for act, data in (
        ("edit/", {"name": "x"}),
        ("deactivate/", {"reason": "x"}),
        ("link/", {"purpose": "sign-in", "minutes": 60}),
        ("roles/", {"role": "leader", "body": member.body_id, "valid_from": "2026-01-01"}),
        (f"roles/{member.pk}/end/", {}),
        ("unlock/", {}),
        ("end-sessions/", {}),
        ("reset-factor/", {}),
    ):
        assert client.post(card + act, data).status_code == 403, act
    assert client.post("/admin/users/new/", {"username": "new", "name": "x"}).status_code == 403


def test_a_link_made_on_the_card_is_shown_once_and_works(system: User) -> None:
    person = UserFactory(role=Role.OFFICE)
    client = signed_in(system)
    shown = client.post(
        f"/admin/users/{person.pk}/link/", {"purpose": "set-password", "minutes": "60"}
    )
    url = shown.context["link_url"]
    assert url in shown.content.decode()
    assert url not in client.get(f"/admin/users/{person.pk}/").content.decode()
    assert Client().get(url).status_code == 200


def test_the_security_administrator_works_on_the_card(security: User) -> None:
    person, body = UserFactory(locked_until=timezone.now().replace(year=2099)), BodyFactory()
    client = signed_in(security)
    card = f"/admin/users/{person.pk}/"
    grant = {"role": "leader", "body": body.pk, "valid_from": "2026-01-01", "valid_to": ""}
    assert client.post(card + "roles/", grant).status_code == 302
    twice = client.post(card + "roles/", grant)
    assert twice.status_code == 422
    assert twice.context["grant_form"].non_field_errors()
    assert client.post(card + "roles/", {**grant, "role": "audit-admin"}).status_code == 403
    assert client.post(card + "unlock/").status_code == 302
    assert fresh(person).locked_until is None
    assert client.post(card + "reset-factor/").status_code == 409
    assert client.post(f"{card}roles/{person.memberships.get().pk}/end/").status_code == 302
    assert fresh(person).roles == frozenset()
