from django.urls import path

from jingkai.core.register.public import register_urls

from . import views
from .body_register import BODIES
from .zone_register import ZONES

app_name = "organisations"
urlpatterns = [
    path("bodies/tree/", views.tree, name="tree"),
    path("bodies/<slug:value>/aliases/", views.add_alias, name="body-alias"),
    path("bodies/<slug:value>/aliases/end/", views.end_alias, name="body-alias-end"),
    path("bodies/<slug:value>/merge/", views.merge, name="body-merge"),
    path("bodies/<slug:value>/verify/", views.verify, {"what": "body"}, name="body-verify"),
    path("zones/<slug:value>/verify/", views.verify, {"what": "zone"}, name="zone-verify"),
    path("zones/<slug:value>/industries/", views.industries, name="zone-industries"),
    path("zones/<slug:value>/boundary/", views.boundary, name="zone-boundary"),
    *register_urls(BODIES, "bodies/"),
    *register_urls(ZONES, "zones/"),
]
