"""Objections (申诉) of zones against a circulated result: with a deadline, an answer, an effect."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ObjectionSubject(models.TextChoices):
    FIGURE = "figure", _("a figure")
    POINTS = "points", _("an entry in the ledger of points")
    METHOD = "method", _("how it was computed")
    OTHER = "other", pgettext_lazy("objection", "something else")


class ObjectionState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("objection", "Draft")
    FILED = "filed", pgettext_lazy("objection", "filed")
    ANSWERED = "answered", pgettext_lazy("objection", "answer proposed")
    UPHELD = "upheld", pgettext_lazy("objection", "upheld")
    PARTLY = "partly", pgettext_lazy("objection", "partly upheld")
    REJECTED = "rejected", pgettext_lazy("objection", "rejected")
    WITHDRAWN = "withdrawn", pgettext_lazy("objection", "withdrawn")


class Objection(models.Model):
    """One zone against one point of one circulated run.

    The zone's clerk drafts, its leader files; one person of the office proposes the answer
    (`proposed_state`), another confirms it. `effect` says what an upheld objection changes in the
    next run: {"figure": "corrected"} (a correction slip made a new vintage, the next run takes it),
    {"figure": "void"} (the figure does not count), {"points": "revoked"}, or {} (nothing).
    No figure is ever changed here: figures change where they are reported.
    """

    run = models.ForeignKey("evaluation.Run", models.PROTECT, related_name="objections")
    zone = models.ForeignKey("organisations.Zone", models.PROTECT, related_name="+")
    subject = models.CharField(_("against"), max_length=6, choices=ObjectionSubject)
    node = models.CharField(_("node"), max_length=40, blank=True)
    entry = models.ForeignKey(
        "evaluation.LedgerEntry", models.PROTECT, null=True, blank=True, related_name="+"
    )
    text = models.TextField(_("objection"), max_length=2000)
    claimed = models.DecimalField(
        _("figure the zone holds right"), max_digits=24, decimal_places=6, null=True, blank=True
    )
    state = models.CharField(
        _("state"), max_length=9, choices=ObjectionState, default=ObjectionState.DRAFT
    )
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    filed_at = models.DateTimeField(null=True, blank=True)
    # Working days after filing by which it must be answered.
    answer_due = models.DateField(null=True, blank=True)
    proposed_state = models.CharField(max_length=9, blank=True)
    answer = models.TextField(_("answer"), max_length=2000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    effect = models.JSONField(default=dict, blank=True)
    # The run that took an upheld objection into account.
    settled_in = models.ForeignKey(
        "evaluation.Run", models.PROTECT, null=True, blank=True, related_name="settles"
    )
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("objection")
        constraints = [
            models.CheckConstraint(
                condition=Q(subject__in=ObjectionSubject.values)
                & Q(state__in=ObjectionState.values),
                name="evaluation_objection_words_known",
            ),
            models.CheckConstraint(
                condition=~Q(subject="figure") | ~Q(node=""),
                name="evaluation_objection_names_node",
                violation_error_message=_("Say which figure is meant."),
            ),
            models.CheckConstraint(
                condition=~Q(subject="points") | Q(entry__isnull=False),
                name="evaluation_objection_names_entry",
                violation_error_message=_("Say which entry of the ledger is meant."),
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("answered_by")),
                name="evaluation_objection_two_people",
                violation_error_message=_("The answer needs a second person."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.zone_id} {self.subject}"
