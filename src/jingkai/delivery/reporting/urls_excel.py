"""Addresses of the Excel door."""

from django.urls import path

from .views import excel

_FILE = "returns/<int:return_id>/excel/<int:file_id>/"
patterns = [
    path("returns/<int:return_id>/excel/", excel.excel_page, name="excel"),
    path("returns/<int:return_id>/excel/template/", excel.template, name="excel-template"),
    path(_FILE, excel.answer, name="excel-answer"),
    path(f"{_FILE}painted/", excel.painted, name="excel-painted"),
    path(f"{_FILE}receipt/", excel.receipt, name="excel-receipt"),
    path(f"{_FILE}original/", excel.original, name="excel-original"),
]
