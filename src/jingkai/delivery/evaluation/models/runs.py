"""Runs: inputs, scheme and seed frozen; results that anyone can make again from them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .ledger import LedgerKind
from .schemes import SchemeVersion


class RunKind(models.TextChoices):
    TRIAL = "trial", _("trial")
    OFFICIAL = "official", pgettext_lazy("evaluation run", "official")


class RunState(models.TextChoices):
    FROZEN = "frozen", _("inputs frozen")
    COMPUTED = "computed", _("computed")
    FAILED = "failed", pgettext_lazy("evaluation run", "could not be computed")
    CIRCULATED = "circulated", _("with the zones for objections")
    APPROVED = "approved", _("approved")
    PUBLISHED = "published", _("published")
    SUPERSEDED = "superseded", _("replaced by a later run")
    CANCELLED = "cancelled", _("cancelled")


class Run(models.Model):
    """One evaluation of all zones for one data year.

    `definition`: the scheme as it was, canonical (see `definition.py`). `inputs_digest`: SM3 over
    definition, zones, inputs, ledger lines and seed; `result_digest`: SM3 over the results. Trial
    runs are seen by the office alone and never leave the state “computed”.
    """

    version = models.ForeignKey(SchemeVersion, models.PROTECT, related_name="runs")
    year = models.PositiveSmallIntegerField(_("data year"))
    kind = models.CharField(_("kind"), max_length=8, choices=RunKind)
    number = models.PositiveSmallIntegerField(_("number of the run"))
    state = models.CharField(_("state"), max_length=10, choices=RunState, default=RunState.FROZEN)
    # Only figures recorded by this moment count.
    as_of = models.DateTimeField(_("figures as of"))
    seed = models.BigIntegerField(_("seed"))
    replications = models.PositiveIntegerField(_("replications"), default=10000)
    definition = models.JSONField()
    # Zones as they were, in the order of every table: [{"code", "name", "name_en", "group"}].
    zones = models.JSONField(default=list)
    inputs_digest = models.CharField(max_length=64)
    result_digest = models.CharField(max_length=64, blank=True)
    # Version of the engine that computed it.
    engine = models.CharField(_("engine"), max_length=20, blank=True)
    # Whole-run results: statistics, sensitivity, audit blocks, notices; keys in `computing.py`.
    analysis = models.JSONField(default=dict, blank=True)
    # Why it could not be computed: {"code", "message", "node", "zone"}.
    failure = models.JSONField(default=dict, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    job = models.ForeignKey("jobs.Job", models.SET_NULL, null=True, blank=True, related_name="+")
    # The run this one repeats after objections were upheld.
    repeats = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="repeated_by"
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    circulated_at = models.DateTimeField(null=True, blank=True)
    # Last day on which zones may object.
    objections_until = models.DateField(_("objections until"), null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-year", "-id"]
        verbose_name = _("evaluation run")
        constraints = [
            models.UniqueConstraint(
                fields=["version", "year", "kind", "number"], name="evaluation_run_once"
            ),
            models.UniqueConstraint(
                fields=["version", "year"],
                condition=Q(state="published"),
                name="evaluation_one_published",
                violation_error_message=_(
                    "A result of this scheme is already published for this data year."
                ),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=RunKind.values) & Q(state__in=RunState.values),
                name="evaluation_run_words_known",
            ),
            models.CheckConstraint(
                condition=~Q(kind="trial")
                | Q(state__in=["frozen", "computed", "failed", "cancelled"]),
                name="evaluation_trial_stays_inside",
                violation_error_message=_("A trial run is never circulated or published."),
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("created_by")),
                name="evaluation_run_two_people",
                violation_error_message=_("Who made the run does not approve it."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["computed", "circulated", "approved", "published"])
                | ~Q(result_digest=""),
                name="evaluation_run_has_result",
            ),
            models.CheckConstraint(
                condition=~Q(state="published")
                | Q(published_by__isnull=False, approved_by__isnull=False),
                name="evaluation_run_published_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.year} {self.kind} {self.number}"


class RunInput(models.Model):
    """One frozen figure: zone × leaf × year (the data year, or the year before for growth).

    Append-only: written when the run is frozen, never after. `value` null = no figure, with why.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="inputs")
    zone = models.ForeignKey("organisations.Zone", models.PROTECT, related_name="+")
    node = models.CharField(_("node"), max_length=40)
    year = models.PositiveSmallIntegerField()
    value = models.DecimalField(max_digits=24, decimal_places=6, null=True, blank=True)
    # The figure it was; several for a mean: the last.
    event = models.ForeignKey(
        "indicators.ValueEvent", models.PROTECT, null=True, blank=True, related_name="+"
    )
    period = models.CharField(max_length=7, blank=True)
    # no_indicator, no_figure, incomplete (a year not yet over, months missing), withdrawn, voided
    absence = models.CharField(max_length=16, blank=True)

    class Meta:
        ordering = ["run", "zone", "node", "year"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "zone", "node", "year"], name="evaluation_input_once"
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=True) & ~Q(absence="")
                | Q(value__isnull=False, absence=""),
                name="evaluation_input_or_absence",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.zone_id} {self.node} {self.year}"


