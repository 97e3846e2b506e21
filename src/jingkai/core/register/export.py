"""Lists out to Excel and CSV, from the same columns the page shows. Every export is logged."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.encoding import escape_uri_path
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from jingkai.core.audit import public as audit

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
    write = _csv if fmt == "csv" else _workbook
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


def _plain(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, int | float | Decimal) else str(value)


def _csv(
    title: str, columns: Sequence[Column], rows: Iterable[Any], note: str
) -> tuple[bytes, int]:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([str(column.label) for column in columns])
    count = 0
    for row in rows:
        count += 1
        plain = [_plain(column.value(row)) for column in columns]
        writer.writerow(
            [
                "'" + v if isinstance(v, str) and v.startswith(_FORMULA_STARTERS) else v
                for v in plain
            ]
        )
    return out.getvalue().encode("utf-8-sig"), count


def _workbook(
    title: str, columns: Sequence[Column], rows: Iterable[Any], note: str
) -> tuple[bytes, int]:
    """The workbook and its row count; rows are written out as they come and not kept."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(title.translate({ord(c): " " for c in "[]:*?/\\"})[:31])
    head = book.add_format({"bold": True, "bg_color": "#EAF0F8", "bottom": 1, "text_wrap": True})
    for index, column in enumerate(columns):
        sheet.set_column(index, index, column.width)
        sheet.write_string(0, index, str(column.label), head)
    cells = [
        (index, column.value, _number_format(book, column)) for index, column in enumerate(columns)
    ]
    line = 0
    for row in rows:
        line += 1
        for index, value_of, form in cells:
            value = value_of(row)
            if value is None or value == "":
                continue
            if value.__class__ is not str:
                value = _plain(value)
            if isinstance(value, str):
                sheet.write_string(line, index, value)
            else:
                sheet.write_number(line, index, float(value), form)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(line, 1), len(columns) - 1)
    sheet.write_string(line + 2, 0, note)
    book.close()
    return out.getvalue(), line


def _number_format(book: Any, column: Column) -> Any:
    if not column.numeric:
        return None
    decimals = "." + "0" * column.decimals if column.decimals else ""
    return book.add_format({"num_format": f"#,##0{decimals}"})
