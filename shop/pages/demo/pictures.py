"""The demo's pictures, copied into the storage that serves all pictures."""

import re
from typing import TypedDict

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from shop.pages.demo import FILES, read

FILE_NAME = re.compile(r"(?P<name>.+)-(?P<width>\d+)\.(?P<format>avif|webp)")


class Rendition(TypedDict):
    format: str
    width: int
    path: str


def copy_pictures() -> int:
    """Copy the files that are not there yet; returns how many."""
    there = _stored()
    missing = [file for file in sorted((FILES / "img").iterdir()) if file.name not in there]
    for file in missing:
        default_storage.save(f"products/{file.name}", ContentFile(file.read_bytes()))
    return len(missing)


def _stored() -> set[str]:
    try:
        _directories, files = default_storage.listdir("products")
    except FileNotFoundError:
        # A folder to which nothing has been saved yet.
        return set()
    return set(files)


def renditions() -> dict[str, list[Rendition]]:
    """Picture name → its files, as ProductImage.renditions keeps them."""
    found: dict[str, list[Rendition]] = {}
    for file in sorted((FILES / "img").iterdir()):
        parts = FILE_NAME.fullmatch(file.name)
        if parts:
            found.setdefault(parts["name"], []).append(
                {
                    "format": parts["format"],
                    "width": int(parts["width"]),
                    "path": f"products/{file.name}",
                }
            )
    return found


def average_colours() -> dict[str, str]:
    """Picture name → #rrggbb, shown until the picture is there."""
    colours: dict[str, str] = read("pictures.json")
    return colours
