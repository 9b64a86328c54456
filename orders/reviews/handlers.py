"""What the outbox does for reviews."""

from orders.reviews.asking import send_request
from orders.reviews.photos import delete_files, prepare_photo
from shop.core import outbox


def register_handlers() -> None:
    outbox.register("review-photo", prepare_photo)
    outbox.register("review-files-gone", delete_files)
    outbox.register("review-request", send_request)
