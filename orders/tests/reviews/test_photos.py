"""Photos of buyers: upright, without the place where they were taken, and gone when asked."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from catalog.imaging import PictureRefused
from catalog.tests.imaging.conftest import files_in
from catalog.tests.imaging.eventful import Events, events
from catalog.tests.imaging.samples import GREEN, SECRET, is_like, photo, pixel, turned, with_place
from orders.models import MOST_PHOTOS, OrderEvent, PhotoState, Review, ReviewPhoto, ReviewState
from orders.reviews.erasing import erase_review
from orders.reviews.moderation import PhotosNotReady
from orders.reviews.photos import MOST_STARTS, TooManyPhotos, prepare_photo, stored
from orders.reviews.pictures import read_upload
from orders.reviews.writing import Words, change_photos, change_review, write_review
from orders.tests.reviews.builders import make_review, make_sent_order, make_shirt, publish
from shop.core import outbox
from shop.core.models import OutboxMessage
from tests.racing import race

__all__ = ["events"]
pytestmark = pytest.mark.django_db


def add(review: Review, *uploads: bytes) -> None:
    with stored(read_upload(each) for each in uploads or [photo()]) as kept:
        change_photos(order_id=review.order_line.order_id, review_id=review.public_id, photos=kept)
    review.refresh_from_db()


def work() -> None:
    """What the worker does with all that waits."""
    work_on("review-")


def work_on(topics: str) -> None:
    waiting = OutboxMessage.objects.filter(topic__startswith=topics, done_at=None)
    while pks := list(waiting.order_by("pk").values_list("pk", flat=True)):
        for pk in pks:
            outbox.deliver(pk)


def test_a_photo_is_shown_once_it_is_finished_and_read(client: Client, media: Path) -> None:
    shirt = make_shirt("Kemeja Ubud")
    order = make_sent_order(shirt)
    with stored([read_upload(photo())]) as kept:
        review = write_review(
            order_id=order.pk,
            variant_id=shirt.public_id,
            words=Words(5),
            language="id",
            photos=kept,
        )
    with pytest.raises(PhotosNotReady):
        publish(review)
    review.refresh_from_db()
    assert review.state == ReviewState.PENDING

    work()
    publish(review)

    row = ReviewPhoto.objects.get()
    assert (row.state, row.width, row.height) == (PhotoState.READY, 300, 400)
    assert {(file["format"], file["width"]) for file in row.renditions} == {
        (kind, width) for kind in ("avif", "webp") for width in (240, 300)
    }
    page = client.get("/p/kemeja-ubud/reviews/").text
    assert f'src="/media/{row.renditions[-1]["path"]}" width="300" height="400"' in page
    assert files_in(media) == {file["path"] for file in row.renditions}
    review.refresh_from_db()
    assert review.photo_count == 1


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_nothing_tells_where_a_photo_was_taken(media: Path, kind: str) -> None:
    add(make_review(), with_place(kind))

    work()

    files = [media / path for path in files_in(media)]
    assert len(files) == 4
    for file in files:
        data = file.read_bytes()
        for trace in (SECRET.encode(), b"GPS", b"Exif", b"xmpmeta"):
            assert trace not in data
        with Image.open(file) as picture:
            assert not picture.getexif()


def test_a_photo_stands_upright() -> None:
    add(make_review(), turned(6))

    work()

    [smallest, *_rest] = ReviewPhoto.objects.get().renditions
    with default_storage.open(smallest["path"]) as file, Image.open(file) as picture:
        assert picture.height > picture.width
        assert is_like(pixel(picture.convert("RGB"), picture.width - 3, 2), GREEN, by=30)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<html><script>alert(1)</script></html>",
        photo()[:60],
        b"x" * (10 * 1024 * 1024 + 1),
    ],
)
def test_what_is_no_picture_is_refused_and_not_kept(data: bytes, media: Path) -> None:
    with pytest.raises(PictureRefused):
        read_upload(data)

    assert files_in(media) == set()


def test_what_only_begins_like_a_picture_fails_and_is_not_kept(media: Path) -> None:
    review = make_review(state=ReviewState.PENDING)
    add(review, photo()[:-200])

    work()

    assert ReviewPhoto.objects.get().state == PhotoState.FAILED
    assert files_in(media) == set()
    assert publish(review).is_published


def test_more_than_four_photos_are_refused(media: Path) -> None:
    review = make_review()
    add(review, *[photo()] * MOST_PHOTOS)
    before = files_in(media)

    with pytest.raises(TooManyPhotos):
        add(review)

    assert review.photos.count() == MOST_PHOTOS
    assert files_in(media) == before
    assert review.change_count == 1


@pytest.mark.django_db(transaction=True)
def test_photos_that_are_sent_at_once_are_four_together() -> None:
    review = make_review()
    order_id = review.order_line.order_id

    def send() -> None:
        with stored([read_upload(photo())] * 3) as kept:
            change_photos(order_id=order_id, review_id=review.public_id, photos=kept)

    results = race([send] * 3)

    assert sum(isinstance(each, TooManyPhotos) for each in results) == 2
    assert review.photos.count() == 3


def test_photos_are_exchanged_in_one_go() -> None:
    review = make_review(text="Pas")
    add(review, *[photo()] * MOST_PHOTOS)
    first, second, *_rest = review.photos.order_by("pk")

    with stored([read_upload(photo())] * 2) as kept:
        change_review(
            order_id=review.order_line.order_id,
            review_id=review.public_id,
            words=Words(5, text="Pas"),
            language="id",
            photos=kept,
            removed=[first.public_id, second.public_id],
        )

    assert review.photos.count() == MOST_PHOTOS
    assert not review.photos.filter(pk__in=[first.pk, second.pk]).exists()


@pytest.mark.parametrize("is_finished", [True, False])
def test_a_removed_photo_leaves_no_file(media: Path, is_finished: bool) -> None:  # noqa: FBT001 - pytest names its parameters
    review = make_review()
    add(review)
    if is_finished:
        work()

    change_photos(
        order_id=review.order_line.order_id,
        review_id=review.public_id,
        removed=[review.photos.get().public_id],
    )
    work()

    assert files_in(media) == set()
    review.refresh_from_db()
    assert review.photo_count == 0


def test_removing_a_photo_again_changes_nothing(media: Path) -> None:
    review = make_review()
    add(review)
    photo_id = review.photos.get().public_id

    def remove() -> None:
        change_photos(
            order_id=review.order_line.order_id, review_id=review.public_id, removed=[photo_id]
        )
        review.refresh_from_db()

    remove()
    work()
    publish(review)
    remove()

    assert (review.state, review.change_count) == (ReviewState.PUBLISHED, 2)


def test_erasing_deletes_the_files(media: Path) -> None:
    review = make_review()
    add(review)
    work()

    erase_review(review_id=review.pk, by=OrderEvent.Actor.CUSTOMER)
    work()

    assert files_in(media) == set()


def test_a_photo_that_is_removed_while_it_is_made_leaves_no_file(
    media: Path, events: Events
) -> None:
    review = make_review()
    add(review)

    def erase() -> None:
        erase_review(review_id=review.pk, by=OrderEvent.Actor.CUSTOMER)
        work_on("review-files-gone")

    events["written"] = erase

    work()

    assert files_in(media) == set()


def test_two_workers_at_the_same_photo_make_it_once(media: Path, events: Events) -> None:
    review = make_review()
    add(review)
    photo_id = review.photos.get().pk
    events["written"] = lambda: prepare_photo(photo_id=photo_id)

    work()

    row = ReviewPhoto.objects.get()
    review.refresh_from_db()
    assert (row.state, review.photo_count) == (PhotoState.READY, 1)
    assert files_in(media) == {file["path"] for file in row.renditions}


def test_a_worker_that_is_too_late_does_not_undo_what_another_has_made(
    media: Path, events: Events
) -> None:
    review = make_review()
    add(review)
    photo_id = review.photos.get().pk

    def be_overtaken() -> None:
        """By another worker, and by the deletion of the original that this one is about to read."""
        prepare_photo(photo_id=photo_id)
        work_on("review-files-gone")

    events["read"] = be_overtaken

    work()

    row = ReviewPhoto.objects.get()
    review.refresh_from_db()
    assert (row.state, row.width, review.photo_count) == (PhotoState.READY, 300, 1)
    assert files_in(media) == {file["path"] for file in row.renditions}


def test_what_another_worker_has_given_up_stays_so_and_leaves_no_file(
    media: Path, events: Events
) -> None:
    review = make_review()
    add(review)
    photo_id = review.photos.get().pk

    def be_given_up() -> None:
        ReviewPhoto.objects.update(starts=MOST_STARTS)
        prepare_photo(photo_id=photo_id)

    events["written"] = be_given_up

    work()

    row = ReviewPhoto.objects.get()
    review.refresh_from_db()
    assert (row.state, row.renditions, review.photo_count) == (PhotoState.FAILED, [], 0)
    assert files_in(media) == set()


def test_a_photo_that_kills_its_worker_is_given_up(media: Path) -> None:
    review = make_review()
    add(review)
    ReviewPhoto.objects.update(starts=MOST_STARTS)

    work()

    assert ReviewPhoto.objects.get().state == PhotoState.FAILED
    assert files_in(media) == set()


def test_a_storage_that_is_away_is_tried_again(events: Events) -> None:
    review = make_review()
    add(review)
    message = OutboxMessage.objects.get(topic="review-photo")

    def be_away() -> None:
        raise ConnectionError("the storage is away")

    events["read"] = be_away
    with pytest.raises(ConnectionError):
        outbox.deliver(message.pk)
    row = ReviewPhoto.objects.get()
    assert (row.state, row.starts) == (PhotoState.PROCESSING, 0)

    outbox.deliver(message.pk)

    assert ReviewPhoto.objects.get().state == PhotoState.READY


def test_photos_come_by_the_form_and_go_by_it(client: Client) -> None:
    shirt = make_shirt()
    order = make_sent_order(shirt)
    page = f"/en/orders/{order.token}/reviews/{shirt.public_id}/"

    def send(*files: bytes, **said: Any) -> Any:
        uploads = [SimpleUploadedFile(f"{number}.jpg", each) for number, each in enumerate(files)]
        return client.post(page, {"rating": "5", "photos": uploads} | said)

    assert send(photo(), photo()).status_code == 302
    first, _second = ReviewPhoto.objects.order_by("pk")
    assert "This photo is being prepared." in client.get(page).text
    work()
    assert first.public_id.hex in client.get(page).text.replace("-", "")

    assert send(removed=[str(first.public_id)]).status_code == 302
    assert ReviewPhoto.objects.count() == 1

    refused = send(b"no picture", text="Teks saya")
    assert refused.status_code == 422
    assert "0.jpg: The file is no picture" in refused.text
    assert "Teks saya" in refused.text
    assert "choose your photos once more" in refused.text
    too_many = send(*[photo()] * 5)
    assert too_many.status_code == 422
    assert "Choose at most 4 photos." in too_many.text
    assert ReviewPhoto.objects.count() == 1


def test_a_strangers_photo_is_not_removed_by_the_form(client: Client) -> None:
    review = make_review()
    add(review)
    shirt = make_shirt()
    order = make_sent_order(shirt)
    page = f"/en/orders/{order.token}/reviews/{shirt.public_id}/"

    answer = client.post(page, {"rating": "5", "removed": [str(review.photos.get().public_id)]})

    assert answer.status_code == 422
    assert review.photos.count() == 1
