from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "jingkai.delivery.supervision"
    label = "supervision"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import wiring

        wiring.connect()
