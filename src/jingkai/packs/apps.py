from django.apps import AppConfig


class PacksConfig(AppConfig):
    name = "jingkai.packs"
    label = "packs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from jingkai.delivery.intake.public import register_publisher

        from .from_documents import DocumentPublisher

        register_publisher(DocumentPublisher())
