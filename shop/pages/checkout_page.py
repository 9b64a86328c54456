"""What the checkout page shows: the cart, the couriers that reach the address, and the total."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from django.conf import settings

from orders.addresses import Contact, buyers_phone
from orders.buyers import Buyer, buyer_of
from orders.cart_page import CartView, show_cart
from orders.checkout import with_shipping
from orders.forms import SHIPPING_PREFIX
from orders.models import Cart
from orders.phones import InvalidPhone
from orders.priced_cart import PricedCart
from orders.shipping import (
    Destination,
    GroupQuote,
    NoShipping,
    ShippingOption,
    carried_over,
    quote_shipping,
    split_into_parcels,
)
from shop.core.money import Money


@dataclass(frozen=True, slots=True)
class GroupChoice:
    """One parcel with its couriers; the cheapest is chosen until the customer says otherwise."""

    quote: GroupQuote
    chosen: ShippingOption
    wanted: str = ""

    @property
    def field_name(self) -> str:
        return f"{SHIPPING_PREFIX}{self.quote.key}"


@dataclass(frozen=True, slots=True)
class CheckoutPage:
    """`groups` is empty until the region is known; `refusal` says why no courier goes there.

    `priced` is the cart with all that is known by now: shipping, and whose order it is.
    """

    cart: CartView
    priced: PricedCart
    groups: list[GroupChoice]
    refusal: str
    buyer: Buyer = field(default_factory=dict)
    destination: Destination | None = None

    @classmethod
    def of(
        cls,
        cart: Cart,
        given: Mapping[str, str],
        *,
        destination: Destination | None,
        language: str,
    ) -> Self:
        buyer = _buyer(cart, given, destination)
        shown = show_cart(
            cart=cart,
            language=language,
            buyer=buyer,
            country=destination.country if destination else None,
        )
        if shown.is_empty or destination is None:
            return cls(shown, shown.priced, [], "", buyer)
        wanted = _wanted(given)
        parcels = split_into_parcels(shown.priced, chosen=wanted)
        try:
            quotes = quote_shipping(
                parcels=parcels,
                currency=shown.priced.currency,
                destination=replace(destination, postal_code=given.get("postal_code", "").strip()),
            )
        except NoShipping as error:
            return cls(shown, shown.priced, [], error.user_message, buyer)
        wanted = carried_over(wanted, parcels)
        groups = [_choose(quote, wanted.get(quote.key, "")) for quote in quotes]
        options = {group.quote.key: group.chosen for group in groups}
        priced = with_shipping(shown.priced, parcels, options)
        return cls(shown, priced, groups, "", buyer, destination)

    @property
    def shipping(self) -> Money:
        return self._money(self.priced.calculation.shipping_minor)

    @property
    def tax_included(self) -> Money:
        result = self.priced.calculation
        return self._money(result.tax_minor - result.tax_added_minor)

    @property
    def rounding(self) -> Money:
        return self._money(self.priced.calculation.rounding_minor)

    @property
    def total(self) -> Money:
        return self.priced.total

    @property
    def is_quoted(self) -> bool:
        return bool(self.groups)

    @property
    def is_free(self) -> bool:
        """Whether there is nothing to pay, so that no method needs to be chosen."""
        return self.is_quoted and not self.total.minor

    def shipping_choice(self) -> dict[str, str]:
        """What the customer picked, offered still or not: nothing is picked in its place."""
        return {group.quote.key: group.wanted or group.chosen.code for group in self.groups}

    def _money(self, minor: int) -> Money:
        return Money(minor, self.priced.currency)


def _buyer(cart: Cart, given: Mapping[str, str], destination: Destination | None) -> Buyer:
    """Whose order it will be, as far as the form says it already."""
    country = destination.country if destination else settings.DEFAULT_COUNTRY
    try:
        phone = buyers_phone(given.get("phone", ""), country=country)
    except InvalidPhone:
        phone = ""
    contact = Contact(email=given.get("email", ""), phone=phone)
    return buyer_of(customer_id=cart.customer_id, contact=contact)


def _wanted(given: Mapping[str, str]) -> dict[str, str]:
    """Parcel key → option, as the form says."""
    return {
        name.removeprefix(SHIPPING_PREFIX): option
        for name, option in given.items()
        if name.startswith(SHIPPING_PREFIX)
    }


def _choose(quote: GroupQuote, wanted: str) -> GroupChoice:
    chosen = next((one for one in quote.options if one.code == wanted), quote.options[0])
    return GroupChoice(quote, chosen, wanted)
