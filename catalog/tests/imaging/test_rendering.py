"""What comes out of the worker, whatever went in."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from catalog.imaging.reading import open_picture
from catalog.imaging.rendering import decode
from catalog.models import ProductImage
from catalog.tests.imaging import samples
from catalog.tests.imaging.samples import is_like, pixel

pytestmark = pytest.mark.django_db


def opened(image: ProductImage, media: Path) -> dict[tuple[str, int], Image.Image]:
    """(Format, width) → the finished file."""
    return {
        (file["format"], file["width"]): Image.open(BytesIO((media / file["path"]).read_bytes()))
        for file in image.renditions
    }


def test_a_photo_is_made_in_two_formats_and_every_width_that_it_has(media: Path) -> None:
    image = samples.prepared(samples.photo(1600, 2000))

    assert (image.state, image.failure) == ("ready", "")
    assert (image.width, image.height) == (1600, 2000)
    assert [(file["format"], file["width"]) for file in image.renditions] == [
        (kind, width) for width in (240, 360, 540, 720, 900, 1440) for kind in ("avif", "webp")
    ]
    for (kind, width), file in opened(image, media).items():
        assert file.format == kind.upper()
        assert file.size == (width, width * 5 // 4)


@pytest.mark.parametrize(
    ("width", "height", "sizes"),
    [
        (300, 400, [(240, 320), (300, 400)]),
        (240, 320, [(240, 320)]),
        (1, 1, [(1, 1)]),
        (7, 3, [(7, 3)]),
        (900, 1, [(240, 1), (360, 1), (540, 1), (720, 1), (900, 1)]),
    ],
)
def test_a_small_picture_is_never_made_wider(
    width: int, height: int, sizes: list[tuple[int, int]], media: Path
) -> None:
    image = samples.prepared(samples.photo(width, height, "PNG"))

    files = opened(image, media)
    assert [files["avif", wide].size for wide, _high in sizes] == sizes
    assert [files["webp", wide].size for wide, _high in sizes] == sizes
    assert len(files) == 2 * len(sizes)


def test_a_camera_s_photo_of_24_megapixels_is_made_as_any_other(media: Path) -> None:
    lying = samples.quarters(6000, 4000)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    data = samples.encoded(lying.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif)

    image = samples.prepared(data)

    assert (image.state, image.width, image.height) == ("ready", 6000, 4000)
    widest = opened(image, media)["webp", 1440]
    assert widest.size == (1440, 960)
    quarters = (samples.RED, samples.GREEN, samples.BLUE, samples.WHITE)
    for found, wanted in zip(samples.corners(widest), quarters, strict=True):
        assert is_like(found, wanted)


@pytest.mark.parametrize(
    ("width", "height", "decoded"),
    [
        (6000, 4000, (3000, 2000)),
        (8192, 6144, (4096, 3072)),
        # Less than twice the widest file, rather than whole.
        (5400, 9600, (2700, 4800)),
        (4000, 3000, (4000, 3000)),
        (300, 400, (300, 400)),
    ],
)
def test_no_more_of_a_jpeg_is_decoded_than_its_files_need(
    width: int, height: int, decoded: tuple[int, int]
) -> None:
    with open_picture(samples.encoded(Image.new("L", (width, height)), "JPEG")) as picture:
        decode(picture)
        assert picture.size == decoded


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_stands_upright_however_the_camera_was_held(orientation: int, media: Path) -> None:
    image = samples.prepared(samples.turned(orientation))

    assert (image.width, image.height) == (30, 40)
    for file in opened(image, media).values():
        assert file.size == (30, 40)
        for found, wanted in zip(
            samples.corners(file),
            (samples.RED, samples.GREEN, samples.BLUE, samples.WHITE),
            strict=True,
        ):
            assert is_like(found, wanted, by=25)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_no_file_that_anybody_sees_says_where_it_was_taken(kind: str, media: Path) -> None:
    data = samples.with_place(kind)
    assert samples.SECRET.encode() in data

    image = samples.prepared(data)

    files = opened(image, media)
    assert len(files) == 4
    for file in files.values():
        assert dict(file.getexif()) == {}
        assert not {"exif", "xmp", "icc_profile", "comment", "XML:com.adobe.xmp"} & set(file.info)
    for path in (media / "products").iterdir():
        assert samples.SECRET.encode() not in path.read_bytes()


def test_colours_of_another_profile_are_brought_to_srgb(media: Path) -> None:
    data = samples.encoded(
        Image.new("RGB", (40, 40), (255, 0, 0)),
        "PNG",
        icc_profile=samples.profile(swaps_red_and_green=True),
    )

    image = samples.prepared(data)

    assert image.colour == "#00ff00"
    for file in opened(image, media).values():
        assert is_like(pixel(file.convert("RGB"), 20, 20), (0, 255, 0))


def test_a_broken_profile_spoils_nothing() -> None:
    data = samples.encoded(Image.new("RGB", (40, 40), samples.RED), "PNG", icc_profile=b"broken")

    assert samples.prepared(data).colour == "#dc1e1e"


def test_a_picture_for_printing_is_shown_on_screens() -> None:
    data = samples.encoded(Image.new("CMYK", (40, 40), (0, 255, 255, 0)), "JPEG", quality=100)

    assert samples.prepared(data).colour == "#ff0000"


@pytest.mark.parametrize(
    "data",
    [
        samples.encoded(Image.new("I;16", (40, 40), 40_000), "PNG"),
        samples.png(40, 40, depth=16, pixels=(b"\0" + b"\x9c\x40" * 120) * 40),
    ],
    ids=["grey", "colours"],
)
def test_sixteen_bits_become_eight_of_the_same_brightness(data: bytes) -> None:
    assert samples.prepared(data).colour == "#9c9c9c"


@pytest.mark.parametrize(
    ("mode", "colour"), [("L", "#808080"), ("1", "#ffffff"), ("LA", "#808080"), ("P", "#808080")]
)
def test_modes_that_cameras_do_not_use_are_understood(mode: str, colour: str) -> None:
    grey = Image.new("L", (40, 40), 128)
    image = Image.new("1", (40, 40), 1) if mode == "1" else grey.convert(mode)

    assert samples.prepared(samples.encoded(image, "PNG")).colour == colour


@pytest.mark.parametrize("mode", ["RGBA", "P"])
def test_what_is_transparent_stays_so(mode: str, media: Path) -> None:
    cut_out = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    cut_out.paste((*samples.RED, 255), (10, 10, 30, 30))
    data = samples.encoded(cut_out.quantize(8) if mode == "P" else cut_out, "PNG")

    image = samples.prepared(data)

    # What cannot be seen counts for nothing in the average.
    assert image.colour in ("#dc1e1e", "#db1f1f")
    for file in opened(image, media).values():
        shown = file.convert("RGBA")
        assert pixel(shown, 2, 2)[3] < 3
        assert is_like(pixel(shown, 20, 20), (*samples.RED, 255))


def test_nothing_to_be_seen_has_no_colour() -> None:
    assert samples.prepared(samples.encoded(Image.new("RGBA", (4, 4)), "PNG")).colour == ""


def test_what_hides_behind_the_pixels_does_not_come_through(media: Path) -> None:
    script = b"<html><script>alert(document.domain)</script>"
    image = samples.prepared(samples.photo() + script)

    assert image.state == "ready"
    assert (image.file.name or "").endswith(".jpg")
    for path in (media / "products").iterdir():
        assert b"script" not in path.read_bytes()
