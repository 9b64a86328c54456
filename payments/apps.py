from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    name = "payments"
    verbose_name = _("Payments")

    def ready(self) -> None:
        from orders.letters import register_letters  # noqa: PLC0415 - models must be loaded first
        from payments import emails  # noqa: PLC0415 - as above

        emails.register_handlers()
        register_letters(emails.letters_of)
