"""What an upload claims to be: its size and its kind, read from its head. Nothing is decoded.

The kind is told by the content, never by a name. Whatever is refused here costs some milliseconds;
the worker reads the same way again before it decodes.
"""

from dataclasses import dataclass
from io import BytesIO
from typing import TypeAlias

from django.core.files.base import File
from django.utils.translation import gettext_lazy as _
from PIL import ExifTags, Image, UnidentifiedImageError

from shop.core.errors import DomainError

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 20_000_000
# A JPEG is decoded at a fraction of its size (`rendering.decode`), and phones make 50 megapixels.
MAX_PIXELS_OF_JPEG = 52_000_000
# WebP can be no longer than this on any side.
MAX_SIDE = 16_383
# A progressive JPEG has some ten scans; each takes a walk over all pixels, and costs few bytes.
MAX_SCANS = 100
MAX_WALKED = MAX_SCANS * MAX_PIXELS
SUFFIXES = {"JPEG": "jpg", "MPO": "jpg", "PNG": "png", "WEBP": "webp", "AVIF": "avif"}
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF")
JPEGS = ("JPEG", "MPO")

# Django's File takes no type argument when the program runs.
Content: TypeAlias = "bytes | File[bytes]"


class PictureRefused(DomainError):
    """The shop does not take this picture; the sentence says what staff can do."""

    code = "picture_refused"
    status = 422


class PictureTooHeavy(PictureRefused):
    code = "picture_too_heavy"
    status = 413
    message = _("The file is larger than {megabytes} MB. Save the picture smaller and try again.")


class PictureTooLarge(PictureRefused):
    code = "picture_too_large"
    message = _(
        "The picture has more than {megapixels} megapixels or is longer than {side} pixels. "
        "Make it smaller and try again."
    )


class PictureUnknown(PictureRefused):
    code = "picture_unknown"
    message = _(
        "The file is no picture that the shop can read. JPEG, PNG, WebP and AVIF are possible."
    )


class PictureMoves(PictureRefused):
    code = "picture_moves"
    message = _("Moving pictures are not possible. Choose one that stands still.")


class PictureBroken(PictureRefused):
    code = "picture_broken"
    message = _("The picture is damaged or was not sent completely. Upload it again.")


@dataclass(frozen=True, slots=True)
class Head:
    """`width` and `height` are those of the upright picture, `suffix` is that of its format."""

    suffix: str
    width: int
    height: int


def read_content(content: Content) -> bytes:
    """All bytes, unless there are too many of them: then not one more is read.

    Raises PictureTooHeavy.
    """
    if isinstance(content, bytes):
        data = content
    else:
        if content.size > MAX_BYTES:
            raise PictureTooHeavy(megabytes=MAX_BYTES >> 20)
        content.seek(0)
        data = content.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise PictureTooHeavy(megabytes=MAX_BYTES >> 20)
    return data


def read_head(data: bytes) -> Head:
    """Raises PictureRefused."""
    with open_picture(data) as picture:
        width, height = picture.size
        if orientation_of(picture) >= 5:
            width, height = height, width
        return Head(suffix=SUFFIXES[str(picture.format)], width=width, height=height)


def open_picture(data: bytes) -> Image.Image:
    """The picture, not yet decoded, within all limits. Raises PictureRefused."""
    try:
        picture = Image.open(BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise PictureUnknown from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise too_large(MAX_PIXELS_OF_JPEG) from error
    except Exception as error:
        # Whatever a decoder says of a stranger's bytes, the bytes are at fault.
        raise PictureBroken(str(error)) from error
    pixels, limit = picture.width * picture.height, most_pixels(picture)
    if pixels > limit or max(picture.size) > MAX_SIDE:
        raise too_large(limit)
    # A phone's JPEG may carry a second picture for depth or brightness; the first is the photo.
    if getattr(picture, "is_animated", False) and picture.format != "MPO":
        raise PictureMoves
    if picture.format in JPEGS:
        scans = data.count(b"\xff\xda")
        if scans > MAX_SCANS or scans * pixels > MAX_WALKED:
            raise PictureBroken
    return picture


def most_pixels(picture: Image.Image) -> int:
    """A progressive JPEG is held whole while it is decoded; one for printing takes most of all."""
    is_photo = picture.format in JPEGS and picture.mode in ("L", "RGB")
    return MAX_PIXELS_OF_JPEG if is_photo else MAX_PIXELS


def too_large(limit: int = MAX_PIXELS) -> PictureTooLarge:
    return PictureTooLarge(megapixels=limit // 1_000_000, side=MAX_SIDE)


def orientation_of(picture: Image.Image) -> int:
    """How the camera was held, 1 to 8 as EXIF counts; 1 is upright."""
    if picture.format == "PNG" and "exif" not in picture.info:
        # Pillow would decode the whole picture to look for it behind the pixels.
        return 1
    try:
        found = picture.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # noqa: BLE001 - a broken block of metadata tells nothing, that is all
        return 1
    return found if found in range(1, 9) else 1
