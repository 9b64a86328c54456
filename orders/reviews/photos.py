"""The photos of a review: the upload first, then a row, then finished files from a worker.

No file is written or deleted inside a transaction: the storage may be another machine.
"""

import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from catalog.imaging import PictureRefused
from orders.models import MOST_PHOTOS, PhotoState, Review, ReviewPhoto
from orders.reviews import pictures
from orders.reviews.pictures import Finished, Upload
from orders.reviews.states import tell_readers
from shop.core import outbox
from shop.core.errors import DomainError

log = logging.getLogger(__name__)
# How often a worker may begin a photo and not live to say how it ended.
MOST_STARTS = 3


class TooManyPhotos(DomainError):
    code = "too_many_photos"
    status = 422
    message = _("A review has at most {most} photos. Remove one first.")

    def __init__(self) -> None:
        super().__init__(most=MOST_PHOTOS)


@dataclass(frozen=True, slots=True)
class StoredPhoto:
    original: str
    width: int
    height: int


@contextmanager
def stored(uploads: Iterable[Upload]) -> Iterator[list[StoredPhoto]]:
    """Their files, for a block that ends with a commit; where it raises they are deleted again."""
    photos: list[StoredPhoto] = []
    try:
        for upload in uploads:
            original = pictures.store_upload(upload)
            photos.append(StoredPhoto(original, upload.head.width, upload.head.height))
        yield photos
    except BaseException:
        discard(photos)
        raise


def discard(photos: Iterable[StoredPhoto]) -> None:
    """Delete files that no row has come to know."""
    pictures.delete_files([photo.original for photo in photos])


def add_photos(review: Review, photos: Sequence[StoredPhoto]) -> None:
    """In the caller's transaction and under the review's lock. Raises TooManyPhotos."""
    if photos and review.photos.count() + len(photos) > MOST_PHOTOS:
        raise TooManyPhotos
    for photo in photos:
        row = ReviewPhoto.objects.create(
            review=review, original=photo.original, width=photo.width, height=photo.height
        )
        outbox.add("review-photo", key=f"review-photo:{row.public_id}", photo_id=row.pk)


def remove_photos(review: Review, public_ids: Collection[UUID]) -> bool:
    """Whether there was one. In the caller's transaction and under the review's lock.

    The files go after the commit.
    """
    removed = review.photos.filter(public_id__in=public_ids)
    for photo in removed:
        names = {file["path"] for file in photo.renditions}
        if photo.original:
            # A worker may be at it: also what it has made by then.
            names |= {*pictures.all_names(photo.original, width=photo.width)}
        _give_up(photo, sorted(names))
    deleted, _per_model = removed.delete()
    _count_photos(review)
    return deleted > 0


def _give_up(photo: ReviewPhoto, names: list[str]) -> None:
    key = f"review-files-gone:{photo.public_id}:{photo.state}"
    outbox.add("review-files-gone", key=key, names=names)


def _count_photos(review: Review) -> None:
    review.photo_count = review.photos.filter(state=PhotoState.READY).count()
    review.save(update_fields=["photo_count"])


def deliver_gone(payload: dict[str, Any]) -> None:
    """Of the outbox."""
    pictures.delete_files(payload["names"])


def deliver_photo(payload: dict[str, Any]) -> None:
    """Of the outbox."""
    prepare_photo(photo_id=payload["photo_id"])


def prepare_photo(*, photo_id: int) -> None:
    """Make the files of a photo, or say that it cannot be done. May run twice, or beside itself.

    Raises only what the storage or the database does; then it may be tried again.
    """
    waiting = ReviewPhoto.objects.filter(pk=photo_id, state=PhotoState.PROCESSING)
    photo = waiting.first()
    if photo is None:
        return
    if photo.starts >= MOST_STARTS:
        _fail(photo, "too demanding")
        return
    waiting.update(starts=F("starts") + 1)
    try:
        finished = pictures.finish(photo.original)
    except (PictureRefused, FileNotFoundError, SoftTimeLimitExceeded) as error:
        _fail(photo, type(error).__name__)
    except Exception:
        # Not the photo's fault: the storage is away. The outbox comes back.
        waiting.update(starts=F("starts") - 1)
        raise
    else:
        _succeed(photo, finished)


def _succeed(photo: ReviewPhoto, finished: Finished) -> None:
    made = {"renditions": finished.files, "width": finished.width, "height": finished.height}
    _end(photo, state=PhotoState.READY, **made)
    # Removed meanwhile, or given up by another worker.
    if not ReviewPhoto.objects.filter(pk=photo.pk, state=PhotoState.READY).exists():
        pictures.delete_files(pictures.all_names(photo.original, width=finished.width))


def _fail(photo: ReviewPhoto, reason: str) -> None:
    log.warning("review_photo_failed", extra={"photo": photo.pk, "reason": reason})
    _end(photo, state=PhotoState.FAILED)


@transaction.atomic
def _end(photo: ReviewPhoto, *, state: PhotoState, **made: object) -> None:
    """Once. The review is locked first, as by who removes photos; the original is not kept."""
    review = Review.objects.locked().filter(pk=photo.review_id).first()
    ended = ReviewPhoto.objects.filter(pk=photo.pk, state=PhotoState.PROCESSING).update(
        state=state, original="", **made
    )
    if review is None or not ended:
        return
    _give_up(photo, [photo.original])
    _count_photos(review)
    if review.is_published:
        tell_readers(review)
