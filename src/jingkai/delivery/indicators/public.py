"""What other rooms may use of indicators."""

from .labels import silence as light_reason
from .models import (
    Aggregation,
    Agreement,
    Allocation,
    CurrentValue,
    Direction,
    Frequency,
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
    ValueMode,
    Voice,
)
from .payloads import targets_payload
from .periods import own_period
from .queries.board import Board, BoardRow, Status, TargetText, body_board, headline_board, statuses
from .queries.changes import Changes, changes_since, revisions_since, search_indicators
from .queries.figures import Figure, Gap, figures, latest_figures, paths, trajectories
from .queries.indicator import (
    IndicatorPage,
    Revision,
    indicator_page,
    revisions,
    series_history,
    value_events,
)
from .queries.lineage import Lineage, LineageNode, ProvenanceStep, lineage, register_provenance
from .queries.turns import LightTurn, last_rule_lights, light_turns
from .queries.visibility import visible_allocations, visible_indicators, visible_series
from .queries.zones import ZoneOrder, ZonesBoard, zone_board, zones_board
from .rules import can_judge, can_record
from .services.allocation import (
    adjust_shares,
    collect_proposals,
    issue_allocation,
    open_allocation,
    propose_share,
)
from .services.bulk import HistoryRow, LoadResult, load_history
from .services.default_paths import DefaultPlans, plan_default_trajectories
from .services.entries import ValueEntry
from .services.procedures import Address, register_procedure
from .services.sources import IndicatorSource, refresh_from_source, register_source, source_of
from .services.status import judge
from .services.targets import apply_conflict_decision, contradictions, create_target
from .services.trajectories import Horizon, plan_trajectory
from .services.values import RecordResult, record_values

__all__ = [
    "Address",
    "Aggregation",
    "Agreement",
    "Allocation",
    "Board",
    "BoardRow",
    "Changes",
    "CurrentValue",
    "DefaultPlans",
    "Direction",
    "Figure",
    "Frequency",
    "Gap",
    "HistoryRow",
    "Horizon",
    "Indicator",
    "IndicatorPage",
    "IndicatorSource",
    "IndicatorVersion",
    "Light",
    "LightTurn",
    "Lineage",
    "LineageNode",
    "LoadResult",
    "Origin",
    "ProvenanceStep",
    "RecordResult",
    "Release",
    "Revision",
    "Series",
    "Status",
    "StatusVoice",
    "Target",
    "TargetTask",
    "TargetText",
    "Trajectory",
    "ValueEntry",
    "ValueEvent",
    "ValueMode",
    "Voice",
    "ZoneOrder",
    "ZonesBoard",
    "adjust_shares",
    "apply_conflict_decision",
    "body_board",
    "can_judge",
    "can_record",
    "changes_since",
    "collect_proposals",
    "contradictions",
    "create_target",
    "figures",
    "headline_board",
    "indicator_page",
    "issue_allocation",
    "judge",
    "last_rule_lights",
    "latest_figures",
    "light_reason",
    "light_turns",
    "lineage",
    "load_history",
    "open_allocation",
    "own_period",
    "paths",
    "plan_default_trajectories",
    "plan_trajectory",
    "propose_share",
    "record_values",
    "refresh_from_source",
    "register_procedure",
    "register_provenance",
    "register_source",
    "revisions",
    "revisions_since",
    "search_indicators",
    "series_history",
    "source_of",
    "statuses",
    "targets_payload",
    "trajectories",
    "value_events",
    "visible_allocations",
    "visible_indicators",
    "visible_series",
    "zone_board",
    "zones_board",
]
