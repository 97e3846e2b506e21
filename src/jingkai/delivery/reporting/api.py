"""The API of the returns, by topic."""

from ninja import Router

from . import api_corrections, api_exchange

router = Router(tags=["reporting"])
router.add_router("", api_corrections.router)
router.add_router("", api_exchange.router)
