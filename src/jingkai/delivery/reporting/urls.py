"""Pages of the returns, by topic."""

from . import urls_cells, urls_corrections, urls_desk, urls_excel, urls_grid, urls_rules

app_name = "reporting"
urlpatterns = [
    *urls_desk.patterns,
    *urls_grid.patterns,
    *urls_cells.patterns,
    *urls_excel.patterns,
    *urls_rules.patterns,
    *urls_corrections.patterns,
]
