"""The payment status of an order: derived from its receipts, never stored."""

from django.db import models
from django.db.models import F, Sum
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _

from orders.models import Order
from payments.models import PaymentReceipt
from shop.core.money import Money


class PaymentStatus(models.TextChoices):
    UNPAID = "unpaid", _("unpaid")
    PARTIALLY_PAID = "partially_paid", _("partly paid")
    PAID = "paid", _("paid")
    OVERPAID = "overpaid", _("paid too much")
    PARTIALLY_REFUNDED = "partially_refunded", _("partly given back")
    REFUNDED = "refunded", _("given back")


def payment_status(*, order: Order) -> PaymentStatus:
    return payment_statuses([order])[order.pk]


def outstanding(order: Order) -> Money:
    """What is still to be paid of an order; less than nothing where too much came. One query."""
    received = PaymentReceipt.objects.filter(order=order, currency=order.currency).aggregate(
        net=Sum(
            F("amount_minor")
            - F("suffix_minor")
            - F("kept_minor")
            - F("refunded_minor")
            - F("refund_pending_minor")
        )
    )
    return Money(order.total_minor - (received["net"] or 0), order.currency)


def _counted() -> Combinable:
    """Neither the digits that tell a transfer, nor what nobody claimed."""
    return F("amount_minor") - F("suffix_minor") - F("kept_minor")


def payment_statuses(orders: list[Order]) -> dict[int, PaymentStatus]:
    """Order pk → status, in one query for any number of orders."""
    rows = (
        PaymentReceipt.objects.filter(order__in=[order.pk for order in orders])
        .values("order_id", "currency")
        .annotate(total=Sum(_counted()), back=Sum("refunded_minor"))
        .values_list("order_id", "currency", "total", "back")
    )
    moved = {(pk, currency): (total, back) for pk, currency, total, back in rows}
    return {
        order.pk: _status(*moved.get((order.pk, order.currency), (0, 0)), order.total_minor)
        for order in orders
    }


def _status(received: int, back: int, total: int) -> PaymentStatus:
    if back:
        # Of a surplus that went back nothing is seen any more.
        is_whole = received - back >= total
        ended = PaymentStatus.REFUNDED if back >= received else PaymentStatus.PARTIALLY_REFUNDED
        return _status(received - back, 0, total) if is_whole else ended
    if received == 0 and total > 0:
        return PaymentStatus.UNPAID
    if received < total:
        return PaymentStatus.PARTIALLY_PAID
    return PaymentStatus.PAID if received == total else PaymentStatus.OVERPAID
