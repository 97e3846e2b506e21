"""Real objects for the permission matrix."""

from __future__ import annotations

from typing import Any

from .factories import RuleFactory


def samples(world: Any) -> dict[str, dict[str, object]]:
    return {**rule_samples()}


def rule_samples() -> dict[str, dict[str, object]]:
    """A validation rule in force."""
    rule = {"code": RuleFactory(code="matrix_rule").code}
    return {
        "reporting:rule": rule,
        "reporting:edit-rule": rule,
        "reporting:switch-rule": rule,
        "get_validation_rule": rule,
        "get_rule_precision": rule,
    }
