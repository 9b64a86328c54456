"""What the checkout page shows: the cart, the couriers that reach the address, and the total."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from django.conf import settings

from orders.addresses import provinces
from orders.cart_page import CartView, show_cart
from orders.forms import SHIPPING_PREFIX
from orders.models import Cart
from orders.shipping import (
    GroupQuote,
    NoShipping,
    ShippingOption,
    quote_shipping,
    split_into_parcels,
)
from shop.core.money import Money


@dataclass(frozen=True, slots=True)
class GroupChoice:
    """One parcel with its couriers; the cheapest is chosen until the customer says otherwise."""

    quote: GroupQuote
    chosen: ShippingOption

    @property
    def field_name(self) -> str:
        return f"{SHIPPING_PREFIX}{self.quote.key}"


@dataclass(frozen=True, slots=True)
class CheckoutPage:
    """`groups` is empty until a province is known; `refusal` says why no courier goes there."""

    cart: CartView
    groups: list[GroupChoice]
    refusal: str

    @classmethod
    def of(cls, cart: Cart, given: Mapping[str, str], *, language: str) -> Self:
        shown = show_cart(cart=cart, language=language)
        province = given.get("province", "")
        if shown.is_empty or province not in dict(provinces()):
            return cls(shown, [], "")
        try:
            quotes = quote_shipping(
                parcels=split_into_parcels(shown.priced),
                currency=shown.priced.currency,
                country=settings.DEFAULT_COUNTRY,
                province=province,
            )
        except NoShipping as error:
            return cls(shown, [], error.user_message)
        return cls(shown, [_choose(quote, given) for quote in quotes], "")

    @property
    def shipping(self) -> Money:
        return sum(
            (group.chosen.amount for group in self.groups), Money(0, self.cart.priced.currency)
        )

    @property
    def total(self) -> Money:
        return self.cart.priced.subtotal + self.shipping

    @property
    def is_quoted(self) -> bool:
        return bool(self.groups)

    def shipping_choice(self) -> dict[str, str]:
        return {group.quote.key: group.chosen.code for group in self.groups}


def _choose(quote: GroupQuote, given: Mapping[str, str]) -> GroupChoice:
    wanted = given.get(f"{SHIPPING_PREFIX}{quote.key}")
    chosen = next((one for one in quote.options if one.code == wanted), quote.options[0])
    return GroupChoice(quote, chosen)
