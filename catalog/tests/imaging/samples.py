"""Files that people upload, and files that nobody should."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import ExifTags, Image, ImageCms, PngImagePlugin

from catalog.imaging import accept_picture
from catalog.models import Product, ProductImage
from catalog.tests.builders import make_product
from shop.core import outbox

RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 200, 60), (30, 60, 220), (250, 250, 250)
SECRET = "-7.797068, 110.370529"


def quarters(width: int = 300, height: int = 400) -> Image.Image:
    """Red, green; blue, white: which way up it is can be seen from any corner."""
    image = Image.new("RGB", (width, height), WHITE)
    image.paste(RED, (0, 0, width // 2, height // 2))
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    return image


def corners(image: Image.Image) -> list[tuple[int, ...]]:
    """The colours in the middle of the four quarters, row by row."""
    image = image.convert("RGB")
    across = (image.width // 4, image.width * 3 // 4)
    down = (image.height // 4, image.height * 3 // 4)
    return [pixel(image, x, y) for y in down for x in across]


def pixel(image: Image.Image, x: int = 0, y: int = 0) -> tuple[int, ...]:
    found = image.getpixel((x, y))
    assert isinstance(found, tuple)
    return tuple(int(channel) for channel in found)


def is_like(found: tuple[int, ...], wanted: tuple[int, ...], *, by: int = 12) -> bool:
    """Lossy files are right by and large."""
    return all(abs(one - other) <= by for one, other in zip(found, wanted, strict=True))


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def photo(width: int = 300, height: int = 400, kind: str = "JPEG", **options: Any) -> bytes:
    return encoded(quarters(width, height), kind, **options)


def with_place(kind: str) -> bytes:
    """A photo that tells in every way a format has where it was taken."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = SECRET
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSAreaInformation] = SECRET
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (7.0, 47.0, 49.44)
    xmp = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><GPSLatitude>{SECRET}</GPSLatitude></x:xmpmeta>'
    options: dict[str, Any] = {"exif": exif, "icc_profile": profile()}
    if kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Location", SECRET)
        text.add_itxt("XML:com.adobe.xmp", xmp)
        options["pnginfo"] = text
    else:
        options["xmp"] = xmp.encode()
    if kind == "JPEG":
        options["comment"] = SECRET
    return photo(kind=kind, **options)


def turned(orientation: int) -> bytes:
    """`quarters` as a camera stores it that was held in this way.

    By the words of the standard: which side of the upright picture the stored rows begin at, and
    which one the columns.
    """
    rows, columns = {
        1: ("top", "left"),
        2: ("top", "right"),
        3: ("bottom", "right"),
        4: ("bottom", "left"),
        5: ("left", "top"),
        6: ("right", "top"),
        7: ("right", "bottom"),
        8: ("left", "bottom"),
    }[orientation]
    upright = quarters(30, 40)
    size = (40, 30) if rows in ("left", "right") else (30, 40)
    stored = Image.new("RGB", size)
    for x in range(30):
        for y in range(40):
            at = {"top": y, "bottom": 39 - y, "left": x, "right": 29 - x}
            stored.putpixel((at[columns], at[rows]), pixel(upright, x, y))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return encoded(stored, "PNG", exif=exif)


def profile(*, swaps_red_and_green: bool = False) -> bytes:
    """A colour profile: sRGB, or one in which what is called red looks green."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    if swaps_red_and_green:
        data = data.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")
    return data


def png(
    width: int, height: int, *, depth: int = 8, pixels: bytes = b"", **texts: tuple[bytes, bool]
) -> bytes:
    """Written by hand, so that it can lie. Keyword of a text → (text, is before the pixels)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    def text(*, first: bool) -> bytes:
        return b"".join(
            chunk(b"zTXt", keyword.encode() + b"\0\0" + zlib.compress(data))
            for keyword, (data, is_first) in texts.items()
            if is_first is first
        )

    head = struct.pack(">IIBBBBB", width, height, depth, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + text(first=True)
        + chunk(b"IDAT", zlib.compress(pixels))
        + text(first=False)
        + chunk(b"IEND", b"")
    )


def claiming(kind: str, size: int) -> bytes:
    """A small file whose head says that it is `size` pixels wide and high."""
    data = bytearray(photo(kind=kind))
    if kind == "PNG":
        return png(size, size)
    if kind == "JPEG":
        return claimed(bytes(data), size)
    if kind == "WEBP":
        at = data.index(b"\x9d\x01\x2a") + 3
        data[at : at + 4] = struct.pack("<HH", size, size)
    else:
        at = data.index(b"ispe") + 8
        data[at : at + 8] = struct.pack(">II", size, size)
    return bytes(data)


def claimed(jpeg: bytes, size: int) -> bytes:
    at = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:at] + struct.pack(">HH", size, size) + jpeg[at + 4 :]


def upload(data: bytes, *, product: Product | None = None) -> ProductImage:
    return accept_picture(product=product or make_product(), data=data)


def work() -> None:
    """What relay and worker do until nothing is due."""
    while due := [*outbox.claim_for_publishing(), *outbox.claim_slow_for_publishing()]:
        for message_id in due:
            outbox.deliver(message_id)


def prepared(data: bytes, *, product: Product | None = None) -> ProductImage:
    """Uploaded, and as it is when the worker has done its part."""
    image = upload(data, product=product)
    work()
    return ProductImage.objects.get(pk=image.pk)
