"""Planned paths towards the targets, and what the voices say about them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .values import Series


class Shape(models.TextChoices):
    STRAIGHT = "straight", _("straight line")
    GROWTH = "growth", _("constant growth")
    SEASONAL = "seasonal", _("seasonal")
    STEP = "step", _("steps")
    DRAWN = "drawn", _("drawn by hand")


class Trajectory(models.Model):
    """The planned path of a series through its horizons. A new path ends the old one."""

    series = models.ForeignKey(Series, models.CASCADE, related_name="trajectories")
    version = models.PositiveSmallIntegerField(_("version"))
    shape = models.CharField(_("shape"), max_length=10, choices=Shape)
    base_period = models.CharField(_("base period"), max_length=7)
    base_value = models.DecimalField(_("base value"), max_digits=24, decimal_places=6)
    base_origin = models.CharField(_("origin of the base"), max_length=200, blank=True)
    # [{"period": "2028", "value": "2200", "target": code}]
    horizons = models.JSONField(default=list)
    parameters = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(_("in force"), default=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["series", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["series", "version"], name="indicators_path_version"),
            models.UniqueConstraint(
                fields=["series"], condition=Q(is_active=True), name="indicators_one_active_path"
            ),
            models.CheckConstraint(
                condition=Q(shape__in=Shape.values), name="indicators_path_shape_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.series_id} v{self.version}"


class TrajectoryPoint(models.Model):
    """The planned value at the end of one period (year to date for YTD indicators)."""

    trajectory = models.ForeignKey(
        Trajectory, models.CASCADE, related_name="points", db_index=False
    )
    period = models.CharField(max_length=7)
    period_end = models.DateField()
    planned = models.DecimalField(max_digits=24, decimal_places=6)

    class Meta:
        ordering = ["trajectory", "period_end", "period"]
        constraints = [
            models.UniqueConstraint(
                fields=["trajectory", "period"], name="indicators_path_point_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["trajectory", "period_end"],
                name="indicators_path_ends",
                include=["period", "planned"],
            )
        ]

    def __str__(self) -> str:
        return f"{self.trajectory_id} {self.period}"


class Voice(models.TextChoices):
    RULE = "rule", _("rule")
    LIKELIHOOD = "likelihood", _("likelihood")
    PERSON = "person", _("judgement")


class Light(models.TextChoices):
    GREEN = "green", _("on path")
    YELLOW = "yellow", _("behind")
    RED = "red", _("far behind")
    GREY = "grey", _("not judged yet")


class StatusVoice(models.Model):
    """What one voice said about a series and period at one moment. Append-only.

    `probability` belongs to the likelihood voice alone and is empty for the others.
    """

    series = models.ForeignKey(Series, models.PROTECT, related_name="voices")
    period = models.CharField(max_length=7)
    period_end = models.DateField()
    voice = models.CharField(max_length=10, choices=Voice)
    light = models.CharField(_("light"), max_length=6, choices=Light)
    distance = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    probability = models.DecimalField(max_digits=5, decimal_places=4, null=True, blank=True)
    reason_code = models.CharField(max_length=30, blank=True)
    details = models.JSONField(default=dict, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["series", "voice", "-id"], name="indicators_voice_latest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(voice__in=Voice.values) & Q(light__in=Light.values),
                name="indicators_voice_words_known",
            ),
            models.CheckConstraint(
                condition=~Q(voice="person") | (Q(actor__isnull=False) & ~Q(reason="")),
                name="indicators_judgement_by_person",
                violation_error_message=_("A judgement needs its person and a reason."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.series_id} {self.period} {self.voice} {self.light}"
