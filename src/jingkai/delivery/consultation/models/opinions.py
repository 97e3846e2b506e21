"""What was said. Names and contacts stand in `Sender`, which is emptied when its time is over."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .fields import long_text
from .rounds import Anchor, Consultation, InvitedBody, Topic


class Origin(models.TextChoices):
    PUBLIC = "public", pgettext_lazy("opinion", "public")
    BODY = "body", pgettext_lazy("opinion", "body")


class SenderKind(models.TextChoices):
    CITIZEN = "citizen", pgettext_lazy("sender", "citizen")
    ENTERPRISE = "enterprise", pgettext_lazy("sender", "enterprise")
    ASSOCIATION = "association", pgettext_lazy("sender", "association or organisation")
    EXPERT = "expert", pgettext_lazy("sender", "expert or scholar")
    OTHER = "other", pgettext_lazy("sender", "other")


class CommentState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("opinion", "being written")
    RECEIVED = "received", pgettext_lazy("opinion", "received")
    SORTED = "sorted", pgettext_lazy("opinion", "being studied")
    ANSWERED = "answered", pgettext_lazy("opinion", "answered")


class Comment(models.Model):
    """One opinion on one clause, or on the whole draft. Hidden with a reason, never deleted."""

    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="comments")
    number = models.PositiveIntegerField(_("number"))
    anchor = models.ForeignKey(
        Anchor, models.PROTECT, null=True, blank=True, related_name="comments",
        verbose_name=_("clause"),
    )  # fmt: skip
    origin = models.CharField(_("origin"), max_length=6, choices=Origin)
    invitation = models.ForeignKey(
        InvitedBody, models.PROTECT, null=True, blank=True, related_name="comments"
    )
    sender_kind = models.CharField(_("sender"), max_length=12, choices=SenderKind, blank=True)
    text = long_text(_("opinion"), 3000)
    proposal = long_text(_("proposed wording"), 3000, blank=True)
    state = models.CharField(
        _("state"), max_length=8, choices=CommentState, default=CommentState.RECEIVED
    )
    topic = models.ForeignKey(Topic, models.PROTECT, null=True, blank=True, related_name="comments")
    received_at = models.DateTimeField(_("received at"))
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    # SHA-256 of what the sender holds; of a repeated posting the same.
    receipt_digest = models.CharField(max_length=64, blank=True)
    hidden_reason = models.CharField(_("why hidden"), max_length=500, blank=True)
    hidden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    hidden_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["consultation", "number"]
        verbose_name = _("opinion")
        indexes = [
            models.Index(fields=["consultation", "state"], name="consultation_comment_state"),
            models.Index(fields=["consultation", "topic"], name="consultation_comment_topic"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "number"], name="consultation_comment_number_once"
            ),
            models.UniqueConstraint(
                fields=["receipt_digest"],
                condition=~Q(receipt_digest=""),
                name="consultation_receipt_once",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=CommentState.values,
                    origin__in=Origin.values,
                    sender_kind__in=["", *SenderKind.values],
                ),
                name="consultation_comment_words_known",
            ),
            models.CheckConstraint(
                condition=Q(origin="public", invitation__isnull=True, written_by__isnull=True)
                | Q(origin="body", invitation__isnull=False, written_by__isnull=False),
                name="consultation_comment_from_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="draft") | Q(origin="body", topic__isnull=True),
                name="consultation_draft_is_of_a_body",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "received"], topic__isnull=True)
                | Q(state__in=["sorted", "answered"], topic__isnull=False),
                name="consultation_sorted_has_topic",
            ),
            models.CheckConstraint(
                condition=Q(hidden_reason="", hidden_at__isnull=True)
                | (~Q(hidden_reason="") & Q(hidden_at__isnull=False, hidden_by__isnull=False)),
                name="consultation_hidden_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.consultation_id} no. {self.number}"


class Sender(models.Model):
    """Who sent an opinion, if they said so. Only the office reads it; erased on `erase_on`."""

    comment = models.OneToOneField(Comment, models.CASCADE, related_name="sender")
    name = models.CharField(pgettext_lazy("person", "name"), max_length=60, blank=True)
    contact = models.CharField(_("contact"), max_length=120, blank=True)
    erase_on = models.DateField(_("erased on"))

    class Meta:
        ordering = ["pk"]
        verbose_name = _("sender of an opinion")
        indexes = [models.Index(fields=["erase_on"], name="consultation_sender_erase")]

    def __str__(self) -> str:
        return f"sender of {self.comment_id}"


class SetApart(models.Model):
    """Opinions that look alike and, a person says, are not the same."""

    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="+")
    first = models.ForeignKey(Comment, models.CASCADE, related_name="+")
    second = models.ForeignKey(Comment, models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("opinions told apart")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="consultation_apart_once"),
            models.CheckConstraint(
                condition=Q(first__lt=F("second")), name="consultation_apart_ordered"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} {self.second_id}"


class Knock(models.Model):
    """How often one address knocked at the open door within an hour.

    `caller` is a keyed digest that changes every day: it cannot be turned into an address, nor one
    day be tied to the next.
    """

    caller = models.CharField(max_length=64)
    hour = models.DateTimeField()
    door = models.CharField(max_length=8)  # send | look
    count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("count of the open door")
        constraints = [
            models.UniqueConstraint(
                fields=["caller", "hour", "door"], name="consultation_knock_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.door} {self.count}"
