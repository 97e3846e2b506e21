"""What other rooms may use of indicators."""

from .models import (
    Agreement,
    Allocation,
    CurrentValue,
    Indicator,
    IndicatorVersion,
    Light,
    Origin,
    Release,
    Series,
    StatusVoice,
    Target,
    TargetTask,
    Trajectory,
    ValueEvent,
    Voice,
)
from .queries.board import Board, BoardRow, Status, TargetText, body_board, headline_board
from .queries.figures import Figure, Gap, figures, latest_figures
from .queries.visibility import visible_indicators, visible_series
from .rules import can_judge, can_record
from .services.entries import ValueEntry
from .services.status import judge
from .services.values import RecordResult, record_values

__all__ = [
    "Agreement",
    "Allocation",
    "Board",
    "BoardRow",
    "CurrentValue",
    "Figure",
    "Gap",
    "Indicator",
    "IndicatorVersion",
    "Light",
    "Origin",
    "RecordResult",
    "Release",
    "Series",
    "Status",
    "StatusVoice",
    "Target",
    "TargetTask",
    "TargetText",
    "Trajectory",
    "ValueEntry",
    "ValueEvent",
    "Voice",
    "body_board",
    "can_judge",
    "can_record",
    "figures",
    "headline_board",
    "judge",
    "latest_figures",
    "record_values",
    "visible_indicators",
    "visible_series",
]
