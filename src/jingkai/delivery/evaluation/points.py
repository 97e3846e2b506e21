"""Rules of points (加分、扣分、一票否决) of a scheme, and what entries count once capped. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from .models import LedgerKind


@dataclass(frozen=True, slots=True)
class PointRule:
    """One kind of case a scheme gives points for. `cap` None = no limit of its own."""

    code: str
    kind: str
    name: str
    points: Decimal
    name_en: str = ""
    cap: Decimal | None = None
    basis: str = ""
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """Points of one case, without sign."""

    rule: str
    kind: str
    points: Decimal


@dataclass(frozen=True, slots=True)
class Sums:
    """Of one zone: points entered and points that count, per kind; `capped`: rules at their cap."""

    entered: Mapping[str, Decimal]
    counted: Mapping[str, Decimal]
    vetoes: int = 0
    capped: tuple[str, ...] = field(default_factory=tuple)


def point_rules(data: Iterable[Mapping[str, Any]]) -> dict[str, PointRule]:
    """The rules of a scheme by code, in their order. A veto has no points."""
    rules = {}
    for given in data:
        veto = given["kind"] == LedgerKind.VETO
        cap = given.get("cap")
        rules[str(given["code"])] = PointRule(
            code=str(given["code"]),
            kind=str(given["kind"]),
            name=str(given["name"]),
            name_en=str(given.get("name_en", "")),
            points=Decimal(0) if veto else Decimal(str(given.get("points") or 0)),
            cap=None if veto or cap in (None, "") else Decimal(str(cap)),
            basis=str(given.get("basis", "")),
            verified=bool(given.get("verified", False)),
        )
    return rules


def total_cap(adjust: Mapping[str, Any], kind: str) -> Decimal | None:
    """The scheme's cap on all points of a kind; None = none."""
    given = adjust.get(f"{kind}_cap")
    return None if given is None else Decimal(str(given))


def sums(lines: Iterable[Line], rules: Mapping[str, PointRule], adjust: Mapping[str, Any]) -> Sums:
    """What counts: each rule up to its own cap, then each kind up to the scheme's.

    >>> rule = PointRule("a", "bonus", "A", Decimal(2), cap=Decimal(3))
    >>> two = [Line("a", "bonus", Decimal(2))] * 2
    >>> sums(two, {"a": rule}, {"bonus_cap": 5}).counted["bonus"]
    Decimal('3')
    """
    by_rule: dict[tuple[str, str], Decimal] = {}
    vetoes = 0
    for line in lines:
        if line.kind == LedgerKind.VETO:
            vetoes += 1
            continue
        key = (line.kind, line.rule)
        by_rule[key] = by_rule.get(key, Decimal(0)) + line.points
    entered = dict.fromkeys((LedgerKind.BONUS.value, LedgerKind.DEDUCTION.value), Decimal(0))
    counted = dict(entered)
    capped = []
    for (kind, code), total in by_rule.items():
        rule = rules.get(code)
        limit = rule.cap if rule else None
        entered[kind] += total
        counted[kind] += total if limit is None else min(total, limit)
        if limit is not None and total > limit:
            capped.append(code)
    for kind, total in counted.items():
        limit = total_cap(adjust, kind)
        if limit is not None and total > limit:
            counted[kind] = limit
            capped.append(kind)
    return Sums(entered, counted, vetoes, tuple(capped))


def up_to_rule_caps(
    ledger_rules: Iterable[Mapping[str, Any]], lines: Iterable[tuple[str, str, str, Decimal]]
) -> list[tuple[str, str, float]]:
    """(zone, kind, rule, points) → (zone, kind, points), each rule up to its own cap.

    What the table of a run takes; the scheme's cap of a kind is the engine's business.
    """
    caps = {code: rule.cap for code, rule in point_rules(ledger_rules).items()}
    totals: dict[tuple[str, str, str], Decimal] = {}
    for zone, kind, rule, points in lines:
        totals[zone, kind, rule] = totals.get((zone, kind, rule), Decimal(0)) + points
    counted = []
    for (zone, kind, rule), total in totals.items():
        cap = caps.get(rule)
        counted.append((zone, kind, float(total if cap is None else min(total, cap))))
    return counted
