"""From cart to order: everything is frozen, then the stock is reserved, or nothing happened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.inventory import OutOfStock, reserve
from catalog.models import StockItem
from orders.addresses import Address, Contact, checked, normalise_phone
from orders.carts import get_cart
from orders.models import (
    Adjustment,
    Cart,
    FulfilmentGroup,
    Order,
    OrderContact,
    OrderEvent,
    OrderLine,
    OrderStatus,
)
from orders.pricing import PricedCart, PricedLine, price_cart
from orders.shipping import (
    GroupQuote,
    Parcel,
    ShippingOption,
    chosen,
    quote_shipping,
    split_into_parcels,
)
from shop.core.errors import DomainError
from shop.core.money import Money


class EmptyCart(DomainError):
    code = "empty_cart"
    message = _("Your cart is empty.")


class SoldOut(DomainError):
    """`variant_ids`: the public ids of what there is too little of."""

    code = "out_of_stock"
    message = _("Someone was faster: not enough of it is left. Your cart shows what is available.")

    def __init__(self, variant_ids: list[str]) -> None:
        super().__init__(f"not enough of {variant_ids}", variant_ids=variant_ids)


class PriceChanged(DomainError):
    """The total is not the one the customer agreed to; `total` is what it is now."""

    code = "price_changed"
    message = _("The total has changed to {formatted}. Please check it and confirm again.")

    def __init__(self, total: Money) -> None:
        super().__init__(
            f"the total is {total.format()}",
            total={"amount": total.minor, "currency": total.currency},
            formatted=total.format(),
        )


class CartChanged(DomainError):
    code = "cart_changed"
    message = _("The cart was changed in another window. Please check it and confirm again.")


@dataclass(frozen=True, slots=True)
class Checkout:
    """All that placement needs, read and checked before the transaction begins."""

    cart: Cart
    priced: PricedCart
    contact: Contact
    address: Address
    province_name: str
    parcels: list[Parcel]
    shipping: dict[str, ShippingOption]
    language: str

    @property
    def total(self) -> Money:
        return sum((option.amount for option in self.shipping.values()), self.priced.subtotal)


def quote_cart(*, cart: Cart, country: str, province: str, language: str) -> list[GroupQuote]:
    """The shipping options of a cart. Raises EmptyCart, NoShipping."""
    priced = price_cart(cart=cart, language=language)
    if not priced.lines:
        raise EmptyCart
    return quote_shipping(
        parcels=split_into_parcels(priced),
        currency=priced.currency,
        country=country,
        province=province,
    )


def prepare(
    *,
    cart_token: UUID,
    contact: Contact,
    address: Address,
    shipping: Mapping[str, str],
    language: str,
    expected_total: Money,
) -> Checkout:
    """Check a cart, an address and a choice of couriers. Reads only.

    `shipping`: parcel key → option code. Raises CartNotFound, EmptyCart, SoldOut, InvalidAddress,
    InvalidPhone, NoShipping, ShippingNotOffered, PriceChanged.
    """
    cart = get_cart(token=cart_token)
    priced = price_cart(cart=cart, language=language)
    if not priced.lines:
        raise EmptyCart
    missing = [line for line in priced.lines if line.is_short or not line.is_buyable]
    if missing and not _is_own_reservation(cart, missing):
        raise SoldOut([str(line.variant_id) for line in missing])
    address, province_name = checked(address)
    contact = Contact(
        contact.email.strip(), normalise_phone(contact.phone, country=address.country)
    )
    # Split once: stock that moves meanwhile must not make other parcels than those quoted.
    parcels = split_into_parcels(priced)
    quotes = quote_shipping(
        parcels=parcels,
        currency=priced.currency,
        country=address.country,
        province=address.province,
    )
    checkout = Checkout(
        cart=cart,
        priced=priced,
        contact=contact,
        address=address,
        province_name=province_name,
        parcels=parcels,
        shipping=chosen(quotes, shipping),
        language=language,
    )
    if checkout.total != expected_total:
        raise PriceChanged(checkout.total)
    return checkout


def _is_own_reservation(cart: Cart, missing: list[PricedLine]) -> bool:
    """Whether what is short is held by this cart's own unpaid order, which placing again ends."""
    own = set(
        OrderLine.objects.filter(
            order__cart_token=cart.token, order__status=OrderStatus.PENDING
        ).values_list("variant_id", flat=True)
    )
    return all(line.is_buyable and line.variant_pk in own for line in missing)


@transaction.atomic
def place_order(*, checkout: Checkout, reserve_until: datetime) -> Order:
    """Turn a cart into a pending order with frozen prices and reserved stock.

    Raises SoldOut, CartChanged; then nothing has changed.
    """
    order, superseded = write_order(checkout=checkout, reserve_until=reserve_until)
    hold_stock(order=order, replacing=superseded)
    return order


