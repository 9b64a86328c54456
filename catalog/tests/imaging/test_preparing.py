"""The worker: late, twice, interrupted, or beside somebody who changes the picture."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.utils.translation import override

from catalog.imaging import (
    PictureGone,
    PictureRefused,
    accept_picture,
    failure_text,
    fill_picture,
    remove_picture,
    retry_picture,
)
from catalog.imaging.files import all_names
from catalog.imaging.preparing import prepare_picture
from catalog.models import ProductImage
from catalog.tests.builders import make_product, make_value
from catalog.tests.imaging import samples
from catalog.tests.imaging.conftest import files_in
from catalog.tests.imaging.eventful import Events, events
from catalog.tests.imaging.samples import upload, work
from shop.core.models import OutboxMessage
from tests.racing import race

__all__ = ["events"]
pytestmark = pytest.mark.django_db


def raising(error: BaseException) -> Callable[[], None]:
    def event() -> None:
        raise error

    return event


def now(image: ProductImage) -> ProductImage:
    return ProductImage.objects.get(pk=image.pk)


def prepare(image: ProductImage) -> None:
    prepare_picture(image_id=image.pk, original=image.file.name or "", width=image.width)


def test_an_upload_waits_with_its_shape_and_is_ready_when_the_worker_was_there(
    media: Path,
) -> None:
    product = make_product()
    navy = make_value("colour", "navy")

    image = accept_picture(product=product, data=samples.photo(), option_value=navy)

    assert (image.state, image.renditions, image.colour) == ("processing", [], "")
    assert (image.width, image.height, image.position) == (300, 400, 0)
    assert image.option_value == navy
    assert files_in(media) == {image.file.name}
    work()
    ready = now(image)
    assert (ready.state, ready.failure, ready.file.name) == ("ready", "", image.file.name)
    assert files_in(media) == {
        image.file.name,
        *(file["path"] for file in ready.renditions),
    }


def test_pictures_stand_in_the_order_in_which_they_came() -> None:
    product = make_product()

    positions = [upload(samples.photo(), product=product).position for _ in range(3)]

    assert positions == [0, 1, 2]
    assert accept_picture(product=product, data=samples.photo(), position=7).position == 7
    assert upload(samples.photo(), product=product).position == 8


def test_nobody_can_tell_an_original_from_what_pages_show(media: Path) -> None:
    image = samples.prepared(samples.photo())

    token = Path(image.file.name or "").stem
    assert len(token) == 32
    assert all(token not in file["path"] for file in image.renditions)


@pytest.mark.django_db(transaction=True)
def test_many_uploads_at_once_get_a_place_each() -> None:
    product = make_product()

    results = race([partial(upload, samples.photo(), product=product)] * 4)

    assert all(isinstance(one, ProductImage) for one in results)
    assert sorted(product.images.values_list("position", flat=True)) == [0, 1, 2, 3]


@pytest.mark.django_db(transaction=True)
def test_within_a_transaction_no_picture_is_taken_in(media: Path) -> None:
    product = make_product()

    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        upload(samples.photo(), product=product)

    assert not ProductImage.objects.exists()
    assert files_in(media) == set()


def test_a_product_that_was_deleted_meanwhile_gets_no_picture(media: Path) -> None:
    product = make_product()
    gone = make_product()
    gone.pk, _deleted = product.pk, product.delete()

    with pytest.raises(PictureGone):
        upload(samples.photo(), product=gone)

    assert files_in(media) == set()


def test_a_second_delivery_changes_nothing(media: Path) -> None:
    image = samples.prepared(samples.photo())
    before = (files_in(media), list(ProductImage.objects.values()))

    prepare(image)

    assert (files_in(media), list(ProductImage.objects.values())) == before


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_the_same_picture_leave_one_set_of_files(media: Path) -> None:
    image = upload(samples.photo())

    assert race([partial(prepare, image)] * 2) == [None, None]

    ready = now(image)
    assert ready.state == "ready"
    assert files_in(media) == {image.file.name, *(file["path"] for file in ready.renditions)}


def test_a_picture_replaced_while_it_is_being_prepared_never_shows_the_old_one(
    media: Path, events: Events
) -> None:
    image = upload(samples.photo(300, 400))

    def replace() -> None:
        fill_picture(image=image, data=samples.photo(60, 30))

    events["written"] = replace

    prepare(image)

    waiting = now(image)
    assert (waiting.state, waiting.renditions, waiting.colour) == ("processing", [], "")
    assert (waiting.width, waiting.height) == (60, 30)
    assert files_in(media) == {waiting.file.name}
    work()
    assert [file["width"] for file in now(image).renditions] == [60, 60]
    assert not files_in(media) & all_names(image.file.name or "", width=300)


def test_a_picture_deleted_while_it_is_being_prepared_leaves_no_files(
    media: Path, events: Events
) -> None:
    image = upload(samples.photo())

    def delete() -> None:
        remove_picture(product_id=image.product_id, image_id=image.pk)
        # Another worker removes what is there, before this one writes the rest.
        work()

    events["written"] = delete

    work()

    assert not ProductImage.objects.exists()
    assert files_in(media) == set()


def test_a_picture_that_is_cut_off_fails_and_says_so(media: Path) -> None:
    data = samples.encoded(samples.quarters(600, 800).effect_spread(40), "JPEG")

    image = samples.prepared(data[: len(data) // 2])

    assert (image.state, image.failure, image.renditions) == ("failed", "picture_broken", [])
    with override("en"):
        assert failure_text(image) == (
            "The picture is damaged or was not sent completely. Upload it again."
        )
    assert files_in(media) == {image.file.name}


def test_a_text_bomb_behind_the_pixels_fails() -> None:
    pixels = (b"\0" + b"\x80" * 9) * 3
    bomb = samples.png(3, 3, pixels=pixels, Comment=(b"a" * 20_000_000, False))

    assert samples.prepared(bomb).failure == "picture_broken"


def test_a_failed_picture_is_tried_again_when_staff_ask(media: Path) -> None:
    image = upload(samples.photo())
    original = media / (image.file.name or "")
    data = original.read_bytes()
    original.unlink()
    work()
    assert (now(image).state, now(image).failure) == ("failed", "picture_lost")
    original.write_bytes(data)

    assert retry_picture(image_id=image.pk) is True

    assert (now(image).state, now(image).failure) == ("processing", "")
    assert failure_text(now(image)) == ""
    work()
    assert now(image).state == "ready"
    assert retry_picture(image_id=image.pk) is False


@pytest.mark.django_db(transaction=True)
def test_asking_twice_is_asking_once() -> None:
    image = upload(samples.photo())
    ProductImage.objects.update(state="failed", failure="picture_lost")
    OutboxMessage.objects.all().delete()

    results = race([partial(retry_picture, image_id=image.pk)] * 4)

    assert sorted(map(str, results)) == ["False", "False", "False", "True"]
    assert OutboxMessage.objects.count() == 1


def test_a_storage_that_is_away_is_no_fault_of_the_picture(
    events: Events,
) -> None:
    image = upload(samples.photo())
    for _ in range(5):
        events["written"] = raising(ConnectionError("S3 is away"))
        with pytest.raises(ConnectionError):
            prepare(image)

    assert (now(image).state, now(image).failure) == ("processing", "")
    prepare(image)
    assert now(image).state == "ready"


class KilledError(BaseException):
    """Nobody catches it, as nobody catches SIGKILL."""


def test_a_picture_that_kills_three_workers_is_given_up(
    events: Events,
) -> None:
    image = upload(samples.photo())
    for _ in range(3):
        events["read"] = raising(KilledError())
        with pytest.raises(KilledError):
            prepare(image)
        assert now(image).state == "processing"

    prepare(image)

    assert (now(image).state, now(image).failure) == ("failed", "picture_too_demanding")
    assert retry_picture(image_id=image.pk) is True
    prepare(image)
    assert now(image).state == "ready"


def test_a_picture_that_takes_too_long_is_given_up(events: Events) -> None:
    image = upload(samples.photo())
    events["written"] = raising(SoftTimeLimitExceeded())

    work()

    assert (now(image).state, now(image).failure) == ("failed", "picture_too_demanding")


def test_its_place_has_its_colour_while_the_files_are_being_made(
    events: Events,
) -> None:
    image = upload(samples.encoded(samples.quarters().resize((1, 1)).resize((40, 40)), "PNG"))
    seen: list[tuple[str, str]] = []
    events["written"] = lambda: seen.append((now(image).state, now(image).colour))

    work()

    assert seen == [("processing", now(image).colour)]
    assert now(image).colour.startswith("#")


def test_a_picture_that_an_import_named_is_filled_later(media: Path) -> None:
    product = make_product()
    named = ProductImage.objects.create(
        product=product, state="fetching", source_url="https://example.com/foto.jpg"
    )

    filled = fill_picture(image=named, data=samples.photo())

    assert (filled.state, filled.width, filled.height) == ("processing", 300, 400)
    assert filled.source_url == "https://example.com/foto.jpg"
    work()
    assert now(named).state == "ready"


def test_a_picture_that_could_not_be_fetched_is_fetched_again_when_staff_ask() -> None:
    named = ProductImage.objects.create(
        product=make_product(),
        state="failed",
        failure="Server gambar tidak menjawab.",
        source_url="https://gambar.example/foto.jpg",
    )
    assert failure_text(named) == "Server gambar tidak menjawab."

    assert retry_picture(image_id=named.pk) is True

    assert (now(named).state, now(named).failure) == ("fetching", "")
    [message] = OutboxMessage.objects.all()
    assert message.topic == "fetch-pictures"
    assert message.payload == {
        "host": "gambar.example",
        "first": named.pk,
        "last": named.pk,
        "attempt": 1,
    }


def test_what_cannot_fill_a_picture_leaves_it_as_it_was(media: Path) -> None:
    image = samples.prepared(samples.photo())
    before = (files_in(media), list(ProductImage.objects.values()))

    with pytest.raises(PictureRefused):
        fill_picture(image=image, data=b"<svg/>")

    assert (files_in(media), list(ProductImage.objects.values())) == before


def test_a_deleted_picture_cannot_be_filled(media: Path) -> None:
    image = upload(samples.photo())
    remove_picture(product_id=image.product_id, image_id=image.pk)
    work()

    with pytest.raises(PictureGone):
        fill_picture(image=image, data=samples.photo())

    assert files_in(media) == set()
