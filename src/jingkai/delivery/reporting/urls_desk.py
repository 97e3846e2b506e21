"""Addresses of the desks."""

from django.urls import path

from .views import desk

patterns = [
    path("", desk.overview, name="overview"),
    path("campaigns/<int:campaign_id>/", desk.campaign_page, name="campaign"),
    path("verify/<int:campaign_id>/<slug:code>/", desk.verify_page, name="verify"),
    path("unlocks/", desk.unlocks_page, name="unlocks"),
]
