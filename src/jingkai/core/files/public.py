"""What other rooms may use of files."""

from .kinds import DOCX, JPEG, MARKUP, PDF, PNG, TEXT, XLSX, Kind, identify
from .models import Attachment, StoredFile
from .services import attach, attachments_by_target, attachments_of, path_of, register_guard, store

__all__ = [
    "DOCX",
    "JPEG",
    "MARKUP",
    "PDF",
    "PNG",
    "TEXT",
    "XLSX",
    "Attachment",
    "Kind",
    "StoredFile",
    "attach",
    "attachments_by_target",
    "attachments_of",
    "identify",
    "path_of",
    "register_guard",
    "store",
]
