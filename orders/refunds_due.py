"""What the shop owes for goods that did not arrive or came back: a fixed rule, and its rows.

A line's total is shared among its units cumulatively: the first n units are worth
floor(total × n / quantity), so any series of partial refunds adds up to the total, no unit lost.
"""

from collections import Counter
from collections.abc import Callable, Mapping

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models import (
    CreditReason,
    Order,
    OrderLine,
    RefundDue,
    RefundDueLine,
    Return,
    Shipment,
    ShipmentStatus,
)
from orders.receipts.crediting import credit_refund, credit_rest
from orders.receipts.rounding import rounding_back
from shop.core.errors import DomainError

Listener = Callable[[RefundDue], object]
_listeners: list[Listener] = []
# An order → what of its money is not there, and no debt was counted against; in minor units.
Absent = Callable[[Order], int]
_absent: list[Absent] = []


class RefundedAlready(DomainError):
    code = "refunded_already"
    message = _("The money for these goods is owed or returned already.")


class MoreThanWorth(DomainError):
    code = "more_than_worth"
    status = 422
    message = _("No more can be given back than was paid for these goods.")


class ReasonMissing(DomainError):
    code = "reason_missing"
    status = 422
    message = _("Write to the customer why it is not the whole amount.")


class ReasonForAll(DomainError):
    code = "reason_for_all"
    status = 422
    message = _(
        "You wrote why it is less, and give all of it back. Enter the lower amount, or take the"
        " reason away."
    )


def register_owed(listener: Listener) -> None:
    """For a higher app that keeps books; called from `AppConfig.ready`."""
    if listener not in _listeners:
        _listeners.append(listener)


def register_absent(absent: Absent) -> None:
    """As `register_owed`: nobody is owed what was taken back already, or never came."""
    if absent not in _absent:
        _absent.append(absent)


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
    *,
    goods_return: Return,
    units: Mapping[OrderLine, int],
    user_id: int,
    amount_minor: int | None = None,
    reason: str = "",
) -> RefundDue:
    """Money back for received units. In the caller's transaction, which holds the order's lock.

    `amount_minor`: less than they are worth, as for worn goods, with its reason. Raises
    RefundedAlready, MoreThanWorth, ReasonMissing, ReasonForAll.
    """
    rows = draft_lines(units)
    due = RefundDue(
        order=goods_return.order,
        goods_return=goods_return,
        currency=goods_return.order.currency,
        created_by_id=user_id,
    )
    goods = sum(row.amount_minor for row in rows)
    rounding = rounding_back(due.order, rows)
    if amount_minor is not None and amount_minor != goods + rounding:
        if not 0 <= amount_minor <= goods + rounding:
            raise MoreThanWorth
        rounding = max(0, amount_minor - goods)
        _reduce(rows, amount_minor - rounding, goods)
        due.reason = reason.strip()
        if not due.reason:
            raise ReasonMissing
    elif reason.strip():
        raise ReasonForAll
    _write(due, rows, extra_minor=rounding)
    return _settle(due, CreditReason.RETURNED, rounding_minor=rounding)


def worth_of_return(goods_return: Return, units: Mapping[OrderLine, int]) -> int:
    """What is owed for received units unless staff give less. Raises RefundedAlready."""
    rows = draft_lines(units)
    return sum(row.amount_minor for row in rows) + rounding_back(goods_return.order, rows)


def _reduce(rows: list[RefundDueLine], amount_minor: int, worth: int) -> None:
    """Give each row its part of the amount, and never more than it is worth; no unit is lost."""
    before = 0
    for row in rows:
        after = before + row.amount_minor
        row.amount_minor = _part(amount_minor, after, worth) - _part(amount_minor, before, worth)
        before = after


def _part(amount_minor: int, of: int, whole: int) -> int:
    return amount_minor * of // whole if whole else 0


def owe_for_parcel(*, order: Order, shipment: Shipment, user_id: int) -> RefundDue:
    """Money back for a parcel that never arrived; its shipping too, where nothing else of its
    group was sent: then the customer has paid for a journey that did not take place.

    One that came back was carried: its shipping is kept. Raises RefundedAlready.
    """
    units = {line.order_line: line.quantity for line in shipment.lines.select_related("order_line")}
    group = shipment.group
    is_all = sum(units.values()) == sum(line.quantity for line in group.lines.all())
    # Nor does anybody pay for a journey that was to be paid at its end.
    unpaid = 0 if any(line.replaces_id for line in units) else order.collect_minor
    is_free = shipment.status == ShipmentStatus.LOST or unpaid > 0
    due = RefundDue(order=order, shipment=shipment, currency=order.currency, created_by_id=user_id)
    shipping = group.shipping_minor - group.discount_minor + group.tax_added_minor
    rows, sending = draft_lines(units), shipping if is_free and is_all else 0
    rounding = rounding_back(order, rows, group=group, sending_minor=sending)
    _write(due, rows, extra_minor=sending + rounding, uncollected_minor=unpaid)
    return _settle(due, CreditReason.NOT_DELIVERED, rounding_minor=rounding)


def owe_all(*, order: Order, user_id: int | None) -> RefundDue:
    """All that was paid for an order of which nothing was sent: goods, shipping, rounding.

    In the caller's transaction, which holds the order's lock. Raises RefundedAlready.
    """
    rows = draft_lines({line: line.quantity for line in order.lines.order_by("pk")})
    due = RefundDue(order=order, currency=order.currency, created_by_id=user_id)
    goods = sum(row.amount_minor for row in rows)
    rest = order.total_minor - goods
    _write(due, rows, extra_minor=rest, uncollected_minor=order.collect_minor)
    return _settle(due, CreditReason.CANCELLED)


def draft_lines(units: Mapping[OrderLine, int]) -> list[RefundDueLine]:
    """What units of lines are worth, by the line that was paid. Raises RefundedAlready."""
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
        rows.append(RefundDueLine(order_line_id=pk, quantity=quantity, amount_minor=amount))
    return rows


def _write(
    due: RefundDue,
    rows: list[RefundDueLine],
    *,
    extra_minor: int = 0,
    uncollected_minor: int = 0,
) -> None:
    """`uncollected_minor`: what of the order nobody has paid, nor will any more."""
    worth = sum(row.amount_minor for row in rows) + extra_minor
    due.uncollected_minor = min(worth, uncollected_minor)
    due.amount_minor = worth - due.uncollected_minor
    due.absent_minor = min(due.amount_minor, sum(absent(due.order) for absent in _absent))
    due.amount_minor -= due.absent_minor
    if due.uncollected_minor:
        due.order.collect_minor -= due.uncollected_minor
        due.order.save(update_fields=["collect_minor"])
    if not due.amount_minor:
        # Nothing to pay is never owed; the row says of which units that was settled.
        due.paid_at = timezone.now()
    due.save()
    for row in rows:
        row.refund_due = due
    RefundDueLine.objects.bulk_create(rows)


def _settle(due: RefundDue, reason: CreditReason, *, rounding_minor: int = 0) -> RefundDue:
    """The papers and the books of what is owed now."""
    if due.worth_minor:
        if reason == CreditReason.CANCELLED:
            credit_rest(order_id=due.order_id, due=due)
        else:
            credit_refund(due=due, reason=reason, rounding_minor=rounding_minor)
        for listener in _listeners:
            listener(due)
    return due
