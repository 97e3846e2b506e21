"""Writing: files brought in and read, things decided, documents taken over."""

from .deciding import accept_all, decide_item
from .publishing import begin_publication, check_publication, publish_version, reopen_version
from .reading import read_version
from .uploading import correct_title, discard_version, read_again, upload_document

__all__ = [
    "accept_all",
    "begin_publication",
    "check_publication",
    "correct_title",
    "decide_item",
    "discard_version",
    "publish_version",
    "read_again",
    "read_version",
    "reopen_version",
    "upload_document",
]
