"""Sign-in as a browser sees it: refusals, lock-out, sessions, second factor, demo door, links."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from jingkai.core.accounts.models import LinkPurpose, OneTimeLink, SignInAttempt, User
from jingkai.core.accounts.roles import ADMINISTRATORS, Role
from jingkai.core.accounts.sealing import unseal
from jingkai.core.accounts.services.links import LinkNotValid, create_link, redeem_link
from jingkai.core.accounts.services.second_factor import verify_totp
from jingkai.core.accounts.services.sign_in import check_password, end_own_sessions
from jingkai.core.accounts.sessions import own_path
from jingkai.core.accounts.tests.factories import UserFactory, signed_in
from jingkai.core.audit.models import AuditEvent

GOOD = "correct-horse-battery"
NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)


def enter(client: Client, username: str, password: str = GOOD, **extra: Any) -> Any:
    return client.post("/account/sign-in/", {"username": username, "password": password}, **extra)


def is_in(client: Client) -> bool:
    """Who is in learns that a page does not exist; who is out learns nothing."""
    return client.get("/no-such-page/").status_code == 404


@pytest.fixture
def person(db: None) -> User:
    return UserFactory(role=Role.OFFICE, password=GOOD)


def test_the_right_password_opens_a_fresh_session(client: Client, person: User) -> None:
    client.get("/account/sign-in/")
    client.session["x"] = 1
    before = client.session.session_key
    response = enter(client, person.username)
    assert response.status_code == 302
    assert is_in(client)
    assert client.session.session_key != before
    assert AuditEvent.objects.filter(action="accounts.signed-in", actor=person).count() == 1


def test_every_refusal_says_the_same(client: Client, person: User) -> None:
    off = UserFactory(password=GOOD, is_active=False)
    locked = UserFactory(password=GOOD, locked_until=timezone.now() + timedelta(minutes=5))
    texts = set()
    for name, password in [
        (person.username, "wrong"),
        ("nobody", GOOD),
        (off.username, GOOD),
        (locked.username, GOOD),
    ]:
        response = enter(client, name, password)
        assert response.status_code == 422
        texts.add(str(response.context["form"].non_field_errors()))
    assert len(texts) == 1
    assert not is_in(client)


def test_typed_names_that_do_not_exist_are_not_kept(client: Client, db: None) -> None:
    enter(client, "my-secret-password")
    assert "my-secret" not in str(list(AuditEvent.objects.values()))


def test_lock_out_begins_after_the_last_failure_and_ends_by_the_clock(person: User) -> None:
    def attempt(password: str, at: datetime) -> User | None:
        return check_password(username=person.username, password=password, address=None, now=at)

    for n in range(5):
        assert attempt("wrong", NOW + timedelta(seconds=n)) is None
    person.refresh_from_db()
    assert person.locked_until == NOW + timedelta(seconds=4, minutes=15)
    assert attempt(GOOD, NOW + timedelta(minutes=15)) is None
    assert attempt(GOOD, NOW + timedelta(minutes=15, seconds=5)) == person
    assert AuditEvent.objects.filter(action="accounts.user.locked").count() == 1


def test_one_address_cannot_try_many_names(person: User, settings: Any) -> None:
    settings.SIGN_IN_POLICY = {"address_failures": 3}
    for n in range(3):
        check_password(username=f"no-{n}", password="x", address="192.0.2.7", now=NOW)

    def attempt(address: str, at: datetime) -> User | None:
        return check_password(username=person.username, password=GOOD, address=address, now=at)

    assert attempt("192.0.2.7", NOW) is None
    assert attempt("192.0.2.8", NOW) == person
    assert attempt("192.0.2.7", NOW + timedelta(minutes=15, seconds=1)) == person
    assert SignInAttempt.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_guesses_sent_at_once_are_counted_one_by_one() -> None:
    person = UserFactory(password=GOOD)

    def guess() -> None:
        check_password(username=person.username, password="wrong", address=None, now=NOW)
        connection.close()

    threads = [threading.Thread(target=guess) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    person.refresh_from_db()
    assert person.failed_sign_ins == 4


def test_an_idle_session_ends(client: Client, person: User, settings: Any) -> None:
    enter(client, person.username)
    session = client.session
    session["seen"] -= settings.SESSION_IDLE_SECONDS - 30
    session.save()
    assert is_in(client)  # the visit moves the mark
    session = client.session
    session["seen"] -= settings.SESSION_IDLE_SECONDS + 1
    session.save()
    assert not is_in(client)


def test_a_session_ends_at_its_greatest_age(client: Client, person: User, settings: Any) -> None:
    enter(client, person.username)
    session = client.session
    session["started"] -= settings.SESSION_COOKIE_AGE + 1
    session.save()
    assert not is_in(client)


def test_ending_sessions_ends_them_all(person: User) -> None:
    first, second = signed_in(person), signed_in(person)
    assert is_in(first)
    end_own_sessions(actor=person, now=NOW)
    assert not is_in(first)
    assert not is_in(second)


def test_a_deactivated_person_is_out_at_once(person: User) -> None:
    client = signed_in(person)
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert not is_in(client)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("/cockpit/?a=1", "/cockpit/?a=1"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("cockpit/", "/"),
        ("/account/sign-out/", "/"),
        ("/account/link/abc/", "/"),
        (None, "/"),
    ],
)
def test_next_leads_only_to_own_paths(given: str | None, kept: str) -> None:
    assert own_path(given) == kept


def test_next_is_kept_through_sign_in(client: Client, person: User) -> None:
    asked = client.get("/cockpit/?zone=a")
    assert asked["Location"] == "/account/sign-in/?next=%2Fcockpit%2F%3Fzone%3Da"
    response = client.post(
        "/account/sign-in/",
        {"username": person.username, "password": GOOD, "next": "/cockpit/?zone=a"},
    )
    assert response["Location"] == "/cockpit/?zone=a"


def test_a_fragment_without_session_moves_the_whole_page(client: Client, db: None) -> None:
    response = client.get(
        "/inbox/",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/cockpit/?a=1"},
    )
    assert response["HX-Redirect"] == "/account/sign-in/?next=%2Fcockpit%2F%3Fa%3D1"


@pytest.mark.parametrize("path", ["/api/v1/accounts/me", "/api/v1/nothing-here"])
def test_the_api_tells_programs_401(client: Client, db: None, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"


# Second factor


@pytest.mark.parametrize("role", sorted(ADMINISTRATORS))
def test_administrators_without_second_factor_reach_only_its_enrolment(
    client: Client, db: None, role: str
) -> None:
    admin = UserFactory(role=role, password=GOOD, totp_secret="", totp_confirmed_at=None)
    assert enter(client, admin.username)["Location"] == "/account/second-factor/enrol/"
    for path in ("/", "/admin/users/", "/admin/audit/", "/account/", "/jobs/"):
        assert client.get(path)["Location"].startswith("/account/second-factor/enrol/")
    assert client.get("/api/v1/accounts/me").status_code == 401
    page = client.get("/account/second-factor/enrol/")
    assert page.context["qr"].startswith("data:image/svg+xml")
    secret = page.context["secret"].replace(" ", "")
    wrong = client.post("/account/second-factor/enrol/", {"code": "000000x"})
    assert wrong.status_code == 422
    done = client.post("/account/second-factor/enrol/", {"code": pyotp.TOTP(secret).now()})
    assert done.status_code == 302
    assert is_in(client)
    admin.refresh_from_db()
    assert unseal(admin.totp_secret) == secret
    assert secret not in admin.totp_secret


def test_the_second_factor_is_asked_and_opens(client: Client, db: None) -> None:
    secret = pyotp.random_base32()
    person = UserFactory(password=GOOD, totp_secret=secret, totp_confirmed_at=NOW)
    assert enter(client, person.username)["Location"] == "/account/second-factor/"
    assert not is_in(client)
    assert client.post("/account/second-factor/", {"code": "12"}).status_code == 422
    code = pyotp.TOTP(secret).now()
    assert client.post("/account/second-factor/", {"code": code})["Location"] == "/"
    assert is_in(client)
    outcomes = list(SignInAttempt.objects.values_list("outcome", flat=True))
    assert outcomes == ["signed-in", "second-factor-refused"]


def test_a_code_opens_only_once(db: None) -> None:
    secret = pyotp.random_base32()
    person = UserFactory(totp_secret=secret, totp_confirmed_at=NOW)
    code = pyotp.TOTP(secret).at(NOW)
    assert verify_totp(user=person, code=code, address=None, now=NOW)
    assert not verify_totp(user=person, code=code, address=None, now=NOW)
    assert not verify_totp(user=person, code=code, address=None, now=NOW + timedelta(seconds=29))
    later = pyotp.TOTP(secret).at(NOW + timedelta(seconds=60))
    assert verify_totp(user=person, code=later, address=None, now=NOW + timedelta(seconds=60))


def test_wrong_codes_lock_the_account_and_close_the_session(client: Client, db: None) -> None:
    secret = pyotp.random_base32()
    person = UserFactory(password=GOOD, totp_secret=secret, totp_confirmed_at=NOW)
    enter(client, person.username)
    for _ in range(4):
        assert client.post("/account/second-factor/", {"code": "x"}).status_code == 422
    assert client.post("/account/second-factor/", {"code": "x"})["Location"] == "/account/sign-in/"
    assert enter(client, person.username).status_code == 422


# Demonstration door


@pytest.fixture
def demo_admin(db: None) -> User:
    return UserFactory(
        username="sysadmin", role=Role.SYSTEM_ADMIN, is_demo=True, totp_confirmed_at=None
    )


def through_demo_door(client: Client, user: User, **extra: Any) -> int:
    status: int = client.post(
        "/account/sign-in/demo/", {"username": user.username}, **extra
    ).status_code
    return status


def test_the_demo_door_stands_for_the_second_factor(
    client: Client, demo_admin: User, settings: Any
) -> None:
    settings.DEMO = True
    assert demo_admin.name in client.get("/account/sign-in/").content.decode()
    assert through_demo_door(client, demo_admin) == 302
    assert is_in(client)


@pytest.mark.parametrize(
    "extra",
    [
        {"REMOTE_ADDR": "192.0.2.9"},
        {"headers": {"X-Forwarded-For": "127.0.0.1"}},
        {"headers": {"Forwarded": "for=127.0.0.1"}},
        {"REMOTE_ADDR": ""},
    ],
)
def test_the_demo_door_is_shut_from_outside(
    client: Client, demo_admin: User, settings: Any, extra: dict[str, Any]
) -> None:
    settings.DEMO = True
    assert through_demo_door(client, demo_admin, **extra) == 404
    assert demo_admin.name not in client.get("/account/sign-in/", **extra).content.decode()


def test_without_demonstration_no_demo_person_gets_or_stays_in(
    client: Client, demo_admin: User, settings: Any
) -> None:
    settings.DEMO = True
    assert through_demo_door(client, demo_admin) == 302
    _link, path = create_link(user=demo_admin, purpose=LinkPurpose.SIGN_IN, now=NOW, actor=None)
    settings.DEMO = False
    assert not is_in(client)
    assert through_demo_door(client, demo_admin) == 404
    assert demo_admin.name not in client.get("/account/sign-in/").content.decode()
    with pytest.raises(LinkNotValid):
        redeem_link(secret=path.split("/")[-2], now=NOW)


def test_a_person_of_flesh_does_not_enter_by_the_demo_door(
    client: Client, person: User, settings: Any
) -> None:
    settings.DEMO = True
    assert through_demo_door(client, person) == 404


# One-time links


def fresh_link(user: User, purpose: LinkPurpose = LinkPurpose.SIGN_IN) -> str:
    return create_link(user=user, purpose=purpose, now=timezone.now(), actor=None)[1]


def test_a_link_opens_once_and_looking_uses_nothing_up(client: Client, person: User) -> None:
    path = fresh_link(person)
    assert client.get(path).status_code == client.get(path).status_code == 200
    assert client.post(path).status_code == 302
    assert is_in(client)
    again = Client().post(path)
    assert again.status_code == 410
    assert again.context["error"].reason == "used"
    secret = path.split("/")[-2]
    assert secret not in str(list(OneTimeLink.objects.values())) + str(
        list(AuditEvent.objects.values())
    )


def test_forged_and_expired_links_say_so(client: Client, person: User) -> None:
    forged = client.get("/account/link/abc/")
    assert (forged.status_code, forged.context["error"].reason) == (404, "unknown")
    path = fresh_link(person)
    OneTimeLink.objects.update(expires_at=timezone.now())
    expired = client.post(path)
    assert (expired.status_code, expired.context["error"].reason) == (410, "expired")
    assert not is_in(client)


def test_a_link_sets_a_password_and_a_bad_one_leaves_it_unused(
    client: Client, person: User
) -> None:
    path = fresh_link(person, LinkPurpose.SET_PASSWORD)
    assert client.post(path, {"new": "12345", "again": "12345"}).status_code == 422
    assert client.post(path, {"new": GOOD + "1", "again": GOOD + "2"}).status_code == 422
    new = "another-long-phrase-7"
    assert client.post(path, {"new": new, "again": new}).status_code == 302
    assert is_in(client)
    assert enter(Client(), person.username, new).status_code == 302
    assert enter(Client(), person.username, GOOD).status_code == 422


def test_a_new_password_link_voids_the_earlier_one(client: Client, person: User) -> None:
    first = fresh_link(person, LinkPurpose.SET_PASSWORD)
    fresh_link(person, LinkPurpose.SET_PASSWORD)
    assert client.get(first).status_code == 410


def test_a_link_does_not_replace_the_second_factor(client: Client, db: None) -> None:
    admin = UserFactory(role=Role.SYSTEM_ADMIN)
    assert client.post(fresh_link(admin))["Location"] == "/account/second-factor/"
    assert not is_in(client)


@pytest.mark.django_db(transaction=True)
def test_of_two_clicks_at_once_one_opens() -> None:
    person = UserFactory()
    _link, path = create_link(user=person, purpose=LinkPurpose.SIGN_IN, now=NOW, actor=None)
    barrier, results = threading.Barrier(4), []

    def click() -> None:
        barrier.wait()
        try:
            redeem_link(secret=path.split("/")[-2], now=NOW)
            results.append("opened")
        except LinkNotValid as error:
            results.append(error.reason)
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["opened", "used", "used", "used"]
