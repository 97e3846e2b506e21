"""Reads of a consultation: visibility first, cost known."""

from .lists import (
    DeskFilters,
    Figures,
    comments_for_desk,
    consultations_for_all,
    consultations_for_list,
    figures_of,
    invitations_of,
    statistics_line,
    topics_for_desk,
)
from .table import AdoptionRow, adoption_rows, sources_of
from .text import AlikeGroup, Block, blocks_of, commentable, duplicates_of
from .visibility import (
    deadlines_for,
    desk_consultations,
    own_invitations,
    public_consultations,
    visible_comments,
    visible_consultations,
    visible_decisions,
    visible_topics,
)

__all__ = [
    "AdoptionRow",
    "AlikeGroup",
    "Block",
    "DeskFilters",
    "Figures",
    "adoption_rows",
    "blocks_of",
    "commentable",
    "comments_for_desk",
    "consultations_for_all",
    "consultations_for_list",
    "deadlines_for",
    "desk_consultations",
    "duplicates_of",
    "figures_of",
    "invitations_of",
    "own_invitations",
    "public_consultations",
    "sources_of",
    "statistics_line",
    "topics_for_desk",
    "visible_comments",
    "visible_consultations",
    "visible_decisions",
    "visible_topics",
]
