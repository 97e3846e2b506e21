"""Bodies, districts and zones: who is responsible, and for which ground."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class BodyKind(models.TextChoices):
    CITY = "city", _("City")
    OFFICE = "office", _("Leading group and its office")
    DEPARTMENT = "department", _("Department")
    CENTRAL = "central", _("Central body in the city")
    DISTRICT = "district", _("District or county")
    COMMITTEE = "committee", _("Zone committee")
    COMPANY = "company", _("Company")
    GROUP = "group", _("Group of bodies")


class Body(models.Model):
    """An organisation that can be responsible for something."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=BodyKind)
    name = models.CharField(_("official name"), max_length=80, unique=True)
    name_en = models.CharField(_("English name"), max_length=160)
    initials = models.CharField(_("pinyin initials"), max_length=80, blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged_from"
    )
    admin_code = models.CharField(_("division code (GB/T 2260)"), max_length=12, blank=True)
    valid_from = models.DateField(_("from"), null=True, blank=True)
    valid_to = models.DateField(_("until"), null=True, blank=True)
    position = models.PositiveSmallIntegerField(_("protocol order"), default=0)
    verified = models.BooleanField(_("verified"), default=False)
    source = models.CharField(_("source"), max_length=300, blank=True)

    class Meta:
        ordering = ["position", "code"]
        verbose_name = _("body")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=BodyKind.values), name="organisations_body_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_to__gte=F("valid_from")),
                name="organisations_body_dates_ordered",
                violation_error_message=_("The end lies before the beginning."),
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")),
                name="organisations_body_not_own_parent",
                violation_error_message=_("A body cannot be part of itself."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BodyAlias(models.Model):
    """Another name a body goes by, from one day to another."""

    body = models.ForeignKey(Body, models.CASCADE, related_name="aliases")
    name = models.CharField(_("alias"), max_length=80)
    valid_from = models.DateField(_("from"), null=True, blank=True)
    valid_to = models.DateField(_("until"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(valid_to__isnull=True),
                name="organisations_alias_once",
                violation_error_message=_("This alias already stands for another body."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class ZoneLevel(models.TextChoices):
    NATIONAL = "national", _("National level")
    PROVINCIAL = "provincial", _("Provincial level")


class Zone(models.Model):
    """An economic development zone. Areas in hectares."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("official name"), max_length=80, unique=True)
    short_name = models.CharField(_("short name"), max_length=30)
    name_en = models.CharField(_("English name"), max_length=160)
    initials = models.CharField(_("pinyin initials"), max_length=80, blank=True)
    level = models.CharField(_("level"), max_length=12, choices=ZoneLevel)
    committee = models.OneToOneField(
        Body, models.PROTECT, related_name="zone", verbose_name=_("zone committee")
    )
    host_district = models.ForeignKey(
        Body, models.PROTECT, related_name="hosted_zones", verbose_name=_("host district")
    )
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="parts",
        verbose_name=_("part of"),
    )
    catalogue_code = models.CharField(_("catalogue code"), max_length=12, blank=True)
    planned_area = models.DecimalField(
        _("planned area (ha)"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    controlled_area = models.DecimalField(
        _("controlled area (ha)"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    approved_area = models.DecimalField(
        _("approved area (ha)"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    founded_on = models.CharField(_("founded"), max_length=10, blank=True)
    evaluated = models.BooleanField(_("takes part in targets and evaluation"), default=True)
    valid_from = models.DateField(_("from"), null=True, blank=True)
    valid_to = models.DateField(_("until"), null=True, blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    verified = models.BooleanField(_("verified"), default=False)
    source = models.CharField(_("source"), max_length=300, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        ordering = ["position", "code"]
        verbose_name = _("zone")
        # The first zones of thousands are found without sorting all.
        indexes = [models.Index(fields=["position", "code"], name="organisations_zone_order")]
        constraints = [
            models.CheckConstraint(
                condition=Q(level__in=ZoneLevel.values), name="organisations_zone_level_known"
            ),
            models.CheckConstraint(
                condition=(Q(planned_area__isnull=True) | Q(planned_area__gt=0))
                & (Q(controlled_area__isnull=True) | Q(controlled_area__gt=0))
                & (Q(approved_area__isnull=True) | Q(approved_area__gt=0)),
                name="organisations_zone_areas_positive",
                violation_error_message=_("An area is more than nothing."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ZoneIndustry(models.Model):
    """A leading industry of a zone; at most three (measure 1 of the policy)."""

    zone = models.ForeignKey(Zone, models.CASCADE, related_name="industries")
    name = models.CharField(_("industry"), max_length=60)
    rank = models.PositiveSmallIntegerField(_("rank"))
    verified = models.BooleanField(_("verified"), default=False)

    class Meta:
        ordering = ["zone", "rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["zone", "name"],
                name="organisations_industry_once",
                violation_error_message=_("This industry is already named for this zone."),
            ),
            models.UniqueConstraint(fields=["zone", "rank"], name="organisations_industry_rank"),
            models.CheckConstraint(
                condition=Q(rank__gte=1) & Q(rank__lte=3),
                name="organisations_industry_at_most_three",
                violation_error_message=_(
                    "A zone has at most three leading industries (policy, measure 1)."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ZoneBoundary(models.Model):
    """One version of a zone's outline, GeoJSON in WGS 84 degrees."""

    zone = models.ForeignKey(Zone, models.CASCADE, related_name="boundaries")
    version = models.PositiveSmallIntegerField(_("version"))
    geometry = models.JSONField(_("outline"))
    effective_from = models.DateField(_("in force from"))
    source = models.CharField(_("source"), max_length=300)

    class Meta:
        ordering = ["zone", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["zone", "version"], name="organisations_boundary_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.zone_id} v{self.version}"
