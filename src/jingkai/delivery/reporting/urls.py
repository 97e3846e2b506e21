"""Pages of the returns, by topic."""

from django.urls import URLPattern

app_name = "reporting"
urlpatterns: list[URLPattern] = []
