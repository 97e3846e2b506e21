"""Refusals of the composite engine. Each names the unit, element or key, and says what would do."""

from __future__ import annotations

from ..errors import EngineError


class CompositeError(EngineError):
    """A composite indicator cannot be built from what was given."""


class TreeError(CompositeError):
    """The elements do not form a tree. `params["element"]` names the offender."""


class TableError(CompositeError):
    """The data table is not usable. `params` may hold `column` and `unit`."""


class MethodError(CompositeError):
    """The method is misspelled or contradicts itself. `params["path"]` is the place inside it."""


class InfeasibleError(MethodError):
    """Two choices of the method cannot go together; refused before anything is computed."""


class StepError(CompositeError):
    """A step meets data it has no rule for. `params` hold `unit`, `element` where known."""


class WeightError(CompositeError):
    """Weights cannot be derived or used."""


class DesignError(CompositeError):
    """A design, weight set or output to be replayed does not fit the method."""
