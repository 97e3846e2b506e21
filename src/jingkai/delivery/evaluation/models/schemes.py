"""Evaluation schemes as versioned data: a tree of points down to indicators, and a method.

Points are those of the official tables: the root has 100, and the children of a node share out its
points. A published version never changes; a run keeps a copy of it besides.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Scheme(models.Model):
    """A way to evaluate zones that lives through several editions."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    issuer = models.CharField(_("whose scheme it is"), max_length=80, blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["position", "code"]
        verbose_name = _("evaluation scheme")

    def __str__(self) -> str:
        return self.name


class VersionState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    RETIRED = "retired", _("Retired")


class GroupBy(models.TextChoices):
    NONE = "none", pgettext_lazy("peer groups", "all together")
    LEVEL = "level", _("national and provincial zones apart")


class SchemeVersion(models.Model):
    """One edition of a scheme.

    `method` is the engine's grammar (impute, treat, normalise, aggregate, uncertainty) without
    weights, split, adjust and groups: those follow from the tree and the fields below.
    `adjust`: {"bonus_cap", "deduction_cap", "veto_effect", "veto_cap", "floor"}.
    `ledger_rules`: [{"code", "kind", "name", "name_en", "points", "cap", "basis", "verified"}]:
    what may be entered in the ledger of points, and how many points each case is.
    `exit_rules`: see `exit_rules.py`.
    """

    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    state = models.CharField(
        _("state"), max_length=10, choices=VersionState, default=VersionState.DRAFT
    )
    # Data years this edition is meant for.
    first_year = models.PositiveSmallIntegerField(_("from data year"))
    last_year = models.PositiveSmallIntegerField(_("to data year"), null=True, blank=True)
    method = models.JSONField(_("method"), default=dict)
    adjust = models.JSONField(_("bonus, deduction and veto"), default=dict, blank=True)
    ledger_rules = models.JSONField(_("rules of points"), default=list, blank=True)
    exit_rules = models.JSONField(_("warning and exit rules"), default=list, blank=True)
    group_by = models.CharField(
        _("peer groups"), max_length=8, choices=GroupBy, default=GroupBy.LEVEL
    )
    # Groups with fewer zones are scored and told apart, never ranked in silence.
    min_group = models.PositiveSmallIntegerField(_("smallest group that is ranked"), default=3)
    # Zones with a smaller observed share of points are not ranked.
    min_coverage = models.DecimalField(
        _("least observed share of points"), max_digits=4, decimal_places=3, default="0.6"
    )
    verified = models.BooleanField(_("verified"), default=False)
    source = models.CharField(_("source"), max_length=300, blank=True)
    reason = models.CharField(_("what changed and why"), max_length=500, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    # SM3 over the canonical definition; set when published.
    digest = models.CharField(max_length=64, blank=True)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["scheme", "-number"]
        verbose_name = _("version of a scheme")
        constraints = [
            models.UniqueConstraint(fields=["scheme", "number"], name="evaluation_version_once"),
            models.UniqueConstraint(
                fields=["scheme"],
                condition=Q(state="draft"),
                name="evaluation_one_draft",
                violation_error_message=_("A draft of this scheme is already being edited."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=VersionState.values) & Q(group_by__in=GroupBy.values),
                name="evaluation_version_words_known",
            ),
            models.CheckConstraint(
                condition=Q(last_year__isnull=True) | Q(last_year__gte=F("first_year")),
                name="evaluation_version_years",
                violation_error_message=_("The last data year lies before the first."),
            ),
            models.CheckConstraint(
                condition=Q(min_coverage__gte=0) & Q(min_coverage__lte=1),
                name="evaluation_version_coverage",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | ~Q(digest=""), name="evaluation_version_sealed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme_id} v{self.number}"


class Direction(models.IntegerChoices):
    MORE = 1, _("more is better")
    LESS = -1, _("less is better")


class PeriodRule(models.TextChoices):
    """Which figure of the data year counts."""

    YEAR = "year", _("the whole year")
    LAST = "last", _("the last figure of the year")
    MEAN = "mean", _("mean of the year's figures")


class GrowthRule(models.TextChoices):
    PERCENT = "percent", _("per cent")
    DIFFERENCE = "difference", _("difference")
    SYMMETRIC = "symmetric", _("symmetric (over the mean of both years)")
    LOG = "log", _("logarithmic")


class SchemeNode(models.Model):
    """One node of the tree; a leaf names an indicator, or says that none supplies it yet.

    `method`: for a leaf another scale than the version's, for an inner node another aggregation,
    both in the engine's grammar; {} = as the version says.
    """

    version = models.ForeignKey(SchemeVersion, models.CASCADE, related_name="nodes")
    code = models.CharField(_("code"), max_length=40)
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="children"
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    name = models.CharField(_("name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    points = models.DecimalField(_("points"), max_digits=7, decimal_places=4)
    is_leaf = models.BooleanField(_("is measured by an indicator"), default=False)
    direction = models.SmallIntegerField(_("direction"), choices=Direction, null=True, blank=True)
    indicator = models.ForeignKey(
        "indicators.Indicator",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("indicator"),
    )
    period_rule = models.CharField(
        _("which figure counts"), max_length=5, choices=PeriodRule, default=PeriodRule.YEAR
    )
    # Share of the points given for growth (增速); the rest for the level (总量). Null: level only.
    growth_share = models.DecimalField(
        _("share for growth"), max_digits=4, decimal_places=3, null=True, blank=True
    )
    growth_rule = models.CharField(
        _("growth as"), max_length=10, choices=GrowthRule, default=GrowthRule.PERCENT
    )
    # Full marks for a target (完成率): the figure counted as 100 %; in the indicator's unit.
    target = models.DecimalField(
        _("target"), max_digits=24, decimal_places=6, null=True, blank=True
    )
    method = models.JSONField(_("own method"), default=dict, blank=True)
    verified = models.BooleanField(_("verified"), default=False)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        ordering = ["version", "position", "pk"]
        verbose_name = _("node of a scheme")
        constraints = [
            models.UniqueConstraint(
                fields=["version", "code"],
                name="evaluation_node_once",
                violation_error_message=_("This code is already used in the scheme."),
            ),
            models.UniqueConstraint(
                fields=["version"],
                condition=Q(parent__isnull=True),
                name="evaluation_one_root",
                violation_error_message=_("A scheme has one root."),
            ),
            models.CheckConstraint(
                condition=Q(points__gte=0),
                name="evaluation_node_points",
                violation_error_message=_("Points are not negative."),
            ),
            models.CheckConstraint(
                condition=Q(is_leaf=True) | Q(indicator__isnull=True, growth_share__isnull=True),
                name="evaluation_leaf_measures",
                violation_error_message=_("Only a leaf is measured by an indicator."),
            ),
            models.CheckConstraint(
                condition=Q(growth_share__isnull=True)
                | (Q(growth_share__gte=0) & Q(growth_share__lte=1)),
                name="evaluation_node_growth_share",
                violation_error_message=_("The share for growth lies between 0 and 1."),
            ),
            models.CheckConstraint(
                condition=Q(period_rule__in=PeriodRule.values)
                & Q(growth_rule__in=GrowthRule.values)
                & (Q(direction__isnull=True) | Q(direction__in=Direction.values)),
                name="evaluation_node_words_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
