from django.urls import path

from . import views

app_name = "indicators"
urlpatterns = [
    path("", views.indicator_list, name="list"),
    path("record/", views.record, name="record"),
    path("allocations/", views.allocation_list, name="allocations"),
    path("allocations/<int:pk>/", views.allocation, name="allocation"),
    path("allocations/<int:pk>/<slug:action>/", views.allocation_action, name="allocation-action"),
    path("values/<int:event_id>/lineage/", views.lineage, name="lineage"),
    path("<slug:code>/", views.detail, name="detail"),
    path("<slug:code>/zones/", views.zones, name="zones"),
    path("<slug:code>/parts/<slug:part>/", views.part, name="part"),
    path("<slug:code>/judge/", views.judge, name="judge"),
    path("<slug:code>/path/", views.plan, name="plan"),
    path("<slug:code>/targets/", views.targets, name="targets"),
    path("<slug:code>/allocate/", views.open_allocation, name="open-allocation"),
]
