"""Who moved between two runs, and why: scores, ranks, and the figures and points behind them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from jingkai.core.ui.templatetags.jingkai import number, signed
from jingkai.engine.composite import CompositeError, Result, StepError, build, explain_change

from ..computing import run_table
from ..definition import Definition
from ..models import Run, RunInput, ZoneResult
from ..templatetags.results import plain
from ..words_runs import ABSENCES, PARTS, word
from .names import Names

_CAUSES = 4


@dataclass(frozen=True, slots=True)
class ZoneMove:
    """One zone in both runs; `causes` largest first, in words."""

    code: str
    name: str
    score_before: Decimal | None
    score_after: Decimal | None
    rank_before: int | None
    rank_after: int | None
    causes: Sequence[str]

    @property
    def score_change(self) -> Decimal | None:
        if self.score_before is None or self.score_after is None:
            return None
        return self.score_after - self.score_before

    @property
    def places(self) -> int | None:
        """Places gained (positive) or lost."""
        if self.rank_before is None or self.rank_after is None:
            return None
        return self.rank_before - self.rank_after


@dataclass(frozen=True, slots=True)
class Moves:
    """Everybody of either run, who moved first."""

    moves: Sequence[ZoneMove]
    moved: int
    changed_inputs: Sequence[str]
    """Figures and points that are not the same, in words; only between runs of the same year."""
    scheme_differs: bool


def moves_between(before: Run, after: Run, *, figures: bool) -> Moves:
    """From `before` to `after`. About 14 queries at any size; builds both runs once.

    `figures`: raw figures of all zones may be named.
    """
    names = Names(after)
    left = _results(before)
    right = _results(after)
    inputs = _changed_inputs(before, after, names, figures) if before.year == after.year else {}
    points = _changed_points(before, after, names)
    explain = _Explainer.of(before, after)
    moves = []
    for code in [*right, *(code for code in left if code not in right)]:
        a, b = left.get(code), right.get(code)
        moves.append(
            ZoneMove(
                code,
                names.zones.get(code) or Names(before).zones.get(code, code),
                a.score if a else None,
                b.score if b else None,
                a.rank if a else None,
                b.rank if b else None,
                [*inputs.get(code, ()), *points.get(code, ()), *explain.parts(code, names)],
            )
        )
    moves.sort(key=lambda m: (-abs(m.places or 0), -abs(m.score_change or Decimal(0)), m.code))
    told = [
        f"{names.zones.get(code, code)}：{text}"
        for source in (inputs, points)
        for code, texts in source.items()
        for text in texts
    ]
    return Moves(
        moves,
        sum(bool(m.places) or (m.rank_before is None) != (m.rank_after is None) for m in moves),
        told,
        before.definition != after.definition,
    )


def _results(run: Run) -> dict[str, ZoneResult]:
    rows = run.results.select_related("zone").defer("detail")
    return {row.zone.code: row for row in rows}


def _changed_inputs(before: Run, after: Run, names: Names, figures: bool) -> dict[str, list[str]]:
    """Figures that differ between two runs of one year, by zone. 2 queries."""

    def read(run: Run) -> dict[tuple[str, str, int], RunInput]:
        rows = run.inputs.select_related("zone").order_by()
        return {(row.zone.code, row.node, row.year): row for row in rows}

    old, new = read(before), read(after)
    found: defaultdict[str, list[str]] = defaultdict(list)
    for key, row in new.items():
        was = old.get(key)
        if was is None or (was.value == row.value and was.absence == row.absence):
            continue
        zone, code, year = key
        node = names.definition.by_code.get(code)
        name = names.nodes.get(code, code)
        if not figures:
            found[zone].append(_("%(node)s (%(year)s): figure changed") % {"node": name,
                               "year": year})  # fmt: skip
            continue
        found[zone].append(
            _("%(node)s (%(year)s): %(before)s → %(after)s %(unit)s")
            % {"node": name, "year": year, "before": _said(was), "after": _said(row),
               "unit": node.unit if node else ""}
        )  # fmt: skip
    return dict(found)


def _said(row: RunInput) -> str:
    return plain(row.value) if row.value is not None else word(ABSENCES, row.absence)


def _changed_points(before: Run, after: Run, names: Names) -> dict[str, list[str]]:
    """Ledger lines of one run that the other does not have. 2 queries."""
    if before.year != after.year:
        return {}

    def read(run: Run) -> dict[int, tuple[str, str, str, Decimal]]:
        rows = run.ledger_lines.values_list("entry_id", "zone__code", "text", "kind", "points")
        return {entry: (zone, text, kind, points) for entry, zone, text, kind, points in rows}

    old, new = read(before), read(after)
    found: defaultdict[str, list[str]] = defaultdict(list)
    for lines, other, sentence in (
        (new, old, _("%(kind)s new: %(text)s (%(points)s)")),
        (old, new, _("%(kind)s gone: %(text)s (%(points)s)")),
    ):
        for entry, (zone, text, kind, points) in lines.items():
            if entry not in other:
                found[zone].append(
                    sentence % {"kind": word({**PARTS, "veto": PARTS["vetoed"]}, kind),
                                "text": text, "points": number(points, 1)}
                )  # fmt: skip
    return dict(found)


@dataclass(frozen=True, slots=True)
class _Explainer:
    """Parts of the change of scores, where both runs share tree and aggregation."""

    before: Result | None
    after: Result | None

    @classmethod
    def of(cls, before: Run, after: Run) -> _Explainer:
        results: list[Result] = []
        for run in (before, after):
            definition: Definition = Names(run).definition
            try:
                results.append(build(run_table(run), definition.tree(), definition.engine_method()))
            except CompositeError:
                return cls(None, None)
        return cls(*results)

    def parts(self, unit: str, names: Names) -> list[str]:
        """The largest parts of the zone's change, in points."""
        if self.before is None or self.after is None:
            return []
        try:
            found = explain_change(self.before, self.after, unit)
        except StepError:
            return []
        amounts: defaultdict[str, float] = defaultdict(float)
        for part in found.parts:
            label = (
                names.nodes.get(part.code, part.code)
                if part.kind in ("value", "weight")
                else word(PARTS, part.kind)
            )
            amounts[label] += part.amount
        largest = sorted(amounts.items(), key=lambda item: -abs(item[1]))
        return [
            _("%(node)s %(amount)s points") % {"node": label, "amount": signed(amount, 2)}
            for label, amount in largest[:_CAUSES]
            if abs(amount) >= 0.005
        ]
