"""Money of an order that is not there: its payer's bank has taken it, or no list has it."""

from django.db.models import Sum

from orders.models import Order, RefundDue
from payments.models import PaymentException, PaymentReceipt
from payments.refunds.locking import lock_receipts


def not_there(order: Order) -> int:
    """What of it no debt has been counted against yet, in minor units of the order's currency.

    The caller's transaction holds the order's lock.
    """
    return max(_missing(order) - _counted(order), 0)


def there_after_all(order: Order) -> int:
    """What debts were counted against and has turned up since: it is the customer's."""
    return max(_counted(order) - _missing(order), 0)


def taken_back_of(due: RefundDue) -> int:
    """What of a debt's part that is not there was taken back; the rest of it never came."""
    before = _counted(due.order) - due.absent_minor
    return min(max(_taken_back(due.order) - before, 0), due.absent_minor)


def phantoms_of(order: Order) -> set[int]:
    """Receipts that the gateway's list does not have, and of which nobody knows better yet."""
    told = PaymentException.objects.filter(
        order=order, kind=PaymentException.Kind.PHANTOM, resolved_at=None
    )
    return {_receipt_pk(key) for key in told.values_list("key", flat=True)}


def receipt_of_phantom(exception: PaymentException) -> PaymentReceipt | None:
    """By its key: the receipt itself may tell of another exception already."""
    return PaymentReceipt.objects.filter(pk=_receipt_pk(exception.key)).first()


def _receipt_pk(key: str) -> int:
    return int(key.rpartition(":")[2])


def _missing(order: Order) -> int:
    phantoms = phantoms_of(order)
    receipts = lock_receipts(order)
    never_came = sum(one.refundable_minor for one in receipts if one.pk in phantoms)
    return sum(one.taken_back_minor for one in receipts) + never_came


def _taken_back(order: Order) -> int:
    receipts = PaymentReceipt.objects.filter(order=order, currency=order.currency)
    return receipts.aggregate(total=Sum("taken_back_minor"))["total"] or 0


def _counted(order: Order) -> int:
    dues = RefundDue.objects.filter(order=order)
    return dues.aggregate(total=Sum("absent_minor"))["total"] or 0
