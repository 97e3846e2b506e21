from django.apps import AppConfig


class PolicyConfig(AppConfig):
    name = "jingkai.delivery.policy"
    label = "policy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from .search import register

        register()
