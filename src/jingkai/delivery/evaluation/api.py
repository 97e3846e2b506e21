"""API of evaluation."""

from ninja import Router

from .api_outputs import router as outputs

router = Router(tags=["evaluation"])
router.add_router("", outputs)
