"""A validation rule for the permission matrix."""

from __future__ import annotations

from .factories import RuleFactory


def rule_samples() -> dict[str, dict[str, object]]:
    """A rule in force, for its pages and its API."""
    rule: dict[str, object] = {"code": RuleFactory(code="matrix_rule").code}
    return {
        "reporting:rule": rule,
        "reporting:edit-rule": rule,
        "reporting:switch-rule": rule,
        "get_validation_rule": rule,
        "get_rule_precision": rule,
    }
