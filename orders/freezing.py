"""The rows of an order: names, prices, discounts, taxes and couriers as they are at this moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Model
from django.utils import timezone

from orders.addresses import contact_fields
from orders.checkout import Checkout
from orders.models import (
    Adjustment,
    BuyerKey,
    FulfilmentGroup,
    Order,
    OrderContact,
    OrderEvent,
    OrderLine,
)
from orders.priced_cart import PricedLine
from orders.pricing.engine import Share, Step
from orders.shipping import Parcel, ShippingOption

LONGEST_LABEL = 200


@dataclass(frozen=True, slots=True)
class Keys:
    """The primary keys of an order's rows, given before any of them is written."""

    order: int
    groups: list[int]
    lines: list[int]
    uses: list[int]
    others: list[int]


@dataclass(frozen=True, slots=True)
class Frozen:
    """`rows` are grouped by table, the order first."""

    order: Order
    lines: Sequence[OrderLine]
    rows: Sequence[Sequence[Model]]

    @property
    def quantities(self) -> dict[int, int]:
        """Stock item pk → units."""
        return {line.stock_item_id: line.quantity for line in self.lines}


def freeze(*, checkout: Checkout, keys: Keys, reserve_until: datetime) -> Frozen:
    """Make all rows of an order; nothing is written."""
    order = _order(checkout, keys.order, reserve_until)
    shares = checkout.priced.calculation
    groups = [
        _group(key, order, parcel, checkout.shipping[parcel.key], share)
        for key, parcel, share in zip(keys.groups, checkout.parcels, shares.parcels, strict=True)
    ]
    sources = {
        line.variant_pk: (group, stock_item)
        for group, parcel in zip(groups, checkout.parcels, strict=True)
        for line, stock_item in parcel.lines
    }
    lines = [
        _line(key, order, *sources[line.variant_pk], line, share)
        for key, line, share in zip(keys.lines, checkout.priced.lines, shares.items, strict=True)
    ]
    steps = [
        _adjustment(number, order, step, lines, groups)
        for number, step in enumerate(shares.steps, start=1)
    ]
    staff = checkout.by_staff
    placed = OrderEvent(
        order=order,
        kind="placed",
        actor=OrderEvent.Actor.STAFF if staff else OrderEvent.Actor.CUSTOMER,
        user_id=staff.user_id if staff else None,
    )
    known_by = [BuyerKey(order=order, kind=kind, key=key) for kind, key in checkout.buyer.items()]
    rows: list[Sequence[Model]] = [
        [order],
        [_contact(order, checkout)],
        groups,
        lines,
        steps,
        [placed],
        known_by,
    ]
    return Frozen(order, lines, rows)


def _order(checkout: Checkout, key: int, reserve_until: datetime) -> Order:
    result = checkout.priced.calculation
    return Order(
        pk=key,
        cart_token=checkout.cart.token,
        customer_id=checkout.cart.customer_id,
        language=checkout.language,
        currency=checkout.priced.currency,
        subtotal_minor=result.subtotal_minor,
        discount_minor=result.discount_minor,
        shipping_minor=result.shipping_minor,
        shipping_discount_minor=result.shipping_discount_minor,
        tax_minor=result.tax_minor,
        tax_added_minor=result.tax_added_minor,
        rounding_minor=result.rounding_minor,
        total_minor=result.total_minor,
        basket=checkout.priced.basket.to_json(),
        placed_at=timezone.now(),
        reserve_until=reserve_until,
        next_expiry_at=reserve_until,
    )


def _contact(order: Order, checkout: Checkout) -> OrderContact:
    return OrderContact(order=order, **contact_fields(checkout.contact, checkout.address))


def _group(
    key: int, order: Order, parcel: Parcel, option: ShippingOption, share: Share
) -> FulfilmentGroup:
    return FulfilmentGroup(
        pk=key,
        order=order,
        seller_id=parcel.seller_pk,
        location=parcel.location,
        seller_name=parcel.location.seller.name,
        ships_from=parcel.location.city,
        courier=option.courier,
        service=option.service,
        service_name=option.name,
        shipping_minor=share.list_minor,
        discount_minor=share.discount_minor,
        tax_minor=share.tax_minor,
        tax_added_minor=share.tax_added_minor,
        weight_grams=parcel.weight_grams,
        volume_cm3=parcel.volume_cm3,
        charged_grams=option.charged_grams,
        eta_min_days=option.eta_min_days,
        eta_max_days=option.eta_max_days,
        source=option.source,
        rate_reference=option.reference,
        quoted_at=option.quoted_at,
    )


def _line(
    key: int, order: Order, group: FulfilmentGroup, stock_item: int, line: PricedLine, share: Share
) -> OrderLine:
    return OrderLine(
        pk=key,
        order=order,
        group=group,
        variant_id=line.variant_pk,
        stock_item_id=stock_item,
        product_name=line.product_name,
        variant_name=line.variant_name,
        sku=line.sku,
        weight_grams=line.weight_grams,
        quantity=line.quantity,
        unit_price_minor=line.unit_price.minor,
        discount_minor=share.discount_minor,
        tax_minor=share.tax_minor,
        tax_added_minor=share.tax_added_minor,
        total_minor=share.total_minor,
    )


def _adjustment(
    number: int,
    order: Order,
    step: Step,
    lines: Sequence[OrderLine],
    groups: Sequence[FulfilmentGroup],
) -> Adjustment:
    return Adjustment(
        order=order,
        step=number,
        line=None if step.item is None else lines[step.item],
        group=None if step.parcel is None else groups[step.parcel],
        kind=step.kind.value,
        label=step.label[:LONGEST_LABEL],
        amount_minor=step.amount_minor,
        code=step.code,
        promotion_id=step.promotion,
        is_included=step.is_included,
    )
