"""The names of everything that is written into the trail, with words for people.

A room lists its own in a module `audit_actions.py` (`register_actions({...})`), which is imported
at start. A test finds every name that is written but not listed.
"""

from __future__ import annotations

from collections.abc import Mapping

from django_stubs_ext import StrOrPromise

_labels: dict[str, StrOrPromise] = {}


def register_actions(labels: Mapping[str, StrOrPromise]) -> None:
    """Add action names. Raises ValueError when a name is taken."""
    if taken := sorted(labels.keys() & _labels.keys()):
        raise ValueError(f"audit actions registered twice: {', '.join(taken)}")
    _labels.update(labels)


def action_label(name: str) -> str:
    """The words for `name`; the name itself when nobody knows it (another version wrote it)."""
    return str(_labels.get(name, name))


def registered_actions() -> dict[str, str]:
    """Every known name with its words, in the order of the names."""
    return {name: str(_labels[name]) for name in sorted(_labels)}
