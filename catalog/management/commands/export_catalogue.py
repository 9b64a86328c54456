"""`manage.py export_catalogue FILE`: the whole catalogue in our own format."""

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from catalog.importing.export import exported


class Command(BaseCommand):
    help = (
        "Write the whole catalogue to a CSV file, which import_catalogue reads again; - prints it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if str(path) == "-":
            for piece in exported():
                self.stdout.write(piece.decode(), ending="")
            return
        # Whole or not at all: a file that stops in the middle would look like a small catalogue.
        unfinished = path.with_name(f"{path.name}.part")
        with unfinished.open("wb") as file:
            size = sum(file.write(piece) for piece in exported())
        os.replace(unfinished, path)
        self.stdout.write(f"{path}: {size:,} bytes")
