"""What a change of one figure moves: the shape of it, and who is asked for published uses."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self

_CITY, _EDZ = "CITY", "EDZ"


@dataclass(frozen=True, slots=True)
class Place:
    """Which series and period a line of an impact is about. Decimals are kept as text."""

    series: int
    indicator: str
    name: str
    name_en: str
    unit: str
    decimals: int
    scope: str
    scope_name: str
    period: str


@dataclass(frozen=True, slots=True)
class FigureMove(Place):
    """A figure before and after; `computed` when it follows from the corrected one."""

    before: str | None
    after: str | None
    release_before: str
    release_after: str
    computed: bool


@dataclass(frozen=True, slots=True)
class LightMove(Place):
    """What the rule says before and after; distances to the path, negative when bad."""

    before: str
    after: str
    distance_before: str | None
    distance_after: str | None

    @property
    def turns(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class RankMove(Place):
    """A zone's place among the zones of one indicator and period."""

    before: int | None
    after: int | None
    of: int


@dataclass(frozen=True, slots=True)
class TargetMove(Place):
    """How much of a target is reached, in %."""

    target: str
    horizon: str
    value: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class LaterFigure(Place):
    """A later running total of the year. It stays; its own period's flow may not."""

    value: str
    own_before: str | None
    own_after: str | None


@dataclass(frozen=True, slots=True)
class Use:
    """One published thing that draws on a changed figure; `series` limits it to who sees that."""

    room: str
    title: str
    text: str = ""
    url: str = ""
    series: int = 0


@dataclass(frozen=True, slots=True)
class Impact:
    """All that moves. `asked` names the rooms that were asked for their uses."""

    figures: tuple[FigureMove, ...] = ()
    lights: tuple[LightMove, ...] = ()
    ranks: tuple[RankMove, ...] = ()
    targets: tuple[TargetMove, ...] = ()
    later: tuple[LaterFigure, ...] = ()
    uses: tuple[Use, ...] = ()
    asked: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def totals(self) -> tuple[FigureMove, ...]:
        """Figures of all zones and of the whole city."""
        return tuple(move for move in self.figures if move.scope in (_CITY, _EDZ))

    @property
    def turns(self) -> tuple[LightMove, ...]:
        return tuple(move for move in self.lights if move.turns)

    @property
    def moved_ranks(self) -> tuple[RankMove, ...]:
        return tuple(move for move in self.ranks if move.before != move.after)

    def seen_by(self, series: Collection[int]) -> Impact:
        """Only what lies in the series `series`, by id."""

        def keep(rows: Sequence[Any]) -> tuple[Any, ...]:
            return tuple(row for row in rows if row.series in series)

        return replace(
            self,
            figures=keep(self.figures),
            lights=keep(self.lights),
            ranks=keep(self.ranks),
            targets=keep(self.targets),
            later=keep(self.later),
            uses=tuple(use for use in self.uses if not use.series or use.series in series),
        )

    def series(self) -> set[int]:
        rows = (*self.figures, *self.lights, *self.ranks, *self.targets, *self.later)
        return {row.series for row in rows} | {use.series for use in self.uses if use.series}

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        found: dict[str, Any] = {}
        for part in fields(cls):
            rows = data.get(part.name, ())
            line = _LINES.get(part.name)
            found[part.name] = tuple(line(**row) for row in rows) if line else tuple(rows)
        return cls(**found)


_LINES: dict[str, Callable[..., Any]] = {
    "figures": FigureMove,
    "lights": LightMove,
    "ranks": RankMove,
    "targets": TargetMove,
    "later": LaterFigure,
    "uses": Use,
}

Uses = Callable[[Sequence[FigureMove]], Sequence[Use]]
_uses: dict[str, Uses] = {}


def register_uses(name: str, function: Uses) -> None:
    """Let a room above say which of its published things draw on figures that change.

    `function` is called while the new figures stand, inside a savepoint that may be rolled back:
    it reads, and returns at once. Raises ValueError for a name in use.
    """
    if name in _uses:
        raise ValueError(f"{name} already tells its uses")
    _uses[name] = function


def ask_for_uses(figures: Sequence[FigureMove]) -> tuple[tuple[str, ...], tuple[Use, ...]]:
    """Who was asked, and what they answered."""
    found = tuple(use for function in _uses.values() for use in function(figures))
    return tuple(sorted(_uses)), found
