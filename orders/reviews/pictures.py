"""The files of buyers' photos: made as those of products, in a folder of their own.

What is uploaded lies where nobody but the worker reads it, with the place in it where it was taken,
and is deleted as soon as the files that pages show are made of it.
"""

import hashlib
from dataclasses import dataclass
from typing import TypedDict

from django.core.files.storage import default_storage

from catalog.imaging.files import read_original, store_finished, store_original
from catalog.imaging.reading import Content, Head, read_content, read_head
from catalog.imaging.rendering import KINDS, WIDTHS, make_master, render

FOLDER = "reviews/"


class File(TypedDict):
    """One entry of `ReviewPhoto.renditions`."""

    format: str
    width: int
    path: str


@dataclass(frozen=True, slots=True)
class Upload:
    """Bytes whose head says that they are a picture within the limits; nothing is decoded yet."""

    data: bytes
    head: Head


@dataclass(frozen=True, slots=True)
class Finished:
    """`width` and `height` are those of the upright picture."""

    width: int
    height: int
    files: list[File]


def read_upload(content: Content) -> Upload:
    """Raises catalog.imaging.PictureRefused."""
    data = read_content(content)
    return Upload(data, read_head(data))


def store_upload(upload: Upload) -> str:
    """Returns its name. Not within a transaction: the storage may be far away."""
    return store_original(upload.data, suffix=upload.head.suffix)


def finish(original: str) -> Finished:
    """Make the files that pages show. Twice the same where it is done twice.

    Raises catalog.imaging.PictureRefused, FileNotFoundError.
    """
    master = make_master(read_original(original))
    files: list[File] = []
    for made in render(master):
        name = finished_name(original, width=made.width, kind=made.kind)
        path = store_finished(name, made.data)
        files.append({"format": made.kind, "width": made.width, "path": path})
    return Finished(master.width, master.height, files)


def finished_name(original: str, *, width: int, kind: str) -> str:
    """Follows from the original's name and does not lead back to it, nor can it be guessed."""
    digest = hashlib.sha256(f"review:{original}".encode()).hexdigest()[:40]
    return f"{FOLDER}{digest}-{width}.{kind}"


def all_names(original: str, *, width: int) -> list[str]:
    """The original and every file that can have been made of it, or half of them by now."""
    widths = sorted({*WIDTHS, width})
    made = [finished_name(original, width=each, kind=kind) for each in widths for kind in KINDS]
    return [original, *made]


def delete_files(names: list[str]) -> None:
    """One that is gone already is no error."""
    for name in names:
        default_storage.delete(name)
