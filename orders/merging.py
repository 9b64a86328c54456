"""A cart goes along at sign-in. Where account and device both have one, the customer decides."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from catalog.waiting import hand_on_holds
from orders.carts import MAX_LINES, CartFull, new_cart
from orders.models import Cart, CartLine, Order, OrderLine, OrderStatus
from orders.models.order import UNPAID
from orders.owners import Carts, carts_of
from orders.priced_cart import price_cart
from orders.putting_together import TogetherLine, put_together
from shop.core.errors import DomainError


class NothingToChoose(DomainError):
    """The carts are one already: another click or tab was first."""

    code = "nothing_to_choose"
    message = _("You have one cart now. This is what is in it.")


class CartsChanged(DomainError):
    code = "carts_changed"
    message = _("One of the carts was changed meanwhile. Please look again and choose.")


class CartsToChoose(DomainError):
    code = "carts_to_choose"
    message = _("There are two carts with something in them. Choose what to keep.")


class Choice(StrEnum):
    TOGETHER = "together"
    DEVICE = "device"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Merged:
    """`dropped_code` is the account's coupon where the device's cart had another."""

    cart: Cart
    lines: list[TogetherLine]
    dropped_code: str = ""


@transaction.atomic
def bring_along(*, customer_id: int, device_token: UUID | None, language: str) -> Carts:
    """After sign-in: the device's cart becomes the account's, unless both have something in them.

    Then nothing is done, and `choose` waits for the customer's word. Safe to repeat.
    """
    carts = _locked(customer_id, device_token)
    if carts.must_choose or carts.device is None or not carts.device_has_lines:
        return carts
    if carts.account is None:
        _give(carts.device, customer_id)
    else:
        _join(carts.account, carts.device, language)
    return carts_of(device_token=None, customer_id=customer_id)


@transaction.atomic
def choose(
    *, customer_id: int, device_token: UUID | None, choice: Choice, seen: str, language: str
) -> Merged:
    """Make one cart of two, as the customer says.

    `seen` is `stamp_of` the carts they were shown. An unpaid order of a cart that goes is an order
    of its own from then on, and can be paid until its time is over. Raises NothingToChoose,
    CartsChanged, CartFull; then nothing has changed.
    """
    carts = _locked(customer_id, device_token)
    if not carts.must_choose or carts.device is None or carts.account is None:
        raise NothingToChoose
    if stamp_of([carts.device, carts.account]) != seen:
        raise CartsChanged
    match choice:
        case Choice.TOGETHER:
            return _join(carts.account, carts.device, language)
        case Choice.ACCOUNT:
            hand_on_holds(bearer=carts.device.token, to=carts.account.token)
            carts.device.delete()
            return Merged(carts.account, [])
        case Choice.DEVICE:
            hand_on_holds(bearer=carts.account.token, to=carts.device.token)
            carts.account.delete()
            _give(carts.device, customer_id)
            return Merged(carts.device, [])


@transaction.atomic
def take_cart(
    *, customer_id: int, guest_token: UUID | None, choice: Choice | None, language: str
) -> Cart:
    """The account's cart, made if there is none, with what the guest's had. Safe to repeat.

    Raises CartsToChoose where both have something in them and nothing is chosen, CartFull; then
    nothing has changed.
    """
    carts = bring_along(customer_id=customer_id, device_token=guest_token, language=language)
    if carts.must_choose and carts.device and carts.account:
        if choice is None:
            raise CartsToChoose
        return choose(
            customer_id=customer_id,
            device_token=guest_token,
            choice=choice,
            # Held since they were read: what is kept is what was there.
            seen=stamp_of([carts.device, carts.account]),
            language=language,
        ).cart
    if carts.account is None:
        cart = new_cart()
        _give(cart, customer_id)
        return cart
    return carts.account


def stamp_of(carts: Iterable[Cart]) -> str:
    """What the carts hold, in short: the same as long as nothing in them has changed."""
    carts = list(carts)
    lines = CartLine.objects.filter(cart__in=carts).order_by("cart_id", "variant_id")
    told = [*lines.values_list("cart_id", "variant_id", "quantity")]
    codes = [(cart.pk, cart.coupon_code) for cart in carts]
    return hashlib.sha256(repr((told, codes)).encode()).hexdigest()[:32]


def ordered_units(*, account: Cart, device: Cart) -> dict[int, int]:
    """Variant pk → units of the device's unpaid order, where the account's cart has one as well.

    A cart has one open order, which placing it again replaces. The second one stays an order by
    itself, so what is in it must not be in the cart again.
    """
    open_orders = dict(
        Order.objects.filter(
            cart_token__in=[account.token, device.token], status=OrderStatus.PENDING
        ).values_list("cart_token", "pk")
    )
    if len(open_orders) < 2:
        return {}
    lines = OrderLine.objects.filter(order=open_orders[device.token])
    units = lines.values("variant_id").annotate(units=Sum("quantity"))
    return {row["variant_id"]: row["units"] for row in units}


def _locked(customer_id: int, device_token: UUID | None) -> Carts:
    """The visitor's carts, with nobody else at them: the account first, then carts by pk."""
    # Without the account's lock two devices at once would both find that it has no cart.
    get_user_model().objects.select_for_update(no_key=True).get(pk=customer_id)
    found = carts_of(device_token=device_token, customer_id=customer_id)
    pks = [cart.pk for cart in (found.device, found.account) if cart]
    list(Cart.objects.locked().filter(pk__in=pks).order_by("pk"))
    return carts_of(device_token=device_token, customer_id=customer_id)


