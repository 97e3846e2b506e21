"""What other rooms may use of evaluation."""

from .checking import Facts, problems_of
from .definition import Definition, Problem
from .drafting import EditionDraft, NodeDraft, edition_data, edition_of, in_tree_order
from .models import Run, RunInput, RunState, Scheme, SchemeVersion, VersionState, ZoneResult
from .problem_words import sentence
from .queries.runs import visible_results, visible_runs
from .queries.schemes import definition_of, edition_of_version, overlapping
from .queries.work import EvaluationWork, evaluation_work
from .services.publication import approve_run, circulate_run, publish_run
from .services.runs import compute_run, freeze_run, repeat_run
from .services.schemes import publish_version, retire_version, save_draft, start_draft
from .verifying import Verification, verify_run

__all__ = [
    "Definition",
    "EditionDraft",
    "EvaluationWork",
    "Facts",
    "NodeDraft",
    "Problem",
    "Run",
    "RunInput",
    "RunState",
    "Scheme",
    "SchemeVersion",
    "Verification",
    "VersionState",
    "ZoneResult",
    "approve_run",
    "circulate_run",
    "compute_run",
    "definition_of",
    "edition_data",
    "edition_of",
    "edition_of_version",
    "evaluation_work",
    "freeze_run",
    "in_tree_order",
    "overlapping",
    "problems_of",
    "publish_run",
    "publish_version",
    "repeat_run",
    "retire_version",
    "save_draft",
    "sentence",
    "start_draft",
    "verify_run",
    "visible_results",
    "visible_runs",
]
