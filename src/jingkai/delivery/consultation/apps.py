from django.apps import AppConfig


class ConsultationConfig(AppConfig):
    name = "jingkai.delivery.consultation"
    label = "consultation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import wiring

        wiring.connect()
