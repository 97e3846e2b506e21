"""Pages of the returns, by topic."""

from . import urls_desk, urls_grid

app_name = "reporting"
urlpatterns = [*urls_desk.patterns, *urls_grid.patterns]
