from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "jingkai.delivery.reporting"
    label = "reporting"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import wiring

        wiring.connect()
