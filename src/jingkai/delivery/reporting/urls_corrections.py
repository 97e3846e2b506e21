"""Addresses of corrections, revisions and the exchange."""

from django.urls import path

from .views import corrections, exchange, revisions

patterns = [
    path("corrections/", corrections.correction_list, name="corrections"),
    path("corrections/new/", corrections.correction_new, name="correction-new"),
    path("corrections/<int:correction_id>/", corrections.correction_detail, name="correction"),
    path(
        "corrections/<int:correction_id>/<slug:action>/",
        corrections.correction_act,
        name="correction-act",
    ),
    path("revisions/<slug:code>/", revisions.revisions, name="revisions"),
    path("exchange/", exchange.exchange, name="exchange"),
    path("exchange/data/", exchange.exchange_data, name="exchange-data"),
    path("exchange/structure/", exchange.exchange_structure, name="exchange-structure"),
    path("exchange/codes/", exchange.exchange_codes, name="exchange-codes"),
    path("exchange/import/", exchange.exchange_import, name="exchange-import"),
]
