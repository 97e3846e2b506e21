"""Lists and cards of obligations. Each function says how many queries it takes at any length."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Sum, Value, When
from django.utils import timezone

from jingkai.core.accounts.public import User
from jingkai.core.files.public import attachments_by_target

from ..lights import expected_progress
from ..models import (
    Obligation,
    ObligationKind,
    ObligationState,
    ProgressReport,
    ReportState,
)
from ..rules import BODY_PEOPLE
from ..states import DONE_STATES, OPEN_STATES
from .visibility import visible_obligations

LIGHT_ORDER = Case(
    When(light="red", then=Value(0)),
    When(light="yellow", then=Value(1)),
    When(light="grey", then=Value(2)),
    default=Value(3),
    output_field=IntegerField(),
)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; an empty value narrows nothing."""

    kind: str = ""
    document: str = ""
    group: int | None = None
    task: int | None = None
    body: int | None = None
    light: str = ""
    state: str = ""
    late: bool = False
    mine: bool = False
    text: str = ""


def obligations_for_list(*, user: User, filters: Filters, today: date) -> QuerySet[Obligation]:
    """Visible obligations, the worst light first, with task, body and role. 1 query."""
    rows = visible_obligations(user).select_related(
        "task__document", "body", "responsibility", "parent"
    )
    if filters.kind:
        rows = rows.filter(kind=filters.kind)
    if filters.document:
        rows = rows.filter(task__document__code=filters.document)
    if filters.group is not None:
        rows = rows.filter(task__group=filters.group)
    if filters.task is not None:
        rows = rows.filter(task__number=filters.task)
    if filters.body is not None:
        rows = rows.filter(body_id=filters.body)
    if filters.light:
        rows = rows.filter(light=filters.light, state__in=OPEN_STATES)
    if filters.state == "open":
        rows = rows.filter(state__in=OPEN_STATES)
    elif filters.state:
        rows = rows.filter(state=filters.state)
    if filters.late:
        rows = rows.filter(Q(late_days__gt=0) | Q(due_on__lt=today, state__in=OPEN_STATES))
    if filters.mine:
        rows = rows.filter(body_id__in=user.body_ids(*BODY_PEOPLE))
    if filters.text:
        rows = rows.filter(
            Q(task__title__icontains=filters.text)
            | Q(body__name__icontains=filters.text)
            | Q(task__title_en__icontains=filters.text)
            | Q(body__name_en__icontains=filters.text)
        )
    return rows.annotate(
        light_order=Case(
            When(state__in=OPEN_STATES, then=LIGHT_ORDER),
            default=Value(4),
            output_field=IntegerField(),
        )
    ).order_by(
        "light_order",
        "-late_days",
        "task__document",
        "task__number",
        "kind",
        "body__position",
        "pk",
    )


@dataclass(frozen=True, slots=True)
class Row:
    """An obligation with its three separate columns: claim, evidence, schedule."""

    item: Obligation
    files: int
    expected: Decimal | None
    shares: Sequence[tuple[int, str]] = ()
    done: int = 0
    total: int = 0

    @property
    def behind(self) -> Decimal | None:
        """Percentage points of the claim against even work; negative is behind."""
        return None if self.expected is None else self.item.claimed_progress - self.expected

    @property
    def extended(self) -> bool:
        return self.item.due_on != self.item.original_due_on


def rows_of(items: Iterable[Obligation], *, user: User, today: date) -> list[Row]:
    """`items` with evidence counts, expected progress and lights of shares. 3 queries."""
    items = list(items)
    wholes = [item.pk for item in items if item.kind == ObligationKind.TASK]
    lights = share_lights(wholes, user=user) if wholes else {}
    files = evidence_counts([item.pk for item in items if item.kind == ObligationKind.SHARE])
    rows = []
    for item in items:
        parts = lights.get(item.pk, {})
        rows.append(
            Row(
                item=item,
                files=files.get(item.pk, 0),
                expected=expected_of(item, today),
                shares=[(parts.get(tone, 0), tone) for tone in ("green", "yellow", "red", "grey")],
                done=parts.get("done", 0),
                total=sum(parts.values()),
            )
        )
    return rows


def expected_of(item: Obligation, today: date) -> Decimal | None:
    """Percent even work would have reached; None before issue and after completion."""
    if item.state not in OPEN_STATES or item.issued_at is None:
        return None
    return expected_progress(timezone.localdate(item.issued_at), item.due_on, today)


