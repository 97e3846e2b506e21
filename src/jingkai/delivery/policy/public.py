"""What other rooms may use of policy."""

from .models import Conflict, KeyTask
from .registry import conflict_hooks

on_conflict_decided = conflict_hooks.register

__all__ = ["Conflict", "KeyTask", "on_conflict_decided"]