class RunLedgerLine(models.Model):
    """Points of the ledger as they were when the run was frozen."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="ledger_lines")
    zone = models.ForeignKey("organisations.Zone", models.PROTECT, related_name="+")
    entry = models.ForeignKey("evaluation.LedgerEntry", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=9, choices=LedgerKind)
    rule = models.CharField(max_length=40)
    points = models.DecimalField(max_digits=7, decimal_places=4)
    text = models.CharField(max_length=500)

    class Meta:
        ordering = ["run", "zone", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "entry"], name="evaluation_line_once")
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.zone_id} {self.rule}"


class ZoneResult(models.Model):
    """What a run says of one zone. `detail`: nodes, contributions, waterfalls; see `computing.py`.

    `rank` null with `why_unranked` (few_peers, coverage, vetoed, no_score): told, never silent.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="results")
    zone = models.ForeignKey("organisations.Zone", models.PROTECT, related_name="+")
    score = models.DecimalField(max_digits=14, decimal_places=8, null=True, blank=True)
    before_points = models.DecimalField(
        _("score before bonus and deduction"),
        max_digits=14,
        decimal_places=8,
        null=True,
        blank=True,
    )
    rank = models.PositiveSmallIntegerField(
        pgettext_lazy("evaluation", "rank"), null=True, blank=True
    )
    group = models.CharField(_("group"), max_length=40, blank=True)
    group_rank = models.PositiveSmallIntegerField(null=True, blank=True)
    group_size = models.PositiveSmallIntegerField(default=0)
    # 5 % and 95 % of the rank over the replications.
    rank_low = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    rank_high = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    # Share of the points whose figures were observed.
    coverage = models.DecimalField(max_digits=5, decimal_places=4)
    why_unranked = models.CharField(max_length=12, blank=True)
    # Points by class, {node: text}: all that a ranking needs of the detail.
    class_points = models.JSONField(default=dict)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["run", F("rank").asc(nulls_last=True), "zone__position", "zone__code"]
        constraints = [
            models.UniqueConstraint(fields=["run", "zone"], name="evaluation_result_once"),
            models.CheckConstraint(
                condition=Q(rank__isnull=False, why_unranked="")
                | (Q(rank__isnull=True) & ~Q(why_unranked="")),
                name="evaluation_rank_or_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.zone_id}"


class PastResult(models.Model):
    """A result that was made elsewhere (national or provincial evaluation), with its source."""

    zone = models.ForeignKey("organisations.Zone", models.PROTECT, related_name="+")
    scheme = models.ForeignKey("evaluation.Scheme", models.PROTECT, related_name="past_results")
    year = models.PositiveSmallIntegerField(_("data year"))
    score = models.DecimalField(_("score"), max_digits=12, decimal_places=4, null=True, blank=True)
    rank = models.PositiveSmallIntegerField(
        pgettext_lazy("evaluation", "rank"), null=True, blank=True
    )
    field = models.PositiveSmallIntegerField(_("number of zones ranked"), null=True, blank=True)
    group = models.CharField(_("group"), max_length=40, blank=True)
    source = models.CharField(_("source"), max_length=300)
    verified = models.BooleanField(_("verified"), default=False)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    entered_at = models.DateTimeField()
    # Who compared it with its source.
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    verified_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-year", "scheme", "zone", "pk"]
        verbose_name = _("earlier result")
        constraints = [
            models.UniqueConstraint(
                fields=["zone", "scheme", "year", "group"], name="evaluation_past_once"
            ),
            models.CheckConstraint(
                condition=Q(rank__isnull=False) | Q(score__isnull=False),
                name="evaluation_past_says_something",
                violation_error_message=_("Give a rank or a score."),
            ),
            models.CheckConstraint(
                condition=Q(rank__isnull=True) | Q(field__isnull=True) | Q(rank__lte=F("field")),
                name="evaluation_past_rank_fits",
                violation_error_message=_("The rank is larger than the number of zones ranked."),
            ),
            models.CheckConstraint(
                condition=Q(verified_by__isnull=True)
                | Q(entered_by__isnull=True)
                | ~Q(verified_by=F("entered_by")),
                name="evaluation_past_two_people",
                violation_error_message=_("Nobody verifies what they entered."),
            ),
            models.CheckConstraint(
                condition=~Q(source=""),
                name="evaluation_past_has_source",
                violation_error_message=_("A result from outside carries its source."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme_id} {self.year} {self.zone_id}"
