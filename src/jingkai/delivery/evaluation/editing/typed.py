"""Everything the editor sent, read once: rows, forms, lists of rules; and what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict

from jingkai.core.errors import InvalidInput

from ..definition import Definition, Problem
from ..drafting import EditionDraft
from ..problem_words import sentence
from ..queries.schemes import examine
from ..services._nodes import node_rows
from .forms import (
    HUNDRED,
    MethodForm,
    SettingsForm,
    method_initial,
    method_kept,
    settings_initial,
)
from .rows import Row, RowProblem, read_nodes, read_rows, rows_of
from .rule_forms import EXIT_RULES, LEDGER_RULES, rules_said


@dataclass
class Typed:
    """The editor's forms, filled from an edition or from what was sent."""

    rows: list[Row]
    settings: SettingsForm
    method: MethodForm
    ledger: Any
    exits: Any
    kept: dict[str, Any]
    """The method as it was when the page was made."""

    @staticmethod
    def of(edition: EditionDraft) -> Typed:
        """The forms that show an edition."""
        rows = rows_of(edition)
        levels = levels_of(rows)
        return Typed(
            rows,
            SettingsForm(initial=settings_initial(edition), prefix="s"),
            MethodForm(initial=method_initial(edition, levels), levels=levels, prefix="m"),
            LEDGER_RULES(initial=list(edition.ledger_rules), prefix="ledger"),
            EXIT_RULES(initial=list(edition.exit_rules), prefix="exit"),
            dict(edition.method),
        )

    @staticmethod
    def sent(post: QueryDict) -> Typed:
        """What was sent."""
        rows = read_rows(post, post.getlist("row"))
        return Typed(
            rows,
            SettingsForm(post, prefix="s"),
            MethodForm(post, levels=levels_of(rows), prefix="m"),
            LEDGER_RULES(post, prefix="ledger"),
            EXIT_RULES(post, prefix="exit"),
            method_kept(post.get("method_kept", "")),
        )

    @property
    def method_text(self) -> str:
        return json.dumps(self.kept, ensure_ascii=False)

    @property
    def forms_are_valid(self) -> bool:
        # Every form is asked, so that all their errors show at once.
        answers = [form.is_valid() for form in self.forms]
        return all(answers)

    @property
    def forms(self) -> tuple[Any, ...]:
        return self.settings, self.method, self.ledger, self.exits

    def edition(self, before: EditionDraft) -> tuple[EditionDraft, list[RowProblem]]:
        """The edition that was typed; where a form cannot be read, what stood there `before`."""
        nodes, problems = read_nodes(self.rows)
        edition = replace(before, nodes=nodes)
        if self.settings.is_valid():
            data = self.settings.cleaned_data
            edition = replace(
                edition,
                **{name: data[name] for name in ("first_year", "last_year", "group_by")},
                min_group=data["min_group"],
                min_coverage=data["coverage"] / HUNDRED,
                source=data["source"],
                verified=data["verified"],
                reason=data["reason"],
            )
        if self.method.is_valid():
            edition = replace(
                edition,
                method=self.method.method(self.kept, edition.group_by),
                adjust=self.method.adjust(),
            )
        if self.ledger.is_valid():
            edition = replace(edition, ledger_rules=rules_said(self.ledger))
        if self.exits.is_valid():
            edition = replace(edition, exit_rules=rules_said(self.exits))
        return edition, problems


def levels_of(rows: list[Row]) -> tuple[int, ...]:
    """The levels the tree computes, 2 for what stands above leaves; circles count for none."""
    below: dict[str, list[str]] = {}
    for row in rows:
        below.setdefault(row.parent, []).append(row.key)

    def heights(key: str) -> Iterator[int]:
        under = [list(heights(child)) for child in below.pop(key, ())]
        yield from (height for found in under for height in found)
        yield 1 + max((found[-1] for found in under), default=0)

    roots = below.pop("", [])
    found = {height for root in roots for height in heights(root)}
    return tuple(sorted(height for height in found if height > 1))


@dataclass(frozen=True)
class Check:
    """What is wrong with what was typed: by row, and for the whole; and what should be known."""

    definition: Definition
    by_row: Mapping[str, list[str]]
    whole: list[str]
    hints: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.whole) + sum(map(len, self.by_row.values()))


def check_edition(edition: EditionDraft, rows: list[Row], problems: list[RowProblem]) -> Check:
    """Judge an edition and lay each finding beside its row. At most 2 queries."""
    by_row: dict[str, list[str]] = {}
    whole: list[str] = []
    for problem in problems:
        by_row.setdefault(problem.key, []).append(problem.message)
    definition, found, hints = examine(edition)
    try:
        node_rows(edition)
    except InvalidInput as error:
        for wrong in error.problems:
            place = wrong.field.split(".")
            if len(place) > 1 and place[1].isdigit() and int(place[1]) < len(rows):
                by_row.setdefault(rows[int(place[1])].key, []).append(wrong.message)
            else:
                whole.append(wrong.message)
        return Check(definition, by_row, whole)
    key_of = {node.code: row.key for node, row in zip(edition.nodes, rows, strict=True)}

    def words(each: Problem) -> str:
        return sentence(each, definition)

    for each in found:
        if each.node in key_of:
            by_row.setdefault(key_of[each.node], []).append(words(each))
        else:
            whole.append(words(each))
    return Check(definition, by_row, whole, [words(each) for each in hints])
