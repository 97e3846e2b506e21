"""Pages of the returns, by topic."""

from django.urls import URLPattern

from . import urls_corrections

app_name = "reporting"
urlpatterns: list[URLPattern] = [*urls_corrections.patterns]
