from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "jingkai.delivery.intake"
    label = "intake"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import wiring

        wiring.connect()
