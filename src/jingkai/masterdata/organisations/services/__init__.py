"""Changing bodies and zones, by topic."""

from .bodies import (
    add_alias,
    end_alias,
    import_bodies,
    initials_of,
    mark_body,
    merge_bodies,
    save_body,
)
from .zones import add_boundary, import_zones, mark_zone, save_zone, set_industries

__all__ = [
    "add_alias",
    "add_boundary",
    "end_alias",
    "import_bodies",
    "import_zones",
    "initials_of",
    "mark_body",
    "mark_zone",
    "merge_bodies",
    "save_body",
    "save_zone",
    "set_industries",
]
