"""What the API says of an order: without personal data at placement, in full to its token."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from orders.models import Order, OrderContact, OrderLine, OrderStatus
from orders.order_page import OrderNotFound, show_order
from orders.status import fulfilment_status
from payments.models import AttemptState, PaymentAttempt
from payments.pay_page import show_payment
from payments.status import payment_status
from shop.api.base import shown
from shop.api.serializers.orders import OrderCardShape, OrderShape, PaymentShape, PlacedOrderShape
from shop.core.kept import Kept


def find_order(*, number: str, token: str, customer_id: int | None = None) -> Order:
    """By its token, or for the customer whose order it is.

    Raises OrderNotFound, the same for an unknown number, a wrong token and another's order.
    """
    order = Order.objects.filter(number=number).first()
    is_right = constant_time_compare(order.token if order else "", token)
    is_own = order is not None and customer_id is not None and order.customer_id == customer_id
    if order is None or not (is_right or is_own):
        raise OrderNotFound
    return order


def describe_placed(order: Order, attempt: PaymentAttempt | None) -> dict[str, Any]:
    """Kept for repeats, so it holds no name, no address and no contact."""
    if attempt is not None and attempt.state != AttemptState.PENDING:
        # The gateway may have had the money at once.
        order = Order.objects.get(pk=order.pk)
    value = {
        "number": order.number,
        "token": order.token,
        "status": order.status,
        "totals": order,
        "lines": _lines(order),
        "payment": attempt,
    }
    return shown(PlacedOrderShape, value, {"currency": order.currency})


def describe_order(order: Order) -> dict[str, Any]:
    """All of it, in a number of queries that does not depend on its length."""
    view = show_order(order)
    value = {
        "number": order.number,
        "status": order.status,
        "payment_status": payment_status(order=order),
        "fulfilment_status": fulfilment_status(order=order),
        "language": order.language,
        "placed_at": order.placed_at,
        "totals": order,
        "steps": order.adjustments.order_by("step"),
        "lines": _lines(order),
        "groups": [each.group for each in view.groups],
        "returns": view.returns,
        "refunds": view.refunds,
        "credit_notes": [
            {"position": position, "paper": paper}
            for position, paper in enumerate(view.credit_notes, start=1)
        ],
        "can_cancel": order.status == OrderStatus.PENDING or view.can_call_off,
        "can_return": view.can_return,
        "history": view.happenings,
        "contact": view.contact,
        "payment": show_payment(order).attempt,
        "to_collect": order.to_collect,
    }
    return shown(OrderShape, value, {"currency": order.currency})


def describe_own(orders: Sequence[Order], following: str | None, size: int) -> dict[str, Any]:
    """A page of an account's orders, and the address of the next one."""
    query = urlencode({"cursor": following, "page_size": size})
    address = f"{settings.PUBLIC_URL}{reverse('api:place_order')}?{query}" if following else None
    return {"results": [_card(order) for order in orders], "next": address}


def _card(order: Order) -> dict[str, Any]:
    value = {
        "number": order.number,
        "status": order.status,
        "fulfilment_status": order.fulfilment,
        "placed_at": order.placed_at,
        "total": order.total,
        "lines": order.lines.all(),
    }
    return shown(OrderCardShape, value, {"currency": order.currency})


def payer_details(order: Order, given: Mapping[str, str]) -> dict[str, str]:
    """What the payer gave, and the buyer's own number where none was given."""
    contact = OrderContact.objects.filter(order=order).first()
    return ({"phone": contact.phone} if contact else {}) | dict(given)


def describe_payment(attempt: PaymentAttempt) -> dict[str, Any]:
    return shown(PaymentShape, attempt)


def _lines(order: Order) -> list[OrderLine]:
    lines: list[OrderLine] = _LINES.fetch(order=order.pk)
    return lines


_LINES = Kept(
    lambda *, order: OrderLine.objects.filter(order=order).select_related("variant").order_by("pk"),
    order=-1,
)
