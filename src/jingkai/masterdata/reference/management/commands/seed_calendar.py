from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from jingkai.masterdata.reference.seeding import seed_calendar


class Command(BaseCommand):
    help = "Load the working-day calendar for every year known and not yet loaded."

    def handle(self, *args: Any, **options: Any) -> None:
        years = seed_calendar(now=timezone.now())
        self.stdout.write(
            f"Loaded {years[0]}-{years[-1]}." if years else "Every known year is loaded already."
        )
