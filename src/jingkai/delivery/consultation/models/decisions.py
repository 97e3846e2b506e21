"""What was decided on a topic: proposed by one person, confirmed by another."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .fields import long_text
from .rounds import Topic


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
    reason = long_text(_("reason"), 2000, blank=True)
    # The clause before and after; empty when the text stays.
    base = models.TextField(blank=True)
    wording = long_text(_("changed wording"), 6000, blank=True)
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
