"""Making a run again from its own rows, on any later day, and comparing digests."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from .computing import evaluate, result_digest, run_definition, run_table
from .freezing import Input, inputs_digest
from .models import Run


@dataclass(frozen=True, slots=True)
class Verification:
    """Digests kept with the run, and those of the same computation made now."""

    inputs_kept: str
    inputs_now: str
    result_kept: str
    result_now: str

    @property
    def inputs_agree(self) -> bool:
        return self.inputs_kept == self.inputs_now

    @property
    def results_agree(self) -> bool:
        return self.result_kept == self.result_now

    @property
    def agrees(self) -> bool:
        return self.inputs_agree and self.results_agree

    def sentence(self) -> str:
        """What came of it, for people."""
        if self.agrees:
            return _("Made again from its own rows: inputs and results agree to the last digit.")
        if not self.inputs_agree:
            return _("The frozen inputs are not those the run was made from.")
        return _("The same inputs give another result than the one that is kept.")


def verify_run(run: Run) -> Verification:
    """Freeze nothing, read nothing but the run's rows, and compute again. 6 queries.

    Raises CompositeError when the rows cannot be computed at all.
    """
    inputs = [
        Input(row.zone.code, row.node, row.year, row.value, row.event_id, row.period, row.absence)
        for row in run.inputs.select_related("zone").order_by()
    ]
    lines = run.ledger_lines.order_by().values_list("zone__code", "kind", "rule", "points")
    outcome = evaluate(
        run_definition(run), run_table(run), seed=run.seed, replications=run.replications
    )
    return Verification(
        inputs_kept=run.inputs_digest,
        inputs_now=inputs_digest(
            run.definition,
            run.zones,
            inputs,
            lines,
            seed=run.seed,
            replications=run.replications,
        ),
        result_kept=run.result_digest,
        result_now=result_digest(outcome),
    )
