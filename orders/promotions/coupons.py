"""The code in a cart. It stays there whether it applies or not, and the cart says why."""

from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from orders.carts import CartNotFound
from orders.models import Cart, Coupon
from shop.core import throttle
from shop.core.errors import DomainError
from shop.core.throttle import Limit

LONGEST_CODE = 40
# Codes are not for guessing. Many people of one mobile network share an address.
TRIES = (Limit(times=600, seconds=3600),)


class UnknownCoupon(DomainError):
    code = "coupon_unknown"
    status = 422
    message = _("We do not know this code. Check it letter by letter.")


def try_coupon(
    *, cart_token: UUID, code: str, network: str, customer_id: int | None = None
) -> Cart:
    """`set_coupon` for somebody who may be guessing. Raises what it raises, and Throttled."""
    throttle.count("coupons", network=network, limits=TRIES)
    return set_coupon(cart_token=cart_token, code=code, customer_id=customer_id)


@transaction.atomic
def set_coupon(*, cart_token: UUID, code: str, customer_id: int | None = None) -> Cart:
    """Put a code into the cart, in place of another. Safe to repeat.

    Only a code that exists is kept; whether it applies is said where the cart is priced. Raises
    CartNotFound, UnknownCoupon; then nothing has changed.
    """
    # The database keeps no NUL.
    typed = "".join(code.replace("\x00", "").split()).upper()
    if not Coupon.objects.filter(code=typed[: LONGEST_CODE + 1]).exists():
        raise UnknownCoupon
    return _keep(cart_token, customer_id, typed)


@transaction.atomic
def remove_coupon(*, cart_token: UUID, customer_id: int | None = None) -> Cart:
    """Take the code out of the cart. Safe to repeat. Raises CartNotFound."""
    return _keep(cart_token, customer_id, "")


def _keep(cart_token: UUID, customer_id: int | None, code: str) -> Cart:
    cart = Cart.objects.locked().filter(token=cart_token, customer=customer_id).first()
    if cart is None:
        raise CartNotFound
    if cart.coupon_code != code:
        # Another total: placement refuses what was prepared with the old one.
        Cart.objects.filter(pk=cart.pk).update(coupon_code=code, updated_at=Now())
        cart.refresh_from_db()
    return cart
