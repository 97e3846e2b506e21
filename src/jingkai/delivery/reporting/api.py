"""The API of the returns, by topic."""

from ninja import Router

from . import api_corrections, api_exchange, api_notes, api_returns, api_rules

router = Router(tags=["reporting"])
for part in (api_returns, api_notes, api_rules, api_corrections, api_exchange):
    router.add_router("", part.router)
