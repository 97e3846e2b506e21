"""Lists out to Excel and CSV, from the same columns the page shows. Every export is logged."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.encoding import escape_uri_path
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from jingkai.core.audit import public as audit

from .workbooks import plain, workbook

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CHUNK = 2000
FORMATS = ("xlsx", "csv")
_FORMULA_STARTERS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how it is called and how its value is read from a row.

    On a page also: `html` draws the cell, `sort` is the ORM path behind its heading, `total` the
    ORM path summed under the list, `shown` whether it is there before somebody chooses columns.
    """

    key: str
    label: StrOrPromise
    value: Callable[[Any], Any]
    numeric: bool = False
    decimals: int | None = None
    width: int = 16
    html: Callable[[Any], Any] | None = None
    sort: str = ""
    total: str = ""
    shown: bool = True


def export(
    request: HttpRequest,
    *,
    name: str,
    title: str,
    columns: Sequence[Column],
    rows: Iterable[Any],
    fmt: str,
    note: str = "",
) -> HttpResponse:
    """Return `rows` as an xlsx or csv download and log it with its row count.

    Text that a spreadsheet would run as a formula is written as text.
    """
    write = _csv if fmt == "csv" else workbook
    data, count = write(title, columns, _streamed(rows), note or _provenance(request))
    now = timezone.now()
    audit.record(
        "list.exported",
        actor=request.user,
        at=now,
        summary=title,
        details={"list": name, "format": fmt, "query": request.GET.urlencode()},
        row_count=count,
    )
    response = HttpResponse(data, content_type="text/csv; charset=utf-8" if fmt == "csv" else _XLSX)
    filename = f"{title}-{timezone.localtime(now):%Y%m%d-%H%M}.{fmt}"
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{escape_uri_path(filename)}"
    return response


def _streamed(rows: Iterable[Any]) -> Iterable[Any]:
    """Rows of a query that nobody has read yet, without keeping all of them."""
    if isinstance(rows, QuerySet) and rows._result_cache is None:
        return rows.iterator(chunk_size=_CHUNK)
    return rows


def _provenance(request: HttpRequest) -> str:
    stamp = timezone.localtime().strftime("%Y-%m-%d %H:%M")
    text = _("Exported %(time)s by %(who)s") % {"time": stamp, "who": request.user}
    return f"{text} · {_('Demonstration data, not statistics')}" if settings.DEMO else text


def _csv(
    title: str, columns: Sequence[Column], rows: Iterable[Any], note: str
) -> tuple[bytes, int]:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([str(column.label) for column in columns])
    count = 0
    for row in rows:
        count += 1
        cells = [plain(column.value(row)) for column in columns]
        writer.writerow(
            [
                "'" + v if isinstance(v, str) and v.startswith(_FORMULA_STARTERS) else v
                for v in cells
            ]
        )
    return out.getvalue().encode("utf-8-sig"), count
