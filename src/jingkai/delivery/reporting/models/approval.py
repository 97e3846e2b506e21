"""Who signed what, which cells came back, which were unlocked, and who stands in for whom."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .returns import Campaign, Cell, Return


class Delegation(models.Model):
    """One signer lets another person of the same body sign, from one day to another."""

    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+")
    giver = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("signer")
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("deputy")
    )
    from_date = models.DateField(_("from"))
    to_date = models.DateField(_("until"))
    reason = models.CharField(_("reason"), max_length=300)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-from_date", "-id"]
        verbose_name = _("delegation")
        constraints = [
            models.CheckConstraint(
                condition=Q(to_date__gte=F("from_date")),
                name="reporting_delegation_dates",
                violation_error_message=_("The end lies before the beginning."),
            ),
            models.CheckConstraint(
                condition=~Q(giver=F("deputy")),
                name="reporting_delegation_two_people",
                violation_error_message=_("Nobody stands in for themselves."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.giver_id}→{self.deputy_id}"


class SignatureKind(models.TextChoices):
    SEND = "send", _("sent")
    SIGN = "sign", _("signed")
    VERIFY = "verify", pgettext_lazy("cell", "verified")


class Signature(models.Model):
    """What exactly a person signed: the figures, word for word, and their digest. Append-only.

    `snapshot` lists the cells [{cell, indicator, scope, part, value, absence, note, revision}];
    `digest` is taken over its canonical JSON with `algorithm`.
    """

    kind = models.CharField(max_length=8, choices=SignatureKind)
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="signatures")
    in_return = models.ForeignKey(
        Return, models.PROTECT, null=True, blank=True, related_name="signatures"
    )
    indicator = models.ForeignKey(
        "indicators.Indicator", models.PROTECT, null=True, blank=True, related_name="+"
    )
    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    delegation = models.ForeignKey(
        Delegation, models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()
    algorithm = models.CharField(max_length=10, default="SM3")
    digest = models.CharField(max_length=64)
    snapshot = models.JSONField(default=list)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=SignatureKind.values), name="reporting_signature_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(in_return__isnull=False) | Q(indicator__isnull=False),
                name="reporting_signature_of_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.digest[:12]}"


class CellRelease(models.Model):
    """One verified cell became one value event, under one signature. Append-only.

    `Cell.event` names the latest release only; a cell that was returned, mended and verified again
    keeps its earlier ones here. `cell_revision` is the revision of the cell that was verified.
    """

    cell = models.ForeignKey(Cell, models.CASCADE, related_name="releases")
    event = models.ForeignKey("indicators.ValueEvent", models.PROTECT, related_name="+")
    signature = models.ForeignKey(
        Signature, models.PROTECT, null=True, blank=True, related_name="+"
    )
    cell_revision = models.PositiveIntegerField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["cell", "event"], name="reporting_release_once")
        ]

    def __str__(self) -> str:
        return f"r{self.cell_revision}"


class ReturnReason(models.TextChoices):
    DEFINITION = "definition", _("counted by another definition")
    UNIT = "unit", _("wrong unit")
    SOURCE = "source", _("differs from the department's own figure")
    ARITHMETIC = "arithmetic", _("does not add up")
    JUMP = "jump", _("jump not sufficiently explained")
    EVIDENCE = "evidence", _("evidence missing or unfit")
    OTHER = "other", _("other")


class CellReturn(models.Model):
    """One cell sent back by its verifier. `settled_at` when it was sent again."""

    cell = models.ForeignKey(Cell, models.CASCADE, related_name="returns")
    code = models.CharField(_("reason"), max_length=12, choices=ReturnReason)
    text = models.CharField(_("what is to be mended"), max_length=500)
    value = models.DecimalField(max_digits=24, decimal_places=6, null=True, blank=True)
    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["cell"],
                condition=Q(settled_at__isnull=True),
                name="reporting_one_open_cell_return",
            ),
            models.CheckConstraint(
                condition=Q(code__in=ReturnReason.values), name="reporting_cell_return_code_known"
            ),
            models.CheckConstraint(
                condition=~Q(text=""),
                name="reporting_cell_return_says_why",
                violation_error_message=_("Say what is to be mended."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cell_id} {self.code}"


class UnlockState(models.TextChoices):
    REQUESTED = "requested", _("requested")
    GRANTED = "granted", _("granted")
    REFUSED = "refused", _("refused")
    USED = "used", _("used")
    EXPIRED = "expired", _("expired")


class UnlockTicket(models.Model):
    """Leave to change named cells after they were sent: who asked, who allowed, why, until when."""

    in_return = models.ForeignKey(Return, models.CASCADE, related_name="unlocks")
    cells = models.ManyToManyField(Cell, related_name="unlocks")
    state = models.CharField(
        _("state"), max_length=10, choices=UnlockState, default=UnlockState.REQUESTED
    )
    reason = models.CharField(_("reason"), max_length=500)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=500, blank=True)
    # What each cell held when it was unlocked, to fall back to: {cell id: {state, value, …}}.
    held = models.JSONField(default=dict, blank=True)
    expires_at = models.DateTimeField(_("open until"), null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("unlock ticket")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=UnlockState.values), name="reporting_unlock_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="granted") | Q(expires_at__isnull=False),
                name="reporting_unlock_expires",
                violation_error_message=_("An unlock ends by itself: say when."),
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")),
                name="reporting_unlock_two_people",
                violation_error_message=_("Nobody allows their own request."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.in_return_id} {self.state}"
