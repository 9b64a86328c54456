"""What staff do: read a review, decide, answer. Who did it is recorded with the order."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models import OrderEvent, PhotoState, Review, ReviewAnswer, ReviewReason, ReviewState
from orders.reviews.photos import remove_photos
from orders.reviews.states import change_state, record, tell_readers
from shop.core.errors import DomainError


class ChangedMeanwhile(DomainError):
    code = "changed_meanwhile"
    message = _("The author has changed this review in the meantime. Read it again.")


class PhotosNotReady(DomainError):
    code = "photos_not_ready"
    message = _("A photo is still being prepared. Look at it first, in a minute.")


class ReasonMissing(DomainError):
    code = "reason_missing"
    status = 422
    message = _("Choose a reason: the author will read it.")


@transaction.atomic
def publish_review(*, review_id: int, actor_id: int, seen: int) -> Review:
    """Show it, as it was when the moderator looked at it. Safe to call twice.

    `seen`: its `change_count` then. Raises ChangedMeanwhile, PhotosNotReady; then nothing has
    changed.
    """
    review = _locked(review_id)
    if review.is_published:
        return review
    if review.change_count != seen:
        raise ChangedMeanwhile
    if review.photos.filter(state=PhotoState.PROCESSING).exists():
        raise PhotosNotReady
    review.reason = review.note = ""
    review.moderated_by_id = actor_id
    change_state(review, ReviewState.PUBLISHED)
    record(review, "published", by=OrderEvent.Actor.STAFF, user_id=actor_id)
    return review


@transaction.atomic
def refuse_review(*, review_id: int, actor_id: int, reason: str, note: str = "") -> Review:
    """Reject what waits, hide what is published. Safe to call twice.

    `reason` is a value of ReviewReason; the author reads it, and `note` with it. Raises
    ReasonMissing; then nothing has changed.
    """
    if reason not in ReviewReason:
        raise ReasonMissing
    review = _locked(review_id)
    if review.state in (ReviewState.REJECTED, ReviewState.HIDDEN):
        return review
    review.reason, review.note = reason, note
    review.moderated_by_id = actor_id
    target = ReviewState.HIDDEN if review.is_published else ReviewState.REJECTED
    change_state(review, target)
    record(review, target, by=OrderEvent.Actor.STAFF, user_id=actor_id, reason=reason)
    return review


@transaction.atomic
def answer_review(*, review_id: int, actor_id: int, text: str) -> None:
    """Say something to it in public, or something else than before; empty takes it back."""
    review = _locked(review_id)
    if text:
        ReviewAnswer.objects.update_or_create(
            review=review,
            defaults={"text": text, "answered_by_id": actor_id, "answered_at": timezone.now()},
        )
    else:
        ReviewAnswer.objects.filter(review=review).delete()
    record(
        review,
        "answered" if text else "answer_removed",
        by=OrderEvent.Actor.STAFF,
        user_id=actor_id,
    )
    if review.is_published:
        tell_readers(review)


@transaction.atomic
def take_photo_out(*, review_id: int, photo_id: UUID, actor_id: int) -> None:
    """Delete one photo of a review that may else be shown. Safe to call twice."""
    review = _locked(review_id)
    if not remove_photos(review, [photo_id]):
        return
    record(review, "photo_removed", by=OrderEvent.Actor.STAFF, user_id=actor_id)
    if review.is_published:
        tell_readers(review)


def _locked(review_id: int) -> Review:
    return Review.objects.locked().select_related("order_line").get(pk=review_id)
