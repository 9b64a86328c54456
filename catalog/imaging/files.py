"""Where pictures lie: all in one bucket or folder, of which only `products/` is served.

`originals/` keeps what was uploaded, with the place and the camera in it: nobody but the worker
reads it. A finished file's name follows from its original's and does not lead back to it, so that a
second run writes the same files again and an unfinished one leaves none that cannot be named.
"""

import hashlib
import re
import secrets
from collections.abc import Iterable

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages

from catalog.imaging.rendering import KINDS, WIDTHS
from catalog.models import ProductImage
from shop.core import outbox

ORIGINALS = "originals/"
# Finished files are kept by browsers for a year: other settings need other names.
RECIPE = "1"
OWN_FILES = re.compile(r"originals/[\w-]+\.\w+|products/[0-9a-f]{40}-\d+\.(avif|webp)")
UNUSED = "picture-unused"


def store_original(data: bytes, *, suffix: str) -> str:
    """Returns its name. Not within a transaction: the storage may be far away."""
    name = f"{ORIGINALS}{secrets.token_urlsafe(24)}.{suffix}"
    return default_storage.save(name, ContentFile(data))


def read_original(name: str) -> bytes:
    """Raises FileNotFoundError."""
    with default_storage.open(name) as file:
        return bytes(file.read())


def store_finished(name: str, data: bytes) -> str:
    return storages["pictures"].save(name, ContentFile(data))


def finished_name(original: str, *, width: int, kind: str) -> str:
    digest = hashlib.sha256(f"{RECIPE}:{original}".encode()).hexdigest()[:40]
    return f"products/{digest}-{width}.{kind}"


def all_names(original: str, *, width: int) -> set[str]:
    """The original and every file that can have been made of it."""
    widths = {*WIDTHS, width}
    finished = {finished_name(original, width=each, kind=kind) for each in widths for kind in KINDS}
    return {original, *finished}


def give_up(image: ProductImage) -> None:
    """Ask for the removal of the row's files, in the transaction that takes them from the row."""
    original = image.file.name or ""
    if not original.startswith(ORIGINALS):
        # Not of this room: the demo's files, or somebody's who put them there by hand.
        return
    names = all_names(original, width=image.width)
    names |= {file["path"] for file in image.renditions}
    outbox.add(
        UNUSED,
        key=f"{UNUSED}:{image.pk}:{original}",
        original=original,
        names=sorted(names),
    )


def delete_unused(original: str, names: Iterable[str]) -> None:
    """Delete the files unless a picture has that original: a copied product shares them."""
    if ProductImage.objects.filter(file=original).exists():
        return
    for name in names:
        if OWN_FILES.fullmatch(name):
            default_storage.delete(name)
