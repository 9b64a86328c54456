"""Bought goods and what buyers say of them, made by the shop's own operations."""

from collections.abc import Iterable
from io import BytesIO
from typing import Any

from PIL import Image

from accounts.models import User
from accounts.tests.builders import make_owner
from catalog.models import Product, Variant
from catalog.tests.builders import follow_up, make_product, make_variant
from orders.fulfilment import ship_lines
from orders.models import Order, OrderStatus, Review, ReviewReason, ReviewState
from orders.reviews.moderation import publish_review, refuse_review
from orders.reviews.ratings import wrong_ratings
from orders.reviews.writing import Words, write_review
from orders.tests.builders import make_order
from shop.core import outbox
from shop.core.models import OutboxMessage


def make_shirt(name: str = "", **fields: Any) -> Variant:
    """A variant of a new product, of which there is plenty."""
    return make_variant(product=make_product(name), on_hand=1000, **fields)


def send(order: Order, *, quantities: dict[int, int] | None = None, number: str = "JP1") -> None:
    group = order.groups.get()
    ship_lines(
        group_id=group.pk,
        courier="JNE",
        tracking_number=number,
        actor_id=owner().pk,
        quantities=quantities,
    )


def owner() -> User:
    known = User.objects.filter(is_superuser=True).first()
    return known or make_owner()


def make_sent_order(*variants: Variant, **fields: Any) -> Order:
    """Paid and on its way: one unit of each variant, of one shirt if none is named."""
    lines = dict.fromkeys(variants or [make_shirt()], 1)
    order = make_order(status=OrderStatus.CONFIRMED, lines=lines, **fields)
    send(order)
    return order


def make_review(
    variant: Variant | None = None,
    *,
    rating: int = 5,
    state: ReviewState = ReviewState.PUBLISHED,
    order: Order | None = None,
    language: str = "id",
    **words: Any,
) -> Review:
    """By a buyer of their own order, moved to the state by staff."""
    variant = variant or make_shirt()
    order = order or make_sent_order(variant)
    review = write_review(
        order_id=order.pk,
        variant_id=variant.public_id,
        words=Words(rating=rating, **words),
        language=language,
    )
    if state in (ReviewState.PUBLISHED, ReviewState.HIDDEN):
        publish(review)
    if state in (ReviewState.REJECTED, ReviewState.HIDDEN):
        refuse(review)
    review.refresh_from_db()
    return review


def publish(review: Review) -> Review:
    return publish_review(review_id=review.pk, actor_id=owner().pk, seen=review.change_count)


def refuse(review: Review) -> Review:
    return refuse_review(
        review_id=review.pk, actor_id=owner().pk, reason=str(ReviewReason.OFF_TOPIC)
    )


def tell_caches() -> None:
    """What the workers do within a second of a change."""
    follow_up()
    for message in OutboxMessage.objects.filter(topic="reviews-changed", done_at=None):
        outbox.deliver(message.pk)


def rating_of(product: Product) -> tuple[int, int]:
    """(sum of stars, number of reviews) as pushed down, after a look whether all of them agree."""
    assert list(wrong_ratings()) == []
    product.refresh_from_db()
    return product.rating_sum, product.rating_count


def photo_bytes(
    size: tuple[int, int] = (900, 1200),
    *,
    kind: str = "JPEG",
    exif: Image.Exif | None = None,
    colour: str = "#b5593c",
) -> bytes:
    out = BytesIO()
    extra: dict[str, Any] = {"exif": exif} if exif else {}
    Image.new("RGB", size, colour).save(out, kind, **extra)
    return out.getvalue()


def stars(reviews: Iterable[Review]) -> list[int]:
    return [review.rating for review in reviews]
