"""How a city target is shared among the zones."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .declared import Indicator
from .targets import Target


class AllocationRound(models.TextChoices):
    PROPOSED = "proposed", _("proposed by zones")
    ISSUED = "issued", _("issued to zones")


class AllocationState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    COLLECTING = "collecting", _("Zones propose")
    ISSUED = "issued", _("Issued")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Allocation(models.Model):
    """How a city target is shared among the zones for a horizon."""

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="allocations")
    target = models.ForeignKey(Target, models.PROTECT, null=True, blank=True, related_name="+")
    horizon = models.CharField(_("horizon"), max_length=7)
    method = models.CharField(_("method"), max_length=12, default="base")  # base | growth | hand
    base_period = models.CharField(_("base period"), max_length=7)
    total = models.DecimalField(_("city target"), max_digits=24, decimal_places=6)
    state = models.CharField(
        _("state"), max_length=12, choices=AllocationState, default=AllocationState.DRAFT
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["indicator", "horizon", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "horizon"],
                condition=Q(state__in=["draft", "collecting", "issued"]),
                name="indicators_one_open_allocation",
                violation_error_message=_("This target is already being allocated."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=AllocationState.values),
                name="indicators_allocation_state_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.horizon}"


class AllocationLine(models.Model):
    """One zone's share: its base, what it proposed (上报), what was issued (下达)."""

    allocation = models.ForeignKey(Allocation, models.CASCADE, related_name="lines")
    zone = models.ForeignKey("organisations.Zone", models.PROTECT, related_name="+")
    base = models.DecimalField(max_digits=24, decimal_places=6, null=True, blank=True)
    computed = models.DecimalField(max_digits=24, decimal_places=6, null=True, blank=True)
    proposed = models.DecimalField(max_digits=24, decimal_places=6, null=True, blank=True)
    proposed_reason = models.CharField(max_length=500, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    proposed_at = models.DateTimeField(null=True, blank=True)
    issued = models.DecimalField(max_digits=24, decimal_places=6, null=True, blank=True)
    issued_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["allocation", "zone"]
        constraints = [
            models.UniqueConstraint(
                fields=["allocation", "zone"], name="indicators_allocation_zone_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.allocation_id} {self.zone_id}"
