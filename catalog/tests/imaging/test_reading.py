"""What is refused at the door, without decoding it and leaving nothing behind."""

from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.base import File
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import override
from PIL import Image

from catalog.imaging import MAX_BYTES, PictureRefused, accept_picture
from catalog.imaging.reading import Head, PictureTooHeavy, read_head
from catalog.models import ProductImage
from catalog.tests.builders import make_product
from catalog.tests.imaging import samples
from shop.core.models import OutboxMessage

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
FRAMES = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]


def moving(kind: str) -> bytes:
    return samples.encoded(FRAMES[0], kind, save_all=True, append_images=FRAMES[1:], duration=80)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(samples.claiming("PNG", 30_000), "picture_too_large", id="png bomb"),
        pytest.param(samples.claiming("JPEG", 30_000), "picture_too_large", id="jpeg bomb"),
        pytest.param(samples.claiming("WEBP", 16_383), "picture_too_large", id="webp bomb"),
        pytest.param(samples.claiming("AVIF", 10_000), "picture_too_large", id="avif bomb"),
        pytest.param(samples.claiming("AVIF", 30_000), "picture_unknown", id="larger avif bomb"),
        pytest.param(samples.claiming("PNG", 4473), "picture_too_large", id="20.008 megapixels"),
        pytest.param(samples.claiming("JPEG", 7212), "picture_too_large", id="52.01 megapixels"),
        pytest.param(
            samples.claiming("JPEG", 7211) + b"\xff\xda" * 40,
            "picture_broken",
            id="more walks over large pictures than over small ones",
        ),
        pytest.param(
            samples.claimed(samples.encoded(Image.new("CMYK", (8, 8)), "JPEG"), 4473),
            "picture_too_large",
            id="20.008 megapixels for printing",
        ),
        pytest.param(samples.png(16_384, 1), "picture_too_large", id="longer than WebP can be"),
        pytest.param(
            samples.png(3, 3, Comment=(b"a" * 20_000_000, True)), "picture_broken", id="text bomb"
        ),
        pytest.param(
            samples.photo() + b"\xff\xda" * 100, "picture_broken", id="a hundred scans too many"
        ),
        pytest.param(SVG, "picture_unknown", id="svg"),
        pytest.param(b"\xef\xbb\xbf<?xml version='1.0'?>" + SVG, "picture_unknown", id="xml"),
        pytest.param(moving("GIF"), "picture_unknown", id="gif"),
        pytest.param(samples.photo(kind="TIFF"), "picture_unknown", id="tiff"),
        pytest.param(moving("PNG"), "picture_moves", id="moving png"),
        pytest.param(moving("WEBP"), "picture_moves", id="moving webp"),
        pytest.param(moving("AVIF"), "picture_moves", id="moving avif"),
        pytest.param(samples.photo()[:100], "picture_broken", id="cut off in the head"),
        pytest.param(b"", "picture_unknown", id="empty"),
    ],
)
def test_it_is_refused_and_nothing_is_kept(data: bytes, code: str, media: Path) -> None:
    product = make_product()

    with pytest.raises(PictureRefused) as refusal:
        accept_picture(product=product, data=SimpleUploadedFile("foto.jpg", data, "image/jpeg"))

    assert refusal.value.code == code
    assert not ProductImage.objects.exists()
    assert not OutboxMessage.objects.exists()
    assert list(media.iterdir()) == []


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_the_head_tells_kind_and_size(kind: str) -> None:
    suffix = {"JPEG": "jpg"}.get(kind, kind.lower())

    assert read_head(samples.photo(30, 40, kind)) == Head(suffix=suffix, width=30, height=40)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_head_tells_the_size_of_the_upright_picture(orientation: int) -> None:
    head = read_head(samples.turned(orientation))

    assert (head.width, head.height) == (30, 40)


def test_twenty_megapixels_are_not_too_many() -> None:
    assert read_head(samples.png(5000, 4000)).width == 5000


@pytest.mark.parametrize("side", [4900, 7211])
def test_the_megapixels_of_a_camera_s_jpeg_are_not_too_many(side: int) -> None:
    assert read_head(samples.claiming("JPEG", side)).width == side


class Untouchable(BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        raise AssertionError("read before it was asked how large it is")


@pytest.mark.django_db
def test_of_a_file_that_is_too_heavy_not_a_byte_is_read(media: Path) -> None:
    file = File(Untouchable(), "foto.jpg")
    file.size = MAX_BYTES + 1

    with pytest.raises(PictureTooHeavy) as refusal:
        accept_picture(product=make_product(), data=file)

    assert refusal.value.status == 413
    with override("en"):
        assert refusal.value.user_message == (
            "The file is larger than 10 MB. Save the picture smaller and try again."
        )
    assert not ProductImage.objects.exists()
    assert list(media.iterdir()) == []


@pytest.mark.django_db
def test_bytes_that_are_too_many_are_refused_too(media: Path) -> None:
    with pytest.raises(PictureTooHeavy):
        accept_picture(product=make_product(), data=samples.photo() + b"\0" * MAX_BYTES)

    assert list(media.iterdir()) == []


def test_a_phone_s_second_picture_for_depth_is_no_movement() -> None:
    data = samples.encoded(FRAMES[0], "MPO", save_all=True, append_images=FRAMES[1:])

    assert read_head(data).suffix == "jpg"
