"""The same once more: what an order had, into the cart, at what it costs now."""

from dataclasses import dataclass, field
from uuid import UUID

from django.utils.functional import Promise

from orders.carts import CartFull, NotForSale, TooFewInStock, TooManyWanted, add_to_cart
from orders.models import Cart, CartLine, Order, OrderLine
from orders.owners import CartKey


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What did not go into the cart, or not all of it, and why."""

    name: str
    reason: str | Promise


@dataclass(slots=True)
class Reordered:
    """`cart` is None where nothing was put."""

    cart: Cart | None = None
    units: int = 0
    left_out: list[LeftOut] = field(default_factory=list)


def reorder(*, order: Order, key: CartKey | None) -> Reordered:
    """Put what the order had beside what is in the cart, making one if there is none.

    Each line for itself: one that is no longer sold does not hold back the others, and where fewer
    are left than were bought, those that are left are put.
    """
    done = Reordered()
    lines = order.lines.filter(replaces=None).select_related("variant")
    for line in lines.order_by("pk"):
        try:
            _put(done, key, line, line.quantity)
        except (NotForSale, TooManyWanted, CartFull) as error:
            done.left_out.append(LeftOut(_name(line), error.user_message))
        except TooFewInStock as error:
            done.left_out.append(LeftOut(_name(line), error.user_message))
            _put_rest(done, key, line, available=error.available)
    return done


def _put_rest(done: Reordered, key: CartKey | None, line: OrderLine, *, available: int) -> None:
    token = _token(done, key)
    lines = CartLine.objects.filter(cart__token=token) if token else CartLine.objects.none()
    own = lines.filter(variant=line.variant_id).first()
    rest = available - (own.quantity if own else 0)
    if rest > 0:
        try:
            _put(done, key, line, rest)
        except (NotForSale, TooFewInStock, TooManyWanted, CartFull):
            # Somebody was quicker; that not all of it went in is said already.
            return


def _put(done: Reordered, key: CartKey | None, line: OrderLine, units: int) -> None:
    done.cart = add_to_cart(
        cart_token=_token(done, key),
        customer_id=done.cart.customer_id if done.cart else (key.customer_id if key else None),
        variant_id=line.variant.public_id,
        quantity=units,
    )
    done.units += units


def _token(done: Reordered, key: CartKey | None) -> UUID | None:
    if done.cart:
        return done.cart.token
    return key.token if key else None


def _name(line: OrderLine) -> str:
    return " ".join(part for part in (line.product_name, line.variant_name) if part)
