"""Addresses of a return."""

from django.urls import path

from .views import returns

patterns = [
    path("returns/<int:return_id>/", returns.return_page, name="return"),
    path("returns/<int:return_id>/sign/", returns.sign_page, name="sign"),
]
