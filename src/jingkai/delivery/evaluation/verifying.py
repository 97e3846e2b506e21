"""Making a run again from its own rows, and saying whether it comes out the same."""

from __future__ import annotations

from dataclasses import dataclass

from jingkai import __version__
from jingkai.engine.composite import CompositeError

from .computing import evaluate, result_digest, run_definition, run_table
from .freezing import Input, inputs_digest
from .models import Run


@dataclass(frozen=True, slots=True)
class Verification:
    """Digests as they were kept and as they come out now; `error`: it cannot be made again."""

    inputs_kept: str
    inputs_now: str
    result_kept: str
    result_now: str
    engine_kept: str
    engine_now: str
    error: str = ""

    @property
    def inputs_hold(self) -> bool:
        return self.inputs_kept == self.inputs_now

    @property
    def result_holds(self) -> bool:
        return bool(self.result_kept) and self.result_kept == self.result_now

    @property
    def holds(self) -> bool:
        """Inputs are as they were frozen, and the results come out to the last digit."""
        return self.inputs_hold and self.result_holds


def verify_run(run: Run) -> Verification:
    """Read the run's rows, compute again, compare. Writes nothing. 4 queries."""
    inputs = [
        Input(*row)
        for row in run.inputs.order_by().values_list(
            "zone__code", "node", "year", "value", "event_id", "period", "absence"
        )
    ]
    lines = run.ledger_lines.values_list("zone__code", "kind", "rule", "points")
    frozen = inputs_digest(
        run.definition, run.zones, inputs, lines, seed=run.seed, replications=run.replications
    )
    result, error = "", ""
    try:
        outcome = evaluate(
            run_definition(run), run_table(run), seed=run.seed, replications=run.replications
        )
        result = result_digest(outcome)
    except CompositeError as problem:
        error = str(problem)
    return Verification(
        run.inputs_digest, frozen, run.result_digest, result, run.engine, __version__, error
    )
