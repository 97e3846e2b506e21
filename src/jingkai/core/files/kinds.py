"""What an upload really is, told from its bytes, and whether it may stay."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from typing import IO

from django.utils.translation import gettext as _

from jingkai.core.errors import FieldProblem, InvalidInput

MAX_BYTES = 20 * 1024 * 1024
_MAX_UNPACKED = 400 * 1024 * 1024
_MAX_RATIO = 200
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True, slots=True)
class Kind:
    """A file type we keep, with the endings it may carry."""

    media_type: str
    endings: tuple[str, ...]


PDF = Kind("application/pdf", ("pdf",))
PNG = Kind("image/png", ("png",))
JPEG = Kind("image/jpeg", ("jpg", "jpeg"))
XLSX = Kind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ("xlsx",))
DOCX = Kind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ("docx",))
PPTX = Kind("application/vnd.openxmlformats-officedocument.presentationml.presentation", ("pptx",))
ZIP = Kind("application/zip", ("zip",))
OFD = Kind("application/ofd", ("ofd",))
TEXT = Kind("text/plain; charset=utf-8", ("txt", "csv", "geojson", "json", "md"))
MARKUP = Kind("application/octet-stream", ("html", "htm"))
"""A page of markup, kept to be read and never shown: only where it is asked for by name."""
KINDS = (PDF, PNG, JPEG, XLSX, DOCX, PPTX, ZIP, OFD, TEXT)


def refuse(message: str, code: str) -> InvalidInput:
    return InvalidInput(message, problems=[FieldProblem("file", message, code)])


def identify(
    content: IO[bytes], name: str, size: int, *, allowed: tuple[Kind, ...] = KINDS
) -> Kind:
    """Return what `content` is. Raises InvalidInput: too large, empty, not what its name says,
    a macro file, password-protected, a zip bomb, or a type that is not kept."""
    if size > MAX_BYTES:
        raise refuse(
            _("“%(name)s” is larger than %(limit)d MB. Send a smaller file or split it.")
            % {"name": name, "limit": MAX_BYTES // 1024 // 1024},
            "too-large",
        )
    if size == 0:
        raise refuse(_("“%(name)s” is empty.") % {"name": name}, "empty")
    content.seek(0)
    data = content.read(MAX_BYTES + 1)
    content.seek(0)
    kind = _kind_of(data, name)
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if kind not in allowed:
        raise refuse(
            _("Files like “%(name)s” are not accepted here. Accepted: %(list)s.")
            % {"name": name, "list": ", ".join(e for k in allowed for e in k.endings)},
            "type-not-accepted",
        )
    if ending not in kind.endings:
        raise refuse(
            _("“%(name)s” is not what its ending says: the content is %(kind)s.")
            % {"name": name, "kind": kind.media_type},
            "type-mismatch",
        )
    return kind


def _kind_of(data: bytes, name: str) -> Kind:
    if data.startswith(b"%PDF-"):
        return PDF
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data.startswith(_OLE):
        raise refuse(
            _(
                "“%(name)s” is an old or password-protected Office file. Save it as .xlsx or .docx "
                "without a password."
            )
            % {"name": name},
            "protected",
        )
    if data.startswith(b"PK"):
        return _office_kind(data, name)
    if _is_plain_text(data):
        return TEXT
    if _is_markup(data):
        return MARKUP
    raise refuse(
        _("“%(name)s” is of a type that is not kept here.") % {"name": name}, "type-not-accepted"
    )


def _office_kind(data: bytes, name: str) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise refuse(
            _("“%(name)s” is damaged and cannot be opened.") % {"name": name}, "damaged"
        ) from error
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries) or 1
    if unpacked > _MAX_UNPACKED or unpacked / packed > _MAX_RATIO:
        raise refuse(
            _("“%(name)s” unpacks to far more than it weighs and is refused.") % {"name": name},
            "zip-bomb",
        )
    names = {entry.filename for entry in entries}
    if any(entry.lower().endswith("vbaproject.bin") for entry in names):
        raise refuse(
            _("“%(name)s” holds macros. Save it without macros (.xlsx) and send it again.")
            % {"name": name},
            "macros",
        )
    if "[Content_Types].xml" in names:
        for prefix, kind in (("xl/", XLSX), ("word/", DOCX), ("ppt/", PPTX)):
            if any(entry.startswith(prefix) for entry in names):
                return kind
    return OFD if "OFD.xml" in names else ZIP


def _is_markup(data: bytes) -> bool:
    return b"\x00" not in data and data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _is_plain_text(data: bytes) -> bool:
    if b"\x00" in data:
        return False
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<", b"#!")):  # markup and scripts are active content
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False
