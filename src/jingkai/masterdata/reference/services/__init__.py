"""Changing reference tables: drafts are edited, versions in force never."""

from .drafts import (
    VersionHead,
    change_draft,
    discard_draft,
    import_draft,
    replace_rows,
    save_draft,
    start_draft,
)
from .force import put_in_force, set_confidence, withdraw

__all__ = [
    "VersionHead",
    "change_draft",
    "discard_draft",
    "import_draft",
    "put_in_force",
    "replace_rows",
    "save_draft",
    "set_confidence",
    "start_draft",
    "withdraw",
]