def share_lights(whole_ids: Sequence[int], *, user: User) -> dict[int, dict[str, int]]:
    """Visible shares of whole tasks by light; done ones under "done". 1 query."""
    counts = (
        visible_obligations(user)
        .filter(parent_id__in=whole_ids)
        .exclude(state=ObligationState.WITHDRAWN)
        .order_by()
        .values("parent_id", "light", "state")
        .annotate(n=Count("pk"))
    )
    found: dict[int, dict[str, int]] = {}
    for row in counts:
        tone = "done" if row["state"] in DONE_STATES else row["light"]
        parts = found.setdefault(row["parent_id"], {})
        parts[tone] = parts.get(tone, 0) + row["n"]
    return found


def evidence_counts(share_ids: Sequence[int]) -> dict[int, int]:
    """Files on the reports of each share that were not rejected. 2 queries."""
    if not share_ids:
        return {}
    owners = dict(
        ProgressReport.objects.filter(obligation_id__in=share_ids)
        .exclude(state=ReportState.REJECTED)
        .values_list("pk", "obligation_id")
    )
    counts: dict[int, int] = {}
    for report_id, found in attachments_by_target(ProgressReport, list(owners)).items():
        counts[owners[report_id]] = counts.get(owners[report_id], 0) + len(found)
    return counts


@dataclass(frozen=True, slots=True)
class BodyLine:
    """One body on the board: its open shares by light, and its late days, done ones included."""

    body_id: int
    code: str
    name: str
    name_en: str
    green: int
    yellow: int
    red: int
    grey: int
    done: int
    unsigned: int
    late_days: int
    report_late_days: int

    @property
    def total(self) -> int:
        return self.green + self.yellow + self.red + self.grey + self.done

    @property
    def parts(self) -> list[tuple[int, str]]:
        return [
            (self.green, "green"),
            (self.yellow, "yellow"),
            (self.red, "red"),
            (self.grey, "grey"),
            (self.done, "blue"),
        ]


def body_board(*, user: User) -> list[BodyLine]:
    """Visible shares by body, the most red first. 1 query."""

    def lit(light: str) -> Count:
        return Count("pk", filter=Q(light=light, state__in=OPEN_STATES))

    rows = (
        visible_obligations(user)
        .filter(kind=ObligationKind.SHARE, issued_at__isnull=False)
        .exclude(state=ObligationState.WITHDRAWN)
        .order_by()
        .values("body_id", code=F("body__code"), name=F("body__name"), name_en=F("body__name_en"))
        .annotate(
            green=lit("green"),
            yellow=lit("yellow"),
            red=lit("red"),
            grey=lit("grey"),
            done=Count("pk", filter=Q(state__in=DONE_STATES)),
            unsigned=Count("pk", filter=Q(state=ObligationState.ISSUED)),
            total_late=Sum("late_days"),
            total_report_late=Sum("report_late_days"),
            place=F("body__position"),
        )
        .order_by("-red", "-total_late", "-yellow", "place", "body_id")
    )
    return [
        BodyLine(
            body_id=row["body_id"],
            code=row["code"],
            name=row["name"],
            name_en=row["name_en"],
            green=row["green"],
            yellow=row["yellow"],
            red=row["red"],
            grey=row["grey"],
            done=row["done"],
            unsigned=row["unsigned"],
            late_days=row["total_late"],
            report_late_days=row["total_report_late"],
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Totals:
    """The line above the list."""

    total: int
    green: int
    yellow: int
    red: int
    unsigned: int
    disputed: int
    in_review: int
    done: int
    late_days: int


def totals(*, user: User, kind: str) -> Totals:
    """Counts over everything visible of one kind. 1 query."""
    found = (
        visible_obligations(user)
        .filter(kind=kind)
        .exclude(state=ObligationState.WITHDRAWN)
        .aggregate(
            total=Count("pk"),
            green=Count("pk", filter=Q(light="green", state__in=OPEN_STATES)),
            yellow=Count("pk", filter=Q(light="yellow", state__in=OPEN_STATES)),
            red=Count("pk", filter=Q(light="red", state__in=OPEN_STATES)),
            unsigned=Count("pk", filter=Q(state=ObligationState.ISSUED)),
            disputed=Count("pk", filter=Q(state=ObligationState.DISPUTED)),
            in_review=Count("pk", filter=Q(state=ObligationState.IN_REVIEW)),
            done=Count("pk", filter=Q(state__in=DONE_STATES)),
            late_days=Sum("late_days"),
        )
    )
    return Totals(**{**found, "late_days": found["late_days"] or 0})
