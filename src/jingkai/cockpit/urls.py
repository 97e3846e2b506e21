from django.urls import path

from . import views

app_name = "cockpit"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("zones-lights/", views.zones_fragment, name="zones-fragment"),
    path("gap/<slug:code>/", views.gap_fragment, name="gap-fragment"),
    path("changes/", views.changes, name="changes"),
    path("my-work/", views.my_work, name="my-work"),
    path("bodies/<slug:code>/", views.body, name="body"),
    path("zones/<slug:code>/", views.zone, name="zone"),
]
