"""Real objects for the permission matrix."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from jingkai.core.jobs.models import Job


def samples(world: Any) -> dict[str, dict[str, object]]:
    """A run the office started."""
    job = Job.objects.create(
        kind="matrix", title="矩阵", owner=world.users["office"], created_at=timezone.now()
    )
    return {"jobs:detail": {"job_id": job.pk}}
