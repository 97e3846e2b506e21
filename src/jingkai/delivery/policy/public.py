"""What other rooms may use of policy."""

from .models import (
    Clause,
    Conflict,
    Document,
    KeyTask,
    Measure,
    Part,
    Responsibility,
    StandingRule,
)

__all__ = [
    "Clause",
    "Conflict",
    "Document",
    "KeyTask",
    "Measure",
    "Part",
    "Responsibility",
    "StandingRule",
]
