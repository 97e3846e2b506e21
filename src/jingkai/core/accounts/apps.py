from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "jingkai.core.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import sessions  # noqa: F401  # connects what marks a session at sign-in
