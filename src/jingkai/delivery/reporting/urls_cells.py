"""Addresses of the grid's JSON."""

from django.urls import path

from .views import cells

patterns = [
    path("returns/<int:return_id>/cells/", cells.save, name="save"),
    path("returns/<int:return_id>/confirm/", cells.confirm, name="confirm"),
    path("returns/<int:return_id>/effort/", cells.effort, name="effort"),
    path("cells/<int:cell_id>/", cells.panel, name="cell"),
    path("cells/<int:cell_id>/explain/", cells.explain, name="explain"),
    path("cells/<int:cell_id>/comment/", cells.comment, name="comment"),
    path("cells/<int:cell_id>/evidence/", cells.evidence, name="evidence"),
]
