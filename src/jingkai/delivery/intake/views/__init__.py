"""Pages of intake. Whoever may not read documents gets 404 everywhere."""

from .comparing import compare_page
from .documents import again, discard, documents_page, original, reopen, title, upload
from .publishing import pack_archive, publish_page
from .reviewing import accept_kind, decide, item_page, version_page

__all__ = [
    "accept_kind",
    "again",
    "compare_page",
    "decide",
    "discard",
    "documents_page",
    "item_page",
    "original",
    "pack_archive",
    "publish_page",
    "reopen",
    "title",
    "upload",
    "version_page",
]
