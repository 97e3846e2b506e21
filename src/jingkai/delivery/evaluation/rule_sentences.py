"""Rules of points and of exit as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from .checking import number
from .editing.rule_forms import EXIT_BY, EXIT_EFFECTS
from .models import LedgerKind


def ledger_sentence(rule: Mapping[str, Any]) -> str:
    """What one case is worth."""
    points, cap = number(rule.get("points")), number(rule.get("cap"))
    if rule.get("kind") == LedgerKind.VETO:
        return _("veto")
    sign = "+" if rule.get("kind") == LedgerKind.BONUS else "−"
    text = _("%(points)s for each case") % {"points": f"{sign}{points or 0:f}"}
    if cap:
        text += _(", at most %(cap)s") % {"cap": f"{sign}{cap:f}"}
    return text


def exit_sentence(rule: Mapping[str, Any]) -> str:
    """When a rule applies and what follows."""
    by = {key: str(label) for key, label in EXIT_BY}.get(rule.get("by", "all"), "")
    effect = {key: str(label) for key, label in EXIT_EFFECTS}.get(rule.get("effect", ""), "")
    named = {
        "bottom": rule.get("bottom"),
        "by": by,
        "years": rule.get("years"),
        "within": rule.get("within"),
        "times": rule.get("times"),
        "effect": effect,
    }
    sentences = {
        "bottom_once": _("Among the last %(bottom)s of %(by)s: %(effect)s."),
        "bottom_consecutive": _(
            "Among the last %(bottom)s of %(by)s in %(years)s years on end: %(effect)s."
        ),
        "bottom_times": _(
            "Among the last %(bottom)s of %(by)s %(times)s times within %(within)s years: "
            "%(effect)s."
        ),
        "average_bottom": _(
            "Mean score of %(years)s years among the %(bottom)s lowest of %(by)s: %(effect)s."
        ),
    }
    text = sentences.get(str(rule.get("kind")), "%(effect)s") % named
    if rule.get("least_field"):
        text += _(" Only where at least %(n)s zones are ranked.") % {"n": rule["least_field"]}
    return text
