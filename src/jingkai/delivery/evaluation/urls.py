"""Pages of evaluation, by topic."""

from . import urls_ledger, urls_outputs, urls_runs, urls_schemes

app_name = "evaluation"
urlpatterns = [
    *urls_schemes.patterns,
    *urls_runs.patterns,
    *urls_outputs.patterns,
    *urls_ledger.patterns,
]