def _give(cart: Cart, customer_id: int) -> None:
    cart.customer_id = customer_id
    Cart.objects.filter(pk=cart.pk).update(customer=customer_id, updated_at=Now())


def _join(account: Cart, device: Cart, language: str) -> Merged:
    """The device's lines, coupon, holds and unpaid order go to the account's cart."""
    # A confirmation takes what was bought out of the cart: not while its lines are moved.
    orders = _unpaid_orders(account, device)
    together = put_together(
        price_cart(cart=account, language=language).lines,
        price_cart(cart=device, language=language).lines,
        ordered=ordered_units(account=account, device=device),
    )
    _move_lines(account, device, together)
    hand_on_holds(bearer=device.token, to=account.token)
    _hand_on(orders, to=account)
    code = device.coupon_code or account.coupon_code
    dropped = account.coupon_code if account.coupon_code != code else ""
    Cart.objects.filter(pk=account.pk).update(coupon_code=code, updated_at=Now())
    device.delete()
    return Merged(account, together, dropped)


def _unpaid_orders(*carts: Cart) -> list[Order]:
    """What was placed from the carts and not paid, or not yet; locked."""
    tokens = [cart.token for cart in carts]
    orders = Order.objects.locked().filter(cart_token__in=tokens, status__in=UNPAID)
    return list(orders.order_by("pk"))


def _hand_on(orders: Sequence[Order], *, to: Cart) -> None:
    """The orders belong to the cart that lives on: what they hold is there for it, placing it
    replaces them, and late money for one finds what was reserved since.

    A cart has one open order: where it has one itself, the other stays an order of its own.
    """
    has_one = any(o.cart_token == to.token and o.status == OrderStatus.PENDING for o in orders)
    moving = [o.pk for o in orders if not (has_one and o.status == OrderStatus.PENDING)]
    Order.objects.filter(pk__in=moving).update(cart_token=to.token)


def _move_lines(account: Cart, device: Cart, together: list[TogetherLine]) -> None:
    known = set(account.lines.values_list("variant_id", flat=True))
    new = [line for line in together if line.variant_pk not in known and line.quantity]
    if len(known) + len(new) > MAX_LINES:
        raise CartFull
    for line in together:
        to_change = account if line.variant_pk in known else device
        rows = CartLine.objects.filter(cart=to_change, variant=line.variant_pk)
        if line.quantity:
            rows.update(quantity=line.quantity, cart=account)
