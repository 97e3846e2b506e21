from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    name = "jingkai.delivery.indicators"
    label = "indicators"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from jingkai.delivery.policy.public import on_conflict_decided

        from .services.targets import follow_conflict

        on_conflict_decided("indicators", follow_conflict)
