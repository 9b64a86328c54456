"""From the bytes of an original to the files that pages show. Pure: no database, no storage."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from celery.exceptions import SoftTimeLimitExceeded
from PIL import Image, ImageCms

from catalog.imaging.reading import PictureBroken, PictureRefused, open_picture, orientation_of

WIDTHS = (240, 360, 540, 720, 900, 1440)
# Speed 6 takes 3 s of one core for all six widths of a photo; 4 takes 21 s for no smaller files.
SAVE_OPTIONS: dict[str, dict[str, int]] = {
    "avif": {"quality": 55, "speed": 6, "max_threads": 1},
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
            picture.load()
            return _master_of(picture)
    except (PictureRefused, SoftTimeLimitExceeded):
        raise
    except Exception as error:
        raise PictureBroken(str(error)) from error


def render(master: Master) -> Iterator[Rendition]:
    """Every width in every format, the small ones first."""
    for width in widths_for(master.width):
        image = _narrowed(master.image, width)
        for kind, options in SAVE_OPTIONS.items():
            file = BytesIO()
            image.save(file, kind, **options)
            yield Rendition(kind=kind, width=width, data=file.getvalue())


def _master_of(picture: Image.Image) -> Master:
    orientation = orientation_of(picture)
    lies = orientation >= 5
    width, height = reversed(picture.size) if lies else picture.size
    profile = picture.info.get("icc_profile")
    # Made smaller first: turning and converting then cost a fraction of the memory.
    wide, high = _fitted((width, height), widths_for(width)[-1])
    image = _in_whole_colours(picture).resize(
        (high, wide) if lies else (wide, high), Image.Resampling.LANCZOS, reducing_gap=3.0
    )
    image = _in_srgb(image, profile)
    if orientation in TURNS:
        image = image.transpose(TURNS[orientation])
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    # Encoders copy what they find here: profiles, EXIF, XMP, comments.
    image.info = {}
    return Master(image=image, width=width, height=height, colour=_average(image))


def _narrowed(image: Image.Image, width: int) -> Image.Image:
    return image.resize(_fitted(image.size, width), Image.Resampling.LANCZOS)


def _fitted(size: tuple[int, int], width: int) -> tuple[int, int]:
    return width, max(1, round(size[1] * width / size[0]))


def _in_whole_colours(picture: Image.Image) -> Image.Image:
    """In a mode that can be resized and converted without loss: L, RGB, RGBA or CMYK."""
    if picture.mode.startswith("I") or picture.mode == "F":
        # 16 bits of grey: Pillow alone would cut off all above 255.
        return picture.point(lambda value: value * (1 / 256)).convert("L")
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    if picture.mode in ("L", "RGB", "CMYK"):
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
