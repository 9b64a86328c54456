"""Carts: found by token, filled and emptied here. Nothing is promised before placement."""

from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import Variant
from catalog.waiting import claim, holds_of
from orders.goods import buyable_variant, current_price
from orders.models import Cart
from orders.models.cart import MAX_QUANTITY
from orders.supplies import NOTHING, supplies_of
from shop.core.errors import DomainError, NotFound
from shop.core.kept import Kept
from shop.core.prepared import read_prepared

MAX_LINES = 100


class CartNotFound(NotFound):
    code = "cart_not_found"
    message = _("This cart no longer exists. Please start a new one.")


class NotForSale(DomainError):
    code = "not_for_sale"
    message = _("This product is no longer sold.")


class TooFewInStock(DomainError):
    """Raised when more is wanted than could be sold now; `available` says how many could."""

    code = "too_few_in_stock"
    message = _("Only {available} left. Choose at most that many.")

    def __init__(self, available: int) -> None:
        super().__init__(f"only {available} available", available=available)
        self.available = available
        if available == 0:
            self.message = _("This is sold out at the moment.")


class TooManyWanted(DomainError):
    code = "too_many_wanted"
    status = 422
    message = _("At most {limit} of it fit into one order.")

    def __init__(self, limit: int = MAX_QUANTITY) -> None:
        super().__init__(f"more than {limit}", limit=limit)


class CartFull(DomainError):
    code = "cart_full"
    message = _("The cart is full. Please order what is in it first.")


def new_cart(*, currency: str | None = None) -> Cart:
    return Cart.objects.create(currency=currency or settings.DEFAULT_CURRENCY)


def get_cart(*, token: UUID, customer_id: int | None = None) -> Cart:
    """A guest's cart by its token; an account's only for whoever is signed in. Raises CartNotFound.

    So it is in all that follows: to know the token of an account's cart is not enough.
    """
    cart: Cart | None
    if customer_id is None:
        cart = _OF_A_GUEST.first(token=token)
    else:
        cart = Cart.objects.filter(token=token, customer=customer_id).first()
    if cart is None:
        raise CartNotFound
    return cart


_OF_A_GUEST = Kept(
    lambda *, token: Cart.objects.filter(token=token, customer=None), token=UUID(int=1)
)


@transaction.atomic
def add_to_cart(
    *,
    cart_token: UUID | None,
    variant_id: UUID,
    quantity: int = 1,
    customer_id: int | None = None,
) -> Cart:
    """Put more of a variant into the cart, making a cart if there is none.

    Raises NotForSale, TooFewInStock, TooManyWanted, CartFull; then nothing has changed.
    """
    cart = _find(cart_token, customer_id) or new_cart()
    line = cart.lines.filter(variant__public_id=variant_id).first()
    _put(cart, variant_id, (line.quantity if line else 0) + quantity)
    return cart


@transaction.atomic
def add_held(
    *, cart_token: UUID | None, waiting_token: UUID, customer_id: int | None = None
) -> Cart:
    """Put what the queue holds for somebody into their cart, making one if there is none.

    It joins what the cart has already, as far as limits and stock allow; following the link again
    adds nothing. Raises WaitingNotFound, HoldOver, NotForSale, TooManyWanted, CartFull; then
    nothing has changed.
    """
    cart = _find(cart_token, customer_id) or new_cart()
    held, is_new = claim(token=waiting_token, bearer=cart.token)
    line = cart.lines.filter(variant=held.variant_id).first()
    before = line.quantity if line else 0
    together = before + held.quantity if is_new else max(before, held.quantity)
    room = [MAX_QUANTITY, _available(cart, held.variant), _allowed(cart, held.variant)]
    quantity = min(together, *room)
    # Where nothing may be added to it, the cart's own words say why.
    if quantity > before or not before:
        _put(cart, held.variant.public_id, max(quantity, 1))
    return cart


@transaction.atomic
def set_quantity(
    *, cart_token: UUID, variant_id: UUID, quantity: int, customer_id: int | None = None
) -> Cart:
    """Make it exactly that many; 0 removes the line. Safe to repeat.

    Raises CartNotFound, NotForSale, TooFewInStock, TooManyWanted, CartFull; then nothing
    has changed.
    """
    cart = _find(cart_token, customer_id)
    if cart is None:
        raise CartNotFound
    if quantity <= 0:
        cart.lines.filter(variant__public_id=variant_id).delete()
        Cart.objects.filter(pk=cart.pk).update(updated_at=Now())
    else:
        _put(cart, variant_id, quantity)
    return cart


def _find(token: UUID | None, customer_id: int | None) -> Cart | None:
    """The cart, with nobody else at it until the transaction ends."""
    if token is None:
        return None
    cart: Cart | None
    if customer_id is None:
        cart = _OF_A_GUEST_LOCKED.first(token=token)
    else:
        cart = Cart.objects.locked().filter(token=token, customer=customer_id).first()
    return cart


_OF_A_GUEST_LOCKED = Kept(
    lambda *, token: Cart.objects.locked().filter(token=token, customer=None), token=UUID(int=1)
)


def _allowed(cart: Cart, variant: Variant) -> int:
    """So many of it one customer may have: all sizes of a limited product count together."""
    limit = variant.product.purchase_limit
    if limit is None:
        return MAX_QUANTITY
    others = cart.lines.filter(variant__product=variant.product_id).exclude(variant=variant)
    return limit - (others.aggregate(units=Sum("quantity"))["units"] or 0)


def _available(cart: Cart, variant: Variant) -> int:
    """So many of it this cart can have now."""
    holds = holds_of(bearer=cart.token).get(variant.pk, ())
    supplies = supplies_of([variant.pk], cart_token=cart.token, holds=holds)
    return supplies.get(variant.pk, NOTHING).available


def _put(cart: Cart, variant_id: UUID, quantity: int) -> None:
    if quantity > MAX_QUANTITY:
        raise TooManyWanted
    now = timezone.now()
    variant = buyable_variant(variant_id, at=now)
    price = current_price(variant.pk, currency=cart.currency, at=now) if variant else None
    if variant is None or price is None:
        raise NotForSale
    if quantity > _allowed(cart, variant):
        raise TooManyWanted(variant.product.purchase_limit or MAX_QUANTITY)
    available = _available(cart, variant)
    if available < quantity:
        raise TooFewInStock(available)
    values = {
        "cart": cart.pk,
        "variant": variant.pk,
        "quantity": quantity,
        "price": price.minor,
    }
    # The caller holds the cart, so that nobody else adds a line between.
    [(lines, was_there)] = read_prepared(_PUT, values)
    if lines >= MAX_LINES and not was_there:
        raise CartFull


# Tells how many lines there were, and whether this was one: it does not see what it writes.
_PUT = """
    WITH put AS (
        INSERT INTO orders_cartline (cart_id, variant_id, quantity, seen_price_minor)
        VALUES (%(cart)s, %(variant)s, %(quantity)s, %(price)s)
        ON CONFLICT (cart_id, variant_id) DO UPDATE
        SET quantity = EXCLUDED.quantity, seen_price_minor = EXCLUDED.seen_price_minor
    ), touched AS (
        UPDATE orders_cart SET updated_at = statement_timestamp() WHERE id = %(cart)s
    )
    SELECT count(*), bool_or(variant_id = %(variant)s) FROM orders_cartline
    WHERE cart_id = %(cart)s
"""
