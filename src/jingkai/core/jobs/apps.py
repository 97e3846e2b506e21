from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "jingkai.core.jobs"
    label = "jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import housekeeping  # noqa: F401  # registers the periodic tasks
