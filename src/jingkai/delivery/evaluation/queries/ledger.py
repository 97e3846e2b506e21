"""Reading the ledger of points: who sees which case, and what the cases of a zone add up to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.db.models import Exists, OuterRef, Q, QuerySet

from jingkai.core.accounts.public import CITY_WIDE, DEPARTMENT, ZONE, User

from ..models import (
    LedgerEntry,
    LedgerState,
    Run,
    RunLedgerLine,
    RunState,
    SchemeVersion,
    VersionState,
)
from ..points import Line, PointRule, Sums, point_rules, sums, total_cap
from ..rules import SHOWN_TO_ZONES
from ..typing_in import year_of

COUNTING = (LedgerState.PROPOSED, LedgerState.CONFIRMED)


def visible_entries(user: User) -> QuerySet[LedgerEntry]:
    """Leaders and the office: all; a department: its own, and what was published.

    A zone: its own cases once a run that counts them was given to it, and what was published.
    """
    entries = LedgerEntry.objects.all()
    if user.has_role(*CITY_WIDE):
        return entries
    lines = RunLedgerLine.objects.filter(entry=OuterRef("pk"))
    seen = Q(Exists(lines.filter(run__state=RunState.PUBLISHED)))
    if user.has_role(*DEPARTMENT):
        return entries.filter(seen | Q(body__in=user.body_ids(*DEPARTMENT)))
    own = user.body_ids(*ZONE)
    if not own:
        return entries.none()
    given = Exists(lines.filter(run__state__in=SHOWN_TO_ZONES))
    return entries.filter(seen | Q(given, zone__committee__in=own))


def entries_for_list(
    user: User, *, scheme: str = "", year: str = "", zone: str = "", kind: str = "", state: str = ""
) -> QuerySet[LedgerEntry]:
    """Visible cases, newest first, with what a row names. Unknown filters find nothing."""
    rows = visible_entries(user).select_related(
        "scheme", "zone", "body", "entered_by", "decided_by"
    )
    given = {"scheme__code": scheme, "zone__code": zone, "kind": kind, "state": state}
    rows = rows.filter(**{name: value for name, value in given.items() if value})
    if year:
        rows = rows.filter(year=known) if (known := year_of(year)) else rows.none()
    return rows.order_by("-id")


def entry_for_page(user: User, entry_id: int) -> LedgerEntry | None:
    """One case with everything its page names. 1 query."""
    return (
        visible_entries(user)
        .select_related("scheme", "zone__committee", "body", "entered_by", "decided_by")
        .filter(pk=entry_id)
        .first()
    )


def edition_for(scheme_id: int, year: int) -> SchemeVersion | None:
    """The published edition of a scheme that is meant for a data year. 1 query."""
    return (
        SchemeVersion.objects.filter(
            Q(last_year__isnull=True) | Q(last_year__gte=year),
            scheme_id=scheme_id,
            state=VersionState.PUBLISHED,
            first_year__lte=year,
        )
        .order_by("-number")
        .first()
    )


def confirmed_entries(schemes: Collection[int], year: int) -> list[LedgerEntry]:
    """What runs of these schemes and of the data year would count, oldest first. 1 query."""
    rows = LedgerEntry.objects.filter(scheme__in=schemes, year=year, state=LedgerState.CONFIRMED)
    return list(rows.select_related("zone").order_by("pk"))


def alike(
    *, scheme_id: int, zone_id: int, year: int, rule: str, happened_on: date | None
) -> LedgerEntry | None:
    """A case that stands or waits with the same zone, rule and date. 1 query."""
    return (
        LedgerEntry.objects.filter(
            scheme_id=scheme_id,
            zone_id=zone_id,
            year=year,
            rule=rule,
            happened_on=happened_on,
            state__in=COUNTING,
        )
        .order_by("pk")
        .first()
    )


@dataclass(frozen=True)
class Standing:
    """What the cases of one zone in one data year add up to under the scheme's rules and caps."""

    rules: Mapping[str, PointRule]
    confirmed: Sums
    with_waiting: Sums
    bonus_cap: Decimal | None
    deduction_cap: Decimal | None

    @cached_property
    def rows(self) -> list[dict[str, object]]:
        """Per kind: confirmed, with those that wait, what counts, the cap."""
        caps = {"bonus": self.bonus_cap, "deduction": self.deduction_cap}
        return [
            {
                "kind": kind,
                "confirmed": self.confirmed.entered[kind],
                "waiting": self.with_waiting.entered[kind] - self.confirmed.entered[kind],
                "counted": self.confirmed.counted[kind],
                "cap": cap,
                "capped": self.with_waiting.entered[kind] > self.with_waiting.counted[kind],
            }
            for kind, cap in caps.items()
        ]


def standing_points(*, scheme_id: int, zone_id: int, year: int) -> Standing | None:
    """Points of a zone in a data year; None when no edition covers the year. 2 queries."""
    edition = edition_for(scheme_id, year)
    if edition is None:
        return None
    rules = point_rules(edition.ledger_rules)
    rows = LedgerEntry.objects.filter(
        scheme_id=scheme_id, zone_id=zone_id, year=year, state__in=COUNTING
    )
    found = [(row.state, Line(row.rule, row.kind, row.points)) for row in rows]
    return Standing(
        rules=rules,
        confirmed=sums([line for s, line in found if s == LedgerState.CONFIRMED],
                       rules, edition.adjust),
        with_waiting=sums([line for _, line in found], rules, edition.adjust),
        bonus_cap=total_cap(edition.adjust, "bonus"),
        deduction_cap=total_cap(edition.adjust, "deduction"),
    )  # fmt: skip


def runs_counting(entry: LedgerEntry) -> list[Run]:
    """Runs that froze this case, newest first. 1 query."""
    return list(
        Run.objects.filter(ledger_lines__entry=entry)
        .select_related("version__scheme")
        .order_by("-pk")
    )


def run_under_way(*, scheme_id: int, year: int) -> Run | None:
    """The official run that is with the zones, approved or published. 1 query."""
    return (
        Run.objects.filter(version__scheme=scheme_id, year=year, state__in=SHOWN_TO_ZONES)
        .order_by("-pk")
        .first()
    )
