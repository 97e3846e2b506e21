"""A draft before the public and the bodies: its frozen text, what was said, what was decided.

Names and contacts stand in a table of their own (`Sender`), which no public query joins and which
is emptied when its time is over. Opinions themselves are never deleted.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_stubs_ext import StrOrPromise


def _long(label: StrOrPromise, most: int, *, blank: bool = False) -> models.TextField[str, str]:
    """A long text whose limit holds for every door, not for forms alone."""
    return models.TextField(
        label, max_length=most, blank=blank, validators=[MaxLengthValidator(most)]
    )


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
    intro = _long(_("explanation"), 4000, blank=True)
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
    conclusion = _long(_("word to all who took part"), 4000, blank=True)
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
    text = _long(_("opinion"), 3000)
    proposal = _long(_("proposed wording"), 3000, blank=True)
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


class Outcome(models.TextChoices):
    ADOPTED = "adopted", pgettext_lazy("outcome", "adopted")
    PARTLY = "partly", pgettext_lazy("outcome", "partly adopted")
    REJECTED = "rejected", pgettext_lazy("outcome", "not adopted")
    NOTED = "noted", pgettext_lazy("outcome", "noted")


class DecisionState(models.TextChoices):
    PROPOSED = "proposed", pgettext_lazy("decision", "waits for a second person")
    CONFIRMED = "confirmed", pgettext_lazy("decision", "confirmed")
    RETURNED = "returned", pgettext_lazy("decision", "sent back")
    WITHDRAWN = "withdrawn", pgettext_lazy("decision", "withdrawn")


class Decision(models.Model):
    """What becomes of a topic: proposed by one person, confirmed by another."""

    topic = models.ForeignKey(Topic, models.CASCADE, related_name="decisions")
    outcome = models.CharField(
        pgettext_lazy("adoption table", "outcome"), max_length=8, choices=Outcome
    )
    reason = _long(_("reason"), 2000, blank=True)
    # The clause before and after; empty when the text stays.
    base = models.TextField(blank=True)
    wording = _long(_("changed wording"), 6000, blank=True)
    effect = models.JSONField(default=dict, blank=True)
    state = models.CharField(
        _("state"), max_length=9, choices=DecisionState, default=DecisionState.PROPOSED
    )
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("decision on opinions")
        constraints = [
            models.UniqueConstraint(
                fields=["topic"],
                condition=Q(state__in=["proposed", "confirmed"]),
                name="consultation_one_live_decision",
                violation_error_message=_("Somebody has already decided this topic."),
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=Outcome.values, state__in=DecisionState.values),
                name="consultation_decision_words_known",
            ),
            models.CheckConstraint(
                condition=Q(outcome="adopted") | ~Q(reason=""),
                name="consultation_decision_reasoned",
                violation_error_message=_("Give a reason: those who wrote will read it."),
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["adopted", "partly"]) | Q(wording=""),
                name="consultation_wording_when_adopted",
                violation_error_message=_("Only what is adopted changes the text."),
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", settled_by__isnull=True)
                | (~Q(state="proposed") & Q(settled_by__isnull=False, settled_at__isnull=False)),
                name="consultation_decision_settled_by",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed") | ~Q(settled_by=F("proposed_by")),
                name="consultation_confirmed_by_another",
                violation_error_message=_("Nobody confirms their own proposal."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic_id} {self.outcome}"


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
