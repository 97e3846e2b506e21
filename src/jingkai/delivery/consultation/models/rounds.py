"""A round: its frozen text in stretches, the bodies that are asked, and the topics of opinions."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .fields import long_text


class ConsultationState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("consultation", "in preparation")
    OPEN = "open", pgettext_lazy("consultation", "open for opinions")
    CLOSED = "closed", pgettext_lazy("consultation", "closed, being sorted")
    ANSWERED = "answered", pgettext_lazy("consultation", "all opinions answered")
    PUBLISHED = "published", pgettext_lazy("consultation", "results published")
    CANCELLED = "cancelled", pgettext_lazy("consultation", "cancelled")


class Consultation(models.Model):
    """One round of asking about one version of a draft."""

    version = models.ForeignKey(
        "intake.SourceVersion", models.PROTECT, related_name="+", verbose_name=_("draft")
    )
    title = models.CharField(_("title"), max_length=200)
    intro = long_text(_("explanation"), 4000, blank=True)
    contact = models.CharField(_("contact for questions"), max_length=300)
    is_public = models.BooleanField(_("ask the public"), default=True)
    asks_bodies = models.BooleanField(_("ask bodies"), default=True)
    state = models.CharField(
        _("state"), max_length=10, choices=ConsultationState, default=ConsultationState.DRAFT
    )
    opens_on = models.DateField(_("opens on"), null=True, blank=True)
    closes_on = models.DateField(pgettext_lazy("consultation", "last day"))
    short_reason = models.CharField(_("why the term is shorter"), max_length=500, blank=True)
    # The words asked about; frozen when it opens, whatever becomes of the version.
    text = models.TextField(blank=True)
    text_digest = models.CharField(max_length=64, blank=True)
    # What all confirmed changes together do to targets, tasks and conflicts (`effect.as_data`).
    effect = models.JSONField(default=dict, blank=True)
    next_number = models.PositiveIntegerField(default=1)
    conclusion = long_text(_("word to all who took part"), 4000, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("consultation")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ConsultationState.values), name="consultation_state_known"
            ),
            models.CheckConstraint(
                condition=Q(is_public=True) | Q(asks_bodies=True),
                name="consultation_asks_somebody",
                violation_error_message=_("Ask the public, or bodies, or both."),
            ),
            models.CheckConstraint(
                condition=Q(opens_on__isnull=True) | Q(closes_on__gte=F("opens_on")),
                name="consultation_dates_ordered",
                violation_error_message=_("The last day lies before the first."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "cancelled"])
                | Q(opened_at__isnull=False, opens_on__isnull=False) & ~Q(text=""),
                name="consultation_text_frozen",
            ),
            models.UniqueConstraint(
                fields=["version"],
                condition=Q(state__in=["draft", "open", "closed"]),
                name="consultation_one_at_a_time",
                violation_error_message=_("There is already a consultation on this draft."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def deadline(self) -> datetime:
        """The end of the last day, local time; nothing is taken from then on."""
        return timezone.make_aware(datetime.combine(self.closes_on, time.min)) + timedelta(days=1)


class Anchor(models.Model):
    """One stretch of the frozen text that opinions can be tied to; all of them cover it whole."""

    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="anchors")
    key = models.CharField(max_length=24)  # m03.c02, t07, p012
    position = models.PositiveIntegerField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    heading = models.CharField(max_length=300)
    # A heading is shown and cannot be commented on; what stands below it can.
    is_heading = models.BooleanField(default=False)

    class Meta:
        ordering = ["consultation", "position"]
        verbose_name = _("clause of a draft")
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "key"], name="consultation_anchor_once"
            ),
            models.CheckConstraint(
                condition=Q(end__gte=F("start")), name="consultation_anchor_span_whole"
            ),
        ]

    def __str__(self) -> str:
        return self.heading


class InvitationState(models.TextChoices):
    ASKED = "asked", pgettext_lazy("invitation", "no reply yet")
    REPLIED = "replied", pgettext_lazy("invitation", "opinions sent")
    NO_OPINION = "no-opinion", pgettext_lazy("invitation", "no opinion")
    SILENT = "silent", pgettext_lazy("invitation", "silent until the deadline")


class InvitedBody(models.Model):
    """A body that is asked for a written opinion."""

    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="invitations")
    body = models.ForeignKey(settings.BODY_MODEL, models.PROTECT, related_name="+")
    state = models.CharField(
        _("state"), max_length=10, choices=InvitationState, default=InvitationState.ASKED
    )
    replied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    replied_at = models.DateTimeField(null=True, blank=True)
    # A fact of the reply that nothing takes back.
    is_late = models.BooleanField(_("late"), default=False)
    urges = models.PositiveSmallIntegerField(_("times urged"), default=0)
    urged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["consultation", "body__position", "pk"]
        verbose_name = _("body asked")
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "body"], name="consultation_body_asked_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=InvitationState.values),
                name="consultation_invitation_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "silent"], replied_at__isnull=True)
                | Q(
                    state__in=["replied", "no-opinion"],
                    replied_at__isnull=False,
                    replied_by__isnull=False,
                ),
                name="consultation_reply_signed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.consultation_id} {self.body_id}"


class Topic(models.Model):
    """Opinions that say the same, answered together: one line of the adoption table."""

    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="topics")
    number = models.PositiveIntegerField(_("number"))
    title = models.CharField(_("what is said"), max_length=500)
    anchor = models.ForeignKey(
        Anchor, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("clause")
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["consultation", "number"]
        verbose_name = _("topic of opinions")
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "number"], name="consultation_topic_number_once"
            )
        ]

    def __str__(self) -> str:
        return self.title
