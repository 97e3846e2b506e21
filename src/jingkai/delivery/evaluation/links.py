"""Addresses of the room's pages, for notices, jobs and other rooms."""

from __future__ import annotations

from django.urls import reverse


def run_url(run_id: int) -> str:
    return reverse("evaluation:run", args=[run_id])


def zone_url(run_id: int, zone_code: str) -> str:
    return reverse("evaluation:report", args=[run_id, zone_code])
