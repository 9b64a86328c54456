"""What the outbox does for reviews."""

from orders.reviews.asking import send_request
from orders.reviews.caching import deliver_changed
from orders.reviews.photos import deliver_gone, deliver_photo
from shop.core import outbox


def register_handlers() -> None:
    outbox.register("reviews-changed", deliver_changed)
    outbox.register("review-photo", deliver_photo, is_slow=True)
    outbox.register("review-files-gone", deliver_gone)
    outbox.register("review-request", send_request)
