from django.apps import AppConfig


class RegisterConfig(AppConfig):
    name = "jingkai.core.register"
    label = "register"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import background  # noqa: F401  # registers the job of large imports
