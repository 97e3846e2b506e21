"""A campaign asks every filler of a form for one period; each answers with a return of cells."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .forms import Form, FormItem, FormVersion


class CampaignState(models.TextChoices):
    OPEN = "open", pgettext_lazy("campaign state", "Open")
    PUBLISHED = "published", _("Published")
    CANCELLED = "cancelled", _("Cancelled")


class Campaign(models.Model):
    """One form, one period. After publication figures change by correction slip only."""

    form = models.ForeignKey(Form, models.PROTECT, related_name="campaigns")
    version = models.ForeignKey(FormVersion, models.PROTECT, related_name="+")
    period = models.CharField(_("period"), max_length=7)
    period_end = models.DateField()
    due_on = models.DateField(_("due on"))
    state = models.CharField(
        _("state"), max_length=10, choices=CampaignState, default=CampaignState.OPEN
    )
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    opened_at = models.DateTimeField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-period_end", "form", "-pk"]
        verbose_name = _("campaign")
        constraints = [
            models.UniqueConstraint(
                fields=["form", "period"],
                condition=~Q(state="cancelled"),
                name="reporting_campaign_once",
                violation_error_message=_("This form is already being collected for this period."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=CampaignState.values), name="reporting_campaign_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.form_id} {self.period}"


class ReturnState(models.TextChoices):
    DRAFT = "draft", _("Being filled in")
    SUBMITTED = "submitted", _("Awaiting signature")
    SIGNED = "signed", _("Awaiting verification")
    RETURNED = "returned", _("Cells returned")
    VERIFIED = "verified", _("Verified")


class Return(models.Model):
    """What one body owes in one campaign.

    `revision` counts every change of any cell and guards against edits on an old screen.
    `late_days` (working days) is a fact: it only grows and survives completion. It counts the
    lateness of reporting and nothing else.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="returns")
    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+")
    zone = models.ForeignKey(
        "organisations.Zone", models.PROTECT, null=True, blank=True, related_name="+"
    )
    state = models.CharField(
        _("state"), max_length=10, choices=ReturnState, default=ReturnState.DRAFT
    )
    revision = models.PositiveIntegerField(default=0)
    due_on = models.DateField(_("due on"))
    first_submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(_("sent"), null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    signed_at = models.DateTimeField(_("signed"), null=True, blank=True)
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True)
    late_days = models.PositiveSmallIntegerField(_("working days late"), default=0)

    class Meta:
        ordering = ["campaign", "zone__position", "body__position", "pk"]
        verbose_name = _("return")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "body"], name="reporting_return_once"),
            models.CheckConstraint(
                condition=Q(state__in=ReturnState.values), name="reporting_return_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["submitted", "signed", "verified"])
                | Q(submitted_at__isnull=False),
                name="reporting_return_sent_known",
            ),
        ]
        indexes = [models.Index(fields=["body", "state"], name="reporting_return_of_body")]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.body_id}"


class CellState(models.TextChoices):
    OPEN = "open", pgettext_lazy("cell", "open")
    SUBMITTED = "submitted", _("sent")
    SIGNED = "signed", _("signed")
    VERIFIED = "verified", pgettext_lazy("cell", "verified")
    RETURNED = "returned", _("returned")
    UNLOCKED = "unlocked", _("unlocked")


class Absence(models.TextChoices):
    """Missing is not zero, and not applicable is neither."""

    NONE = "", pgettext_lazy("absence", "—")
    MISSING = "missing", _("not available yet")
    NOT_APPLICABLE = "not_applicable", _("not applicable")


class CellOrigin(models.TextChoices):
    NONE = "", pgettext_lazy("origin", "—")
    TYPED = "typed", _("typed")
    PASTED = "pasted", _("pasted")
    EXCEL = "excel", _("Excel")
    API = "api", _("API")
    PREFILLED = "prefilled", _("filled in beforehand")
    CONFIRMED = "confirmed", _("filled in beforehand, confirmed")


