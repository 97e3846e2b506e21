"""Pages of evaluation, by topic."""

from . import urls_schemes

app_name = "evaluation"
urlpatterns = [
    *urls_schemes.patterns,
]
