from django.apps import AppConfig
from django.core.checks import Tags, register

from shop.core.replaced import find_halfway


class CoreConfig(AppConfig):
    name = "shop.core"
    label = "core"

    def ready(self) -> None:
        register(find_halfway, Tags.database)
