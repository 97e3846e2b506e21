"""Pages of evaluation."""

from django.urls import URLPattern

from .urls_outputs import patterns as outputs
from .urls_runs import patterns as runs

app_name = "evaluation"
urlpatterns: list[URLPattern] = [*runs, *outputs]
