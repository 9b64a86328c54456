"""The one mail that asks a buyer how they like it: a week after the last parcel left."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import translation

from orders.emails import send_order_mail
from orders.models import (
    Order,
    OrderContact,
    OrderLine,
    Review,
    ReviewMailOptOut,
    ReviewRequest,
    hash_email,
)
from orders.reviews.buyers import received_lines
from shop.core import outbox
from shop.core.due import claim_due
from shop.core.mail import unsubscribe_headers

LEASE = timedelta(minutes=10)
AT_ONCE = 500


def ask_later(*, order: Order, sent_at: datetime) -> None:
    """A parcel has left: its buyer is asked when they have worn it. In the caller's transaction.

    A further parcel moves the question on; once asked, an order is never asked about again.
    """
    ReviewRequest.objects.bulk_create(
        [ReviewRequest(order=order, due_at=sent_at + settings.REVIEW_REQUEST_AFTER)],
        update_conflicts=True,
        unique_fields=["order"],
        update_fields=["due_at"],
    )


def ask_due() -> int:
    """Ask for what has fallen due. Returns how many; any number of workers may run it at once."""
    waiting = ReviewRequest.objects.filter(asked_at=None)
    due = claim_due(waiting, "due_at", lease=LEASE, limit=AT_ONCE)
    return sum(_ask(pk) for pk in due)


@transaction.atomic
def _ask(request_id: int) -> bool:
    """The outbox forgets its keys after a while, so the row itself remembers that it is over."""
    is_first = ReviewRequest.objects.filter(pk=request_id, asked_at=None).update(asked_at=Now())
    if is_first:
        outbox.add("review-request", key=f"review-request:{request_id}", request_id=request_id)
    return bool(is_first)


def send_request(payload: dict[str, Any]) -> None:
    """Of the outbox. Sends nothing where there is nothing left to ask, or nobody to ask."""
    order = (
        Order.objects.select_related("contact").filter(review_request=payload["request_id"]).first()
    )
    if order is None or not _may_be_asked(order):
        return
    lines = unreviewed_lines(order)
    if not lines:
        return
    leave_url = opt_out_url(order)
    context = {"lines": lines, "leave_url": leave_url, "public_url": settings.PUBLIC_URL}
    headers = unsubscribe_headers(leave_url)
    send_order_mail(order, "review_request", context, headers=headers)


def unreviewed_lines(order: Order) -> list[OrderLine]:
    received = order.lines.filter(pk__in=received_lines(order)).order_by("pk")
    reviewed = Review.objects.filter(order_line__order=order).values("order_line_id")
    return list(received.exclude(pk__in=reviewed).select_related("variant"))


def _may_be_asked(order: Order) -> bool:
    contact: OrderContact | None = getattr(order, "contact", None)
    if contact is None:
        return False
    return not ReviewMailOptOut.objects.filter(email_hash=hash_email(contact.email)).exists()


def opt_out_url(order: Order) -> str:
    with translation.override(order.language):
        return settings.PUBLIC_URL + reverse("orders:leave_review_mail", args=[order.token])


def leave_review_mail(*, order: Order) -> None:
    """Never ask this buyer for a review again, of this order or another. Safe to repeat."""
    contact: OrderContact | None = getattr(order, "contact", None)
    if contact is not None:
        ReviewMailOptOut.objects.get_or_create(email_hash=hash_email(contact.email))
