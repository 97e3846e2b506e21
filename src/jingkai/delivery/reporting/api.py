"""The API of the returns, by topic."""

from ninja import Router

from . import api_rules

router = Router(tags=["reporting"])
router.add_router("", api_rules.router)
