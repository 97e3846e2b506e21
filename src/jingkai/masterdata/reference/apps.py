from django.apps import AppConfig


class ReferenceConfig(AppConfig):
    name = "jingkai.masterdata.reference"
    label = "reference"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from .search import register

        register()
