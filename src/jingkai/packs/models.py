"""What packs said when they were last loaded: their records one by one, and their files."""

from __future__ import annotations

from django.db import models


class LoadedRecord(models.Model):
    """The fields of one record as the pack gave them at its last load."""

    pack = models.CharField(max_length=60)
    kind = models.CharField(max_length=30)
    code = models.CharField(max_length=100)
    fields = models.JSONField()
    version = models.CharField(max_length=40)
    digest = models.CharField(max_length=64)
    loaded_at = models.DateTimeField()

    class Meta:
        ordering = ["pack", "kind", "code"]
        constraints = [
            models.UniqueConstraint(fields=["pack", "kind", "code"], name="packs_record_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.code}"


class KeptFiles(models.Model):
    """The files of a pack as loaded last; a document's next version is built on them."""

    pack = models.CharField(max_length=60, unique=True)
    version = models.CharField(max_length=40)
    digest = models.CharField(max_length=64)
    files = models.JSONField()
    kept_at = models.DateTimeField()

    class Meta:
        ordering = ["pack"]

    def __str__(self) -> str:
        return f"{self.pack} {self.version}"
