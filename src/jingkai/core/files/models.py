"""Files by digest, and what they are attached to."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class StoredFile(models.Model):
    """One content, kept once under its SHA-256 digest."""

    digest = models.CharField(_("digest"), max_length=64, unique=True)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    media_type = models.CharField(_("type"), max_length=120)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.digest[:12]} {self.media_type}"


class Attachment(models.Model):
    """That a file belongs to an object, under the name its sender gave it."""

    target_type = models.CharField(max_length=60)
    target_id = models.BigIntegerField()
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    name = models.CharField(_("file name"), max_length=200)
    note = models.CharField(_("note"), max_length=300, blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(_("uploaded at"))
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["target_type", "target_id"], name="files_by_target")]
        constraints = [
            models.UniqueConstraint(
                fields=["target_type", "target_id", "file"],
                condition=Q(withdrawn_at__isnull=True),
                name="files_attached_once",
                violation_error_message=_("This file is already attached here."),
            )
        ]

    def __str__(self) -> str:
        return self.name
