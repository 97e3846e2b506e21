"""Obligations: what a body owes, by when, what it said, and how late it was. Late days stay."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Meeting(models.Model):
    """A dispatch meeting of the leading group; "since the last meeting" starts here."""

    held_at = models.DateTimeField(_("held at"))
    title = models.CharField(_("title"), max_length=120)
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        ordering = ["-held_at", "-pk"]

    def __str__(self) -> str:
        return self.title


class ObligationKind(models.TextChoices):
    TASK = "task", _("Key task")
    SHARE = "share", _("Share of a key task")


class ObligationState(models.TextChoices):
    REGISTERED = "registered", _("Registered")
    ISSUED = "issued", _("Issued, not signed for")
    DISPUTED = "disputed", _("Ownership disputed")
    ACTIVE = "active", _("In progress")
    IN_REVIEW = "in-review", _("Completion under review")
    COMPLETED = "completed", _("Completed")
    CLOSED = "closed", _("Closed")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Obligation(models.Model):
    """One body's share of a key task, or (kind task) the task as a whole held by its lead.

    `late_days` is a fact: it only grows, and survives completion. Claim, evidence and schedule
    are separate: `claim` is what the body says, attachments are the evidence, dates the schedule.
    """

    kind = models.CharField(_("kind"), max_length=6, choices=ObligationKind)
    task = models.ForeignKey("policy.KeyTask", models.PROTECT, related_name="+")
    body = models.ForeignKey(
        "organisations.Body", models.PROTECT, null=True, blank=True, related_name="+"
    )
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="shares")
    # Whose role it follows: of a share its body's, of a whole task its lead's. A new version of
    # the document may name the body no more; what was issued stays until the office withdraws it.
    responsibility = models.ForeignKey(
        "policy.Responsibility", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    state = models.CharField(
        _("state"), max_length=12, choices=ObligationState, default=ObligationState.REGISTERED
    )
    issued_at = models.DateTimeField(pgettext_lazy("task", "issued at"), null=True, blank=True)
    sign_by = models.DateField(_("sign for by"), null=True, blank=True)
    signed_at = models.DateTimeField(_("signed for at"), null=True, blank=True)
    original_due_on = models.DateField(_("original due date"))
    due_on = models.DateField(_("due date"))
    completed_at = models.DateTimeField(_("completed at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    late_days = models.PositiveIntegerField(_("late days of the task"), default=0)
    settled_late_days = models.PositiveIntegerField(
        _("late days before the present due date"), default=0
    )
    report_late_days = models.PositiveIntegerField(_("late days of reporting"), default=0)
    rejections = models.PositiveSmallIntegerField(_("rejected reports"), default=0)
    progress = models.PositiveSmallIntegerField(_("accepted progress (%)"), default=0)
    claimed_progress = models.PositiveSmallIntegerField(_("claimed progress (%)"), default=0)
    claim = models.CharField(_("what the body says"), max_length=200, blank=True)
    light = models.CharField(_("light"), max_length=6, default="grey")
    light_reason = models.CharField(max_length=40, blank=True)
    next_report_due = models.DateField(_("next report due"), null=True, blank=True)
    exemption = models.CharField(
        _("exempt from the next figure because"), max_length=500, blank=True
    )
    exempted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    exempted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["task", "kind", "pk"]
        verbose_name = _("obligation")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ObligationState.values) & Q(kind__in=ObligationKind.values),
                name="supervision_state_known",
            ),
            models.CheckConstraint(
                condition=Q(progress__lte=100, claimed_progress__lte=100),
                name="supervision_progress_in_range",
                violation_error_message=_("Progress lies between 0 and 100 %."),
            ),
            models.UniqueConstraint(
                fields=["task", "body"],
                condition=Q(kind="share") & ~Q(state="withdrawn"),
                name="supervision_share_once",
                violation_error_message=_("This body already has its share of this task."),
            ),
            models.UniqueConstraint(
                fields=["task"],
                condition=Q(kind="task") & ~Q(state="withdrawn"),
                name="supervision_task_once",
            ),
            models.CheckConstraint(
                condition=Q(kind="task") | Q(parent__isnull=False, body__isnull=False),
                name="supervision_share_has_parent",
            ),
            models.CheckConstraint(
                condition=Q(late_days__gte=models.F("settled_late_days")),
                name="supervision_late_days_stay",
                violation_error_message=_("Late days never become fewer."),
            ),
            models.CheckConstraint(
                condition=Q(exemption="") | Q(exempted_by__isnull=False),
                name="supervision_exemption_names_person",
            ),
        ]
        indexes = [models.Index(fields=["body", "state", "due_on"], name="supervision_by_body")]

    def __str__(self) -> str:
        return f"{self.kind} {self.task_id} {self.body_id or ''}"


class ReportState(models.TextChoices):
    SUBMITTED = "submitted", _("Waiting for review")
    ENDORSED = "endorsed", _("Checked, waiting for the office")
    ACCEPTED = "accepted", _("Accepted")
    REJECTED = "rejected", _("Rejected")


class ProgressReport(models.Model):
    """What a body said about its obligation for a period, and what a reviewer said to that."""

    obligation = models.ForeignKey(Obligation, models.CASCADE, related_name="reports")
    period = models.CharField(_("period"), max_length=10)  # 2026-09, or the day of a shorter round
    progress = models.PositiveSmallIntegerField(_("progress (%)"))
    text = models.CharField(_("what was done"), max_length=2000)
    next_step = models.CharField(_("next step"), max_length=1000, blank=True)
    problems = models.CharField(_("difficulties"), max_length=1000, blank=True)
    is_completion = models.BooleanField(_("claims completion"), default=False)
    due_on = models.DateField(null=True, blank=True)
    late_days = models.PositiveIntegerField(_("days late"), default=0)
    state = models.CharField(
        _("state"), max_length=10, choices=ReportState, default=ReportState.SUBMITTED
    )
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(_("submitted at"))
    endorsed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    endorsed_at = models.DateTimeField(_("checked at"), null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, blank=True)
    review_note = models.CharField(_("review note"), max_length=1000, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ReportState.values), name="supervision_report_state_known"
            ),
            models.CheckConstraint(
                condition=(Q(reviewed_by__isnull=True) | ~Q(reviewed_by=models.F("submitted_by")))
                & (Q(endorsed_by__isnull=True) | ~Q(endorsed_by=models.F("submitted_by"))),
                name="supervision_not_own_review",
                violation_error_message=_("Nobody reviews their own report."),
            ),
            models.UniqueConstraint(
                fields=["obligation", "period", "is_completion"],
                condition=~Q(state="rejected"),
                name="supervision_one_report_per_period",
                violation_error_message=_("This period is already reported."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.obligation_id} {self.period}"


class DisputeOutcome(models.TextChoices):
    OPEN = "open", _("Waiting for a decision")
    KEPT = "kept", _("Stays with this body")
    REASSIGNED = "reassigned", _("Reassigned")
    DROPPED = "dropped", _("Ended by withdrawal")


class Dispute(models.Model):
    """A body says that a share is not its own, and who it thinks should have it."""

    obligation = models.ForeignKey(Obligation, models.CASCADE, related_name="disputes")
    proposed_body = models.ForeignKey(
        "organisations.Body", models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=1000)
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    raised_at = models.DateTimeField(_("raised at"))
    outcome = models.CharField(
        _("outcome"), max_length=10, choices=DisputeOutcome, default=DisputeOutcome.OPEN
    )
    new_body = models.ForeignKey(
        "organisations.Body", models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decision_note = models.CharField(_("decision"), max_length=1000, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="open") | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="supervision_dispute_decided_by_person",
            ),
            models.UniqueConstraint(
                fields=["obligation"],
                condition=Q(outcome="open"),
                name="supervision_one_open_dispute",
                violation_error_message=_("A dispute about this share is already open."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.obligation_id} {self.outcome}"


class ExtensionState(models.TextChoices):
    REQUESTED = "requested", _("Requested")
    GRANTED = "granted", _("Granted")
    REFUSED = "refused", pgettext_lazy("extension", "Refused")


class Extension(models.Model):
    """A request to move the due date. The original date stays on record."""

    obligation = models.ForeignKey(Obligation, models.CASCADE, related_name="extensions")
    from_date = models.DateField(_("due date before"))
    to_date = models.DateField(_("due date asked for"))
    reason = models.CharField(_("reason"), max_length=1000)
    state = models.CharField(
        _("state"), max_length=10, choices=ExtensionState, default=ExtensionState.REQUESTED
    )
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(to_date__gt=models.F("from_date")),
                name="supervision_extension_forward",
                violation_error_message=_("An extension moves the date forward."),
            ),
            models.UniqueConstraint(
                fields=["obligation"],
                condition=Q(state="requested"),
                name="supervision_one_open_extension",
                violation_error_message=_("An extension is already waiting for a decision."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.obligation_id} → {self.to_date}"


class Urge(models.Model):
    """A recorded reminder by the office, with the day an answer is due.

    Past the limit the reminder is not repeated: it goes to the city leaders (`is_escalation`).
    """

    obligation = models.ForeignKey(Obligation, models.CASCADE, related_name="urges")
    number = models.PositiveSmallIntegerField(_("number"))
    text = models.CharField(_("text"), max_length=500)
    is_escalation = models.BooleanField(_("raised to the city leaders"), default=False)
    answer_by = models.DateField(_("answer by"))
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    answer = models.CharField(_("answer"), max_length=1000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["obligation", "number"], name="supervision_urge_number")
        ]

    def __str__(self) -> str:
        return f"{self.obligation_id} #{self.number}"


class LightEvent(models.Model):
    """A change of an obligation's light. Append-only; the base of "since the last meeting"."""

    obligation = models.ForeignKey(Obligation, models.CASCADE, related_name="light_events")
    before = models.CharField(max_length=6)
    after = models.CharField(max_length=6)
    reason_code = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.obligation_id} {self.before}→{self.after}"


class LateMark(models.Model):
    """How late an obligation was on a day it became later. Append-only."""

    obligation = models.ForeignKey(Obligation, models.CASCADE, related_name="late_marks")
    day = models.DateField()
    late_days = models.PositiveIntegerField()
    report_late_days = models.PositiveIntegerField()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["obligation", "day", "-id"], name="supervision_late_by_day")
        ]

    def __str__(self) -> str:
        return f"{self.obligation_id} {self.day}: {self.late_days}+{self.report_late_days}"
