"""What goods can be exchanged for: another variant of the same product at the same price.

No difference is charged or paid: what costs more or less today is not offered.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.inventory import OutOfStock, commit_reservation, release, reserve
from catalog.models import StockItem
from orders.goods import goods_of
from orders.models import Order, OrderLine, Return, ReturnLine
from shop.core.errors import DomainError


class ExchangeNotOffered(DomainError):
    code = "exchange_not_offered"
    status = 422
    message = _("This size or colour cannot be had in exchange. Choose another one, or money back.")


class ExchangeSoldOut(DomainError):
    code = "exchange_sold_out"
    message = _("What was asked for in exchange is sold out. Give the money back instead.")


@dataclass(frozen=True, slots=True)
class Offer:
    """One variant that a line can be exchanged for; `available` units of it are free now."""

    variant_pk: int
    variant_id: UUID
    name: str
    available: int


def offers_for(
    lines: Iterable[OrderLine], *, order: Order, at: datetime | None = None
) -> dict[int, list[Offer]]:
    """Order line pk → what it can be exchanged for. Four queries, however many lines.

    Only from where the first came: the exchange goes out with the same seller.
    """
    lines = list(lines)
    products = {line.pk: line.variant.product_id for line in lines}
    items = StockItem.objects.filter(
        variant__product__in=products.values(),
        location__in={line.group.location_id for line in lines},
        on_hand__gt=F("reserved"),
    ).select_related("variant__product")
    candidates = [item for item in items.order_by("variant__position", "variant_id") if _sold(item)]
    pks = {item.variant_id for item in candidates} | {line.variant_id for line in lines}
    known = goods_of(pks, currency=order.currency, language=order.language, at=at or timezone.now())
    prices = {pk: goods.price.minor for pk, goods in known.items() if goods.price}
    return {
        line.pk: [
            Offer(
                item.variant_id,
                item.variant.public_id,
                known[item.variant_id].label,
                item.on_hand - item.reserved,
            )
            for item in candidates
            if item.location_id == line.group.location_id
            and item.variant.product_id == products[line.pk]
            and item.variant_id != line.variant_id
            and item.variant_id in prices
            and prices.get(item.variant_id) == prices.get(line.variant_id)
        ]
        for line in lines
    }


def _sold(item: StockItem) -> bool:
    return item.variant.is_active and item.variant.product.is_on_sale(at=timezone.now())


def hold_exchange(goods_return: Return, *, until: datetime) -> None:
    """Reserve what will go out, last before COMMIT. Raises ExchangeSoldOut."""
    quantities: Counter[int] = Counter()
    for line in goods_return.lines.select_related("order_line__group"):
        if line.exchange_variant_id is not None:
            quantities[exchange_item(line)] += line.quantity
    if not quantities:
        raise ExchangeNotOffered
    try:
        reserve(holder=goods_return.holder, quantities=quantities, until=until)
    except OutOfStock as error:
        raise ExchangeSoldOut from error


def sell_exchange(goods_return: Return, quantities: Counter[int]) -> None:
    """Take what goes out from stock: what was held for it, or what of it really came back.

    Last before COMMIT; the hold and the sale change hands in one stroke. Raises ExchangeSoldOut.
    """
    held_by, goods_return.holder = goods_return.holder, uuid4()
    goods_return.save(update_fields=["holder"])
    try:
        reserve(
            holder=goods_return.holder,
            quantities=quantities,
            until=timezone.now(),
            replacing=[held_by],
        )
    except OutOfStock as error:
        raise ExchangeSoldOut from error
    commit_reservation(holder=goods_return.holder)


def drop_hold(goods_return: Return) -> None:
    """What was held for an exchange that does not take place is free again. Safe to repeat."""
    release(holder=goods_return.holder)


def exchange_item(line: ReturnLine) -> int:
    """The stock item that the exchange of a line comes from. Raises ExchangeSoldOut."""
    pk = (
        StockItem.objects.filter(
            variant=line.exchange_variant_id, location=line.order_line.group.location_id
        )
        .values_list("pk", flat=True)
        .first()
    )
    if pk is None:
        raise ExchangeSoldOut
    return pk


def replacement_of(line: ReturnLine, units: int) -> OrderLine:
    """The line that the exchange adds to the order: named as it is called now, free of charge."""
    first = line.order_line
    variant = line.exchange_variant
    if variant is None:
        raise ExchangeNotOffered
    return OrderLine(
        order_id=first.order_id,
        group_id=first.group_id,
        variant=variant,
        replaces=first,
        stock_item_id=exchange_item(line),
        product_name=first.product_name,
        variant_name=line.exchange_name,
        sku=variant.sku,
        weight_grams=variant.weight_grams,
        quantity=units,
        unit_price_minor=0,
        total_minor=0,
    )
