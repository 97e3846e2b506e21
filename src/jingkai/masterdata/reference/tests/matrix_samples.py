"""Real objects for the permission matrix."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from jingkai.masterdata.reference import services
from jingkai.masterdata.reference.models import Confidence, ReferenceTable


def samples(world: Any) -> dict[str, dict[str, object]]:
    """A table with a draft of the office, and a working day."""
    table = ReferenceTable.objects.create(
        code="MATRIX",
        title="矩阵系数",
        title_en="Matrix factors",
        columns=[{"key": "factor", "title": "系数", "title_en": "Factor", "type": "decimal"}],
    )
    draft = services.start_draft(
        table_id=table.pk,
        copy_of=None,
        head=services.VersionHead("1", date(2026, 1, 1), None, "测试来源", Confidence.UNVERIFIED),
        actor=world.users["office"],
        now=timezone.now(),
    )
    code, day = {"code": table.code}, {"day": "2026-11-02"}
    return {
        **{
            f"reference:{name}": {**code, "version_id": draft.pk}
            for name in ("draft", "act", "import")
        },
        "reference:new-draft": code,
        "reference:table": {"value": table.code},
        "get_reference_table": code,
        "get_working_day": day,
        "get_working_day_after": day,
    }
