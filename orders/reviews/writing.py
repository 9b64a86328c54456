"""What an author does: write one review of each bought line, and change it."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import VariantValue
from orders.models import Order, OrderEvent, OrderLine, Review, ReviewState
from orders.reviews.buyers import find_received_line
from orders.reviews.photos import StoredPhoto, add_photos, remove_photos
from orders.reviews.states import change_state, record
from shop.core.errors import DomainError, NotFound

# A person reads every change.
MOST_CHANGES = 20
SIZE_OPTION = "size"


class ReviewNotFound(NotFound):
    code = "review_not_found"
    message = _("We could not find that review.")


class AlreadyReviewed(DomainError):
    code = "already_reviewed"
    message = _("You have reviewed this already. You can change your review.")


class TooManyChanges(DomainError):
    code = "too_many_changes"
    message = _("This review has been changed too often. Please write to us instead.")


@dataclass(frozen=True, slots=True)
class Words:
    """What an author says; `fit` is a value of ReviewFit or empty."""

    rating: int
    fit: str = ""
    title: str = ""
    text: str = ""
    display_name: str = ""


@transaction.atomic
def write_review(
    *,
    order_id: int,
    variant_id: UUID,
    words: Words,
    language: str,
    photos: Sequence[StoredPhoto] = (),
) -> Review:
    """Review the order's line of that variant, to be read by staff before anybody else.

    Raises NotBought, NotSentYet, AlreadyReviewed, TooManyPhotos; then nothing has changed.
    """
    order = Order.objects.locked().get(pk=order_id)
    line = find_received_line(order, variant_id)
    if Review.objects.filter(order_line=line).exists():
        raise AlreadyReviewed
    review = Review.objects.create(
        order_line=line,
        product_id=line.variant.product_id,
        variant_name=line.variant_name,
        size_id=_size_of(line),
        language=language,
        **asdict(words),
    )
    add_photos(review, photos)
    record(review, "written", by=OrderEvent.Actor.CUSTOMER)
    return review


def _size_of(line: OrderLine) -> int | None:
    values = VariantValue.objects.filter(variant=line.variant_id, option__code=SIZE_OPTION)
    return values.values_list("value_id", flat=True).first()


@transaction.atomic
def change_review(
    *,
    order_id: int,
    review_id: UUID,
    words: Words,
    language: str,
    photos: Sequence[StoredPhoto] = (),
    removed: Collection[UUID] = (),
) -> Review:
    """Say it anew; what was published is taken back until it has been read again.

    The same words again change nothing. Raises ReviewNotFound, TooManyChanges, TooManyPhotos; then
    nothing has changed.
    """
    review = lock_own_review(order_id=order_id, review_id=review_id)
    if not photos and not removed and _says(review, words):
        return review
    _begin_change(review)
    for field, value in asdict(words).items():
        setattr(review, field, value)
    review.language = language
    review.save(update_fields=[*asdict(words), "language"])
    remove_photos(review, removed)
    add_photos(review, photos)
    record(review, "changed", by=OrderEvent.Actor.CUSTOMER)
    return review


@transaction.atomic
def change_photos(
    *,
    order_id: int,
    review_id: UUID,
    photos: Sequence[StoredPhoto] = (),
    removed: Collection[UUID] = (),
) -> Review:
    """Add and remove photos, and leave the words as they are. Raises as `change_review` does.

    Photos that are gone already change nothing.
    """
    review = lock_own_review(order_id=order_id, review_id=review_id)
    if not photos and not review.photos.filter(public_id__in=removed).exists():
        return review
    _begin_change(review)
    remove_photos(review, removed)
    add_photos(review, photos)
    record(review, "changed", by=OrderEvent.Actor.CUSTOMER)
    return review


def find_own_review(*, order_id: int, review_id: UUID) -> Review:
    """The order's review. Raises ReviewNotFound."""
    return _own(Review.objects.all(), order_id, review_id)


def lock_own_review(*, order_id: int, review_id: UUID) -> Review:
    """The order's review, locked. Belongs into a transaction. Raises ReviewNotFound."""
    return _own(Review.objects.locked(), order_id, review_id)


def _own(reviews: QuerySet[Review], order_id: int, review_id: UUID) -> Review:
    found = (
        reviews.select_related("order_line__variant")
        .filter(order_line__order=order_id, public_id=review_id)
        .first()
    )
    if found is None:
        raise ReviewNotFound
    return found


def _says(review: Review, words: Words) -> bool:
    return all(getattr(review, field) == value for field, value in asdict(words).items())


def _begin_change(review: Review) -> None:
    """Back to the queue, with the stars as they were: those were counted."""
    if review.change_count >= MOST_CHANGES:
        raise TooManyChanges
    review.change_count += 1
    review.written_at = timezone.now()
    review.erased_at = None
    review.save(update_fields=["change_count", "written_at", "erased_at"])
    if review.state != ReviewState.PENDING:
        review.reason = review.note = ""
        change_state(review, ReviewState.PENDING)
