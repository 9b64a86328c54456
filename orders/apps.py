from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Orders")

    def ready(self) -> None:
        from orders import claiming, emails, letters, privacy, pushes  # noqa: PLC0415 - models first
        from orders.reviews import handlers  # noqa: PLC0415 - as above

        emails.register_handlers()
        letters.register_handlers()
        pushes.register_handlers()
        claiming.register_handlers()
        handlers.register_handlers()
        privacy.register()
