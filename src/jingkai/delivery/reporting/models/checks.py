"""Validation rules as data, the alarms they raise, and what people answered."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .returns import Cell


class Level(models.TextChoices):
    FIX = "fix", _("must fix")
    EXPLAIN = "explain", _("must explain")
    HINT = "hint", _("hint")


class Confidence(models.TextChoices):
    VERIFIED = "verified", _("verified")
    UNVERIFIED = "unverified", _("unverified")


class ValidationRule(models.Model):
    """One edition of a rule. `parameters` are judged by the engine; `examples` prove it.

    An example: {"name", "expect": "pass" | "alarm", "given": {...}} in the engine's own form.
    """

    code = models.SlugField(_("code"), max_length=60)
    number = models.PositiveSmallIntegerField(_("version"), default=1)
    kind = models.CharField(_("kind"), max_length=30)
    level = models.CharField(_("level"), max_length=8, choices=Level)
    title = models.CharField(_("what it checks"), max_length=120)
    title_en = models.CharField(_("what it checks, in English"), max_length=200, blank=True)
    advice = models.CharField(_("what to do"), max_length=300, blank=True)
    advice_en = models.CharField(_("what to do, in English"), max_length=300, blank=True)
    # Indicator codes; empty means every indicator the kind fits.
    indicators = models.JSONField(_("indicators"), default=list, blank=True)
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    examples = models.JSONField(_("examples"), default=list, blank=True)
    is_active = models.BooleanField(_("in force"), default=True)
    confidence = models.CharField(max_length=10, choices=Confidence, default=Confidence.UNVERIFIED)
    source = models.CharField(_("source"), max_length=300, blank=True)
    reason = models.CharField(_("what changed and why"), max_length=500, blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["position", "code", "-number"]
        verbose_name = _("validation rule")
        constraints = [
            models.UniqueConstraint(fields=["code", "number"], name="reporting_rule_once"),
            models.UniqueConstraint(
                fields=["code"], condition=Q(is_active=True), name="reporting_rule_one_in_force"
            ),
            models.CheckConstraint(
                condition=Q(level__in=Level.values), name="reporting_rule_level_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} v{self.number}"


class AlarmOutcome(models.TextChoices):
    OPEN = "", _("waiting")
    CHANGED = "changed", _("the figure was changed")
    EXPLAINED = "explained", _("explained and kept")
    STOOD = "stood", _("kept without a word")
    GONE = "gone", _("gone without a change here")


class Alarm(models.Model):
    """A rule spoke about a cell once. A rule's precision is changed alarms / settled alarms."""

    cell = models.ForeignKey(Cell, models.CASCADE, related_name="alarms")
    rule = models.ForeignKey(ValidationRule, models.PROTECT, related_name="alarms")
    level = models.CharField(max_length=8, choices=Level)
    message = models.CharField(max_length=600)
    # What the sentence is made of: {"key", "params": {...}} so that it can be said in any language.
    figures = models.JSONField(default=dict, blank=True)
    cell_revision = models.PositiveIntegerField()
    raised_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=AlarmOutcome, blank=True, default="")
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["cell", "rule"],
                condition=Q(outcome=""),
                name="reporting_one_open_alarm",
            )
        ]
        indexes = [models.Index(fields=["rule", "outcome"], name="reporting_alarm_of_rule")]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.cell_id}"


class Explanation(models.Model):
    """Why a figure is right although a rule doubts it. Append-only; the latest one counts.

    It holds for the cell's value it was given for: a changed value asks again.
    """

    cell = models.ForeignKey(Cell, models.CASCADE, related_name="explanations")
    rule_code = models.SlugField(max_length=60)
    value = models.DecimalField(max_digits=24, decimal_places=6, null=True, blank=True)
    text = models.CharField(_("explanation"), max_length=500)
    reused_from = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["cell", "-id"]

    def __str__(self) -> str:
        return f"{self.cell_id} {self.rule_code}"
