"""What is measured: indicators and the definitions that hold."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Direction(models.TextChoices):
    HIGHER = "higher", _("higher is better")
    LOWER = "lower", _("lower is better")
    NONE = "none", _("no direction")


class Frequency(models.TextChoices):
    MONTH = "month", _("monthly")
    QUARTER = "quarter", _("quarterly")
    HALF = "half", _("half-yearly")
    YEAR = "year", _("yearly")


class ValueMode(models.TextChoices):
    YTD = "ytd", _("year to date")
    PERIOD = "period", _("of the period")
    STOCK = "stock", _("at the end of the period")


class Aggregation(models.TextChoices):
    SUM = "sum", _("sum")
    LAST = "last", _("last")
    MEAN = "mean", _("mean")
    WEIGHTED_RATIO = "weighted_ratio", _("ratio of sums")
    NEVER = "never", _("never")


class Indicator(models.Model):
    """What is measured, with its declared semantics."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80, unique=True)
    name_en = models.CharField(_("English name"), max_length=160)
    initials = models.CharField(_("pinyin initials"), max_length=80, blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    unit = models.CharField(_("unit"), max_length=30)
    unit_en = models.CharField(_("unit in English"), max_length=60, blank=True)
    decimals = models.PositiveSmallIntegerField(_("decimals"), default=1)
    direction = models.CharField(_("direction"), max_length=8, choices=Direction)
    frequency = models.CharField(_("frequency"), max_length=8, choices=Frequency)
    value_mode = models.CharField(_("value mode"), max_length=8, choices=ValueMode)
    time_aggregation = models.CharField(_("over time"), max_length=16, choices=Aggregation)
    place_aggregation = models.CharField(_("over places"), max_length=16, choices=Aggregation)
    price_basis = models.CharField(_("price basis"), max_length=16, blank=True)
    is_headline = models.BooleanField(_("on the cockpit"), default=False)
    is_benchmark = models.BooleanField(_("benchmark of the whole city"), default=False)
    responsible = models.ForeignKey(
        "organisations.Body",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("responsible body"),
    )
    compiler = models.ForeignKey(
        "organisations.Body",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("compiling body"),
    )
    origin = models.CharField(_("where numbers come from"), max_length=60, default="returns")

    class Meta:
        ordering = ["position", "code"]
        verbose_name = _("indicator")
        constraints = [
            models.CheckConstraint(
                condition=Q(direction__in=Direction.values)
                & Q(frequency__in=Frequency.values)
                & Q(value_mode__in=ValueMode.values)
                & Q(time_aggregation__in=Aggregation.values)
                & Q(place_aggregation__in=Aggregation.values),
                name="indicators_semantics_known",
            ),
            models.CheckConstraint(
                condition=~Q(value_mode="ytd", frequency="year"),
                name="indicators_no_yearly_ytd",
                violation_error_message=_("A yearly figure has no year-to-date mode."),
            ),
            models.CheckConstraint(
                condition=~Q(value_mode="stock", time_aggregation="sum"),
                name="indicators_stock_not_summed_over_time",
                violation_error_message=_("A stock is not summed over time."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class IndicatorVersion(models.Model):
    """The definition (口径) that holds from a date on. A break makes figures not comparable."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    effective_from = models.DateField(_("in force from"))
    definition = models.CharField(_("definition"), max_length=1000)
    definition_en = models.CharField(_("definition in English"), max_length=1000, blank=True)
    numerator = models.ForeignKey(
        Indicator, models.PROTECT, null=True, blank=True, related_name="+"
    )
    denominator = models.ForeignKey(
        Indicator, models.PROTECT, null=True, blank=True, related_name="+"
    )
    # "" same scope, "city" whole city
    denominator_scope = models.CharField(max_length=8, blank=True)
    multiplier = models.DecimalField(max_digits=16, decimal_places=6, default=1)
    terms = models.JSONField(_("terms of the sum"), default=list, blank=True)  # indicator codes
    is_break = models.BooleanField(_("breaks the series"), default=False)
    verified = models.BooleanField(_("verified"), default=False)
    source = models.CharField(_("source"), max_length=300, blank=True)

    class Meta:
        ordering = ["indicator", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "number"], name="indicators_version_number_once"
            ),
            models.CheckConstraint(
                condition=Q(numerator__isnull=True, denominator__isnull=True)
                | Q(numerator__isnull=False, denominator__isnull=False),
                name="indicators_version_ratio_whole",
                violation_error_message=_("A ratio needs numerator and denominator."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} v{self.number}"
