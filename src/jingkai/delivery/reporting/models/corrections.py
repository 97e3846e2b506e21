"""Correction slips (更正单): how a published figure changes, and stays traceable."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class CorrectionState(models.TextChoices):
    REQUESTED = "requested", _("requested")
    APPROVED = "approved", _("approved")
    REFUSED = "refused", _("refused")
    WITHDRAWN = "withdrawn", _("withdrawn")


class CorrectionReason(models.TextChoices):
    ERROR = "error", _("error in reporting")
    DEFINITION = "definition", _("definition applied wrongly")
    SOURCE = "source", _("source revised")
    CHECK = "check", _("found in a check")
    ANNUAL = "annual", _("annual settlement")


class Correction(models.Model):
    """A wish to change one published figure: the old one stays, a new vintage is added."""

    series = models.ForeignKey("indicators.Series", models.PROTECT, related_name="+")
    period = models.CharField(_("period"), max_length=7)
    period_end = models.DateField()
    state = models.CharField(
        _("state"), max_length=10, choices=CorrectionState, default=CorrectionState.REQUESTED
    )
    old_event = models.ForeignKey("indicators.ValueEvent", models.PROTECT, related_name="+")
    old_value = models.DecimalField(_("old value"), max_digits=24, decimal_places=6)
    new_value = models.DecimalField(_("new value"), max_digits=24, decimal_places=6)
    code = models.CharField(_("reason"), max_length=12, choices=CorrectionReason)
    reason = models.CharField(_("explanation"), max_length=500)
    # What was shown to the person who decided: {lights, ranks, totals, uses}
    impact = models.JSONField(default=dict, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=500, blank=True)
    new_event = models.ForeignKey(
        "indicators.ValueEvent", models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-id"]
        verbose_name = _("correction slip")
        constraints = [
            models.UniqueConstraint(
                fields=["series", "period"],
                condition=Q(state="requested"),
                name="reporting_one_open_correction",
                violation_error_message=_("A correction of this figure is already waiting."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=CorrectionState.values) & Q(code__in=CorrectionReason.values),
                name="reporting_correction_words_known",
            ),
            models.CheckConstraint(
                condition=~Q(old_value=F("new_value")),
                name="reporting_correction_changes",
                violation_error_message=_("The new figure is the same as the old one."),
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")),
                name="reporting_correction_two_people",
                violation_error_message=_("A correction needs a second person."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.series_id} {self.period}"
