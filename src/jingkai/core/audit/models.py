"""The audit trail: events are written with the action, seals are added afterwards.

Two tables on purpose. A writer inserts an event inside its own transaction and never waits for
the chain; the sealer, one at a time, gives committed events their place in the hash chain.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditEvent(models.Model):
    """One thing somebody did or looked at. Never changed, never removed."""

    at = models.DateTimeField(_("time"))
    action = models.CharField(_("action"), max_length=80)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,  # an index below
    )
    actor_label = models.CharField(_("actor"), max_length=120, blank=True)
    target_type = models.CharField(_("object type"), max_length=60, blank=True)
    target_id = models.CharField(_("object"), max_length=60, blank=True)
    target_label = models.CharField(_("object name"), max_length=300, blank=True)
    summary = models.CharField(_("summary"), max_length=500, blank=True)
    details = models.JSONField(_("details"), default=dict, blank=True)
    row_count = models.PositiveIntegerField(_("rows"), null=True, blank=True)
    address = models.GenericIPAddressField(_("network address"), null=True, blank=True)
    # The transaction that wrote it, said by the database: how the sealer finds what is new.
    txid = models.BigIntegerField(db_default=models.Func(function="txid_current"), editable=False)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["target_type", "target_id", "-id"], name="audit_by_target"),
            models.Index(fields=["actor", "-id"], name="audit_by_actor"),
            models.Index(fields=["action", "-id"], name="audit_by_action"),
            models.Index(fields=["at"], name="audit_by_time"),
            models.Index(fields=["txid"], name="audit_by_transaction"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.action}"


class AuditSeal(models.Model):
    """The place of one event in the hash chain.

    `event_id` is a plain number, not a foreign key: a seal must outlive a removed event to
    testify against the removal.
    """

    position = models.BigIntegerField(_("position"), primary_key=True)
    event_id = models.BigIntegerField(_("event"), unique=True)
    algorithm = models.CharField(_("algorithm"), max_length=16, default="SM3")
    previous = models.CharField(_("previous digest"), max_length=128, blank=True)
    digest = models.CharField(_("digest"), max_length=128)
    sealed_at = models.DateTimeField(_("sealed at"))

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.position} {self.algorithm} {self.digest[:12]}"
