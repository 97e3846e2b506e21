"""People for tests: `UserFactory(role=Role.OFFICE, body=body)` and a browser that is signed in."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django.test import Client
from factory import Sequence, SubFactory, post_generation
from factory.django import DjangoModelFactory

from jingkai.core.accounts.models import Membership, User
from jingkai.core.accounts.roles import ADMINISTRATORS, Role
from jingkai.core.accounts.sealing import seal

# By name: core does not know what a body is, only the settings do.
_BODY = "jingkai.masterdata.organisations.tests.factories.BodyFactory"


class UserFactory(DjangoModelFactory):
    """A person without password. `role=`, `body=` give a membership; `password=` a password,
    `totp_secret=` a second factor as it is in the person's phone.
    """

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = Sequence(lambda n: f"person-{n}")
    name = Sequence(lambda n: f"测试人员{n}")
    created_at = datetime(2026, 1, 5, 1, tzinfo=UTC)

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **fields: Any) -> User:
        role, body = fields.pop("role", None), fields.pop("body", None)
        password = fields.pop("password", None)
        if role in ADMINISTRATORS:
            fields.setdefault("totp_secret", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
            fields.setdefault("totp_confirmed_at", datetime(2026, 1, 5, 2, tzinfo=UTC))
        fields["totp_secret"] = seal(fields.get("totp_secret", ""))
        user = User.objects.create_user(password=password, **fields)
        if role is not None:
            MembershipFactory(user=user, role=role, **({"body": body} if body else {}))
        return user

    @post_generation
    def memberships(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        """Further memberships as (role, body) pairs: `memberships=[(Role.LEADER, body)]`."""
        for role, body in extracted or ():
            MembershipFactory(user=self, role=role, body=body)


class MembershipFactory(DjangoModelFactory):
    """That a person acts for a body in a role since the beginning of 2026."""

    class Meta:
        model = Membership

    user = SubFactory(UserFactory)
    body = SubFactory(_BODY)
    role = Role.DEPARTMENT_CLERK
    valid_from = date(2026, 1, 1)


def signed_in(user: User) -> Client:
    """A browser signed in as `user`, second factor included (administrators need it)."""
    client = Client()
    client.force_login(user)
    session = client.session
    session["second_factor"] = True
    session.save()
    return client
