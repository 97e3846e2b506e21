"""Who moved between two runs, and why: from what both runs keep, nothing is computed anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from jingkai.core.ui.templatetags.jingkai import signed

from ..models import Run
from ..queries.moves import (
    FigureChange,
    PointLine,
    Stand,
    changed_figures,
    count_changed_figures,
    parts_of,
    point_lines,
    stands_of,
)
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
        return _places(self.rank_before, self.rank_after)


@dataclass(frozen=True, slots=True)
class Moves:
    """Everybody of either run, who moved first. `moves` puts a part of them into words."""

    before: Run
    after: Run
    names: Names
    figures: bool
    left: Mapping[str, Stand]
    right: Mapping[str, Stand]
    order: Sequence[str]
    moved: int
    changed: int
    """Figures and cases that are not the same; 0 between runs of different years."""
    lines: tuple[Mapping[int, PointLine], Mapping[int, PointLine]]

    @property
    def scheme_differs(self) -> bool:
        return bool(self.before.definition != self.after.definition)

    @property
    def is_same_year(self) -> bool:
        return self.before.year == self.after.year

    def moves(self, codes: Sequence[str]) -> list[ZoneMove]:
        """These zones with what moved them. 3 queries at any number."""
        said: defaultdict[str, list[str]] = defaultdict(list)
        if self.is_same_year:
            for change in changed_figures(self.before, self.after, codes):
                said[change.zone].append(self._figure(change))
        for zone, text in self._points():
            said[zone].append(text)
        was, now = parts_of(self.before, codes), parts_of(self.after, codes)
        old_names = Names(self.before)
        nobody = Stand(None, None, None)
        found = []
        for code in codes:
            a, b = self.left.get(code, nobody), self.right.get(code, nobody)
            parts = self._parts(was.get(code), now.get(code), a, b)
            name = self.names.zones.get(code) or old_names.zones.get(code, code)
            found.append(
                ZoneMove(code, name, a.score, b.score, a.rank, b.rank, [*said[code], *parts])
            )
        return found

    def _figure(self, change: FigureChange) -> str:
        node = self.names.definition.by_code.get(change.node)
        told = {"node": self.names.nodes.get(change.node, change.node), "year": change.year}
        if not self.figures:
            return _("%(node)s (%(year)s): figure changed") % told
        return _("%(node)s (%(year)s): %(before)s → %(after)s %(unit)s") % {
            **told,
            "before": _said(change.was, change.was_absent),
            "after": _said(change.now, change.now_absent),
            "unit": node.unit if node else "",
        }

    def _points(self) -> list[tuple[str, str]]:
        """Cases that one run counts and the other does not, by zone."""
        old, new = self.lines
        kinds = {**PARTS, "veto": PARTS["vetoed"]}
        return [
            (
                line.zone,
                sentence
                % {
                    "kind": word(kinds, line.kind),
                    "text": line.text,
                    "points": plain(line.points),
                },
            )
            for here, there, sentence in (
                (new, old, _("%(kind)s new: %(text)s (%(points)s)")),
                (old, new, _("%(kind)s gone: %(text)s (%(points)s)")),
            )
            for entry, line in here.items()
            if entry not in there
        ]

    def _parts(
        self,
        was: Mapping[str, float] | None,
        now: Mapping[str, float] | None,
        a: Stand,
        b: Stand,
    ) -> list[str]:
        """The largest parts of the change, in points; none where a score has no parts."""
        if was is None or now is None or a.score is None or b.score is None:
            return []
        amounts = [
            (self.names.nodes.get(leaf, leaf), now.get(leaf, 0.0) - was.get(leaf, 0.0))
            for leaf in {**now, **was}
        ]
        amounts.append((_("Bonus, deduction"), float(b.adjusted - a.adjusted)))
        largest = sorted(amounts, key=lambda item: -abs(item[1]))
        return [
            _("%(node)s %(amount)s points") % {"node": label, "amount": signed(amount, 2)}
            for label, amount in largest[:_CAUSES]
            if abs(amount) >= 0.005
        ]


def moves_between(before: Run, after: Run, *, figures: bool) -> Moves:
    """From `before` to `after`. 5 queries at any size.

    `figures`: raw figures of all zones may be named.
    """
    left, right = stands_of(before), stands_of(after)
    same_year = before.year == after.year
    lines = (point_lines(before), point_lines(after)) if same_year else ({}, {})
    changed = len(lines[0].keys() ^ lines[1].keys())
    if same_year and before.inputs_digest != after.inputs_digest:
        changed += count_changed_figures(before, after)
    nobody = Stand(None, None, None)

    def size(code: str) -> tuple[int, Decimal, str]:
        a, b = left.get(code, nobody), right.get(code, nobody)
        both = a.score is not None and b.score is not None
        change = abs((b.score or Decimal(0)) - (a.score or Decimal(0))) if both else Decimal(0)
        return -abs(_places(a.rank, b.rank) or 0), -change, code

    everybody = [*right, *(code for code in left if code not in right)]
    return Moves(
        before,
        after,
        Names(after),
        figures,
        left,
        right,
        sorted(everybody, key=size),
        sum(left.get(code, nobody).rank != right.get(code, nobody).rank for code in everybody),
        changed,
        lines,
    )


def _places(before: int | None, after: int | None) -> int | None:
    return None if before is None or after is None else before - after


def _said(value: Decimal | None, absence: str) -> str:
    return plain(value) if value is not None else word(ABSENCES, absence)
