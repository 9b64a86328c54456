"""What a total was rounded by goes back with the last goods of the seller who bears it."""

from collections import Counter
from collections.abc import Sequence

from django.db.models import Sum

from orders.models import CreditLine, FulfilmentGroup, Order, OrderLine, RefundDueLine
from orders.receipts.amounts import bought, shares_of


def rounding_back(
    order: Order,
    rows: Sequence[RefundDueLine],
    *,
    group: FulfilmentGroup | None = None,
    sending_minor: int = 0,
) -> int:
    """The part of the rounding that goes back with `rows`, which are not saved yet.

    `sending_minor` goes back with them: the price of sending the `group`. May be negative; with it
    nothing that is given back becomes less than nothing. The caller holds the order's lock.
    """
    if not order.rounding_minor:
        return 0
    groups = list(order.groups.order_by("pk"))
    lines = bought(order.lines.all())
    seller = next(s.seller_id for s in shares_of(order, groups, lines) if s.bears_rounding)
    own = {each.pk for each in groups if each.seller_id == seller}
    lines = [line for line in lines if line.group_id in own]
    sent = CreditLine.objects.filter(invoice__order=order, group__in=own)
    sent_before: int = sent.aggregate(of=Sum("amount_minor"))["of"] or 0
    sent_after = sent_before + (sending_minor if group and group.pk in own else 0)
    before = _units(lines)
    goods = sum(line.total_minor for line in lines)

    def after(units: Counter[int], sending: int) -> int:
        worth = sum(line.total_minor * units[line.pk] // line.quantity for line in lines)
        return rounding_after(order.rounding_minor, goods=goods, back=worth, sent=sending)

    more = Counter({row.order_line_id: row.quantity for row in rows})
    return after(before + more, sent_after) - after(before, sent_before)


def rounding_after(rounding: int, *, goods: int, back: int, sent: int) -> int:
    """How much of it has come back once `back` of the `goods` has, and `sent` of the shipping.

    All of it with the last of the goods; earlier where it lowered the total by more than those are
    worth, so that no part of what comes back is less than nothing.
    """
    if rounding > 0:
        return rounding if back == goods and back + sent else 0
    return min(0, max(goods + rounding, -sent) - back)


def _units(lines: Sequence[OrderLine]) -> Counter[int]:
    rows = (
        RefundDueLine.objects.filter(order_line__in=lines)
        .values_list("order_line_id")
        .annotate(units=Sum("quantity"))
        .order_by()
    )
    return Counter(dict(rows))
