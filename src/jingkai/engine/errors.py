"""The engine's error family: each names what is wrong, where, and what would be right.

Messages are plain English for logs and developers. `code` and `params` are what the web layer
translates: the engine knows no language.
"""

from __future__ import annotations

from collections.abc import Mapping


class EngineError(ValueError):
    """The computation cannot be done with what was given.

    >>> error = EngineError("no base", code="no_base", quantity="gdp")
    >>> str(error), error.code, dict(error.params)
    ('no base', 'no_base', {'quantity': 'gdp'})
    """

    def __init__(self, message: str, *, code: str = "", **params: object) -> None:
        super().__init__(message)
        self.code = code or type(self).__name__
        self.params: Mapping[str, object] = params


class PeriodError(EngineError):
    """A text is not a period code, or two periods do not fit together."""


class UnitError(EngineError):
    """A unit is unknown, or one cannot become the other."""


class SemanticsError(EngineError):
    """A series is not what its declaration says."""


class GrowthError(EngineError):
    """No growth rate leads from one number to the other."""


class TargetError(EngineError):
    """A target's own statement is incomplete or contradicts itself."""


class TrajectoryError(EngineError):
    """No planned path can be drawn through the given points."""


class LightError(EngineError):
    """A light rule is not usable, or a distance is not defined."""


class AllocationError(EngineError):
    """A total cannot be shared out as asked."""


class RankingError(EngineError):
    """Units cannot be put in order."""


class AggregateError(EngineError):
    """Values cannot be rolled up as asked."""


class SynthesisError(EngineError):
    """A synthetic series is not specified well enough to be made."""
