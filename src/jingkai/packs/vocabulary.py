"""The closed word lists of a pack: what may stand in a field that is not free."""

from __future__ import annotations

from enum import StrEnum


class DocumentStatus(StrEnum):
    DRAFT = "draft"
    IN_FORCE = "in_force"
    REPEALED = "repealed"


class SourceKind(StrEnum):
    DOCUMENT = "document"
    STANDARD = "standard"
    WEB = "web"
    KNOWLEDGE = "knowledge"
    OWN = "own"


class BodyKind(StrEnum):
    CITY = "city"
    DEPARTMENT = "department"
    DISTRICT = "district"
    COMMITTEE = "committee"
    ENTERPRISE = "enterprise"
    OFFICE = "office"
    CENTRAL = "central"
    GROUP = "group"


class AliasKind(StrEnum):
    FULL = "full"
    SHORT = "short"
    VARIANT = "variant"
    MISPRINT = "misprint"


class MembersKind(StrEnum):
    DISTRICT = "district"
    ZONE_COMMITTEE = "zone_committee"


class ZoneLevel(StrEnum):
    NATIONAL = "national"
    PROVINCIAL = "provincial"


class NeighbourKind(StrEnum):
    HIGH_TECH = "high_tech"
    BONDED = "bonded"


class IndicatorKind(StrEnum):
    FLOW = "flow"
    STOCK = "stock"
    RATIO = "ratio"
    GROWTH = "growth"
    REDUCTION = "reduction"


class Direction(StrEnum):
    UP = "up"
    DOWN = "down"
    NONE = "none"


class Scope(StrEnum):
    ZONES = "zones"  # each zone, added up to all zones
    ZONE = "zone"  # each zone by itself
    CITY = "city"  # the whole city, to measure against


class Frequency(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"


class ValueMode(StrEnum):
    MONTH = "month"
    YTD = "ytd"
    POINT = "point"


class Aggregation(StrEnum):
    SUM = "sum"
    LAST = "last"
    MEAN = "mean"
    WEIGHTED_RATIO = "weighted_ratio"
    NEVER = "never"


class PriceBasis(StrEnum):
    CURRENT = "current"
    CONSTANT = "constant"
    NONE = "none"


class FormulaType(StrEnum):
    RATIO = "ratio"
    SUM = "sum"


class TargetKind(StrEnum):
    LEVEL = "level"
    AVERAGE_GROWTH = "average_growth"
    SHARE = "share"
    FLOOR = "floor"
    CAP = "cap"
    RELATIVE_TO_BENCHMARK = "relative_to_benchmark"
    REDUCTION = "reduction"
    INTENSITY_RATIO = "intensity_ratio"
    QUALITATIVE = "qualitative"


class Modality(StrEnum):
    STRIVE = "strive"
    ABOUT = "about"
    AT_LEAST = "at_least"
    MORE_THAN = "more_than"
    AT_MOST = "at_most"
    PLAIN = "plain"


class MeasuredAs(StrEnum):
    LEVEL = "level"
    REDUCTION = "reduction"


class TargetStatus(StrEnum):
    AGREED = "agreed"
    DISPUTED = "disputed"


class Wording(StrEnum):
    SINGLE = "single"
    SHARED = "shared"
    ETC = "etc"


class RuleScope(StrEnum):
    ALL_CLAUSES_AND_TASKS = "all_clauses_and_tasks"
    ALL_RETURNS = "all_returns"
    WHOLE_DOCUMENT = "whole_document"


class ConflictKind(StrEnum):
    CONTRADICTION = "contradiction"
    BASE_UNSTATED = "base_unstated"
    HORIZON = "horizon"
    MODALITY = "modality"
    SCOPE = "scope"
    UNIT = "unit"
    RESPONSIBILITY = "responsibility"
    NAMING = "naming"
    DRAFTING = "drafting"
    COVERAGE = "coverage"
    PLAUSIBILITY = "plausibility"


class ConflictSeverity(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class ArithmeticFormula(StrEnum):
    BASE_FROM_GROWTH = "base_from_growth"  # level / (1 + growth)^(horizon - base_year)
    RATE_BETWEEN = "rate_between"  # (to / from)^(1 / years) - 1
    TOTAL_FROM_SHARE = "total_from_share"  # level / share
    DENOMINATOR_FROM_RATIO = "denominator_from_ratio"  # numerator / ratio
    PART_FROM_SHARE = "part_from_share"  # whole * share, beside the level stated


class Light(StrEnum):
    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    GREY = "grey"


class LightSubject(StrEnum):
    TASK = "task"
    INDICATOR = "indicator"
    GROWTH = "growth"


class Operator(StrEnum):
    LESS = "<"
    AT_MOST = "<="
    EQUAL = "="
    AT_LEAST = ">="
    MORE = ">"


class Confidence(StrEnum):
    CONFIRMED = "confirmed"
    UNVERIFIED = "unverified"


class PlaceKind(StrEnum):
    TEXT = "text"  # item of part one
    ANNEX1 = "annex1"  # row
    ANNEX2 = "annex2"  # task
    MEASURE = "measure"
    CLAUSE = "clause"
    HEADING = "heading"  # part
    CLOSING = "closing"  # paragraph
    MEASURES = "measures"  # measures:all


class FilledBy(StrEnum):
    ZONE = "zone"
    DEPARTMENT = "department"


class Coverage(StrEnum):
    OWN = "own"
    ZONES = "zones"
    CITY = "city"
    BOTH = "both"


class FormPurpose(StrEnum):
    RECORD = "record"
    COMPARE = "compare"


class Prefill(StrEnum):
    NONE = "none"
    STANDING = "standing"
    PREVIOUS = "previous"
    RECORDS = "records"
    COMPILER = "compiler"


class EvidenceRule(StrEnum):
    NONE = "none"
    EXPLAINED = "explained"
    ALWAYS = "always"
