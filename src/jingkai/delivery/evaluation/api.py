"""API of evaluation, by topic."""

from ninja import Router

from . import api_schemes

router = Router(tags=["evaluation"])
router.add_router("", api_schemes.router)
