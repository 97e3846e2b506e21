"""API of evaluation, by topic."""

from ninja import Router

from .api_ledger import router as ledger
from .api_objections import router as objections
from .api_outputs import router as outputs
from .api_publication import router as publication
from .api_runs import router as runs
from .api_schemes import router as schemes
from .api_warnings import router as warnings

router = Router(tags=["evaluation"])
router.add_router("", schemes)
router.add_router("", runs)
router.add_router("", outputs)
router.add_router("", ledger)
router.add_router("", objections)
router.add_router("", publication)
router.add_router("", warnings)
