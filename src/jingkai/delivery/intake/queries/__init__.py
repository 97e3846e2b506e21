"""Reading: documents and versions, the review of one, sentences behind records."""

from .documents import visible_documents, visible_items, visible_versions
from .review import Review, review
from .sentences import sentences_of

__all__ = [
    "Review",
    "review",
    "sentences_of",
    "visible_documents",
    "visible_items",
    "visible_versions",
]
