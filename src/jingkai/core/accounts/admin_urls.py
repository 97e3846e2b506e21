from django.urls import URLPattern

app_name = "accounts-admin"
urlpatterns: list[URLPattern] = []
