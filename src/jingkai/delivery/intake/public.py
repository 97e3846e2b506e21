"""What other rooms may use of intake.

Packs make a pack of a decided document: `register_publisher(publisher)` in their `ready()`; see
`publisher.Publisher` for what it must do. Rooms above read documents and their sentences by
`visible_versions(user)`, and what a version says as plain data by `version.reading`.
"""

from .building import Files
from .models import (
    ItemKind,
    ItemState,
    SourceDocument,
    SourceItem,
    SourceStage,
    SourceState,
    SourceVersion,
)
from .publisher import Loaded, PackProblem, Publisher, register_publisher
from .queries import sentences_of, visible_documents, visible_items, visible_versions
from .rules import can_decide, can_publish, can_read, can_upload
from .texts import finding_text

__all__ = [
    "Files",
    "ItemKind",
    "ItemState",
    "Loaded",
    "PackProblem",
    "Publisher",
    "SourceDocument",
    "SourceItem",
    "SourceStage",
    "SourceState",
    "SourceVersion",
    "can_decide",
    "can_publish",
    "can_read",
    "can_upload",
    "finding_text",
    "register_publisher",
    "sentences_of",
    "visible_documents",
    "visible_items",
    "visible_versions",
]
