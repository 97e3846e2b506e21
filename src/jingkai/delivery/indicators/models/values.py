"""Series and their append-only values."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .declared import Indicator, IndicatorVersion


class ScopeKind(models.TextChoices):
    CITY = "city", _("whole city")
    ZONES = "zones", _("all zones")
    ZONE = "zone", _("one zone")


class Series(models.Model):
    """One indicator for one scope. `scope` is `CITY`, `EDZ` (all zones) or a zone's code."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="series")
    scope_kind = models.CharField(max_length=8, choices=ScopeKind)
    scope = models.CharField(_("scope"), max_length=40)
    zone = models.ForeignKey(
        "organisations.Zone", models.PROTECT, null=True, blank=True, related_name="+"
    )
    source = models.CharField(_("source"), max_length=200, blank=True)

    class Meta:
        ordering = ["indicator", "scope_kind", "scope"]
        indexes = [models.Index(fields=["scope", "indicator"], name="indicators_series_by_scope")]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "scope"], name="indicators_series_once"),
            models.CheckConstraint(
                condition=Q(scope_kind="zone", zone__isnull=False)
                | Q(scope_kind="city", zone__isnull=True, scope="CITY")
                | Q(scope_kind="zones", zone__isnull=True, scope="EDZ"),
                name="indicators_series_scope_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.scope}"


class Release(models.TextChoices):
    FLASH = "flash", _("flash")
    REVISED = "revised", _("revised")
    FINAL = "final", _("final")


class Origin(models.TextChoices):
    ENTERED = "entered", _("entered")
    EXCEL = "excel", _("Excel")
    API = "api", _("API")
    COMPUTED = "computed", _("computed")
    RECORDS = "records", _("from records")
    SYNTHETIC = "synthetic", _("synthetic demonstration data")


class ValueEvent(models.Model):
    """One value as it was said at one moment. Append-only: a trigger refuses change and removal.

    `value` null withdraws the period's value. `inputs` names where a computed value comes from:
    {"formula", "events": [ids], "observed", "expected", "carried": [scopes]}. `is_revision` says
    that its cell had been spoken of before; a trigger sets it, whoever writes.
    """

    series = models.ForeignKey(Series, models.PROTECT, related_name="events", db_index=False)
    period = models.CharField(_("period"), max_length=7)
    period_end = models.DateField()
    value = models.DecimalField(_("value"), max_digits=24, decimal_places=6, null=True, blank=True)
    release = models.CharField(_("release"), max_length=8, choices=Release)
    origin = models.CharField(_("origin"), max_length=10, choices=Origin)
    definition = models.ForeignKey(IndicatorVersion, models.PROTECT, related_name="+")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    inputs = models.JSONField(default=dict, blank=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    is_revision = models.BooleanField(default=False, db_default=False, editable=False)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["series", "period_end", "-id"], name="indicators_vintage"),
            models.Index(fields=["recorded_at"], name="indicators_by_moment"),
            models.Index(
                fields=["-recorded_at", "-id"],
                name="indicators_revisions",
                condition=Q(is_revision=True) & ~Q(origin="computed"),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(release__in=Release.values) & Q(origin__in=Origin.values),
                name="indicators_event_words_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.series_id} {self.period} {self.value}"


class CurrentValue(models.Model):
    """The latest value of a series and period, written in the event's own transaction.

    `indicator` and `zone` are the series' own: with them one index holds the zones of an indicator
    and a period in the order of their values, so that a rank is a count.
    """

    series = models.ForeignKey(
        Series, models.PROTECT, related_name="current_values", db_index=False
    )
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+", db_index=False)
    zone = models.ForeignKey(
        "organisations.Zone",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    period = models.CharField(max_length=7)
    period_end = models.DateField()
    value = models.DecimalField(max_digits=24, decimal_places=6)
    release = models.CharField(max_length=8, choices=Release)
    event = models.OneToOneField(ValueEvent, models.PROTECT, related_name="+")
    observed = models.PositiveSmallIntegerField(null=True, blank=True)
    expected = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["series", "period_end", "period"]
        constraints = [
            models.UniqueConstraint(fields=["series", "period"], name="indicators_current_once")
        ]
        indexes = [
            models.Index(
                fields=["series", "-period_end"],
                name="indicators_latest",
                include=["value", "period", "release"],
            ),
            models.Index(fields=["period_end"], name="indicators_current_ends"),
            models.Index(
                fields=["indicator", "period_end", "value"],
                name="indicators_standing",
                include=["zone", "series"],
                condition=Q(zone__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.series_id} {self.period} {self.value}"
