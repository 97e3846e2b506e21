"""The working-day calendar from the public record of the State Council's yearly notices."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from importlib.metadata import version as package_version

from chinese_calendar.constants import Holiday, holidays, workdays
from django.db import transaction

from jingkai.core.audit import public as audit

from .calendar import CALENDAR, COLUMNS, HOLIDAY, WORKDAY, YEAR
from .models import Confidence, ReferenceRow, ReferenceTable, ReferenceVersion, VersionState

_NAMES = {holiday.value: holiday.chinese for holiday in Holiday}


@transaction.atomic
def seed_calendar(*, now: datetime) -> list[int]:
    """Load each year the package knows and no version covers yet; return the years loaded.

    One version per year, in force from its first to its last day. A year the office has loaded or
    corrected itself is left alone, so running it again changes nothing.
    """
    table, _new = ReferenceTable.objects.select_for_update().get_or_create(
        code=CALENDAR,
        defaults={
            "title": "工作日历",
            "title_en": "Working-day calendar",
            "description": (
                "法定节假日与调休上班日；未列出的日期按周一至周五上班。每年须有一行“全年已载入”。"
            ),
            "columns": COLUMNS,
        },
    )
    covered = [
        (v.effective_from, v.effective_to or date.max)
        for v in table.versions.exclude(state=VersionState.DRAFT)
    ]
    taken = set(table.versions.values_list("version", flat=True))
    exceptions: dict[int, dict[date, tuple[str, str]]] = defaultdict(dict)
    for kind, days in ((HOLIDAY, holidays), (WORKDAY, workdays)):
        for day, occasion in days.items():
            exceptions[day.year][day] = (kind, _NAMES.get(occasion, occasion))
    package = package_version("chinesecalendar")
    source = f"国务院办公厅节假日安排通知（据 chinesecalendar {package}）"
    loaded = []
    for year, days_of_year in sorted(exceptions.items()):
        first, last = date(year, 1, 1), date(year, 12, 31)
        if str(year) in taken or any(start <= last and first <= end for start, end in covered):
            continue
        version = ReferenceVersion.objects.create(
            table=table,
            version=str(year),
            effective_from=first,
            effective_to=last,
            source=source,
            confidence=Confidence.CONFIRMED,
            state=VersionState.IN_FORCE,
            edited_at=now,
        )
        rows = [(str(year), {"kind": YEAR, "name": ""})]
        rows += [
            (day.isoformat(), {"kind": kind, "name": name})
            for day, (kind, name) in sorted(days_of_year.items())
        ]
        ReferenceRow.objects.bulk_create(
            ReferenceRow(version=version, key=key, position=position, values=values)
            for position, (key, values) in enumerate(rows)
        )
        loaded.append(year)
    if loaded:
        audit.record(
            "reference.calendar.seeded",
            actor=None,
            target=table,
            at=now,
            summary=f"{loaded[0]}–{loaded[-1]}",
            row_count=len(loaded),
            details={"years": loaded},
        )
    return loaded
