"""What other rooms may use of evaluation."""

from .checking import Facts, problems_of
from .definition import Definition, Problem
from .drafting import EditionDraft, NodeDraft, edition_data, edition_of, in_tree_order
from .models import Scheme, SchemeVersion, VersionState
from .problem_words import sentence
from .queries.schemes import definition_of, edition_of_version, overlapping
from .services.schemes import publish_version, retire_version, save_draft, start_draft

__all__ = [
    "Definition",
    "EditionDraft",
    "Facts",
    "NodeDraft",
    "Problem",
    "Scheme",
    "SchemeVersion",
    "VersionState",
    "definition_of",
    "edition_data",
    "edition_of",
    "edition_of_version",
    "in_tree_order",
    "overlapping",
    "problems_of",
    "publish_version",
    "retire_version",
    "save_draft",
    "sentence",
    "start_draft",
]
