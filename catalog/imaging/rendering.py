"""From the bytes of an original to the files that pages show. Pure: no database, no storage."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from celery.exceptions import SoftTimeLimitExceeded
from PIL import Image, ImageCms

from catalog.imaging.reading import (
    MAX_PIXELS,
    PictureBroken,
    PictureRefused,
    open_picture,
    orientation_of,
)

WIDTHS = (240, 360, 540, 720, 900, 1440)
# All six widths of a photo take 1.3 s of one core at speed 8, 3.3 s at 6 and 21 s at 4; the files
# are as large and differ from the photo by as much, to 2 % and 0.1 dB.
SAVE_OPTIONS: dict[str, dict[str, int]] = {
    "avif": {"quality": 55, "speed": 8, "max_threads": 1},
    "webp": {"quality": 74, "method": 4},
}
KINDS = tuple(SAVE_OPTIONS)
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SRGB = ImageCms.createProfile("sRGB")


@dataclass(frozen=True, slots=True)
class Master:
    """The upright picture in sRGB, as wide as the widest file; `width`, `height`: the original's.

    `colour` is its average as #rrggbb, empty where nothing of it can be seen.
    """

    image: Image.Image
    width: int
    height: int
    colour: str


@dataclass(frozen=True, slots=True)
class Rendition:
    kind: str
    width: int
    data: bytes


def widths_for(width: int) -> list[int]:
    """In which widths a picture is made: never wider than it is."""
    widest = min(width, WIDTHS[-1])
    return [*(each for each in WIDTHS if each < widest), widest]


def make_master(data: bytes) -> Master:
    """Decode, once. Raises PictureRefused where the bytes cannot be decoded."""
    try:
        with open_picture(data) as picture:
            size = picture.size
            decode(picture)
            return _master_of(picture, size)
    except (PictureRefused, SoftTimeLimitExceeded):
        raise
    except Exception as error:
        raise PictureBroken(str(error)) from error


def decode(picture: Image.Image) -> None:
    """Read the pixels; of a JPEG no more than its files need, by a half, a quarter or an eighth.

    Twice as many each way as the widest file has, so that nothing of it is lost. A very large one
    that would be decoded whole by that gets at least as many as the widest file.
    """
    target = _stored(picture, picture.size)
    doubled = (target[0] * 2, target[1] * 2)
    is_whole = min(picture.width // doubled[0], picture.height // doubled[1]) < 2
    is_large = picture.width * picture.height > MAX_PIXELS
    picture.draft(None, target if is_whole and is_large else doubled)
    picture.load()


def render(master: Master) -> Iterator[Rendition]:
    """Every width in every format, the small ones first."""
    for width in widths_for(master.width):
        image = _narrowed(master.image, width)
        for kind, options in SAVE_OPTIONS.items():
            file = BytesIO()
            image.save(file, kind, **options)
            yield Rendition(kind=kind, width=width, data=file.getvalue())


def _master_of(picture: Image.Image, size: tuple[int, int]) -> Master:
    orientation = orientation_of(picture)
    width, height = _upright(picture, size)
    profile = picture.info.get("icc_profile")
    # Made smaller first: turning and converting then cost a fraction of the memory.
    image = _in_whole_colours(picture).resize(
        _stored(picture, size), Image.Resampling.LANCZOS, reducing_gap=3.0
    )
    image = _in_srgb(image, profile)
    if orientation in TURNS:
        image = image.transpose(TURNS[orientation])
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    # Encoders copy what they find here: profiles, EXIF, XMP, comments.
    image.info = {}
    return Master(image=image, width=width, height=height, colour=_average(image))


def _upright(picture: Image.Image, size: tuple[int, int]) -> tuple[int, int]:
    """A size of the upright picture as it lies in the file, and the other way round."""
    return (size[1], size[0]) if orientation_of(picture) >= 5 else size


def _stored(picture: Image.Image, size: tuple[int, int]) -> tuple[int, int]:
    """The size of its widest file, as the picture of that size lies in its own file."""
    width, height = _upright(picture, size)
    return _upright(picture, _fitted((width, height), widths_for(width)[-1]))


def _narrowed(image: Image.Image, width: int) -> Image.Image:
    return image.resize(_fitted(image.size, width), Image.Resampling.LANCZOS)


def _fitted(size: tuple[int, int], width: int) -> tuple[int, int]:
    return width, max(1, round(size[1] * width / size[0]))


def _in_whole_colours(picture: Image.Image) -> Image.Image:
    """In a mode that can be resized and converted without loss: L, RGB, RGBA or CMYK."""
    if picture.mode.startswith("I") or picture.mode == "F":
        # 16 bits of grey: Pillow alone would cut off all above 255.
        return picture.point(lambda value: value * (1 / 256)).convert("L")
    if picture.mode != "RGBA" and picture.has_transparency_data:
        return picture.convert("RGBA")
    if picture.mode in ("L", "RGB", "RGBA", "CMYK"):
        return picture
    return picture.convert("L" if picture.mode == "1" else "RGB")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, SRGB, outputMode=mode)
        except (ImageCms.PyCMSError, OSError):
            # A broken profile, or one that is not of this picture's kind.
            converted = None
        if converted is not None:
            return converted
    return image if image.mode == mode else image.convert(mode)


def _average(image: Image.Image) -> str:
    pixel = image.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    if not isinstance(pixel, tuple) or (len(pixel) == 4 and pixel[3] == 0):
        return ""
    return "#{:02x}{:02x}{:02x}".format(*pixel[:3])
