"""Before an order: the cart, the address and the couriers are checked, and the total agreed.

Reads only. What it finds may be gone a moment later: orders.placing decides.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from orders.addresses import Address, Contact, PostalAddress, checked, checked_contact
from orders.buyers import Buyer, buyer_of
from orders.carts import get_cart
from orders.models import Cart
from orders.priced_cart import PricedCart, price_cart, with_parcels
from orders.pricing.basket import Parcel as PricedParcel
from orders.shipping import (
    Destination,
    GroupQuote,
    Parcel,
    ShippingOption,
    carried_over,
    chosen,
    quote_shipping,
    split_into_parcels,
)
from shop.core.errors import DomainError
from shop.core.money import Money

Result = TypeVar("Result")


class EmptyCart(DomainError):
    code = "empty_cart"
    message = _("Your cart is empty.")


class CartChanged(DomainError):
    code = "cart_changed"
    message = _("The cart was changed in another window. Please check it and confirm again.")


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


@dataclass(frozen=True, slots=True)
class ByStaff:
    """Who makes an order for a customer, and whether it may be one more unpaid than is allowed."""

    user_id: int
    exceeds_open_orders: bool = False


@dataclass(frozen=True, slots=True)
class Checkout:
    """All that placement needs, read and checked before the transaction begins."""

    cart: Cart
    priced: PricedCart
    buyer: Buyer
    contact: Contact
    address: PostalAddress
    parcels: list[Parcel]
    shipping: dict[str, ShippingOption]
    language: str
    by_staff: ByStaff | None = None

    @property
    def total(self) -> Money:
        return self.priced.total

    @property
    def places(self) -> int:
        """From how many places one of its goods could leave."""
        return max((len(line.supply.units) for line in self.priced.lines), default=0)


@dataclass(frozen=True, slots=True)
class Quoted:
    """What may be chosen for each parcel, and the whole total with what is chosen now."""

    groups: list[GroupQuote]
    chosen: dict[str, ShippingOption]
    priced: PricedCart


def quote_cart(
    *,
    cart: Cart,
    destination: Destination,
    language: str,
    choice: Mapping[str, str] | None = None,
    contact: Contact | None = None,
) -> Quoted:
    """The shipping options of a cart and its total; the cheapest of each parcel unless chosen.

    `choice`: parcel key → option code. `contact`: limits per person count with it.

    Raises EmptyCart, NoShipping, CourierChanged.
    """
    buyer = buyer_of(customer_id=cart.customer_id, contact=contact)
    priced = price_cart(cart=cart, language=language, buyer=buyer, country=destination.country)
    if not priced.lines:
        raise EmptyCart
    parcels = split_into_parcels(priced, chosen=choice or ())
    groups = quote_shipping(parcels=parcels, currency=priced.currency, destination=destination)
    cheapest = {group.key: group.options[0].code for group in groups}
    options = chosen(groups, cheapest | carried_over(choice or {}, parcels))
    return Quoted(groups, options, with_shipping(priced, parcels, options))


def prepare(
    *,
    cart_token: UUID,
    contact: Contact,
    address: Address,
    shipping: Mapping[str, str],
    language: str,
    expected_total: Money,
    expected_goods: str = "",
    customer_id: int | None = None,
    by_staff: ByStaff | None = None,
) -> Checkout:
    """Check a cart, an address and a choice of couriers, before any transaction.

    A courier API may be asked, unless its quote is kept still.

    `shipping`: parcel key → option code. `expected_goods`: the `PricedCart.version` that was shown,
    where that is known: other goods may well cost the same. `customer_id`: who is signed in.

    Raises CartNotFound, EmptyCart, SoldOut, InvalidAddress, InvalidPhone, NoShipping,
    ShippingNotOffered, CourierChanged, PriceChanged, CartChanged.
    """
    cart = get_cart(token=cart_token, customer_id=customer_id)
    postal = checked(address)
    contact = checked_contact(contact, country=postal.country)
    buyer = buyer_of(customer_id=cart.customer_id, contact=contact, address=postal)
    priced = price_cart(cart=cart, language=language, buyer=buyer, country=postal.country)
    if not priced.lines:
        raise EmptyCart
    missing = [line for line in priced.lines if line.is_short or not line.is_buyable]
    if missing:
        raise SoldOut([str(line.variant_id) for line in missing])
    # Split once: stock that moves meanwhile must not make other parcels than those quoted.
    parcels = split_into_parcels(priced, chosen=shipping)
    quotes = quote_shipping(
        parcels=parcels,
        currency=priced.currency,
        destination=Destination(postal.country, postal.province, postal.region, postal.postal_code),
    )
    options = chosen(quotes, carried_over(shipping, parcels))
    checkout = Checkout(
        cart=cart,
        priced=with_shipping(priced, parcels, options),
        buyer=buyer,
        contact=contact,
        address=postal,
        parcels=parcels,
        shipping=options,
        language=language,
        by_staff=by_staff,
    )
    if checkout.total != expected_total:
        raise PriceChanged(checkout.total)
    if expected_goods not in ("", priced.version):
        raise CartChanged
    return checkout


def from_any_place(ready: Callable[[], Checkout], place: Callable[[Checkout], Result]) -> Result:
    """Place an order; anew where somebody emptied its place at this moment and another has enough.

    Raises what `ready` and `place` raise.
    """
    tried = 1
    while True:
        checkout = ready()
        try:
            return place(checkout)
        except SoldOut:
            if tried >= checkout.places:
                raise
            tried += 1


def with_shipping(
    priced: PricedCart, parcels: list[Parcel], options: Mapping[str, ShippingOption]
) -> PricedCart:
    """The cart with what its parcels cost to send; parcels in the order in which they are given."""
    return with_parcels(
        priced,
        [
            PricedParcel(
                seller=parcel.seller_pk,
                label=options[parcel.key].name,
                shipping_minor=options[parcel.key].amount.minor,
            )
            for parcel in parcels
        ],
    )