def write_order(*, checkout: Checkout, reserve_until: datetime) -> tuple[Order, Order | None]:
    """The rows of the order, without its stock; and the pending order that it supersedes, if any.

    The caller's transaction must end with `hold_stock`. Raises CartChanged.
    """
    cart = Cart.objects.locked().get(pk=checkout.cart.pk)
    if cart.updated_at != checkout.cart.updated_at:
        raise CartChanged
    superseded = _supersede(cart)
    _check_lines(cart, checkout.priced)
    order = _create_order(checkout, reserve_until)
    groups = FulfilmentGroup.objects.bulk_create(
        _group(order, parcel, checkout.shipping[parcel.key]) for parcel in checkout.parcels
    )
    lines = OrderLine.objects.bulk_create(
        _line(order, group, line, stock_item)
        for group, parcel in zip(groups, checkout.parcels, strict=True)
        for line, stock_item in parcel.lines
    )
    Adjustment.objects.bulk_create(_steps(order, lines, groups))
    OrderEvent.objects.create(order=order, kind="placed", actor=OrderEvent.Actor.CUSTOMER)
    return order, superseded


def hold_stock(*, order: Order, replacing: Order | None = None) -> None:
    """Reserve the order's goods for its payment window. Last before COMMIT. Raises SoldOut."""
    quantities = {line.stock_item_id: line.quantity for line in order.lines.all()}
    try:
        reserve(
            holder=order.holder,
            quantities=quantities,
            until=order.reserve_until,
            replacing=replacing.holder if replacing else None,
        )
    except OutOfStock as error:
        variants = StockItem.objects.filter(pk__in=error.stock_item_ids)
        raise SoldOut(
            [str(public_id) for public_id in variants.values_list("variant__public_id", flat=True)]
        ) from error


def _check_lines(cart: Cart, priced: PricedCart) -> None:
    """A confirmation empties the cart without its lock: read again what is still in it."""
    lines = set(cart.lines.values_list("variant_id", "quantity"))
    if lines != {(line.variant_pk, line.quantity) for line in priced.lines}:
        raise CartChanged


def _supersede(cart: Cart) -> Order | None:
    """End the unpaid order that this cart was placed as before; its stock goes to the new one."""
    old = Order.objects.locked().filter(cart_token=cart.token, status=OrderStatus.PENDING).first()
    if old is not None:
        old.move_to(OrderStatus.CANCELLED)
        old.ended_at = timezone.now()
        old.save(update_fields=["status", "ended_at"])
        OrderEvent.objects.create(order=old, kind="superseded", actor=OrderEvent.Actor.CUSTOMER)
    return old


def _create_order(checkout: Checkout, reserve_until: datetime) -> Order:
    shipping = checkout.total - checkout.priced.subtotal
    order = Order.objects.create(
        cart_token=checkout.cart.token,
        customer_id=checkout.cart.customer_id,
        language=checkout.language,
        currency=checkout.priced.currency,
        subtotal_minor=checkout.priced.subtotal.minor,
        shipping_minor=shipping.minor,
        total_minor=checkout.total.minor,
        reserve_until=reserve_until,
        next_expiry_at=reserve_until,
    )
    OrderContact.objects.create(
        order=order,
        email=checkout.contact.email,
        phone=checkout.contact.phone,
        recipient_name=checkout.address.recipient_name,
        street=checkout.address.street,
        district=checkout.address.district,
        city=checkout.address.city,
        province=checkout.address.province,
        province_name=checkout.province_name,
        postal_code=checkout.address.postal_code,
        country=checkout.address.country,
        notes=checkout.address.notes,
    )
    return order


def _group(order: Order, parcel: Parcel, option: ShippingOption) -> FulfilmentGroup:
    return FulfilmentGroup(
        order=order,
        seller_id=parcel.seller_pk,
        location=parcel.location,
        seller_name=parcel.location.seller.name,
        ships_from=parcel.location.city,
        courier=option.courier,
        service=option.service,
        service_name=option.name,
        shipping_minor=option.amount.minor,
        weight_grams=parcel.weight_grams,
        eta_min_days=option.eta_min_days,
        eta_max_days=option.eta_max_days,
    )


def _line(order: Order, group: FulfilmentGroup, line: PricedLine, stock_item: int) -> OrderLine:
    return OrderLine(
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
        total_minor=line.total.minor,
    )


def _steps(order: Order, lines: list[OrderLine], groups: list[FulfilmentGroup]) -> list[Adjustment]:
    """How the total came about, step by step; the amounts sum to it."""
    goods = [
        Adjustment(
            order=order,
            line=line,
            kind=Adjustment.Kind.LIST_PRICE,
            label=f"{line.quantity} × {line.product_name}",
            amount_minor=line.total_minor,
        )
        for line in lines
    ]
    parcels = [
        Adjustment(
            order=order,
            group=group,
            kind=Adjustment.Kind.SHIPPING,
            label=group.service_name,
            amount_minor=group.shipping_minor,
        )
        for group in groups
    ]
    steps = goods + parcels
    for number, step in enumerate(steps, start=1):
        step.step = number
    return steps
