"""Pages of evaluation."""

from .urls_runs import patterns as runs

app_name = "evaluation"
urlpatterns = [*runs]
