"""Workbooks that came in for a return, and what came of each."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .returns import Return


class FileOutcome(models.TextChoices):
    SAVED = "saved", pgettext_lazy("file", "taken in")
    SENT = "sent", _("taken in and sent")
    REFUSED = "refused", pgettext_lazy("file", "refused")
    ASKED = "asked", _("a question is open")


class ReturnFile(models.Model):
    """One workbook as its sender sent it, and the whole answer. Append-only.

    `answer` is {"marks": [[level, sheet, cell, message, code, cell id]], "saved": [[cell id,
    revision, name, old, new]], "choices": […], "unsent": sentence}. `check_code` is taken over
    return, file and saved figures: whoever holds the receipt can prove what was taken in.
    """

    in_return = models.ForeignKey(Return, models.CASCADE, related_name="files")
    file = models.ForeignKey("files.StoredFile", models.PROTECT, related_name="+")
    name = models.CharField(_("file name"), max_length=200)
    outcome = models.CharField(_("outcome"), max_length=8, choices=FileOutcome)
    signed = models.BooleanField(_("template of the system"))
    saved_cells = models.PositiveIntegerField(_("figures taken in"), default=0)
    check_code = models.CharField(_("check code"), max_length=64)
    answer = models.JSONField(default=dict)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("file sent in")
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=FileOutcome.values), name="reporting_file_outcome_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.in_return_id} {self.name}"
