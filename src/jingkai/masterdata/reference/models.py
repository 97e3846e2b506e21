"""Versioned reference data: factors, thresholds, rules, lists. Nothing of this kind is in code."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class ReferenceTable(models.Model):
    """What a table is about and which columns its rows have.

    `columns`: list of {"key", "title", "title_en", "type": text|integer|decimal|date|boolean,
    "unit", "required", "key_column"}.
    """

    code = models.SlugField(_("code"), max_length=60, unique=True)
    title = models.CharField(_("title"), max_length=120)
    title_en = models.CharField(_("English title"), max_length=160)
    description = models.CharField(_("description"), max_length=500, blank=True)
    columns = models.JSONField(_("columns"))

    class Meta:
        ordering = ["code"]
        verbose_name = _("reference table")

    def __str__(self) -> str:
        return self.title


class Confidence(models.TextChoices):
    CONFIRMED = "confirmed", _("Confirmed")
    UNVERIFIED = "unverified", _("Unverified")


class VersionState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    IN_FORCE = "in-force", _("In force")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class ReferenceVersion(models.Model):
    """The rows of a table that hold from a date on."""

    table = models.ForeignKey(ReferenceTable, models.CASCADE, related_name="versions")
    version = models.CharField(_("version"), max_length=40)
    effective_from = models.DateField(_("in force from"))
    effective_to = models.DateField(_("in force until"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=300)
    confidence = models.CharField(_("confidence"), max_length=12, choices=Confidence)
    state = models.CharField(
        _("state"), max_length=12, choices=VersionState, default=VersionState.DRAFT
    )
    editor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    edited_at = models.DateTimeField(_("edited at"))
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        ordering = ["table", "-effective_from", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["table", "version"],
                name="reference_version_once",
                violation_error_message=_("This table already has a version of this name."),
            ),
            models.CheckConstraint(
                condition=Q(effective_to__isnull=True) | Q(effective_to__gte=F("effective_from")),
                name="reference_version_dates_ordered",
                violation_error_message=_("The end lies before the beginning."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=VersionState.values), name="reference_version_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.table_id} {self.version}"


class ReferenceRow(models.Model):
    """One row of one version; `key` is what code looks up."""

    version = models.ForeignKey(ReferenceVersion, models.CASCADE, related_name="rows")
    key = models.CharField(_("key"), max_length=80)
    position = models.PositiveIntegerField(_("order"))
    values = models.JSONField(_("values"))

    class Meta:
        ordering = ["version", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "key"],
                name="reference_row_key_once",
                violation_error_message=_("This key appears twice."),
            )
        ]

    def __str__(self) -> str:
        return self.key
