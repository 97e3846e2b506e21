"""The files of each loaded pack: the next version of a document is built on them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from .model import Pack
from .models import KeptFiles
from .parsing import FILES


def keep(pack: Pack, texts: Mapping[str, str], now: datetime) -> None:
    """Remember the files of `pack` as they are loaded now."""
    KeptFiles.objects.update_or_create(
        pack=pack.id,
        defaults={
            "version": pack.version,
            "digest": pack.digest,
            "files": dict(texts),
            "kept_at": now,
        },
    )


def keep_folder(pack: Pack, folder: Path, now: datetime) -> None:
    """Remember the files of a folder, unless these very ones are remembered."""
    if not KeptFiles.objects.filter(pack=pack.id, digest=pack.digest).exists():
        keep(pack, {name: (folder / name).read_text(encoding="utf-8") for name in FILES}, now)
