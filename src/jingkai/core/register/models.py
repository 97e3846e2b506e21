"""What a person keeps about a list: views under a name, and the columns they want to see."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SavedView(models.Model):
    """The filters of one list under a name of one's own; `query` is a query string."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    register = models.CharField(_("list"), max_length=60)
    name = models.CharField(_("name"), max_length=40)
    query = models.CharField(_("filters"), max_length=1000, blank=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "register", "name"],
                name="register_view_name_once",
                violation_error_message=_("You already have a view of this name."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class ColumnChoice(models.Model):
    """Which columns of one list a person sees; `keys` in the order of the list."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    register = models.CharField(_("list"), max_length=60)
    keys = models.JSONField(_("columns"), default=list)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "register"], name="register_columns_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.register}"


class PendingImport(models.Model):
    """A workbook somebody has been shown the outcome of, waiting for their yes.

    A large one is judged and written by a job: `job` is its number, `outcome` what it found.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    register = models.CharField(_("list"), max_length=120)
    file_name = models.CharField(_("file name"), max_length=200)
    content = models.BinaryField(_("content"))
    digest = models.CharField(_("digest"), max_length=64)
    uploaded_at = models.DateTimeField(_("uploaded at"))
    job = models.UUIDField(null=True, blank=True)
    outcome = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "register"], name="register_one_pending_import")
        ]

    def __str__(self) -> str:
        return self.file_name
