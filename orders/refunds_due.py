"""What the shop owes for goods that did not arrive or came back: a fixed rule, and its rows.

A line's total is shared among its units cumulatively: the first n units are worth
floor(total × n / quantity), so any series of partial refunds adds up to the total, no unit lost.
"""

from collections import Counter
from collections.abc import Mapping

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from orders.models import (
    Order,
    OrderLine,
    RefundDue,
    RefundDueLine,
    Return,
    Shipment,
    ShipmentStatus,
)
from shop.core.errors import DomainError


class RefundedAlready(DomainError):
    code = "refunded_already"
    message = _("The money for these goods is owed or returned already.")


def share_of(line: OrderLine, *, before: int, units: int) -> int:
    """What `units` of a line are worth after `before` of it were refunded, in minor units."""
    after = before + units
    return line.total_minor * after // line.quantity - line.total_minor * before // line.quantity


def paid_line(line: OrderLine) -> OrderLine:
    """The line that was paid for: itself, or the one whose goods it replaces."""
    while line.replaces is not None:
        line = line.replaces
    return line


def owe_for_return(
    *, goods_return: Return, units: Mapping[OrderLine, int], user_id: int
) -> RefundDue:
    """Money back for received units. In the caller's transaction, which holds the order's lock.

    Raises RefundedAlready.
    """
    due = RefundDue(
        order=goods_return.order,
        goods_return=goods_return,
        currency=goods_return.order.currency,
        created_by_id=user_id,
    )
    return _write(due, units, extra_minor=0)


def owe_for_parcel(*, order: Order, shipment: Shipment, user_id: int) -> RefundDue:
    """Money back for a parcel that never arrived; its shipping too, where nothing else of its
    group was sent: then the customer has paid for a journey that did not take place.

    One that came back was carried: its shipping is kept. Raises RefundedAlready.
    """
    units = {line.order_line: line.quantity for line in shipment.lines.select_related("order_line")}
    group = shipment.group
    is_all = sum(units.values()) == sum(line.quantity for line in group.lines.all())
    is_lost = shipment.status == ShipmentStatus.LOST
    due = RefundDue(order=order, shipment=shipment, currency=order.currency, created_by_id=user_id)
    shipping = group.shipping_minor - group.discount_minor + group.tax_added_minor
    return _write(due, units, extra_minor=shipping if is_lost and is_all else 0)


def _write(due: RefundDue, units: Mapping[OrderLine, int], *, extra_minor: int) -> RefundDue:
    paid: dict[int, OrderLine] = {}
    wanted: Counter[int] = Counter()
    for line, quantity in units.items():
        root = paid_line(line)
        paid[root.pk] = root
        wanted[root.pk] += quantity
    before = dict(
        RefundDueLine.objects.filter(order_line__in=paid)
        .values_list("order_line_id")
        .annotate(units=Sum("quantity"))
        .order_by()
    )
    rows = []
    for pk, quantity in wanted.items():
        if before.get(pk, 0) + quantity > paid[pk].quantity:
            raise RefundedAlready
        amount = share_of(paid[pk], before=before.get(pk, 0), units=quantity)
        rows.append(
            RefundDueLine(refund_due=due, order_line_id=pk, quantity=quantity, amount_minor=amount)
        )
    due.amount_minor = sum(row.amount_minor for row in rows) + extra_minor
    due.save()
    RefundDueLine.objects.bulk_create(rows)
    return due
