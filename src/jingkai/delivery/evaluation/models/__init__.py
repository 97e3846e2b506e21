"""Schemes, runs with their frozen inputs and results, the ledger of points, objections."""

from .ledger import LedgerEntry, LedgerKind, LedgerState
from .objections import Objection, ObjectionState, ObjectionSubject
from .runs import PastResult, Run, RunInput, RunKind, RunLedgerLine, RunState, ZoneResult
from .schemes import (
    Direction,
    GroupBy,
    GrowthRule,
    PeriodRule,
    Scheme,
    SchemeNode,
    SchemeVersion,
    VersionState,
)

__all__ = [
    "Direction",
    "GroupBy",
    "GrowthRule",
    "LedgerEntry",
    "LedgerKind",
    "LedgerState",
    "Objection",
    "ObjectionState",
    "ObjectionSubject",
    "PastResult",
    "PeriodRule",
    "Run",
    "RunInput",
    "RunKind",
    "RunLedgerLine",
    "RunState",
    "Scheme",
    "SchemeNode",
    "SchemeVersion",
    "VersionState",
    "ZoneResult",
]
