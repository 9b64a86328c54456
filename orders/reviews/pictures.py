"""Clean pictures of what buyers upload: decoded and written anew, so that nothing else survives.

What a camera writes into a file (the place, the time, its owner's name) is not copied, and a file
that only pretends to be a picture ends here.
"""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from shop.core.errors import DomainError

LARGEST_UPLOAD = 10 * 1024 * 1024
# What a phone of today takes; decoded it needs three bytes for each.
MOST_PIXELS = 64_000_000
SHORTEST_SIDE = 200
LONGEST_SIDE = 1600
FORMATS = ("JPEG", "PNG", "WEBP")
WIDTHS = (240, 720)
QUALITY = {"avif": 55, "webp": 78, "jpeg": 82}
BROKEN = (OSError, SyntaxError, ValueError, Image.DecompressionBombError)


class NotAPicture(DomainError):
    code = "not_a_picture"
    status = 422
    message = _("This is no picture that we can read. Use a JPEG, PNG or WebP file.")


class PictureTooLarge(DomainError):
    code = "picture_too_large"
    status = 422
    message = _("This photo is too large. At most {megabytes} MB and {megapixels} megapixels.")

    def __init__(self) -> None:
        super().__init__(megabytes=LARGEST_UPLOAD // 1024**2, megapixels=MOST_PIXELS // 1_000_000)


class PictureTooSmall(DomainError):
    code = "picture_too_small"
    status = 422
    message = _("This photo is too small: at least {pixels} pixels on each side.")

    def __init__(self) -> None:
        super().__init__(pixels=SHORTEST_SIDE)


@dataclass(frozen=True, slots=True)
class CleanPicture:
    """A JPEG of at most LONGEST_SIDE pixels, upright, without metadata."""

    data: bytes
    width: int
    height: int


def clean_picture(upload: bytes) -> CleanPicture:
    """Raises NotAPicture, PictureTooLarge, PictureTooSmall."""
    if len(upload) > LARGEST_UPLOAD:
        raise PictureTooLarge
    try:
        picture = _decoded(upload)
    except BROKEN as error:
        raise NotAPicture from error
    out = BytesIO()
    picture.save(out, "JPEG", quality=90, optimize=True)
    return CleanPicture(out.getvalue(), picture.width, picture.height)


def _decoded(upload: bytes) -> Image.Image:
    with Image.open(BytesIO(upload), formats=FORMATS) as source:
        # Known from the header, before a byte is decoded.
        if source.width * source.height > MOST_PIXELS:
            raise PictureTooLarge
        if min(source.size) < SHORTEST_SIDE:
            raise PictureTooSmall
        # A JPEG is decoded at an eighth to a half of its size where that is enough.
        source.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        upright = ImageOps.exif_transpose(source)
        picture = _on_white(upright)
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    # The pixels alone: info, profiles and comments stay behind.
    clean = Image.new("RGB", picture.size)
    clean.paste(picture)
    return clean


def _on_white(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    paper = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(paper, layer).convert("RGB")


def make_renditions(data: bytes, *, folder: str) -> list[dict[str, Any]]:
    """The files that pages show, written to the storage; as in a product's `renditions`."""
    made = []
    with Image.open(BytesIO(data), formats=("JPEG",)) as source:
        widths = [*(width for width in WIDTHS if width < source.width), source.width]
        for width in widths:
            size = (width, max(1, round(source.height * width / source.width)))
            sized = source.resize(size, Image.Resampling.LANCZOS)
            for kind, quality in QUALITY.items():
                out = BytesIO()
                sized.save(out, kind.upper(), quality=quality)
                name = f"{folder}/{width}.{kind}"
                path = default_storage.save(name, ContentFile(out.getvalue()))
                made.append({"format": kind, "width": width, "path": path})
    return made
