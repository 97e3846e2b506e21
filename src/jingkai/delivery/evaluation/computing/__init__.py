"""From frozen figures to results. Pure but for `run_table`; what is stored is made in `storing`."""

from .outcome import Outcome, evaluate, observed_share, result_digest
from .table import Cells, Lines, Unit, run_definition, run_table, table_of

__all__ = [
    "Cells",
    "Lines",
    "Outcome",
    "Unit",
    "evaluate",
    "observed_share",
    "result_digest",
    "run_definition",
    "run_table",
    "table_of",
]
