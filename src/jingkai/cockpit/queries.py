"""What the cockpit shows, put together from the rooms below. Every cost is constant in size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jingkai.core.accounts.public import User
from jingkai.core.ui.public import local_name
from jingkai.delivery.indicators import public as indicators
from jingkai.delivery.supervision import public as supervision
from jingkai.engine.periods import Period
from jingkai.masterdata.organisations.public import Zone, visible_zones

LIGHTS = ("green", "yellow", "red", "grey")
ZONES_SHOWN = 20
BODIES_SHOWN = 10
GAP_ZONES_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Reporting:
    """How many zones have sent all monthly figures of the data period."""

    complete: int
    total: int


@dataclass(frozen=True, slots=True)
class ZoneLine:
    """One zone: lights of its headline indicators, and how many of them are reported."""

    zone: Zone
    counts: tuple[tuple[str, int], ...]
    reported: int
    expected: int

    @property
    def judged(self) -> int:
        return sum(count for light, count in self.counts if light != "grey")

    @property
    def parts(self) -> list[tuple[int, str]]:
        return [(count, light) for light, count in self.counts]


@dataclass(frozen=True, slots=True)
class Change:
    """One line of "since the last meeting"."""

    title: str
    url: str
    note: str
    before: str = ""
    light: str = ""


def reporting(rows: Sequence[indicators.BoardRow], period: str) -> Reporting:
    """Zones complete by the scarcest figure of the data period itself. No query."""
    shares = [
        (figure.observed or 0, figure.expected)
        for figure in (row.status.figure for row in rows)
        if figure is not None and figure.expected and figure.period == period
    ]
    if not shares:
        return Reporting(0, 0)
    return Reporting(min(seen for seen, _all in shares), max(every for _seen, every in shares))


def light_counts(lights: Iterable[str]) -> list[tuple[str, int]]:
    """Lights in their fixed order with their counts."""
    counted = Counter(lights)
    return [(light, counted[light]) for light in LIGHTS]


def zone_lines(user: User, period: Period) -> list[ZoneLine]:
    """The first zones in protocol order with the lights of their headline indicators.

    A figure counts as reported when it is the last its indicator's rhythm knows by `period`.
    4 queries at any number of zones.
    """
    zones = list(visible_zones(user).filter(evaluated=True)[:ZONES_SHOWN])
    series = list(
        indicators.visible_series(user)
        .filter(zone__in=zones, indicator__is_headline=True)
        .select_related("indicator")
    )
    lights = indicators.last_rule_lights([row.pk for row in series], until=period.end)
    figures = indicators.latest_figures(
        [row.pk for row in series], until=period.end, since=period.end - timedelta(days=400)
    )
    by_zone: dict[int, list[indicators.Series]] = {zone.pk: [] for zone in zones}
    for row in series:
        by_zone[row.zone_id or 0].append(row)
    return [
        ZoneLine(
            zone,
            tuple(light_counts(lights.get(row.pk, "grey") for row in by_zone[zone.pk])),
            sum(
                row.pk in figures
                and figures[row.pk].period_end == indicators.own_period(row.indicator, period).end
                for row in by_zone[zone.pk]
            ),
            len(by_zone[zone.pk]),
        )
        for zone in zones
    ]


def worst_row(rows: Iterable[indicators.BoardRow]) -> indicators.BoardRow | None:
    """The target furthest behind among those that zones add up to."""
    lagging = [
        (row.status.distance.amount, row)
        for row in rows
        if row.status.distance is not None
        and row.status.distance.amount < 0
        and row.indicator.place_aggregation == "sum"
        and row.status.light.light.value in ("yellow", "red")
    ]
    return min(lagging, key=lambda pair: pair[0])[1] if lagging else None


def task_bodies(user: User) -> list[dict[str, Any]]:
    """Bodies with open tasks, the worst first. 1 query."""
    return [
        {
            "body": line,
            "parts": line.parts,
            "counts": [(light, count) for count, light in line.parts if light in LIGHTS],
            "done": sum(count for count, light in line.parts if light not in LIGHTS),
            "late_days": line.late_days,
        }
        for line in supervision.body_board(user=user)[:BODIES_SHOWN]
    ]


def months_left(period: Period, until: int = 2030) -> int:
    """Months from the period's end to the end of `until`."""
    return (until - period.year) * 12 + 12 - period.end.month


def gap_rows(board: indicators.ZonesBoard) -> list[tuple[str, Decimal]]:
    """The zones of the board, which pages by gap, worst first, then the rest in one. No query."""
    if board.gap is None:
        return []
    names = {row.zone.code: local_name(row.zone, "short_name") for row in board.rows}
    shown = [
        (names.get(part.key, part.key), part.gap) for part in board.gap.zones[:GAP_ZONES_SHOWN]
    ]
    rest = board.gap.gap - sum((amount for _name, amount in shown), Decimal(0))
    return [*shown, (_("others"), rest)] if rest else shown


def changes(user: User, *, since: datetime | None, now: datetime, period: str) -> list[Change]:
    """Lights and figures that changed, then what moved in supervision. At most 12 queries."""
    start = since or now - timedelta(days=30)
    lines = [
        Change(
            local_name(turn.indicator),
            reverse("indicators:detail", args=[turn.indicator.code]),
            "",
            turn.before,
            turn.after,
        )
        for turn in indicators.light_turns(start, user=user)
    ]
    lines += [
        _revision_line(item) for item in indicators.revisions_since(start, user=user, limit=20)
    ]
    return lines + _of_tasks(supervision.changes_since(start, user=user, until=now))


def _revision_line(item: indicators.Revision) -> Change:
    return Change(
        _("Correction of %(indicator)s %(scope)s %(period)s")
        % {"indicator": item.indicator, "scope": item.scope, "period": item.period},
        reverse("indicators:detail", args=[item.indicator]) + f"?scope={item.scope}",
        f"{_plain(item.before)} → {_plain(item.after)} {item.reason}".strip(),
    )


def _plain(value: Decimal | None) -> str:
    return "—" if value is None else f"{value.normalize():f}"


def _of_tasks(moved: supervision.Changes) -> list[Change]:
    lines: list[Change] = []
    for relit in (*moved.worse, *moved.better):
        lines.append(_line(relit.item, "", relit.before, relit.after))
    for grown in moved.grown:
        if grown.task_days:
            text = ngettext("%(n)d day later", "%(n)d days later", grown.task_days)
            lines.append(_line(grown.item, text % {"n": grown.task_days}, light="red"))
    lines += [_line(dispute.obligation, _("disputes ownership")) for dispute in moved.disputes]
    lines += [
        _line(item.obligation, f"{item.get_state_display()} → {item.to_date:%Y-%m-%d}")
        for item in moved.extensions
    ]
    for word, found in ((_("completed"), moved.completed), (_("closed"), moved.closed)):
        lines += [_line(step.item, word) for step in found]
    return lines


def _line(item: Any, note: str, before: str = "", light: str = "") -> Change:
    title = _("Task %(n)d %(title)s") % {
        "n": item.task.number,
        "title": local_name(item.task, "title"),
    }
    who = local_name(item.body) if item.body_id else ""
    url = reverse("supervision:obligation", args=[item.pk])
    return Change(title, url, " ".join(part for part in (who, note) if part), before, light)
