"""What the cart, the checkout and the badge show of a cart."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet, Sum
from django.utils import timezone

from catalog.catalogue import ImageView
from catalog.pictures import variant_pictures
from orders.buyers import NOBODY, Buyer
from orders.goods import buyable_variant, product_text
from orders.models import Cart, CartLine, Order, OrderStatus
from orders.models.cart import MAX_QUANTITY
from orders.owners import CartKey
from orders.priced_cart import PricedCart, PricedLine, price_cart


@dataclass(frozen=True, slots=True)
class LineView:
    line: PricedLine
    image: ImageView | None


@dataclass(frozen=True, slots=True)
class CartView:
    """`open_order` is this cart's unpaid order, which placing the cart again replaces."""

    priced: PricedCart
    lines: list[LineView]
    open_order: Order | None

    @property
    def is_empty(self) -> bool:
        return not self.lines


def show_cart(
    *, cart: Cart, language: str, buyer: Buyer = NOBODY, country: str | None = None
) -> CartView:
    """The cart at today's prices, each line with a picture; queries do not grow with the lines."""
    priced = price_cart(cart=cart, language=language, buyer=buyer, country=country)
    pictures = variant_pictures([line.variant_pk for line in priced.lines])
    open_order = Order.objects.filter(cart_token=cart.token, status=OrderStatus.PENDING).first()
    lines = [LineView(line, pictures.get(line.variant_pk)) for line in priced.lines]
    return CartView(priced=priced, lines=lines, open_order=open_order)


@dataclass(frozen=True, slots=True)
class Removed:
    """A line just taken out, that one button puts back."""

    variant_id: UUID
    name: str
    quantity: int


def find_removed(said: Mapping[str, str], *, cart: Cart, language: str) -> Removed | None:
    """What the address of the cart says was removed, if it can be put back."""
    try:
        variant_id = UUID(said.get("removed", ""))
        quantity = int(said.get("quantity", "")[:3])
    except ValueError:
        return None
    variant = buyable_variant(variant_id, at=timezone.now())
    is_back = cart.lines.filter(variant__public_id=variant_id).exists()
    if variant is None or is_back or not 0 < quantity <= MAX_QUANTITY:
        return None
    name, _slug = product_text(variant.product_id, language=language)
    return Removed(variant_id, name, quantity)


def quantity_of(key: CartKey, *, variant_id: UUID) -> int:
    line = _lines_of(key).filter(variant__public_id=variant_id).first()
    return line.quantity if line else 0


def count_items(key: CartKey) -> int:
    counted = _lines_of(key).aggregate(items=Sum("quantity"))
    return counted["items"] or 0


def _lines_of(key: CartKey) -> QuerySet[CartLine]:
    return CartLine.objects.filter(cart__token=key.token, cart__customer=key.customer_id)
