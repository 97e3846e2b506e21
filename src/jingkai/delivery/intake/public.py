"""What other rooms may use of intake."""

from .models import (
    ItemKind,
    SourceDocument,
    SourceItem,
    SourceStage,
    SourceState,
    SourceVersion,
)

__all__ = [
    "ItemKind",
    "SourceDocument",
    "SourceItem",
    "SourceStage",
    "SourceState",
    "SourceVersion",
]
