"""Addresses of the schemes."""

from django.urls import path

from .views import scheme_compare, scheme_edit, schemes

patterns = [
    path("schemes/", schemes.scheme_list, name="schemes"),
    path("schemes/new/", schemes.new_scheme, name="new-scheme"),
    path("schemes/compare/", scheme_compare.compare_schemes, name="compare-schemes"),
    path("schemes/<slug:code>/", schemes.scheme_page, name="scheme"),
    path("schemes/<slug:code>/draft/", schemes.draft_scheme, name="draft-scheme"),
    path("schemes/<slug:code>/<int:number>/edit/", scheme_edit.edit_scheme, name="edit-scheme"),
    path("schemes/<slug:code>/<int:number>/check/", scheme_edit.check_scheme, name="check-scheme"),
    path("schemes/<slug:code>/<int:number>/publish/", schemes.publish, name="publish-scheme"),
    path("schemes/<slug:code>/<int:number>/retire/", schemes.retire, name="retire-scheme"),
    path("schemes/<slug:code>/<int:number>/discard/", scheme_edit.discard, name="discard-scheme"),
]
