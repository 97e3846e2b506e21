"""From decided things and what exists to the records of a pack. Pure: no database, no clock.

`build(plan, base)` gives the content of the pack's files as plain values, the code each thing has
in the product, and what stands in the way. What a pack holds are facts and short titles of our
own; the document's sentences stay with its version.
"""

from __future__ import annotations

from .assembling import build, db_code
from .plan import Built, Files, Head, KnownBody, Mistake, Plan, Taken

__all__ = [
    "Built",
    "Files",
    "Head",
    "KnownBody",
    "Mistake",
    "Plan",
    "Taken",
    "build",
    "db_code",
]
