"""The locks of a refund, in the order in which everybody takes them: order, refund, receipt."""

from orders.models import Order
from payments.models import PaymentReceipt, Refund


def lock_refund(refund_id: int) -> Refund:
    """Held, with its order, until the caller's transaction ends. Raises Refund.DoesNotExist."""
    order_id = Refund.objects.values_list("order_id", flat=True).get(pk=refund_id)
    if order_id is not None:
        Order.objects.locked().get(pk=order_id)
    return Refund.objects.locked().get(pk=refund_id)


def lock_receipts(order: Order) -> list[PaymentReceipt]:
    """All of an order's; the caller holds the order's lock."""
    receipts = PaymentReceipt.objects.filter(order=order, currency=order.currency)
    locked = receipts.select_for_update(of=("self",), no_key=True)
    return list(locked.select_related("attempt").order_by("pk"))
