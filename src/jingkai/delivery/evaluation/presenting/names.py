"""Names of a run's nodes and zones in the reader's language, from its own frozen copy."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import pgettext

from jingkai.core.ui.public import is_english, local_name
from jingkai.masterdata.organisations.public import ZoneLevel

from ..computing import run_definition
from ..definition import Definition, Node
from ..models import Run


@dataclass(frozen=True)
class Names:
    """What things are called in one run."""

    run: Run

    @cached_property
    def definition(self) -> Definition:
        return run_definition(self.run)

    @cached_property
    def zones(self) -> dict[str, str]:
        english = is_english()
        return {
            zone["code"]: (zone["name_en"] if english else "") or zone["name"]
            for zone in self.run.zones
        }

    @cached_property
    def nodes(self) -> dict[str, str]:
        return {node.code: local_name(node) for node in self.definition.nodes}

    @cached_property
    def everything(self) -> dict[str, str]:
        return {**self.nodes, **self.zones}

    @property
    def classes(self) -> tuple[Node, ...]:
        """Children of the root."""
        return self.definition.children(self.definition.root.code)

    def group(self, label: str) -> str:
        """A peer group in words; "" is everybody."""
        if not label:
            return pgettext("peers", "all zones")
        return str(dict(ZoneLevel.choices).get(label, label))


def decimal_of(value: Any) -> Decimal | None:
    """A stored float as a number for people; None where there is none."""
    return None if value is None else Decimal(str(value))


def joined(words: list[str]) -> str:
    """A list in a sentence."""
    return (", " if is_english() else "、").join(words)
