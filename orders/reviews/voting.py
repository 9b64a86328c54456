"""A review helped another buyer of the product: one vote for each order, and none for one's own.

Only who bought the product votes, by the link of the order. That needs no trace of a visitor, and
a script has to buy for every vote.
"""

from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from orders.models import Order, Review, ReviewVote
from orders.reviews.buyers import NotBought, received_lines
from orders.reviews.states import tell_readers
from orders.reviews.writing import ReviewNotFound
from shop.core.errors import DomainError


class OwnReview(DomainError):
    code = "own_review"
    message = _("This is your own review.")


@transaction.atomic
def vote_helpful(*, order: Order, review_id: UUID) -> Review:
    """Safe to repeat. Raises ReviewNotFound, OwnReview, NotBought; then nothing has changed."""
    review = _votable(order, review_id)
    _vote, is_new = ReviewVote.objects.get_or_create(review=review, order=order)
    if is_new:
        _count(review, +1)
    return review


@transaction.atomic
def withdraw_vote(*, order: Order, review_id: UUID) -> Review:
    """Safe to repeat. Raises as `vote_helpful` does."""
    review = _votable(order, review_id)
    deleted, _per_model = ReviewVote.objects.filter(review=review, order=order).delete()
    if deleted:
        _count(review, -1)
    return review


def _votable(order: Order, review_id: UUID) -> Review:
    review = (
        Review.objects.published().select_related("order_line").filter(public_id=review_id).first()
    )
    if review is None:
        raise ReviewNotFound
    if review.order_line.order_id == order.pk:
        raise OwnReview
    bought = order.lines.filter(pk__in=received_lines(order), variant__product=review.product_id)
    if not bought.exists():
        raise NotBought
    return review


def _count(review: Review, step: int) -> None:
    Review.objects.filter(pk=review.pk).update(helpful_count=F("helpful_count") + step)
    review.refresh_from_db(fields=["helpful_count"])
    tell_readers(review)
