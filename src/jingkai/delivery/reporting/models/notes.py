"""The note of a return: a paragraph about its figures."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .returns import Return


class ReturnNote(models.Model):
    """A paragraph its filler keeps with a return; the last one stands. Append-only.

    `links`: the numbers that say figures, each {"start", "end", "cell", "kind"}; an empty text
    takes the note away.
    """

    in_return = models.ForeignKey(Return, models.CASCADE, related_name="notes")
    text = models.TextField(_("note of the return"), max_length=4000, blank=True)
    links = models.JSONField(default=list)
    revision = models.PositiveIntegerField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["in_return", "-id"]
        verbose_name = _("note of the return")

    def __str__(self) -> str:
        return f"{self.in_return_id} {self.pk}"
