from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    name = "jingkai.delivery.evaluation"
    label = "evaluation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import wiring

        wiring.connect()
