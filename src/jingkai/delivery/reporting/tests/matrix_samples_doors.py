"""A return of the matrix's zone with a workbook sent in and an unlock asked for."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from jingkai.delivery.indicators.tests.factories import IndicatorFactory
from jingkai.delivery.reporting.excel.receiving import receive_file
from jingkai.delivery.reporting.excel.template import template_for
from jingkai.delivery.reporting.models import UnlockTicket
from jingkai.delivery.reporting.services import open_campaign
from jingkai.masterdata.reference.public import seed_calendar

from .factories import NOW, PERIOD, FormFactory, FormItemFactory, FormVersionFactory, after


def door_samples(world: Any) -> dict[str, dict[str, object]]:
    seed_calendar(now=NOW)
    indicator = IndicatorFactory(code="MATRIX-DOOR", name="矩阵填报指标", compiler=world.department)
    form = FormFactory(code="matrix-door", name="矩阵月报")
    FormItemFactory(version=FormVersionFactory(form=form), indicator=indicator)
    campaign = open_campaign(form_id=form.pk, period=PERIOD, actor=world.users["office"], now=NOW)
    own = campaign.returns.select_related(
        "campaign__form", "campaign__version", "body", "zone"
    ).get(zone=world.zone)
    clerk, cell = world.users["zone-clerk"], own.cells.get()
    upload = SimpleUploadedFile("矩阵.xlsx", template_for(own, now=NOW))
    record = receive_file(return_id=own.pk, upload=upload, actor=clerk, now=after(hours=1)).record
    ticket = UnlockTicket.objects.create(
        in_return=own, reason="录入有误", requested_by=clerk, requested_at=NOW
    )
    ticket.cells.add(cell)
    of_return, of_cell = {"return_id": own.pk}, {"cell_id": cell.pk}
    of_file = {**of_return, "file_id": record.pk}
    pages = ("excel", "excel-template", "save", "confirm", "effort")
    files = ("excel-answer", "excel-painted", "excel-receipt", "excel-original")
    cells = ("cell", "explain", "comment", "evidence")
    operations = (
        "get_return", "get_return_narrative", "put_return_note", "get_return_template",
        "put_return_cells", "confirm_prefilled_cells",
        "send_return_workbook", "submit_return", "take_back_return", "sign_return",
        "send_back_return", "request_unlock",
    )  # fmt: skip
    return {
        **{f"reporting:{name}": of_return for name in pages},
        **{f"reporting:{name}": of_file for name in files},
        **{f"reporting:{name}": of_cell for name in cells},
        **dict.fromkeys(operations, of_return),
        "explain_cell": of_cell,
        "comment_cell": of_cell,
        "get_painted_workbook": {"file_id": record.pk},
        "decide_unlock": {"ticket_id": ticket.pk},
    }
