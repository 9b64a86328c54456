from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from accounts import emails, exporting, privacy  # noqa: PLC0415 - models must be loaded first

        emails.register_handlers()
        exporting.register_handlers()
        privacy.register()
