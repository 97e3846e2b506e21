"""The ledger of points (加分、扣分、一票否决): each entry with evidence and a second person."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class LedgerKind(models.TextChoices):
    BONUS = "bonus", _("bonus")
    DEDUCTION = "deduction", _("deduction")
    VETO = "veto", _("veto")


class LedgerState(models.TextChoices):
    PROPOSED = "proposed", pgettext_lazy("ledger", "proposed")
    CONFIRMED = "confirmed", pgettext_lazy("ledger", "confirmed")
    REFUSED = "refused", pgettext_lazy("ledger", "refused")
    WITHDRAWN = "withdrawn", pgettext_lazy("ledger", "withdrawn")
    REVOKED = "revoked", pgettext_lazy("ledger", "revoked after an objection")


class LedgerEntry(models.Model):
    """Points for or against one zone in one data year, under a rule of the scheme."""

    scheme = models.ForeignKey("evaluation.Scheme", models.PROTECT, related_name="ledger")
    zone = models.ForeignKey("organisations.Zone", models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField(_("data year"))
    kind = models.CharField(_("kind"), max_length=9, choices=LedgerKind)
    rule = models.CharField(_("rule"), max_length=40)
    # Without sign: the kind is the sign. A veto has 0.
    points = models.DecimalField(_("points"), max_digits=7, decimal_places=4)
    happened_on = models.DateField(_("date of the case"), null=True, blank=True)
    # Why a case counts that did not happen in the data year, or on no known day.
    outside_year = models.CharField(
        _("why it counts for this data year"), max_length=300, blank=True
    )
    reason = models.CharField(_("case"), max_length=500)
    # The department that proposed it; null: the office.
    body = models.ForeignKey(
        "organisations.Body", models.PROTECT, null=True, blank=True, related_name="+"
    )
    state = models.CharField(
        _("state"), max_length=10, choices=LedgerState, default=LedgerState.PROPOSED
    )
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=500, blank=True)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("entry in the ledger of points")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=LedgerKind.values) & Q(state__in=LedgerState.values),
                name="evaluation_ledger_words_known",
            ),
            models.CheckConstraint(
                condition=Q(kind="veto", points=0) | (~Q(kind="veto") & Q(points__gt=0)),
                name="evaluation_ledger_points",
                violation_error_message=_("Points are above zero; a veto has none."),
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("entered_by")),
                name="evaluation_ledger_two_people",
                violation_error_message=_("An entry needs a second person."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["confirmed", "refused", "revoked"])
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="evaluation_ledger_decided_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.zone_id} {self.year} {self.rule}"
