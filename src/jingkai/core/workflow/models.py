"""Every move of every supervised object: who, when, from where to where, and why."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Move(models.Model):
    """One state change. Append-only."""

    target_type = models.CharField(max_length=60)
    target_id = models.BigIntegerField()
    action = models.CharField(_("action"), max_length=40)
    source = models.CharField(pgettext_lazy("state", "from"), max_length=40, blank=True)
    target = models.CharField(pgettext_lazy("state", "to"), max_length=40)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=1000, blank=True)
    at = models.DateTimeField(_("time"))

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["target_type", "target_id", "-id"], name="workflow_by_target")
        ]

    def __str__(self) -> str:
        return f"{self.target_type}:{self.target_id} {self.source}→{self.target}"
