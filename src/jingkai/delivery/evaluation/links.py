"""Addresses of the room's pages, for notices, jobs and other rooms."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from django.urls import reverse


def run_url(run_id: int) -> str:
    return reverse("evaluation:run", args=[run_id])


def zone_urls(run_id: int) -> Callable[[str], str]:
    """The addresses of a run's reports, for long lists: resolved once."""
    before, after = reverse("evaluation:report", args=[run_id, "0-0"]).split("0-0")
    return lambda code: f"{before}{quote(code)}{after}"


def zone_url(run_id: int, zone_code: str) -> str:
    return reverse("evaluation:report", args=[run_id, zone_code])
