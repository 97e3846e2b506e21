"""Building from files, and what every command tells of it."""

from __future__ import annotations

from typing import Any

from jingkai.engine.composite import Result
from jingkai.engine.composite import build as build_index

from ..console import out
from ..texts import gettext as _
from .reading import Inputs, saying
from .writing import notices_as_data


def built(inputs: Inputs) -> Result:
    """Build, with refusals that name file and row."""
    with saying(data=inputs.data_sheet, meta=inputs.meta_sheet):
        return build_index(inputs.table, inputs.tree, inputs.method)


def common_facts(inputs: Inputs, result: Result) -> dict[str, Any]:
    """What run.json says of every command."""
    codes = result.tree.codes
    return {
        "inputs": inputs.digests,
        "method": inputs.method,
        "units": len(result.units),
        "indicators": result.tree.n_indicators,
        "screened_out": result.screened_out,
        "weights": dict(zip(codes, result.weights.tolist(), strict=True)),
        "warnings": notices_as_data(result.notices),
    }


def tell_notices(result: Result) -> None:
    """Print what a reader of the result must know."""
    for notice in result.notices[:20]:
        out.print(
            f"▲ {notice.step}: {notice.message}", markup=False, highlight=False, soft_wrap=True
        )
    if len(result.notices) > 20:
        out.print(
            _("… and %(more)d more in run.json.") % {"more": len(result.notices) - 20},
            highlight=False,
        )
