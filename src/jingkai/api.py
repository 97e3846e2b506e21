"""The API: one router per room, session or bearer token, problem+json for every error."""

from ninja import NinjaAPI

from jingkai import __version__
from jingkai.cockpit.api import router as cockpit
from jingkai.core.accounts.api import router as accounts
from jingkai.core.accounts.public import API_AUTHENTICATION
from jingkai.core.api import install_handlers
from jingkai.core.audit.api import router as audit
from jingkai.core.files.api import router as files
from jingkai.core.jobs.api import router as jobs
from jingkai.core.notices.api import router as notices
from jingkai.delivery.consultation.api import router as consultation
from jingkai.delivery.evaluation.api import router as evaluation
from jingkai.delivery.indicators.api import policy_targets
from jingkai.delivery.indicators.api import router as indicators
from jingkai.delivery.intake.api import router as intake
from jingkai.delivery.policy.api import router as policy
from jingkai.delivery.reporting.api import router as reporting
from jingkai.delivery.supervision.api import router as supervision
from jingkai.masterdata.organisations.api import router as organisations
from jingkai.masterdata.reference.api import router as reference

api = NinjaAPI(
    title="Jingkai API",
    version=__version__,
    urls_namespace="api",
    auth=API_AUTHENTICATION,
    docs_url=None,
)
install_handlers(api)
api.add_router("/accounts", accounts)
api.add_router("/audit", audit)
api.add_router("/files", files)
api.add_router("/jobs", jobs)
api.add_router("/notices", notices)
api.add_router("/cockpit", cockpit)
api.add_router("/indicators", indicators)
api.add_router("/policy", policy)
api.add_router("/policy", policy_targets)
api.add_router("/reporting", reporting)
api.add_router("/supervision", supervision)
api.add_router("/evaluation", evaluation)
api.add_router("/documents", intake)
api.add_router("/consultation", consultation)
api.add_router("/organisations", organisations)
api.add_router("/reference", reference)