class Cell(models.Model):
    """One figure of a return, in the indicator's own unit; its past stands in `CellEvent`.

    Nobody looks for cells by person, so those columns have no index: a figure is changed often.

    `part` is "" for the figure itself and "month" for the month's own figure asked beside a
    year-to-date one. Empty value and empty `absence` mean: not answered.
    """

    in_return = models.ForeignKey(
        Return, models.CASCADE, related_name="cells", db_index=False
    )  # the first column of the unique constraint
    item = models.ForeignKey(FormItem, models.PROTECT, related_name="+")
    indicator = models.ForeignKey(
        "indicators.Indicator", models.PROTECT, related_name="+", db_index=False
    )  # the first column of an index below
    scope = models.CharField(_("scope"), max_length=40)
    part = models.CharField(max_length=6, blank=True, default="")
    state = models.CharField(_("state"), max_length=10, choices=CellState, default=CellState.OPEN)
    value = models.DecimalField(_("value"), max_digits=24, decimal_places=6, null=True, blank=True)
    absence = models.CharField(
        _("why there is no figure"), max_length=14, choices=Absence, blank=True, default=""
    )
    entered_as = models.CharField(_("as entered"), max_length=60, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    origin = models.CharField(max_length=10, choices=CellOrigin, blank=True, default="")
    prefill_source = models.CharField(max_length=120, blank=True)
    revision = models.PositiveIntegerField(default=0)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    entered_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    # The value the cell had when it was last verified; empty until then.
    verified_value = models.DecimalField(max_digits=24, decimal_places=6, null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    event = models.ForeignKey(
        "indicators.ValueEvent",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,  # an index below
    )

    class Meta:
        ordering = ["in_return", "item__position", "item", "scope", "part"]
        verbose_name = _("cell")
        constraints = [
            models.UniqueConstraint(
                fields=["in_return", "item", "scope", "part"], name="reporting_cell_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=CellState.values)
                & Q(absence__in=Absence.values)
                & Q(origin__in=CellOrigin.values)
                & Q(part__in=["", "month"]),
                name="reporting_cell_words_known",
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=True) | Q(absence=""),
                name="reporting_cell_value_or_absence",
                violation_error_message=_("A cell has a figure or a reason why not, never both."),
            ),
            models.CheckConstraint(
                condition=Q(signed_by__isnull=True)
                | Q(entered_by__isnull=True)
                | ~Q(signed_by=F("entered_by")),
                name="reporting_cell_not_signed_by_clerk",
                violation_error_message=_("Nobody signs figures they entered."),
            ),
            models.CheckConstraint(
                condition=Q(verified_by__isnull=True)
                | (
                    (Q(entered_by__isnull=True) | ~Q(verified_by=F("entered_by")))
                    & (Q(signed_by__isnull=True) | ~Q(verified_by=F("signed_by")))
                ),
                name="reporting_cell_not_verified_by_own",
                violation_error_message=_("Nobody verifies figures they entered or signed."),
            ),
        ]
        indexes = [
            models.Index(fields=["indicator", "scope"], name="reporting_cell_of_series"),
            models.Index(fields=["event"], name="reporting_cell_of_event"),
        ]

    def __str__(self) -> str:
        return f"{self.in_return_id} {self.indicator_id} {self.scope}{self.part}"


class CellEvent(models.Model):
    """One change of one cell. Append-only."""

    cell = models.ForeignKey(
        Cell, models.CASCADE, related_name="events", db_index=False
    )  # the first column of the unique constraint
    revision = models.PositiveIntegerField()
    value = models.DecimalField(max_digits=24, decimal_places=6, null=True, blank=True)
    absence = models.CharField(max_length=14, choices=Absence, blank=True, default="")
    entered_as = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=500, blank=True)
    origin = models.CharField(max_length=10, choices=CellOrigin, blank=True, default="")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["cell", "-revision", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["cell", "revision"], name="reporting_cell_event_once")
        ]

    def __str__(self) -> str:
        return f"{self.cell_id} r{self.revision}"


class CellComment(models.Model):
    """A remark on a cell, from either side. Append-only."""

    cell = models.ForeignKey(Cell, models.CASCADE, related_name="comments")
    text = models.CharField(_("comment"), max_length=1000)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["cell", "id"]

    def __str__(self) -> str:
        return f"{self.cell_id} {self.pk}"


class SourceFigure(models.Model):
    """A compiling department's own figure of a place and period, to compare with. Append-only."""

    indicator = models.ForeignKey("indicators.Indicator", models.PROTECT, related_name="+")
    scope = models.CharField(max_length=40)
    period = models.CharField(max_length=7)
    period_end = models.DateField()
    value = models.DecimalField(max_digits=24, decimal_places=6, null=True, blank=True)
    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+")
    cell = models.ForeignKey(Cell, models.PROTECT, null=True, blank=True, related_name="+")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["indicator", "period", "scope", "-id"], name="reporting_source_latest"
            )
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.scope} {self.period}"


class ExtensionState(models.TextChoices):
    REQUESTED = "requested", _("requested")
    GRANTED = "granted", _("granted")
    REFUSED = "refused", _("refused")


class ReturnExtension(models.Model):
    """More time for one return: asked for or given, with its reason."""

    in_return = models.ForeignKey(Return, models.CASCADE, related_name="extensions")
    state = models.CharField(max_length=10, choices=ExtensionState)
    from_date = models.DateField()
    to_date = models.DateField(_("new due date"))
    reason = models.CharField(_("reason"), max_length=500)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=500, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["in_return"],
                condition=Q(state="requested"),
                name="reporting_one_open_extension",
                violation_error_message=_("A request for more time is already waiting."),
            ),
            models.CheckConstraint(
                condition=Q(to_date__gt=F("from_date")),
                name="reporting_extension_forward",
                violation_error_message=_("The new date must lie after the present one."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.in_return_id} {self.to_date}"


class ReturnUrge(models.Model):
    """One reminder by a person. Append-only."""

    in_return = models.ForeignKey(Return, models.CASCADE, related_name="urges")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.in_return_id} {self.at}"


class Effort(models.Model):
    """Active seconds one person spent on one return on one day, as the page measured them."""

    in_return = models.ForeignKey(Return, models.CASCADE, related_name="efforts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    day = models.DateField()
    seconds = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["in_return", "day", "user"]
        constraints = [
            models.UniqueConstraint(
                fields=["in_return", "user", "day"], name="reporting_effort_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.in_return_id} {self.day} {self.seconds}s"
