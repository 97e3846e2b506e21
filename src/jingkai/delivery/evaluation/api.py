"""API of evaluation, by topic."""

from ninja import Router

from .api_ledger import router as ledger
from .api_runs import router as runs
from .api_schemes import router as schemes

router = Router(tags=["evaluation"])
router.add_router("", schemes)
router.add_router("", runs)
router.add_router("", ledger)
