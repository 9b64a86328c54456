"""What the cart, the checkout and the badge show of a cart."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Sum

from catalog.catalogue import ImageView
from catalog.pictures import variant_pictures
from orders.models import Cart, CartLine, Order, OrderStatus
from orders.priced_cart import PricedCart, PricedLine, price_cart


@dataclass(frozen=True, slots=True)
class LineView:
    line: PricedLine
    image: ImageView | None


@dataclass(frozen=True, slots=True)
class CartView:
    """`open_order` is this cart's unpaid order: it holds the stock that the cart seems to lack."""

    priced: PricedCart
    lines: list[LineView]
    open_order: Order | None

    @property
    def is_empty(self) -> bool:
        return not self.lines


def show_cart(*, cart: Cart, language: str) -> CartView:
    """The cart at today's prices, each line with a picture; queries do not grow with the lines."""
    priced = price_cart(cart=cart, language=language)
    pictures = variant_pictures([line.variant_pk for line in priced.lines])
    open_order = Order.objects.filter(cart_token=cart.token, status=OrderStatus.PENDING).first()
    lines = [LineView(line, pictures.get(line.variant_pk)) for line in priced.lines]
    return CartView(priced=priced, lines=lines, open_order=open_order)


def count_items(*, token: UUID) -> int:
    counted = CartLine.objects.filter(cart__token=token).aggregate(items=Sum("quantity"))
    return counted["items"] or 0
