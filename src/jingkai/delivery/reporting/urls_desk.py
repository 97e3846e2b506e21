"""Addresses of the desks."""

from django.urls import path

from .views import desk, verification

patterns = [
    path("", desk.overview, name="overview"),
    path("open/", desk.open_campaign, name="open"),
    path("campaigns/<int:campaign_id>/", desk.campaign_page, name="campaign"),
    path("campaigns/<int:campaign_id>/<slug:name>/", desk.campaign_act, name="campaign-act"),
    path("verify/", verification.verify_index, name="verify-index"),
    path("verify/<int:campaign_id>/<slug:code>/", verification.verify_page, name="verify"),
    path("unlocks/", desk.unlocks_page, name="unlocks"),
]
