"""The API of the returns, by topic."""

from ninja import Router

from .api_returns import router as returns

router = Router(tags=["reporting"])
router.add_router("", returns)
