"""Addresses of ledger, objections, publication, warnings and earlier results."""

from django.urls import path

from jingkai.core.register.public import register_urls

from .past_register import PAST
from .views import ledger, objections, publication, warnings

patterns = [
    path("ledger/", ledger.entry_list, name="ledger"),
    path("ledger/new/", ledger.entry_new, name="entry-new"),
    path("ledger/<int:entry_id>/", ledger.entry_detail, name="entry"),
    path("ledger/<int:entry_id>/<slug:action>/", ledger.entry_act, name="entry-act"),
    path("objections/", objections.objection_list, name="objections"),
    path("objections/new/", objections.objection_new, name="objection-new"),
    path("objections/<int:objection_id>/", objections.objection_detail, name="objection"),
    path(
        "objections/<int:objection_id>/<slug:action>/",
        objections.objection_act,
        name="objection-act",
    ),
    path("runs/<int:run_id>/publication/", publication.publication, name="publication"),
    path(
        "runs/<int:run_id>/publication/<slug:action>/",
        publication.publication_act,
        name="publication-act",
    ),
    path("warnings/", warnings.warning_page, name="warnings"),
    path("past/<int:result_id>/verify/", warnings.past_verify, name="past-verify"),
    *register_urls(PAST, "past/"),
]
