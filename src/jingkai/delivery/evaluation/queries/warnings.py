"""Where zones stand under the exit rules of every scheme: from earlier and published results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import CharField, Count, Prefetch, Q, QuerySet
from django.db.models.functions import Cast

from jingkai.core.accounts.public import CITY_WIDE, DEPARTMENT, ZONE, User
from jingkai.masterdata.organisations.public import Zone

from ..exit_rules import (
    By,
    ExitRuleError,
    Finding,
    Outcome,
    Place,
    Rule,
    Standing,
    findings,
    parse_rules,
)
from ..models import (
    PastResult,
    RunState,
    Scheme,
    SchemeVersion,
    VersionState,
    ZoneResult,
)


def visible_past_results(user: User) -> QuerySet[PastResult]:
    """City and departments: all; a zone: its own. `slug` is the key as text, for addresses."""
    results = PastResult.objects.annotate(slug=Cast("pk", output_field=CharField())).select_related(
        "zone", "scheme", "entered_by", "verified_by"
    )
    if user.has_role(*CITY_WIDE, *DEPARTMENT):
        return results
    return results.filter(zone__committee__in=user.body_ids(*ZONE))


@dataclass(frozen=True, slots=True)
class Known:
    """One result of a zone: from outside with its source, or a published run."""

    year: int
    score: Decimal | None
    rank: int | None
    size: int | None
    group: str
    source: str
    run: int | None = None
    verified: bool = True
    in_group: Place | None = None
    """Place in the own group of a published run."""


@dataclass(frozen=True)
class ZoneStanding:
    """One zone under one edition's rules."""

    zone: Zone
    results: Sequence[Known]
    findings: Sequence[Finding]

    @property
    def worst(self) -> str:
        """The gravest outcome: applies, near, unknown, clear."""
        order = [Outcome.APPLIES, Outcome.NEAR, Outcome.UNKNOWN, Outcome.CLEAR]
        outcomes = {finding.outcome for finding in self.findings}
        return next((one for one in order if one in outcomes), Outcome.UNKNOWN)


@dataclass(frozen=True)
class Generation:
    """One edition of a scheme with its rules, and where the zones stand under them."""

    scheme: Scheme
    edition: SchemeVersion
    rules: Sequence[Rule]
    until: int | None
    rows: Sequence[ZoneStanding] = field(default_factory=tuple)

    @property
    def unverified(self) -> bool:
        return any(not rule.verified for rule in self.rules)


def generations(user: User) -> list[Generation]:
    """Every edition that has exit rules, with the zones `user` may see. 4 queries."""
    schemes = list(
        Scheme.objects.filter(is_active=True)
        .prefetch_related(
            Prefetch(
                "versions",
                SchemeVersion.objects.exclude(state=VersionState.DRAFT).order_by(
                    "first_year", "pk"
                ),
            )
        )
        .order_by("position", "code")
    )
    results: dict[tuple[int, int], list[Known]] = {}
    zones: dict[int, Zone] = {}
    for scheme_id, zone, known in _known(schemes, user):
        zones[zone.pk] = zone
        results.setdefault((scheme_id, zone.pk), []).append(known)
    ordered = sorted(zones.values(), key=lambda zone: (zone.position, zone.code))
    return [
        generation
        for scheme in schemes
        for edition in scheme.versions.all()
        if (generation := _generation(scheme, edition, ordered, results)) is not None
    ]


def _generation(
    scheme: Scheme,
    edition: SchemeVersion,
    zones: Sequence[Zone],
    results: dict[tuple[int, int], list[Known]],
) -> Generation | None:
    try:
        rules = parse_rules(edition.exit_rules)
    except ExitRuleError:
        return None
    if not rules:
        return None
    standing = [
        _standing(zone, known)
        for zone in zones
        for known in results.get((scheme.pk, zone.pk), ())
        if edition.last_year is None or known.year <= edition.last_year
    ]
    if not standing:
        return Generation(scheme, edition, rules, None)
    until = max(one.year for one in standing)
    by_zone: dict[str, list[Finding]] = {}
    for finding in findings(rules, standing, until=until):
        by_zone.setdefault(finding.zone, []).append(finding)
    rows = [
        ZoneStanding(
            zone,
            sorted(results[scheme.pk, zone.pk], key=lambda known: known.year),
            by_zone[zone.code],
        )
        for zone in zones
        if zone.code in by_zone
    ]
    return Generation(scheme, edition, rules, until, rows)


def _standing(zone: Zone, known: Known) -> Standing:
    """A result of a group says its place there; one without a group, its place among all."""
    if known.rank is None or known.size is None:
        return Standing(zone.code, known.year, known.score)
    place = Place(known.size - known.rank + 1, known.size)
    fields = (By.GROUP, By.REGION) if known.group else (By.ALL,)
    places = dict.fromkeys(fields, place)
    peers = dict.fromkeys(fields, known.group)
    if known.in_group is not None:
        places[By.GROUP], peers[By.GROUP] = known.in_group, zone.level
    return Standing(zone.code, known.year, known.score, places, peers)


def _known(schemes: Iterable[Scheme], user: User) -> Iterable[tuple[int, Zone, Known]]:
    """Results from outside first, so that a published run of the same year counts. 2 queries."""
    everything = user.has_role(*CITY_WIDE, *DEPARTMENT)
    own = user.body_ids(*ZONE)
    past = visible_past_results(user).filter(scheme__in=list(schemes))
    for row in past.order_by("year", "pk"):
        yield row.scheme_id, row.zone, Known(
            row.year, row.score, row.rank, row.field, row.group, row.source,
            verified=row.verified,
        )  # fmt: skip
    published = ZoneResult.objects.filter(
        Q() if everything else Q(zone__committee__in=own), run__state=RunState.PUBLISHED
    ).select_related("zone", "run__version")
    sizes = dict(
        ZoneResult.objects.filter(run__state=RunState.PUBLISHED, rank__isnull=False)
        .order_by()
        .values_list("run_id")
        .annotate(n=Count("pk"))
    )
    for result in published.order_by("run__year", "pk"):
        in_group = None
        if result.group_rank is not None:
            in_group = Place(result.group_size - result.group_rank + 1, result.group_size)
        yield result.run.version.scheme_id, result.zone, Known(
            result.run.year, result.score, result.rank, sizes.get(result.run_id), "", "",
            run=result.run_id, in_group=in_group,
        )  # fmt: skip
