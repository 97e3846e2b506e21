"""People, what they may act as, and the keys they hold. No default password exists."""

from __future__ import annotations

from datetime import date, datetime
from functools import cached_property
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jingkai.core.statements import Given, Statement

from .roles import Role


class UserManager(BaseUserManager["User"]):
    """Creates users without a usable password unless one is given."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser):
    """A person who can sign in."""

    username = models.CharField(
        _("user name"),
        max_length=60,
        unique=True,
        error_messages={"unique": _("This user name is taken.")},
    )
    name = models.CharField(pgettext_lazy("person", "name"), max_length=60)
    email = models.EmailField(_("e-mail"), blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_demo = models.BooleanField(_("demonstration user"), default=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    password_changed_at = models.DateTimeField(_("password changed at"), null=True, blank=True)
    failed_sign_ins = models.PositiveSmallIntegerField(_("failed sign-ins"), default=0)
    locked_until = models.DateTimeField(_("locked until"), null=True, blank=True)
    totp_secret = models.CharField(_("second factor secret"), max_length=255, blank=True)
    totp_confirmed_at = models.DateTimeField(_("second factor since"), null=True, blank=True)
    totp_last_step = models.BigIntegerField(_("last used code"), default=0)
    session_epoch = models.PositiveIntegerField(_("session epoch"), default=0)
    calendar_key = models.CharField(_("calendar key"), max_length=64, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()

    class Meta:
        ordering = ["username"]
        verbose_name = _("user")

    def __str__(self) -> str:
        return f"{self.name} ({self.username})"

    @cached_property
    def current_memberships(self) -> tuple[Membership, ...]:
        """Memberships in force today, with their bodies; one query per request."""
        return tuple(_CURRENT(user=self.pk, day=timezone.localdate()))

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(m.role for m in self.current_memberships)

    def has_role(self, *roles: str) -> bool:
        return not self.roles.isdisjoint(roles)

    def body_ids(self, *roles: str) -> frozenset[int]:
        """Ids of the bodies this person acts for, in one of `roles` (any role when none given)."""
        return frozenset(
            m.body_id for m in self.current_memberships if not roles or m.role in roles
        )

    @property
    def primary_membership(self) -> Membership | None:
        return self.current_memberships[0] if self.current_memberships else None

    def is_locked(self, now: datetime) -> bool:
        return self.locked_until is not None and self.locked_until > now


def in_force(day: date | Given, prefix: str = "") -> Q:
    """Condition "this membership holds on `day`"; `prefix` for a relation, as `memberships__`."""
    return Q(
        Q(**{f"{prefix}valid_to__isnull": True}) | Q(**{f"{prefix}valid_to__gte": day}),
        **{f"{prefix}valid_from__lte": day, f"{prefix}ended_at__isnull": True},
    )


class Membership(models.Model):
    """That a person acts for a body in a role, from one day to another.

    `valid_to` is planned and counts to the end of its day; `ended_at` takes the role at once.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    body = models.ForeignKey(settings.BODY_MODEL, models.PROTECT, related_name="+")
    role = models.CharField(_("role"), max_length=24, choices=Role)
    valid_from = models.DateField(_("from"), default=date.today)
    valid_to = models.DateField(_("until"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        ordering = ["user", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "body", "role"],
                condition=Q(ended_at__isnull=True, valid_to__isnull=True),
                name="accounts_membership_once",
                violation_error_message=_("This person already holds this role for this body."),
            ),
            models.CheckConstraint(
                condition=Q(role__in=Role.values), name="accounts_membership_role_known"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="accounts_membership_dates_ordered",
                violation_error_message=_("The end lies before the beginning."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.body_id}"


_CURRENT: Final = Statement(
    lambda: (
        Membership.objects.filter(in_force(Given("day", models.DateField())), user=Given("user"))
        .select_related("body")
        .order_by("pk")
    )
)


class LinkPurpose(models.TextChoices):
    SIGN_IN = "sign-in", _("Sign in once")
    SET_PASSWORD = "set-password", _("Choose a password")


class OneTimeLink(models.Model):
    """A key that opens the door once. Only its digest is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=16, choices=LinkPurpose)
    digest = models.CharField(max_length=128, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose__in=LinkPurpose.values), name="accounts_link_purpose_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"


class ApiToken(models.Model):
    """A key for a program that acts for a person. Only its digest is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(_("begins with"), max_length=12)
    digest = models.CharField(max_length=128, unique=True)
    scopes = models.JSONField(_("scopes"), default=list)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires at"))
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.prefix}… {self.name}"


class PreviousPassword(models.Model):
    """A password hash a person had, so that it is not taken again."""

    user = models.ForeignKey(User, models.CASCADE, related_name="previous_passwords")
    password = models.CharField(max_length=128)
    set_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.set_at}"


class SignInOutcome(models.TextChoices):
    SIGNED_IN = "signed-in", _("Signed in")
    REFUSED = "refused", _("Refused")
    LOCKED = "locked", _("Refused while locked")
    SECOND_FACTOR_REFUSED = "second-factor-refused", _("Second factor refused")


class SignInWay(models.TextChoices):
    PASSWORD = "password", _("Password")
    LINK = "link", _("One-time link")
    DEMO = "demo", _("Demonstration door")


class SignInAttempt(models.Model):
    """One try to sign in: what throttling counts and what a person sees of own sign-ins."""

    user = models.ForeignKey(
        User, models.CASCADE, null=True, blank=True, related_name="sign_in_attempts"
    )
    at = models.DateTimeField(_("time"))
    address = models.GenericIPAddressField(_("network address"), null=True, blank=True)
    method = models.CharField(_("way"), max_length=16, choices=SignInWay)
    outcome = models.CharField(_("outcome"), max_length=24, choices=SignInOutcome)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["address", "-at"], name="accounts_attempt_address"),
            models.Index(fields=["user", "-at"], name="accounts_attempt_user"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=SignInOutcome.values),
                name="accounts_attempt_outcome_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.outcome}"
