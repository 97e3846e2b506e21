from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "jingkai.masterdata.organisations"
    label = "organisations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from jingkai.core.register.public import guard_attachments

        from .body_register import BODIES
        from .search import register
        from .zone_register import ZONES

        guard_attachments(BODIES)
        guard_attachments(ZONES)
        register()
