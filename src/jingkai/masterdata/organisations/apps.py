from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "jingkai.masterdata.organisations"
    label = "organisations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from jingkai.core.register.public import guard_attachments

        from .registers import BODIES, ZONES

        guard_attachments(BODIES)
        guard_attachments(ZONES)
