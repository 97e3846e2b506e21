"""Forms as versioned data: which figures are asked, of whom, by when, and who verifies them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jingkai.delivery.indicators.public import Frequency


class FilledBy(models.TextChoices):
    ZONE = "zone", _("each zone")
    DEPARTMENT = "department", _("one department")


class Form(models.Model):
    """A statistical table that is filled again and again. Its content stands in its versions."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=160, blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    filled_by = models.CharField(_("filled by"), max_length=10, choices=FilledBy)
    body = models.ForeignKey(
        "organisations.Body",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("department that fills it"),
    )
    frequency = models.CharField(_("frequency"), max_length=8, choices=Frequency)
    # January is reported together with February (一二月合并报送).
    joins_january = models.BooleanField(_("January joined with February"), default=False)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["position", "code"]
        verbose_name = _("form")
        constraints = [
            models.CheckConstraint(
                condition=Q(filled_by__in=FilledBy.values) & Q(frequency__in=Frequency.values),
                name="reporting_form_words_known",
            ),
            models.CheckConstraint(
                condition=Q(filled_by="zone", body__isnull=True)
                | Q(filled_by="department", body__isnull=False),
                name="reporting_form_filler_whole",
                violation_error_message=_(
                    "A form filled by a department names it; one filled by each zone names none."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class VersionState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    RETIRED = "retired", _("Retired")


class FormVersion(models.Model):
    """One edition of a form. A published one never changes; a new edition takes its place."""

    form = models.ForeignKey(Form, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    state = models.CharField(
        _("state"), max_length=10, choices=VersionState, default=VersionState.DRAFT
    )
    effective_from = models.DateField(_("in force from"))
    # Due on the n-th working day after the period has ended.
    due_working_days = models.PositiveSmallIntegerField(_("due after (working days)"), default=7)
    reminder_days = models.JSONField(_("reminders before (working days)"), default=list, blank=True)
    reason = models.CharField(_("what changed and why"), max_length=500, blank=True)
    # Each new item says why no existing one can be reused (burden register).
    burden_note = models.CharField(
        _("why it cannot be taken from elsewhere"), max_length=500, blank=True
    )
    source = models.CharField(_("source"), max_length=300, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["form", "-number"]
        verbose_name = _("version of a form")
        constraints = [
            models.UniqueConstraint(fields=["form", "number"], name="reporting_version_once"),
            models.UniqueConstraint(
                fields=["form"],
                condition=Q(state="draft"),
                name="reporting_one_draft",
                violation_error_message=_("A draft of this form is already being edited."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=VersionState.values), name="reporting_version_state_known"
            ),
            models.CheckConstraint(
                condition=Q(due_working_days__gte=1) & Q(due_working_days__lte=60),
                name="reporting_version_due_sensible",
                violation_error_message=_("Due between 1 and 60 working days after the period."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.form_id} v{self.number}"


class Prefill(models.TextChoices):
    NONE = "none", pgettext_lazy("prefill", "nothing")
    STANDING = "standing", _("the figure that stands already")
    PREVIOUS = "previous", _("the figure of the period before")
    RECORDS = "records", _("counted from the registers")
    COMPILER = "compiler", _("the compiling department's own figure")


class EvidenceRule(models.TextChoices):
    NONE = "none", _("not asked")
    EXPLAINED = "explained", _("with every explanation")
    ALWAYS = "always", _("always")


class Purpose(models.TextChoices):
    RECORD = "record", _("becomes the official figure")
    COMPARE = "compare", _("kept to compare with what zones report")


class Coverage(models.TextChoices):
    OWN = "own", _("own zone")
    ZONES = "zones", _("every zone")
    CITY = "city", _("whole city")
    BOTH = "both", _("every zone and the whole city")


class FormItem(models.Model):
    """One figure that is asked. `coverage` says for which places a department fills it."""

    version = models.ForeignKey(FormVersion, models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    indicator = models.ForeignKey(
        "indicators.Indicator", models.PROTECT, related_name="+", verbose_name=_("indicator")
    )
    coverage = models.CharField(_("places"), max_length=6, choices=Coverage, default=Coverage.OWN)
    purpose = models.CharField(_("purpose"), max_length=8, choices=Purpose, default=Purpose.RECORD)
    # The month's own figure is asked beside a year-to-date one, only to check it.
    with_month = models.BooleanField(_("ask the month's own figure too"), default=False)
    required = models.BooleanField(_("must be answered"), default=True)
    prefill = models.CharField(
        _("filled in beforehand with"), max_length=10, choices=Prefill, default=Prefill.NONE
    )
    evidence = models.CharField(
        _("evidence"), max_length=10, choices=EvidenceRule, default=EvidenceRule.NONE
    )
    verifier = models.ForeignKey(
        "organisations.Body",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("verifying body"),
    )
    note = models.CharField(_("how to fill it in"), max_length=300, blank=True)

    class Meta:
        ordering = ["version", "position", "pk"]
        verbose_name = _("item of a form")
        constraints = [
            models.UniqueConstraint(
                fields=["version", "indicator"],
                name="reporting_item_once",
                violation_error_message=_("This indicator is already asked in this form."),
            ),
            models.CheckConstraint(
                condition=Q(coverage__in=Coverage.values)
                & Q(purpose__in=Purpose.values)
                & Q(prefill__in=Prefill.values)
                & Q(evidence__in=EvidenceRule.values),
                name="reporting_item_words_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.indicator_id}"
