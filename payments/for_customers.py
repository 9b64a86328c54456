"""An order that staff make for a customer who called or wrote; its link asks for the money."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from orders.addresses import Address, Contact
from orders.checkout import ByStaff, Checkout, from_any_place, prepare
from orders.models import Order, OrderEvent
from orders.placing import draft_order, finish, keys_for
from orders.settlement import confirm
from payments.checkout import (
    FREE_WINDOW,
    Placed,
    find_placed,
    offer_methods,
)
from shop.core import idempotency, outbox
from shop.core.errors import DomainError
from shop.core.idempotency import RequestKey
from shop.core.money import Money

# Stock that is not paid is stock that others cannot buy.
LONGEST_WINDOW = timedelta(hours=72)


class OrderedAlready(DomainError):
    code = "ordered_already"
    message = _(
        "Order {number} was made from this page and waits for its payment. For another customer"
        " open the page anew; to make this one differently, cancel that order first."
    )

    def __init__(self, number: str) -> None:
        super().__init__(f"order {number} is open", number=number)


class NoMethodTakesIt(DomainError):
    code = "no_method_takes_it"
    message = _("No payment method takes a total like this: make several orders of it.")


def place_for_customer(
    *,
    request: RequestKey,
    cart_token: UUID,
    contact: Contact,
    address: Address,
    shipping: Mapping[str, str],
    expected_total: Money,
    language: str,
    by_staff: ByStaff,
    window: timedelta,
    sends_mail: bool,
) -> Placed:
    """Place a cart that staff filled. The customer chooses how to pay, within the window.

    The same `request` again returns the same order. A total of nothing is confirmed at once. Raises
    what `orders.checkout.prepare` and `orders.placing.place_order` raise, OrderedAlready,
    NoMethodTakesIt, KeyReused, StillWorking; then nothing has changed.
    """
    repeat = find_placed(request)
    if repeat is not None:
        return repeat
    ready = partial(
        prepare,
        cart_token=cart_token,
        contact=contact,
        address=address,
        shipping=shipping,
        language=language,
        expected_total=expected_total,
        by_staff=by_staff,
    )
    place = partial(_place, request, window=min(window, LONGEST_WINDOW), sends_mail=sends_mail)
    return from_any_place(ready, place)


@transaction.atomic(durable=True)
def _place(
    request: RequestKey, checkout: Checkout, *, window: timedelta, sends_mail: bool
) -> Placed:
    keys = keys_for(checkout)
    record, is_new = idempotency.claim(request, resource=str(keys.order))
    if not is_new:
        return Placed(Order.objects.get(pk=int(record.resource)), record.pk, is_new=False)
    is_free = not checkout.total.minor
    if not is_free and not offer_methods(total=checkout.total):
        raise NoMethodTakesIt
    until = timezone.now() + (FREE_WINDOW if is_free else window)
    draft = draft_order(checkout=checkout, keys=keys, reserve_until=until)
    if draft.supersedes is not None:
        # It may be another customer's by now, who has the link to it.
        raise OrderedAlready(draft.supersedes.number)
    key = f"order-placed:{keys.order}"
    asks = sends_mail and not is_free
    mails = [outbox.draft_later("order-placed", timedelta(0), key=key, order_id=keys.order)]
    finish(draft, mails if asks else [])
    if is_free:
        confirm(order_id=draft.order.pk, actor=OrderEvent.Actor.STAFF)
        draft.order.refresh_from_db()
    return Placed(draft.order, record.pk, is_new=True)


def payment_link(order: Order) -> str:
    """Where the customer chooses how to pay, in the language of the order."""
    with translation.override(order.language):
        return settings.PUBLIC_URL + reverse("payments:pay", args=[order.token])


def whatsapp_url(order: Order) -> str:
    """A chat with the customer in which the link is written already; empty without a contact."""
    contact = getattr(order, "contact", None)
    if contact is None:
        return ""
    with translation.override(order.language):
        text = gettext(
            "Hello %(name)s, your order %(number)s at %(shop)s is %(total)s. Please choose how to"
            " pay here: %(link)s"
        ) % {
            "name": contact.recipient_name,
            "number": order.number,
            "shop": settings.SHOP_NAME,
            "total": order.total.format(),
            "link": payment_link(order),
        }
    return f"https://wa.me/{contact.phone.lstrip('+')}?text={quote(text, safe='')}"
