"""`manage.py pack_regions FOLDER`: the data file of Indonesia from the CSVs of idn-area-data."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from orders.regions import files, naming

# Upstream's files, one for each level.
SOURCES: dict[str, Callable[[str], str]] = {
    "provinces.csv": naming.upper_name,
    "regencies.csv": naming.upper_name,
    "districts.csv": naming.lower_name,
    "villages.csv": naming.lower_name,
}


class Command(BaseCommand):
    help = "Make orders/data/regions-id/regions.csv.xz from the `data` folder of idn-area-data."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="where provinces.csv … villages.csv are")
        parser.add_argument("--to", type=Path, default=files.path_of("ID"))

    def handle(self, *args: Any, folder: Path, to: Path, **options: Any) -> None:
        places = list(_places(folder))
        known = {place.code for place in places}
        lost = [place.code for place in places if place.parent and place.parent not in known]
        if lost or len(known) != len(places):
            raise CommandError(f"no parent: {lost[:5]}; {len(places) - len(known)} codes twice")
        files.write(to, places)
        self.stdout.write(f"{len(places)} places, {to.stat().st_size} bytes: {to}")


def _places(folder: Path) -> Iterator[files.Place]:
    for name, written in SOURCES.items():
        with (folder / name).open(encoding="utf-8", newline="") as source:
            yield from (
                files.Place(row["code"], written(row["name"])) for row in csv.DictReader(source)
            )
