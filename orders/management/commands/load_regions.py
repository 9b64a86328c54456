"""`manage.py load_regions`: the regions of every country in the repository, after an update."""

from typing import Any

from django.core.management.base import BaseCommand

from orders.regions import files
from orders.regions.loading import load_country


class Command(BaseCommand):
    help = (
        "Bring the table of regions up to the data files. Nothing is deleted: what no longer"
        " exists is no longer offered. Safe to repeat."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        for country in files.countries():
            loaded = load_country(country)
            self.stdout.write(
                f"{country}: {loaded.known} regions, {loaded.changed} new or changed,"
                f" {loaded.retired} retired"
            )
