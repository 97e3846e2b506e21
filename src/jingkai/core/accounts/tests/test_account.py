"""One's own account: password, second factor, tokens, language; and tokens at the API's door."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from django.test import Client
from django.utils import timezone

from jingkai.core.accounts.models import ApiToken, User
from jingkai.core.accounts.public import create_token, revoke_token
from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.services.passwords import change_password
from jingkai.core.accounts.services.tokens import areas, required_scope
from jingkai.core.accounts.tests.factories import UserFactory, signed_in
from jingkai.core.errors import InvalidInput, NotPermitted

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
GOOD = "correct-horse-battery"
pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return UserFactory(role=Role.OFFICE, password=GOOD)


def test_changing_the_password_ends_other_sessions_not_this_one(person: User) -> None:
    here, elsewhere = signed_in(person), signed_in(person)
    new = "another-long-phrase-7"
    wrong = here.post("/account/password/", {"current": "no", "new": new, "again": new})
    assert wrong.status_code == 422
    assert wrong.context["password_form"].errors["current"]
    done = here.post("/account/password/", {"current": GOOD, "new": new, "again": new})
    assert done.status_code == 302
    assert here.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302


@pytest.mark.parametrize("new", ["short", "123456789012345", "password1234", "person-0-person"])
def test_weak_passwords_are_refused_with_the_field_named(new: str) -> None:
    person = UserFactory(username="person-0-person", password=GOOD)
    with pytest.raises(InvalidInput) as caught:
        change_password(actor=person, current=GOOD, new=new, now=NOW)
    assert {problem.field for problem in caught.value.problems} == {"new"}


def test_the_last_passwords_are_not_taken_again(person: User, settings: Any) -> None:
    settings.SIGN_IN_POLICY = {"remembered_passwords": 3}
    words = [GOOD, *(f"quite-another-word-{n}" for n in range(3))]
    for old, new in itertools.pairwise(words):
        with pytest.raises(InvalidInput):
            change_password(
                actor=person, current=old, new=words[0] if old == GOOD else old, now=NOW
            )
        change_password(actor=person, current=old, new=new, now=NOW)
    with pytest.raises(InvalidInput):
        change_password(actor=person, current=words[3], new=words[1], now=NOW)
    change_password(actor=person, current=words[3], new=words[0], now=NOW)  # the fourth last


def test_ending_other_sessions_keeps_this_one(person: User) -> None:
    here, elsewhere = signed_in(person), signed_in(person)
    assert here.post("/account/sessions/end/").status_code == 302
    assert here.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302


def test_removing_the_second_factor_needs_a_code_and_is_refused_to_administrators() -> None:
    secret = pyotp.random_base32()
    person = UserFactory(role=Role.OFFICE, totp_secret=secret, totp_confirmed_at=NOW)
    client = signed_in(person)
    assert client.post("/account/remove-second-factor/", {"code": "1"}).status_code == 422
    code = pyotp.TOTP(secret).now()
    assert client.post("/account/remove-second-factor/", {"code": code}).status_code == 302
    assert User.objects.get(pk=person.pk).totp_confirmed_at is None
    admin = signed_in(UserFactory(role=Role.AUDIT_ADMIN))
    assert admin.post("/account/remove-second-factor/", {"code": code}).status_code == 403


def test_who_owes_the_second_factor_cannot_remove_it() -> None:
    secret = pyotp.random_base32()
    client = Client()
    client.force_login(UserFactory(totp_secret=secret, totp_confirmed_at=NOW))
    code = pyotp.TOTP(secret).now()
    refused = client.post("/account/remove-second-factor/", {"code": code})
    assert refused["Location"].startswith("/account/second-factor/")


def test_the_chosen_language_is_spoken_and_follows_the_top_bar(person: User) -> None:
    client = signed_in(person)
    assert 'lang="zh-hans"' in client.get("/account/").content.decode()
    client.post("/account/language/", {"language": "en"})
    assert 'lang="en"' in client.get("/account/").content.decode()
    client.post("/language/", {"language": "zh-hans", "next": "/"})
    assert 'lang="zh-hans"' in client.get("/account/").content.decode()


# Tokens


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def token_for(user: User, *scopes: str) -> tuple[ApiToken, str]:
    return create_token(
        user=user, name="nightly", scopes=scopes, days=30, actor=user, now=timezone.now()
    )


def test_a_token_acts_within_its_scopes_only(client: Client, person: User) -> None:
    token, secret = token_for(person, "accounts:read")
    assert client.get("/api/v1/accounts/me", headers=bearer(secret)).json()["id"] == person.pk
    denied = client.delete(f"/api/v1/accounts/tokens/{token.pk}", headers=bearer(secret))
    assert denied.status_code == 403
    assert client.get("/api/v1/audit/events", headers=bearer(secret)).status_code == 403
    _writer, other = token_for(person, "accounts:write")
    assert client.get("/api/v1/accounts/me", headers=bearer(other)).status_code == 403
    gone = client.delete(f"/api/v1/accounts/tokens/{token.pk}", headers=bearer(other))
    assert gone.status_code == 204
    assert client.get("/api/v1/accounts/me", headers=bearer(secret)).status_code == 401


def test_a_token_gives_no_more_than_its_person_has(client: Client, person: User) -> None:
    _token, secret = token_for(person, "audit:read")
    refused = client.get("/api/v1/audit/events", headers=bearer(secret))
    assert refused.status_code == 403
    _token, secret = token_for(UserFactory(role=Role.AUDIT_ADMIN), "audit:read")
    assert client.get("/api/v1/audit/events", headers=bearer(secret)).status_code == 200


@pytest.mark.parametrize("how", ["expired", "revoked", "locked", "inactive", "forged"])
def test_dead_tokens_are_refused(client: Client, person: User, how: str) -> None:
    token, secret = token_for(person, "accounts:read")
    now = timezone.now()
    if how == "expired":
        ApiToken.objects.update(expires_at=now)
    elif how == "revoked":
        revoke_token(token_id=token.pk, actor=person, now=now)
    elif how == "locked":
        User.objects.update(locked_until=now + timedelta(minutes=5))
    elif how == "inactive":
        User.objects.update(is_active=False)
    else:
        secret = f"{secret[:-1]}{'a' if secret[-1] != 'a' else 'b'}"
    assert client.get("/api/v1/accounts/me", headers=bearer(secret)).status_code == 401


def test_a_wrong_token_does_not_fall_back_to_the_session(person: User) -> None:
    client = signed_in(person)
    assert client.get("/api/v1/accounts/me").status_code == 200
    assert client.get("/api/v1/accounts/me", headers=bearer("jk_no")).status_code == 401


def test_a_token_opens_no_page(client: Client, person: User) -> None:
    _token, secret = token_for(person, "accounts:read")
    assert client.get("/account/", headers=bearer(secret)).status_code == 302


def test_a_session_writes_only_with_its_csrf_token(person: User) -> None:
    token, _secret = token_for(person, "accounts:read")
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    assert client.delete(f"/api/v1/accounts/tokens/{token.pk}").status_code == 403
    assert ApiToken.objects.get().revoked_at is None


def test_only_the_digest_is_kept_and_use_is_noted(client: Client, person: User) -> None:
    token, secret = token_for(person, "accounts:read")
    assert secret not in str(list(ApiToken.objects.values()))
    assert secret.startswith(token.prefix)
    client.get("/api/v1/accounts/me", headers=bearer(secret))
    token.refresh_from_db()
    assert token.last_used_at is not None


@pytest.mark.parametrize(
    "wrong",
    [{"scopes": ["figures:all"]}, {"scopes": []}, {"days": 0}, {"days": 9999}, {"name": " "}],
)
def test_tokens_with_nonsense_are_refused(person: User, wrong: dict[str, Any]) -> None:
    good: dict[str, Any] = {"name": "n", "scopes": ["accounts:read"], "days": 1}
    with pytest.raises(InvalidInput) as caught:
        create_token(user=person, actor=person, now=NOW, **{**good, **wrong})
    assert caught.value.problems[0].field in wrong


def test_tokens_are_made_by_their_own_person_and_revoked_by_few(person: User) -> None:
    other = UserFactory(role=Role.SYSTEM_ADMIN)
    with pytest.raises(NotPermitted):
        create_token(user=person, name="n", scopes=["accounts:read"], days=1, actor=other, now=NOW)
    token, _secret = token_for(person, "accounts:read")
    with pytest.raises(NotPermitted):
        revoke_token(token_id=token.pk, actor=other, now=NOW)
    security = UserFactory(role=Role.SECURITY_ADMIN)
    assert revoke_token(token_id=token.pk, actor=security, now=NOW).revoked_at == NOW


def test_the_token_page_shows_the_secret_once(person: User) -> None:
    client = signed_in(person)
    bad = client.post("/account/tokens/", {"name": "x", "days": "5"})
    assert bad.status_code == 422
    made = client.post("/account/tokens/", {"name": "x", "days": "5", "scopes": ["audit:read"]})
    secret = made.context["secret"]
    assert secret in made.content.decode()
    assert secret not in client.get("/account/").content.decode()
    token = ApiToken.objects.get()
    assert client.post(f"/account/tokens/{token.pk}/revoke/").status_code == 302
    assert signed_in(UserFactory()).post(f"/account/tokens/{token.pk}/revoke/").status_code == 404


def test_every_area_of_the_api_has_its_scopes() -> None:
    assert {"accounts", "audit"} <= set(areas())
    assert required_scope("GET", "/api/v1/audit/events") == "audit:read"
    assert required_scope("POST", "/api/v1/audit/verification") == "audit:write"
    assert required_scope("GET", "/cockpit/") == ""
