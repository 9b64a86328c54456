"""Taking back all that is personal in a review. The stars stay: they name nobody."""

from django.db import transaction
from django.utils import timezone

from orders.models import OrderEvent, Review, ReviewAnswer
from orders.reviews.photos import remove_photos
from orders.reviews.states import record, tell_readers

PERSONAL = ("title", "text", "display_name", "note")


@transaction.atomic
def erase_review(*, review_id: int, by: OrderEvent.Actor, user_id: int | None = None) -> Review:
    """Empty its words, remove its photos and the answer, which may quote it. Safe to call twice."""
    review = Review.objects.locked().select_related("order_line").get(pk=review_id)
    if review.erased_at is not None:
        return review
    for field in PERSONAL:
        setattr(review, field, "")
    review.erased_at = timezone.now()
    review.save(update_fields=[*PERSONAL, "erased_at"])
    remove_photos(review, review.photos.values_list("public_id", flat=True))
    ReviewAnswer.objects.filter(review=review).delete()
    record(review, "erased", by=by, user_id=user_id)
    if review.is_published:
        tell_readers(review)
    return review
