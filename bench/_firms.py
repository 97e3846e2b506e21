"""A register of twenty columns for the import benchmark: model, file, and the peer's declaration.

The tables are made in the benchmark's own database and are no part of the product. Two tables of
one shape, so that what both sides wrote can be compared row by row.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
from django.db import connection, models

from jingkai.core.register.public import SheetColumn

LEVELS = {"国家级": "national", "省级": "provincial", "市级": "city", "其他": "other"}
TRADES = {f"行业{n:02d}": f"C{n:02d}" for n in range(13, 44)}


class Place(models.Model):
    """Where a firm is: the target of the foreign key."""

    name = models.CharField(max_length=40, unique=True)

    class Meta:
        app_label = "bench"

    def __str__(self) -> str:
        return self.name


class Firm(models.Model):
    """Twenty columns of mixed kinds."""

    code = models.CharField(max_length=18, unique=True)
    name = models.CharField(max_length=80)
    short_name = models.CharField(max_length=20, blank=True)
    contact = models.CharField(max_length=20, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    address = models.CharField(max_length=120, blank=True)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    trade = models.CharField(max_length=3, choices=[(v, k) for k, v in TRADES.items()])
    level = models.CharField(max_length=10, choices=[(v, k) for k, v in LEVELS.items()])
    founded = models.DateField()
    licensed = models.DateField(null=True, blank=True)
    listed = models.BooleanField(default=False)
    high_tech = models.BooleanField(default=False)
    staff = models.PositiveIntegerField()
    patents = models.IntegerField(null=True, blank=True)
    area = models.DecimalField(max_digits=10, decimal_places=2)
    capital = models.DecimalField(max_digits=16, decimal_places=2)
    output = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    tax = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    remark = models.CharField(max_length=200, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class OurFirm(Firm):
    class Meta:
        app_label = "bench"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(output__isnull=True) | models.Q(tax__lte=models.F("output")),
                name="bench_our_tax_within_output",
                violation_error_message="税收大于产值。",
            )
        ]


class PeerFirm(Firm):
    class Meta:
        app_label = "bench"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(output__isnull=True) | models.Q(tax__lte=models.F("output")),
                name="bench_peer_tax_within_output",
            )
        ]


NAMES = tuple(f.name for f in OurFirm._meta.fields if f.name != "id")
KINDS = {
    "place": "choice",
    "trade": "choice",
    "level": "choice",
    "founded": "date",
    "licensed": "date",
    "listed": "boolean",
    "high_tech": "boolean",
    "staff": "integer",
    "patents": "integer",
    "area": "decimal",
    "capital": "decimal",
    "output": "decimal",
    "tax": "decimal",
}
REQUIRED = frozenset({"code", "name", "place", "trade", "level", "founded", "staff", "area"})


def columns() -> tuple[SheetColumn, ...]:
    """The sheet as our kit declares it."""
    choices: dict[str, Any] = {
        "place": lambda: {place.name: place for place in Place.objects.all()},
        "trade": {v: v for v in TRADES.values()},
        "level": {v: v for v in LEVELS.values()},
    }
    return tuple(
        SheetColumn(
            name,
            name,
            KINDS.get(name, "text"),
            required=name in REQUIRED,
            choices=choices.get(name),
            max_length=getattr(OurFirm._meta.get_field(name), "max_length", None) or 0,
        )
        for name in NAMES
    )


def make_tables() -> None:
    """Create the three tables and the places."""
    with connection.schema_editor() as editor:
        for model in (Place, OurFirm, PeerFirm):
            editor.create_model(model)
    Place.objects.bulk_create(Place(name=f"经开区{n:02d}") for n in range(1, 16))


def rows(count: int, *, changed: bool = False, wrong: int = 0) -> Iterator[list[Any]]:
    """`count` rows; with `changed` every twentieth has another output; `wrong` cells are broken.

    The words in choice columns are those both sides take: a code, or a place's name.
    """
    dice = random.Random(20261123)
    trades, levels = list(TRADES.values()), list(LEVELS.values())
    step = count // wrong if wrong else 0
    broken = {n * step + step // 2 for n in range(wrong)}
    start = date(1990, 1, 1)
    for n in range(count):
        founded = start + timedelta(dice.randrange(12_000))
        output = Decimal(dice.randrange(10_000, 10_000_000)) / 100
        line = [
            f"91210100{n:010d}",
            f"沈阳第{n}号演示企业有限公司",
            f"演示{n}",
            dice.choice("赵钱孙李周吴郑王") + dice.choice("伟芳娜敏静强磊军"),
            f"024-{dice.randrange(10**8):08d}",
            f"沈阳市演示路{dice.randrange(2000)}号{dice.randrange(60)}层",
            f"经开区{dice.randrange(1, 16):02d}",
            dice.choice(trades),
            dice.choice(levels),
            founded,
            founded + timedelta(90) if dice.random() < 0.7 else None,
            dice.random() < 0.02,
            dice.random() < 0.3,
            dice.randrange(1, 5000),
            dice.randrange(0, 300) if dice.random() < 0.6 else None,
            Decimal(dice.randrange(100, 500_000)) / 100,
            Decimal(dice.randrange(100_00, 10_000_000)) / 100,
            output,
            (output * dice.randrange(1, 12) / 100).quantize(Decimal("0.01")),
            "演示数据" if dice.random() < 0.5 else "",
        ]
        if changed and n % 20 == 7:
            line[17] = output + 1
        if n in broken:
            line[15] = "不详" if n % 2 else "待补"
        yield line


def write_xlsx(path: Path, lines: Iterator[list[Any]]) -> None:
    """The workbook both sides read: numbers as numbers, dates as dates."""
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("企业")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, NAMES)
        for number, line in enumerate(lines, start=1):
            for index, value in enumerate(line):
                write_cell(sheet, number, index, value, day)


def write_cell(sheet: Any, row: int, column: int, value: Any, day: Any) -> None:
    """One cell by the kind of its value; nothing for nothing."""
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, day)
    elif isinstance(value, int | float | Decimal):
        sheet.write_number(row, column, float(value))
    else:
        sheet.write_string(row, column, value)


def peer_resource(*, tuned: bool, judged: bool) -> Any:
    """django-import-export's declaration of the same sheet, in one transaction.

    As its documentation begins, or (`tuned`) with all it offers for speed: bulk statements, cached
    look-ups, no differences shown. `judged` lets it validate each row by the model, as ours does.
    """
    from import_export import fields, instance_loaders, resources, widgets

    link = widgets.CachedForeignKeyWidget if tuned else widgets.ForeignKeyWidget

    class Options:
        model = PeerFirm
        fields = NAMES
        import_id_fields = ("code",)
        use_transactions = True
        clean_model_instances = judged
        if tuned:
            use_bulk = True
            batch_size = 2000
            skip_diff = True
            skip_html_diff = True
            skip_unchanged = True
            report_skipped = False
            instance_loader_class = instance_loaders.CachedInstanceLoader

    return resources.ModelResource.__class__(
        "FirmResource",
        (resources.ModelResource,),
        {
            "Meta": Options,
            "place": fields.Field("place", "place", widget=link(Place, "name")),
        },
    )()
