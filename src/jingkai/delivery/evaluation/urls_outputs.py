"""Addresses of the files of a run."""

from django.urls import path

from .views import outputs

patterns = [
    path("runs/<int:run_id>/workbook.xlsx", outputs.workbook, name="run-workbook"),
    path("runs/<int:run_id>/files.zip", outputs.files, name="run-files"),
    path("runs/<int:run_id>/report.docx", outputs.report, name="run-report-file"),
    path(
        "runs/<int:run_id>/zones/<slug:zone>/report.docx",
        outputs.zone_report,
        name="zone-report-file",
    ),
]
