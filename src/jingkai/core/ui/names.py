"""Names in the reader's language."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language


def is_english() -> bool:
    """Whether the reader reads English."""
    return (get_language() or "").startswith("en")


def local_name(obj: Any, field: str = "name") -> str:
    """`obj.<field>`, or its `_en` twin when the reader reads English and it is there."""
    if obj is None:
        return ""
    other = getattr(obj, f"{field}_en", "") if is_english() else ""
    return str(other or getattr(obj, field, obj))
