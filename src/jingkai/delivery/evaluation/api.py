"""API of evaluation."""

from ninja import Router

from .api_runs import router as runs

router = Router(tags=["evaluation"])
router.add_router("", runs)
