"""Validation of reported figures: rules as data, findings as data; no sentence, no database.

`make_rule` reads a rule, `Given` says what is known about one place and period, `judge` answers
with findings. `read_example` and `run_examples` let a rule prove itself.
"""

from .examples import Example, Expect, Proof, check_examples, read_example, run_examples
from .expressions import Expression, parse
from .judging import judge
from .model import (
    CITY,
    FIGURE,
    MISSING,
    MONTH,
    NOT_APPLICABLE,
    Amount,
    Answer,
    CellKey,
    Elsewhere,
    Facts,
    Finding,
    Given,
    Level,
    Param,
    RuleError,
)
from .rule import Rule, make_rule
from .schema import PARAMETERS, Form, Kind, Lookup, Parameter, Value, read_kind, read_parameters

__all__ = [
    "CITY",
    "FIGURE",
    "MISSING",
    "MONTH",
    "NOT_APPLICABLE",
    "PARAMETERS",
    "Amount",
    "Answer",
    "CellKey",
    "Elsewhere",
    "Example",
    "Expect",
    "Expression",
    "Facts",
    "Finding",
    "Form",
    "Given",
    "Kind",
    "Level",
    "Lookup",
    "Param",
    "Parameter",
    "Proof",
    "Rule",
    "RuleError",
    "Value",
    "check_examples",
    "judge",
    "make_rule",
    "parse",
    "read_example",
    "read_kind",
    "read_parameters",
    "run_examples",
]
