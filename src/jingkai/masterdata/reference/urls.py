from django.urls import path

from jingkai.core.register.public import register_urls

from . import views
from .registers import TABLES

app_name = "reference"
urlpatterns = [
    path("<slug:code>/new-draft/", views.new_draft, name="new-draft"),
    path("<slug:code>/versions/<int:version_id>/", views.draft, name="draft"),
    path("<slug:code>/versions/<int:version_id>/act/", views.act, name="act"),
    path("<slug:code>/versions/<int:version_id>/import/", views.import_rows, name="import"),
    *register_urls(TABLES, "", card=lambda request, value: views.table(request, value)),
]
