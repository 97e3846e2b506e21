"""Forms of a pack as they lie in the database: published versions that never change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from django.db import models
from django.utils import timezone

from jingkai.delivery.reporting.public import (
    Form,
    FormVersion,
    ItemDraft,
    VersionState,
    publish_version,
    save_version,
    start_draft,
)
from jingkai.masterdata.organisations.public import Body

from .model import Pack
from .stores import Extra, Fields, Store

REASON: Final = "随包载入"


def form_records(pack: Pack) -> Iterator[tuple[str, Fields]]:
    """Every form as the plain fields its store holds."""
    sources = {source.id: source.title_zh for source in pack.sources}
    for position, row in enumerate(pack.forms, 1):
        yield (
            row.code,
            {
                "name": row.name_zh,
                "name_en": row.name_en,
                "position": position,
                "filled_by": str(row.filled_by),
                "frequency": str(row.frequency),
                "joins_january": row.joins_january,
                "body": row.body,
                "edition": {
                    "effective_from": row.effective_from.isoformat(),
                    "due_working_days": row.due_working_days,
                    "reminder_days": sorted(row.reminder_days, reverse=True),
                    "source": sources.get(row.source, row.source),
                    "items": [
                        {
                            "indicator": item.indicator,
                            "coverage": str(item.coverage),
                            "purpose": str(item.purpose),
                            "with_month": item.with_month,
                            "required": item.required,
                            "prefill": str(item.prefill),
                            "evidence": str(item.evidence),
                            "verifier": item.verifier or "",
                            "note": item.note,
                        }
                        for item in row.items
                    ],
                },
            },
        )


def _published(row: models.Model) -> FormVersion | None:
    assert isinstance(row, Form)
    versions = [x for x in row.versions.all() if x.state == VersionState.PUBLISHED]
    return max(versions, key=lambda x: x.number, default=None)


def _read_edition(row: models.Model) -> dict[str, Any] | None:
    """What the newest published version says."""
    version = _published(row)
    if version is None:
        return None
    return {
        "effective_from": version.effective_from.isoformat(),
        "due_working_days": version.due_working_days,
        "reminder_days": version.reminder_days,
        "source": version.source,
        "items": [
            {
                "indicator": item.indicator.code,
                "coverage": item.coverage,
                "purpose": item.purpose,
                "with_month": item.with_month,
                "required": item.required,
                "prefill": item.prefill,
                "evidence": item.evidence,
                "verifier": item.verifier.code if item.verifier else "",
                "note": item.note,
            }
            for item in version.items.all()
        ],
    }


def _write_edition(row: models.Model, edition: dict[str, Any]) -> None:
    """Publish a new version: a published one never changes."""
    now = timezone.now()
    draft = start_draft(form_id=row.pk, actor=None, now=now)
    save_version(
        version_id=draft.pk,
        items=[ItemDraft(**item) for item in edition["items"]],
        effective_from=date.fromisoformat(edition["effective_from"]),
        due_working_days=edition["due_working_days"],
        reminder_days=edition["reminder_days"],
        reason=REASON,
        source=edition["source"],
        actor=None,
        now=now,
    )
    publish_version(version_id=draft.pk, reason=REASON, actor=None, now=now)


FORMS = Store(
    kind="form",
    model=Form,
    columns=("name", "name_en", "position", "filled_by", "frequency", "joins_january"),
    links={"body": Body},
    extras={"edition": Extra(_read_edition, _write_edition)},
    prefetch=("versions__items__indicator", "versions__items__verifier"),
)
