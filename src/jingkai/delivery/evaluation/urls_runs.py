"""Addresses of runs and results."""

from django.urls import path

from .views import reports, runs

patterns = [
    path("", runs.overview, name="overview"),
    path("runs/", runs.run_list, name="runs"),
    path("runs/new/", runs.run_new, name="run-new"),
    path("runs/<int:run_id>/", runs.run_detail, name="run"),
    path("runs/<int:run_id>/progress/", runs.run_progress, name="run-progress"),
    path("runs/<int:run_id>/act/<slug:action>/", runs.run_act, name="run-act"),
    path("runs/<int:run_id>/sensitivity/", reports.sensitivity, name="sensitivity"),
    path("runs/<int:run_id>/compare/<int:other_id>/", reports.compare, name="compare"),
    path("runs/<int:run_id>/zones/<slug:zone_code>/", reports.report, name="report"),
    path(
        "runs/<int:run_id>/zones/<slug:zone_code>/lifts/", reports.report_lifts, name="report-lifts"
    ),
]
