"""A stated target, and what earlier clauses settle for the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from ..targets import Modality
from .horizon import Horizon
from .quantities import Comparator, When


class Kind(StrEnum):
    """What a stated target promises: the kinds of `engine.targets`, and growth in all."""

    LEVEL = "level"
    AVERAGE_GROWTH = "average_growth"
    GROWTH = "growth"
    """Growth in all, or in percentage points, against a base."""
    SHARE = "share"
    FLOOR = "floor"
    CAP = "cap"
    RELATIVE = "relative_to_benchmark"
    REDUCTION = "reduction"
    INTENSITY_RATIO = "intensity_ratio"
    QUALITATIVE = "qualitative"


@dataclass(slots=True)
class Target:
    """One statement of a target. Offsets are those of the plain string."""

    indicator: str
    kind: Kind
    start: int
    end: int
    clause: str
    value: Decimal | None = None
    high: Decimal | None = None
    unit: str = ""
    comparator: Comparator = Comparator.EQUAL
    modality: Modality = Modality.PLAIN
    year: int | None = None
    first_year: int | None = None
    base_year: int | None = None
    benchmark: str = ""
    """What it is a share of, or compared with."""
    annual: bool = False
    """Every year, not by the horizon."""
    cumulative: bool = False
    """Money summed over the years up to the horizon (累计), not that year's."""
    scope: str = ""
    place: str = ""
    year_stated: bool = True
    measured_as: str = ""
    """Relative: what is compared, `level` or `reduction`."""


@dataclass(slots=True)
class Context:
    """What earlier clauses settled."""

    year: int | None = None
    first: int | None = None
    base: int | None = None
    due: bool = False
    strive: bool = False
    goals: bool = False
    """A section about goals: its year holds over sentences and paragraphs."""
    undated: bool = False
    """A table cell about goals: a year is not needed."""
    doc_year: int | None = None
    horizon: Horizon | None = None
    """The year the document's title, or the part's, gives to all that names none."""
    topic: str = ""
    """What the paragraph is about, where it begins with a heading: 汽车产业。…"""
    subject: str = ""
    scope: str = ""
    within: bool = False
    """The sentence names a stretch of time without a year (三年内)."""
    as_of: bool = False
    """The sentence begins with 截至."""
    done: bool = False
    """The sentence says 已."""
    conditional: bool = False
    last: Target | None = None
    horizons: list[When] = field(default_factory=list)
    """Years of the clause before, for numbers given 分别."""

    def fresh(self) -> Context:
        """For the next paragraph outside of goals."""
        return Context(
            goals=self.goals, undated=self.undated, doc_year=self.doc_year, horizon=self.horizon
        )

    def start(self) -> None:
        """Forget the years of the sentence before; only the horizon of the whole is left."""
        self.year = self.first = self.base = None
        self.due = False
        if self.horizon is not None:
            self.year, self.first, self.due = self.horizon.year, self.horizon.first, True
