"""The photos of a review: files first, then rows, then finished pictures from a worker.

No file is written or deleted inside a transaction: the storage may be another machine.
"""

import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from orders.models import MOST_PHOTOS, PhotoState, Review, ReviewPhoto
from orders.reviews.pictures import CleanPicture, make_renditions
from orders.reviews.states import tell_readers
from shop.core import outbox
from shop.core.errors import DomainError

log = logging.getLogger(__name__)


class TooManyPhotos(DomainError):
    code = "too_many_photos"
    status = 422
    message = _("A review has at most {most} photos. Remove one first.")

    def __init__(self) -> None:
        super().__init__(most=MOST_PHOTOS)


@dataclass(frozen=True, slots=True)
class StoredPhoto:
    public_id: UUID
    path: str
    width: int
    height: int


@contextmanager
def stored(pictures: Iterable[CleanPicture]) -> Iterator[list[StoredPhoto]]:
    """Their files, for a block that ends with a commit; where it raises they are deleted again."""
    photos = [_store(picture) for picture in pictures]
    try:
        yield photos
    except BaseException:
        discard(photos)
        raise


def discard(photos: Iterable[StoredPhoto]) -> None:
    """Delete files that no row has come to know."""
    delete_files({"paths": [photo.path for photo in photos]})


def _store(picture: CleanPicture) -> StoredPhoto:
    public_id = uuid4()
    path = default_storage.save(f"reviews/{public_id}/photo.jpg", ContentFile(picture.data))
    return StoredPhoto(public_id, path, picture.width, picture.height)


def add_photos(review: Review, photos: Sequence[StoredPhoto]) -> None:
    """In the caller's transaction and under the review's lock. Raises TooManyPhotos."""
    if photos and review.photos.count() + len(photos) > MOST_PHOTOS:
        raise TooManyPhotos
    for photo in photos:
        row = ReviewPhoto.objects.create(
            review=review,
            public_id=photo.public_id,
            file=photo.path,
            width=photo.width,
            height=photo.height,
        )
        outbox.add("review-photo", key=f"review-photo:{row.public_id}", photo_id=row.pk)


def remove_photos(review: Review, public_ids: Collection[UUID]) -> bool:
    """Whether there was one. In the caller's transaction and under the review's lock.

    The files go after the commit.
    """
    removed = review.photos.filter(public_id__in=public_ids)
    for photo in removed:
        paths = [photo.file, *(file["path"] for file in photo.renditions)]
        outbox.add("review-files-gone", key=f"review-files-gone:{photo.public_id}", paths=paths)
    deleted, _per_model = removed.delete()
    _count_photos(review)
    return deleted > 0


def _count_photos(review: Review) -> None:
    review.photo_count = review.photos.filter(state=PhotoState.READY).count()
    review.save(update_fields=["photo_count"])


def prepare_photo(payload: dict[str, Any]) -> None:
    """Make the files that pages show. Of the outbox: safe to run twice."""
    photo = ReviewPhoto.objects.filter(pk=payload["photo_id"], state=PhotoState.PROCESSING).first()
    if photo is None:
        return
    try:
        with default_storage.open(photo.file) as file:
            # A folder of its own: what a second run throws away is never what the first one shows.
            folder = f"reviews/{photo.public_id}/{uuid4().hex[:8]}"
            renditions = make_renditions(file.read(), folder=folder)
    except FileNotFoundError:
        # Removed by hand: no later attempt finds it either, and a moderator waits for the photo.
        log.warning("review_photo_lost", extra={"photo": photo.pk})
        _finish(photo, PhotoState.FAILED, [])
        return
    if not _finish(photo, PhotoState.READY, renditions):
        delete_files({"paths": [file["path"] for file in renditions]})


@transaction.atomic
def _finish(photo: ReviewPhoto, state: PhotoState, renditions: list[dict[str, Any]]) -> bool:
    """Whether this run did it. The review is locked first, as by who removes photos."""
    review = Review.objects.locked().get(pk=photo.review_id)
    finished = review.photos.filter(pk=photo.pk, state=PhotoState.PROCESSING).update(
        state=state, renditions=renditions
    )
    _count_photos(review)
    if finished and review.is_published:
        tell_readers(review)
    return finished > 0


def delete_files(payload: dict[str, Any]) -> None:
    """Of the outbox too: a file that is gone already is no error."""
    for path in payload["paths"]:
        default_storage.delete(path)
