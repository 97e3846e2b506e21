"""Indicators, their definitions, append-only values, targets and the paths towards them."""

from .declared import Aggregation, Direction, Frequency, Indicator, IndicatorVersion, ValueMode
from .paths import Light, Shape, StatusVoice, Trajectory, TrajectoryPoint, Voice
from .sharing import Allocation, AllocationLine, AllocationRound, AllocationState
from .targets import Agreement, Modality, Target, TargetKind, TargetTask
from .values import CurrentValue, Origin, Release, ScopeKind, Series, ValueEvent

__all__ = [
    "Aggregation",
    "Agreement",
    "Allocation",
    "AllocationLine",
    "AllocationRound",
    "AllocationState",
    "CurrentValue",
    "Direction",
    "Frequency",
    "Indicator",
    "IndicatorVersion",
    "Light",
    "Modality",
    "Origin",
    "Release",
    "ScopeKind",
    "Series",
    "Shape",
    "StatusVoice",
    "Target",
    "TargetKind",
    "TargetTask",
    "Trajectory",
    "TrajectoryPoint",
    "ValueEvent",
    "ValueMode",
    "Voice",
]
