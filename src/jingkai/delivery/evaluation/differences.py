"""What one edition says differently from another, node by node. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext_lazy, pgettext_lazy
from django_stubs_ext import StrOrPromise

from .definition import Definition, Node
from .method_words import method_lines, node_method_words
from .models import Direction, GrowthRule, PeriodRule

FIELDS: Final[Mapping[str, StrOrPromise]] = {
    "name": gettext_lazy("name"),
    "points": gettext_lazy("points"),
    "parent": gettext_lazy("stands under"),
    "direction": gettext_lazy("direction"),
    "indicator": gettext_lazy("indicator"),
    "period_rule": gettext_lazy("which figure counts"),
    "growth_share": gettext_lazy("growth share"),
    "growth_rule": gettext_lazy("growth as"),
    "target": gettext_lazy("target"),
    "method": gettext_lazy("own method"),
}
_CODED: Final[Mapping[str, Mapping[Any, StrOrPromise]]] = {
    "direction": dict(Direction.choices),
    "period_rule": dict(PeriodRule.choices),
    "growth_rule": dict(GrowthRule.choices),
}
NEW: Final = pgettext_lazy("difference", "new")
GONE: Final = pgettext_lazy("difference", "dropped")
METHOD: Final = gettext_lazy("method")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `kind`: new, gone, changed; `was` and `now` are texts for people."""

    kind: str
    code: str
    name: str
    field: StrOrPromise
    was: str
    now: str


def differences(before: Definition, after: Definition) -> tuple[Change, ...]:
    """Nodes first, in the order of `after`, then what was dropped, method, rules."""
    return tuple(_changes(before, after))


def _changes(before: Definition, after: Definition) -> Iterator[Change]:
    old = before.by_code
    for node in after.nodes:
        known = old.get(node.code)
        if known is None:
            yield Change("new", node.code, node.name, NEW, "", f"{node.points}")
            continue
        for field, label in FIELDS.items():
            was, now = getattr(known, field), getattr(node, field)
            if was != now:
                yield Change(
                    "changed",
                    node.code,
                    node.name,
                    label,
                    _text(before, known, field),
                    _text(after, node, field),
                )
    for node in before.nodes:
        if node.code not in after.by_code:
            yield Change("gone", node.code, node.name, GONE, f"{node.points}", "")
    one, two = method_lines(before), method_lines(after)
    for line in one:
        if line not in two:
            yield Change("changed", "", "", METHOD, line, "")
    for line in two:
        if line not in one:
            yield Change("changed", "", "", METHOD, "", line)
    yield from _rules(before.ledger_rules, after.ledger_rules)
    yield from _rules(before.exit_rules, after.exit_rules)


def _text(definition: Definition, node: Node, field: str) -> str:
    value = getattr(node, field)
    if field == "parent":
        above = definition.by_code.get(value)
        return above.name if above else "—"
    if field == "method":
        return node_method_words(node) or "—"
    if field == "growth_share":
        return "—" if value is None else f"{(value * 100).normalize():f}%"
    if field in _CODED:
        return str(_CODED[field].get(value, "—"))
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value) if value else "—"


def _rules(
    before: tuple[Mapping[str, Any], ...], after: tuple[Mapping[str, Any], ...]
) -> Iterator[Change]:
    old = {rule["code"]: rule for rule in before}
    new = {rule["code"]: rule for rule in after}
    for code, rule in new.items():
        if code not in old:
            yield Change("new", code, rule["name"], NEW, "", _rule_text(rule))
        elif rule != old[code]:
            yield Change(
                "changed", code, rule["name"], FIELDS["method"], _rule_text(old[code]),
                _rule_text(rule),
            )  # fmt: skip
    for code, rule in old.items():
        if code not in new:
            yield Change("gone", code, rule["name"], GONE, _rule_text(rule), "")


def _rule_text(rule: Mapping[str, Any]) -> str:
    hidden = ("code", "name", "name_en", "source", "basis", "verified")
    return "；".join(f"{key} {value}" for key, value in sorted(rule.items()) if key not in hidden)
