"""Whose cart it is: a guest's is known by its token alone, an account's by who is signed in."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from orders.models import Cart, CartLine


@dataclass(frozen=True, slots=True)
class CartKey:
    """By what a visitor's cart is found: its token, and who is signed in if it is an account's."""

    token: UUID
    customer_id: int | None


@dataclass(frozen=True, slots=True)
class Carts:
    """The carts of one visitor: this device's, and that of the account they are signed in to.

    Both with something in them wait for the visitor's word. Until then the device's is in use.
    """

    device: Cart | None = None
    account: Cart | None = None
    device_has_lines: bool = False
    account_has_lines: bool = False

    @property
    def current(self) -> Cart | None:
        return self.device if self.device_has_lines else self.account or self.device

    @property
    def must_choose(self) -> bool:
        return self.device_has_lines and self.account_has_lines


def carts_of(*, device_token: UUID | None, customer_id: int | None) -> Carts:
    """One query, none for somebody who has neither. An account's cart is not found by its token."""
    known = Q(pk=None)
    if device_token:
        known |= Q(token=device_token, customer=None)
    if customer_id:
        known |= Q(customer=customer_id)
    if not (device_token or customer_id):
        return Carts()
    rows = Cart.objects.filter(known).annotate(
        has_lines=Exists(CartLine.objects.filter(cart=OuterRef("pk")))
    )
    found = {cart.customer_id is None: (cart, vars(cart)["has_lines"]) for cart in rows}
    device, device_has_lines = found.get(True, (None, False))
    account, account_has_lines = found.get(False, (None, False))
    return Carts(device, account, device_has_lines, account_has_lines)
