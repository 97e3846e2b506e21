"""Real objects for the permission matrix."""

from __future__ import annotations

from typing import Any

from ..models import SourceDocument, SourceItem, SourceStage, SourceState, SourceVersion
from .factories import NOW


def samples(world: Any) -> dict[str, dict[str, object]]:
    """A version in review with one thing read in it, its file kept."""
    from jingkai.core.files.models import StoredFile
    from jingkai.core.files.public import path_of

    office = world.users["office"]
    stored = StoredFile.objects.create(
        digest="d" * 64, size=3, media_type="text/plain", created_at=NOW
    )
    path = path_of(stored.digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("文".encode())
    document = SourceDocument.objects.create(
        code="document-1", title="样本", created_by=office, created_at=NOW
    )
    version = SourceVersion.objects.create(
        document=document,
        number=1,
        stage=SourceStage.DRAFT,
        state=SourceState.REVIEW,
        file=stored,
        file_name="样本.txt",
        text="一、总体要求",
        reading={"title": "样本", "measures": [], "targets": [], "tasks": [], "bodies": []},
        sections=[{"key": "front", "title": "样本", "start": 0, "end": 6}],
        uploaded_by=office,
        uploaded_at=NOW,
    )
    item = SourceItem.objects.create(
        version=version,
        kind="measure",
        key="m01",
        position=0,
        start=0,
        end=2,
        title="总体要求",
        read={"title": "总体要求", "number": 1, "printed": "一", "questions": []},
    )
    by_version, by_item = {"version_id": version.pk}, {"item_id": item.pk}
    names = (
        "version",
        "file",
        "title",
        "again",
        "discard",
        "reopen",
        "accept-all",
        "publish",
        "pack",
    )
    return {
        **{f"intake:{name}": by_version for name in names},
        "intake:item": by_item,
        "intake:decide": by_item,
        "get_document_version": by_version,
        "get_document_reading": by_version,
        "list_document_items": by_version,
        "accept_document_items": by_version,
        "publish_document_version": by_version,
        "correct_document_title": by_version,
        "decide_document_item": by_item,
        "policy:sentence": {"kind": "clause", "code": "m01-c01"},
    }
