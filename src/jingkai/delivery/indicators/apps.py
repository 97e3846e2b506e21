from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IndicatorsConfig(AppConfig):
    name = "jingkai.delivery.indicators"
    label = "indicators"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from jingkai.core.ui.public import register_search
        from jingkai.delivery.policy.public import on_conflict_decided, register_edge_provider

        from .edges import provide_edges
        from .search import hits
        from .services.targets import follow_conflict

        on_conflict_decided("indicators", follow_conflict)
        register_edge_provider("indicators", provide_edges)
        register_search("indicators", _("Indicators"), hits)
