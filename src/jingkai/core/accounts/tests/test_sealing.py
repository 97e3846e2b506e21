"""Second factors rest sealed, open with this installation's key only, and old ones are sealed."""

from __future__ import annotations

from importlib import import_module

import pyotp
import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from jingkai.core.accounts.models import User
from jingkai.core.accounts.sealing import seal, unseal
from jingkai.core.accounts.services.second_factor import verify_totp

from .factories import UserFactory

migration = import_module("jingkai.core.accounts.migrations.0003_seal_second_factors")


def test_a_secret_is_sealed_differently_each_time_and_opens_again() -> None:
    first, second = seal("JBSWY3DPEHPK3PXP"), seal("JBSWY3DPEHPK3PXP")
    assert first != second
    assert "JBSWY3DPEHPK3PXP" not in first
    assert unseal(first) == unseal(second) == "JBSWY3DPEHPK3PXP"
    assert seal("") == ""


@pytest.mark.parametrize("broken", ["", "JBSWY3DPEHPK3PXP", "v1:gAAAA", "v1:"])
def test_what_was_not_sealed_here_does_not_open(broken: str) -> None:
    assert unseal(broken) is None


@pytest.mark.django_db
def test_another_installations_key_opens_no_second_factor(settings) -> None:
    secret, now = pyotp.random_base32(), timezone.now()
    person = UserFactory(totp_secret=secret, totp_confirmed_at=now)
    code = pyotp.TOTP(secret).at(now)
    kept = settings.SECRET_KEY
    settings.SECRET_KEY = "another installation's key"
    assert not verify_totp(user=person, code=code, address=None, now=now)
    settings.SECRET_KEY = kept
    assert verify_totp(user=person, code=code, address=None, now=now)


@pytest.mark.django_db
def test_the_migration_seals_what_stood_open_and_can_go_back() -> None:
    person = UserFactory()
    User.objects.filter(pk=person.pk).update(totp_secret="JBSWY3DPEHPK3PXP")
    for _twice in range(2):
        migration.seal(apps, connection.schema_editor())
    person.refresh_from_db()
    assert unseal(person.totp_secret) == "JBSWY3DPEHPK3PXP"
    migration.open_again(apps, connection.schema_editor())
    person.refresh_from_db()
    assert person.totp_secret == "JBSWY3DPEHPK3PXP"
