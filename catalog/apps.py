from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = _("Catalogue")

    def ready(self) -> None:
        from catalog import imaging, privacy, stock_alerts, waiting  # noqa: PLC0415 - models first
        from catalog.importing import slices  # noqa: PLC0415 - as above

        imaging.register_handlers()
        slices.register_handlers()
        stock_alerts.register_handlers()
        waiting.register_handlers()
        privacy.register()
