"""Every door of the house. What is not named in `OPEN_PATHS` needs sign-in."""

from django.urls import include, path
from django.views.i18n import set_language

from .api import api

urlpatterns = [
    path("", include("jingkai.core.ui.urls")),
    path("api/v1/", api.urls),
    path("language/", set_language, name="set-language"),
    path("account/", include("jingkai.core.accounts.urls")),
    path("admin/users/", include("jingkai.core.accounts.admin_urls")),
    path("admin/audit/", include("jingkai.core.audit.urls")),
    path("inbox/", include("jingkai.core.notices.urls")),
    path("jobs/", include("jingkai.core.jobs.urls")),
    path("files/", include("jingkai.core.files.urls")),
    path("cockpit/", include("jingkai.cockpit.urls")),
    path("delivery/policy/", include("jingkai.delivery.policy.urls")),
    path("delivery/indicators/", include("jingkai.delivery.indicators.urls")),
    path("delivery/returns/", include("jingkai.delivery.reporting.urls")),
    path("delivery/supervision/", include("jingkai.delivery.supervision.urls")),
    path("delivery/evaluation/", include("jingkai.delivery.evaluation.urls")),
    path("delivery/documents/", include("jingkai.delivery.intake.urls")),
    path("delivery/consultation/", include("jingkai.delivery.consultation.urls")),
    path("masterdata/organisations/", include("jingkai.masterdata.organisations.urls")),
    path("masterdata/reference/", include("jingkai.masterdata.reference.urls")),
]
