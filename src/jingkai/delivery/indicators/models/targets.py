"""What the documents ask for."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .declared import Indicator


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
