"""State machines as one readable table per object, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django_stubs_ext import StrOrPromise

from jingkai.core.errors import TransitionNotAllowed


@dataclass(frozen=True, slots=True)
class Transition:
    """From which states an action leads to which, and what the button says."""

    sources: frozenset[str]
    target: str
    label: StrOrPromise
    needs_reason: bool = False
    destructive: bool = False


@dataclass(frozen=True, slots=True)
class TransitionTable:
    """All moves of one kind of object."""

    transitions: Mapping[str, Transition]
    labels: Mapping[str, StrOrPromise]

    def next_state(self, current: str, action: str) -> str:
        """Return the state `action` leads to; raises TransitionNotAllowed, KeyError if unknown."""
        transition = self.transitions[action]
        if current not in transition.sources:
            raise TransitionNotAllowed(
                action=str(transition.label), state=str(self.labels.get(current, current))
            )
        return transition.target

    def open_actions(self, current: str) -> Iterable[str]:
        """Names of the actions that lead somewhere from `current`, in table order."""
        return [name for name, move in self.transitions.items() if current in move.sources]
