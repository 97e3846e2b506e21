"""Indicators, their definitions, append-only values, targets and the paths towards them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


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


class ScopeKind(models.TextChoices):
    CITY = "city", _("whole city")
    ZONES = "zones", _("all zones")
    ZONE = "zone", _("one zone")


class Series(models.Model):
    """One indicator for one scope. `scope` is `CITY`, `EDZ` (all zones) or a zone's code."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="series")
    scope_kind = models.CharField(max_length=8, choices=ScopeKind)
    scope = models.CharField(_("scope"), max_length=40)
    zone = models.ForeignKey(
        "organisations.Zone", models.PROTECT, null=True, blank=True, related_name="+"
    )
    source = models.CharField(_("source"), max_length=200, blank=True)

    class Meta:
        ordering = ["indicator", "scope_kind", "scope"]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "scope"], name="indicators_series_once"),
            models.CheckConstraint(
                condition=Q(scope_kind="zone", zone__isnull=False)
                | Q(scope_kind="city", zone__isnull=True, scope="CITY")
                | Q(scope_kind="zones", zone__isnull=True, scope="EDZ"),
                name="indicators_series_scope_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.scope}"


class Release(models.TextChoices):
    FLASH = "flash", _("flash")
    REVISED = "revised", _("revised")
    FINAL = "final", _("final")


class Origin(models.TextChoices):
    ENTERED = "entered", _("entered")
    EXCEL = "excel", _("Excel")
    API = "api", _("API")
    COMPUTED = "computed", _("computed")
    RECORDS = "records", _("from records")
    SYNTHETIC = "synthetic", _("synthetic demonstration data")


class ValueEvent(models.Model):
    """One value as it was said at one moment. Append-only: a trigger refuses change and removal.

    `value` null withdraws the period's value. `inputs` names where a computed value comes from:
    {"formula", "events": [ids], "observed", "expected", "carried": [scopes]}.
    """

    series = models.ForeignKey(Series, models.PROTECT, related_name="events")
    period = models.CharField(_("period"), max_length=7)
    period_end = models.DateField()
    value = models.DecimalField(_("value"), max_digits=24, decimal_places=6, null=True, blank=True)
    release = models.CharField(_("release"), max_length=8, choices=Release)
    origin = models.CharField(_("origin"), max_length=10, choices=Origin)
    definition = models.ForeignKey(IndicatorVersion, models.PROTECT, related_name="+")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    inputs = models.JSONField(default=dict, blank=True)
    recorded_at = models.DateTimeField(_("recorded at"))

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["series", "period_end", "-id"], name="indicators_vintage"),
            models.Index(fields=["recorded_at"], name="indicators_by_moment"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(release__in=Release.values) & Q(origin__in=Origin.values),
                name="indicators_event_words_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.series_id} {self.period} {self.value}"


class CurrentValue(models.Model):
    """The latest value of a series and period, written in the event's own transaction."""

    series = models.ForeignKey(Series, models.PROTECT, related_name="current_values")
    period = models.CharField(max_length=7)
    period_end = models.DateField()
    value = models.DecimalField(max_digits=24, decimal_places=6)
    release = models.CharField(max_length=8, choices=Release)
    event = models.OneToOneField(ValueEvent, models.PROTECT, related_name="+")
    observed = models.PositiveSmallIntegerField(null=True, blank=True)
    expected = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["series", "period_end", "period"]
        constraints = [
            models.UniqueConstraint(fields=["series", "period"], name="indicators_current_once")
        ]
        indexes = [
            models.Index(
                fields=["series", "-period_end"],
                name="indicators_latest",
                include=["value", "period", "release"],
            )
        ]

    def __str__(self) -> str:
        return f"{self.series_id} {self.period} {self.value}"


class TargetKind(models.TextChoices):
    LEVEL = "level", pgettext_lazy("target", "level")
    AVERAGE_GROWTH = "average_growth", _("average yearly growth")
    SHARE = "share", _("share of the city")
    FLOOR = "floor", _("not below")
    CAP = "cap", _("not above")
    RELATIVE = "relative_to_benchmark", _("relative to a benchmark")
    REDUCTION = "reduction", _("reduction against a base year")
    INTENSITY = "intensity_ratio", _("intensity")
    QUALITATIVE = "qualitative", _("qualitative")


class Modality(models.TextChoices):
    STRIVE = "strive", _("strive for")
    ABOUT = "about", _("about")
    AT_LEAST = "at_least", _("at least")
    MORE_THAN = "more_than", _("more than")
    AT_MOST = "at_most", _("at most")
    PLAIN = "plain", _("plain")


class Agreement(models.TextChoices):
    AGREED = "agreed", _("agreed")
    DISPUTED = "disputed", _("disputed")
    SET_ASIDE = "set-aside", _("set aside")


class Target(models.Model):
    """One statement of what shall be reached, as the document says it.

    Several statements about one quantity share `statement_group`; while they contradict, each is
    `disputed` and a conflict waits for a person.
    """

    code = models.SlugField(_("code"), max_length=60, unique=True)
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="targets")
    position = models.PositiveSmallIntegerField(default=0)
    scope = models.CharField(_("scope"), max_length=40, default="EDZ")
    kind = models.CharField(_("kind"), max_length=24, choices=TargetKind)
    modality = models.CharField(_("modality"), max_length=10, choices=Modality)
    value = models.DecimalField(_("value"), max_digits=24, decimal_places=6, null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=30, blank=True)
    horizon = models.CharField(_("horizon"), max_length=7)
    base_year = models.CharField(_("base year"), max_length=7, blank=True)
    base_value = models.DecimalField(
        _("base value"), max_digits=24, decimal_places=6, null=True, blank=True
    )
    stated_rate = models.DecimalField(
        _("stated yearly rate (%)"), max_digits=9, decimal_places=4, null=True, blank=True
    )
    benchmark = models.ForeignKey(
        Indicator, models.PROTECT, null=True, blank=True, related_name="+"
    )
    text = models.CharField(_("in words"), max_length=200, blank=True)
    text_en = models.CharField(max_length=300, blank=True)
    place = models.CharField(_("place in the document"), max_length=80)
    clause = models.ForeignKey(
        "policy.Clause", models.PROTECT, null=True, blank=True, related_name="+"
    )
    statement_group = models.SlugField(max_length=60, blank=True)
    agreement = models.CharField(
        _("agreement"), max_length=10, choices=Agreement, default=Agreement.AGREED
    )
    conflict = models.ForeignKey(
        "policy.Conflict", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    is_leading = models.BooleanField(_("leads the indicator's path"), default=False)

    class Meta:
        ordering = ["position", "code"]
        verbose_name = _("target")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=TargetKind.values)
                & Q(modality__in=Modality.values)
                & Q(agreement__in=Agreement.values),
                name="indicators_target_words_known",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["qualitative", "relative_to_benchmark"])
                | Q(value__isnull=False),
                name="indicators_target_has_value",
                violation_error_message=_("A target of this kind needs a number."),
            ),
            models.CheckConstraint(
                condition=~Q(kind="relative_to_benchmark") | Q(benchmark__isnull=False),
                name="indicators_target_has_benchmark",
                violation_error_message=_("Name the benchmark this target is compared with."),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class TargetTask(models.Model):
    """Edge of the graph: which key task serves which target."""

    target = models.ForeignKey(Target, models.CASCADE, related_name="task_links")
    task = models.ForeignKey("policy.KeyTask", models.CASCADE, related_name="+")

    class Meta:
        ordering = ["target", "task"]
        constraints = [
            models.UniqueConstraint(fields=["target", "task"], name="indicators_target_task_once")
        ]

    def __str__(self) -> str:
        return f"{self.target_id} {self.task_id}"


class Shape(models.TextChoices):
    STRAIGHT = "straight", _("straight line")
    GROWTH = "growth", _("constant growth")
    SEASONAL = "seasonal", _("seasonal")
    STEP = "step", _("steps")
    DRAWN = "drawn", _("drawn by hand")


class Trajectory(models.Model):
    """The planned path of a series through its horizons. A new path ends the old one."""

    series = models.ForeignKey(Series, models.CASCADE, related_name="trajectories")
    version = models.PositiveSmallIntegerField(_("version"))
    shape = models.CharField(_("shape"), max_length=10, choices=Shape)
    base_period = models.CharField(_("base period"), max_length=7)
    base_value = models.DecimalField(_("base value"), max_digits=24, decimal_places=6)
    base_origin = models.CharField(_("origin of the base"), max_length=200, blank=True)
    # [{"period": "2028", "value": "2200", "target": code}]
    horizons = models.JSONField(default=list)
    parameters = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(_("in force"), default=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["series", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["series", "version"], name="indicators_path_version"),
            models.UniqueConstraint(
                fields=["series"], condition=Q(is_active=True), name="indicators_one_active_path"
            ),
            models.CheckConstraint(
                condition=Q(shape__in=Shape.values), name="indicators_path_shape_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.series_id} v{self.version}"


class TrajectoryPoint(models.Model):
    """The planned value at the end of one period (year to date for YTD indicators)."""

    trajectory = models.ForeignKey(Trajectory, models.CASCADE, related_name="points")
    period = models.CharField(max_length=7)
    period_end = models.DateField()
    planned = models.DecimalField(max_digits=24, decimal_places=6)

    class Meta:
        ordering = ["trajectory", "period_end", "period"]
        constraints = [
            models.UniqueConstraint(
                fields=["trajectory", "period"], name="indicators_path_point_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.trajectory_id} {self.period}"


class Voice(models.TextChoices):
    RULE = "rule", _("rule")
    LIKELIHOOD = "likelihood", _("likelihood")
    PERSON = "person", _("judgement")


class Light(models.TextChoices):
    GREEN = "green", _("on path")
    YELLOW = "yellow", _("behind")
    RED = "red", _("far behind")
    GREY = "grey", _("not judged yet")


class StatusVoice(models.Model):
    """What one voice said about a series and period at one moment. Append-only.

    `probability` belongs to the likelihood voice alone and is empty for the others.
    """

    series = models.ForeignKey(Series, models.PROTECT, related_name="voices")
    period = models.CharField(max_length=7)
    period_end = models.DateField()
    voice = models.CharField(max_length=10, choices=Voice)
    light = models.CharField(_("light"), max_length=6, choices=Light)
    distance = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    probability = models.DecimalField(max_digits=5, decimal_places=4, null=True, blank=True)
    reason_code = models.CharField(max_length=30, blank=True)
    details = models.JSONField(default=dict, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["series", "voice", "-id"], name="indicators_voice_latest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(voice__in=Voice.values) & Q(light__in=Light.values),
                name="indicators_voice_words_known",
            ),
            models.CheckConstraint(
                condition=~Q(voice="person") | (Q(actor__isnull=False) & ~Q(reason="")),
                name="indicators_judgement_by_person",
                violation_error_message=_("A judgement needs its person and a reason."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.series_id} {self.period} {self.voice} {self.light}"


class AllocationRound(models.TextChoices):
    PROPOSED = "proposed", _("proposed by zones")
    ISSUED = "issued", _("issued to zones")


class AllocationState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    COLLECTING = "collecting", _("Zones propose")
    ISSUED = "issued", _("Issued")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Allocation(models.Model):
    """How a city target is shared among the zones for a horizon."""

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="allocations")
    target = models.ForeignKey(Target, models.PROTECT, null=True, blank=True, related_name="+")
    horizon = models.CharField(_("horizon"), max_length=7)
    method = models.CharField(_("method"), max_length=12, default="base")  # base | growth | hand
    base_period = models.CharField(_("base period"), max_length=7)
    total = models.DecimalField(_("city target"), max_digits=24, decimal_places=6)
    state = models.CharField(
        _("state"), max_length=12, choices=AllocationState, default=AllocationState.DRAFT
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["indicator", "horizon", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "horizon"],
                condition=Q(state__in=["draft", "collecting", "issued"]),
                name="indicators_one_open_allocation",
                violation_error_message=_("This target is already being allocated."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=AllocationState.values),
                name="indicators_allocation_state_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.horizon}"


class AllocationLine(models.Model):
    """One zone's share: its base, what it proposed (上报), what was issued (下达)."""

    allocation = models.ForeignKey(Allocation, models.CASCADE, related_name="lines")
    zone = models.ForeignKey("organisations.Zone", models.PROTECT, related_name="+")
    base = models.DecimalField(max_digits=24, decimal_places=6, null=True, blank=True)
    computed = models.DecimalField(max_digits=24, decimal_places=6, null=True, blank=True)
    proposed = models.DecimalField(max_digits=24, decimal_places=6, null=True, blank=True)
    proposed_reason = models.CharField(max_length=500, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    proposed_at = models.DateTimeField(null=True, blank=True)
    issued = models.DecimalField(max_digits=24, decimal_places=6, null=True, blank=True)
    issued_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["allocation", "zone"]
        constraints = [
            models.UniqueConstraint(
                fields=["allocation", "zone"], name="indicators_allocation_zone_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.allocation_id} {self.zone_id}"
