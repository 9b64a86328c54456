"""Every change of a review's state, and with it of its product's rating, in one transaction."""

from uuid import uuid4

from django.db.models import F
from django.utils import timezone

from catalog.models import Product
from orders.models import OrderEvent, Review, ReviewState
from shop.core import outbox

DECISION = ("state", "published_at", "reason", "note", "moderated_by")


def change_state(review: Review, target: ReviewState) -> None:
    """Move the review and count its stars in or out of its product's rating. Saves the decision.

    The caller holds the review's lock: that is what counts it once, however many ask for it.
    Raises InvalidTransition.
    """
    was_published = review.is_published
    review.move_to(target, at=timezone.now())
    review.save(update_fields=DECISION)
    if review.is_published == was_published:
        return
    step = 1 if review.is_published else -1
    Product.objects.filter(pk=review.product_id).update(
        rating_sum=F("rating_sum") + step * review.rating,
        rating_count=F("rating_count") + step,
    )
    tell_readers(review)


def tell_readers(review: Review) -> None:
    """What readers of its product's reviews see has changed."""
    outbox.add("reviews-changed", key=f"reviews-changed:{uuid4()}", product_id=review.product_id)


def record(
    review: Review, what: str, *, by: OrderEvent.Actor, user_id: int | None = None, **facts: object
) -> None:
    """Append to the order's history who did what. Facts hold nothing personal: they stay."""
    OrderEvent.objects.create(
        order_id=review.order_line.order_id,
        kind=f"review_{what}",
        actor=by,
        user_id=user_id,
        data={"review": review.pk, "rating": review.rating, **facts},
    )
