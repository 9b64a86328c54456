"""From cart to order: everything is frozen, then the stock is taken, or nothing happened.

Some ten statements, however many lines: locks first, then all rows in one, the stock last.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Model, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.inventory import OutOfStock, draft_reservations, take
from catalog.models import Product, StockItem
from catalog.waiting import Hold, somebody_waits, take_holds
from orders.buyers import Buyer, hold, person
from orders.checkout import CartChanged, Checkout, SoldOut
from orders.freezing import Keys, freeze
from orders.models import (
    BuyerKey,
    Cart,
    CartLine,
    FulfilmentGroup,
    Order,
    OrderEvent,
    OrderLine,
    OrderStatus,
    PromotionUse,
)
from orders.priced_cart import PricedCart
from orders.promotions.offers import Offers
from orders.promotions.uses import promotions_taken, release_uses, take_uses
from shop.core.errors import DomainError
from shop.core.kept import Kept, among_words
from shop.core.rows import insert_together, next_keys


class TooManyOpenOrders(DomainError):
    """One person holds the stock of so many orders without having paid any."""

    code = "too_many_open_orders"
    message = _(
        "{open} orders with your contact or address wait for payment. Pay or cancel one of them"
        " first; your cart stays as it is."
    )

    def __init__(self, open_orders: int) -> None:
        super().__init__(f"{open_orders} open orders", open=open_orders)


class ReservationOver(DomainError):
    """The goods were reserved for this cart's earlier order, whose time is over, and others wait
    for them."""

    code = "reservation_over"
    message = _(
        "The time to pay for these goods is over, and others wait for them. They go to the next in"
        " the queue, where you can wait as well."
    )


class PurchaseLimit(DomainError):
    """More of a product than one person may have. `left` is what would still be allowed."""

    code = "purchase_limit"
    message = _("At most {limit} of “{product}” for each customer. You can order {left} more.")

    def __init__(self, product: str, *, limit: int, left: int) -> None:
        super().__init__(f"more than {limit}", product=product, limit=limit, left=left)


@dataclass(frozen=True, slots=True)
class Draft:
    """An order whose rows are made and not yet written.

    `supersedes` is the unpaid one before it; `replaces` are all whose stock it takes over: that
    order, and what was held for this cart.
    """

    order: Order
    rows: Sequence[Sequence[Model]]
    quantities: Mapping[int, int]
    supersedes: Order | None
    replaces: Sequence[UUID]


@transaction.atomic
def place_order(*, checkout: Checkout, reserve_until: datetime) -> Order:
    """Turn a cart into a pending order with frozen prices and reserved stock.

    `reserve_until`: at the latest; goods that many want are reserved for a shorter time. Raises
    SoldOut, CartChanged, TooManyOpenOrders, PurchaseLimit, ReservationOver, PromotionUsedUp; then
    nothing has changed.
    """
    draft = draft_order(checkout=checkout, keys=keys_for(checkout), reserve_until=reserve_until)
    finish(draft)
    return draft.order


def keys_for(checkout: Checkout, *also: type[Model]) -> Keys:
    """Keys for the rows of an order, and for one row of each other model.

    Those of an order that is refused are lost, as with any.
    """
    [order], groups, lines, uses, *others = next_keys(
        (Order, 1),
        (FulfilmentGroup, len(checkout.parcels)),
        (OrderLine, len(checkout.priced.lines)),
        (PromotionUse, promotions_taken(checkout.priced.calculation.taken_by())),
        *((model, 1) for model in also),
    )
    return Keys(order, groups, lines, uses, [key for [key] in others])


def draft_order(*, checkout: Checkout, keys: Keys, reserve_until: datetime) -> Draft:
    """Lock what the order depends on, check it, and make the order's rows.

    The caller's transaction must end with `finish`. Raises CartChanged, TooManyOpenOrders,
    PurchaseLimit, ReservationOver, PromotionUsedUp.
    """
    cart: Cart | None = _CART.first(pk=checkout.cart.pk)
    # It is gone where its owner has put it together with another.
    if cart is None or cart.updated_at != checkout.cart.updated_at:
        raise CartChanged
    _check_lines(cart, checkout.priced)
    hold(checkout.buyer)
    old = _supersede(cart, checkout.priced.offers)
    if not (checkout.by_staff and checkout.by_staff.exceeds_open_orders):
        _check_open_orders(checkout.buyer)
    _check_purchase_limits(checkout)
    reserve_until = _reserved_until(checkout, old, reserve_until)
    frozen = freeze(checkout=checkout, keys=keys, reserve_until=reserve_until)
    uses = take_uses(
        order=frozen.order,
        taken=checkout.priced.calculation.taken_by(),
        offers=checkout.priced.offers,
        buyer=checkout.buyer,
        keys=keys.uses,
    )
    quantities = frozen.quantities
    reservations = draft_reservations(
        holder=frozen.order.holder, quantities=quantities, until=reserve_until
    )
    return Draft(
        order=frozen.order,
        rows=[*frozen.rows, uses.uses, uses.users, reservations],
        quantities=quantities,
        supersedes=old,
        replaces=[*([old.holder] if old else []), *take_holds(holds=_holds(checkout))],
    )


def finish(draft: Draft, *also: Sequence[Model]) -> None:
    """Write the order, and rows of others that belong to it; then take its stock.

    Nothing may follow in the transaction: a hot stock row stays locked for as short as can be.
    Raises SoldOut.
    """
    insert_together(*draft.rows, *also)
    try:
        take(
            quantities=draft.quantities,
            replacing=draft.replaces,
        )
    except OutOfStock as error:
        variants = StockItem.objects.filter(pk__in=error.stock_item_ids)
        raise SoldOut(
            [str(public_id) for public_id in variants.values_list("variant__public_id", flat=True)]
        ) from error


_CART = Kept(lambda *, pk: Cart.objects.locked().filter(pk=pk), pk=-1)
_CART_LINES = Kept(
    lambda *, cart: CartLine.objects.filter(cart=cart).values_list("variant_id", "quantity"),
    cart=-1,
)
_UNPAID = Kept(
    lambda *, cart_token: Order.objects.locked().filter(
        cart_token=cart_token, status=OrderStatus.PENDING
    ),
    cart_token=UUID(int=1),
)


_OPEN_ORDERS = Kept(
    lambda *, keys: (
        BuyerKey.objects.filter(among_words("key", keys), order__status=OrderStatus.PENDING)
        .values("kind")
        .annotate(number=Count("pk"))
        .values_list("kind", "number")
    ),
    keys=["a key"],
)


def _holds(checkout: Checkout) -> list[Hold]:
    """What the cart has from the queue, of the goods that are ordered."""
    return [hold for line in checkout.priced.lines for hold in line.holds]


def _check_lines(cart: Cart, priced: PricedCart) -> None:
    """A confirmation empties the cart without its lock: read again what is still in it."""
    lines = set(_CART_LINES.fetch(cart=cart.pk))
    if lines != {(line.variant_pk, line.quantity) for line in priced.lines}:
        raise CartChanged


def _supersede(cart: Cart, offers: Offers) -> Order | None:
    """End the unpaid order that this cart was placed as before; its stock goes to the new one."""
    old: Order | None = _UNPAID.first(cart_token=cart.token)
    if old is not None:
        old.move_to(OrderStatus.CANCELLED)
        old.ended_at = timezone.now()
        old.save(update_fields=["status", "ended_at"])
        OrderEvent.objects.create(order=old, kind="superseded", actor=OrderEvent.Actor.CUSTOMER)
        release_uses(order_id=old.pk, retaking=offers)
    return old


def _reserved_until(checkout: Checkout, old: Order | None, latest: datetime) -> datetime:
    """When others may have the goods, unless they are paid. Raises ReservationOver.

    Placing a cart again begins the time anew, but not while somebody waits for what it holds.
    """
    if checkout.by_staff is not None:
        # Who makes an order for a customer has said how long it waits.
        return latest
    now = timezone.now()
    limits = [line.payment_minutes for line in checkout.priced.lines]
    until = min([latest, *(now + timedelta(minutes=limit) for limit in limits if limit)])
    if old is not None and somebody_waits(variant_pks=_kept(old, checkout.priced)):
        until = min(until, old.reserve_until)
        if until <= now:
            raise ReservationOver
    return until


def _kept(old: Order, priced: PricedCart) -> list[int]:
    """Variants that the earlier order had and this one has again."""
    wanted = [line.variant_pk for line in priced.lines]
    return list(old.lines.filter(variant__in=wanted).values_list("variant_id", flat=True))


def _check_open_orders(buyer: Buyer) -> None:
    """Nobody keeps goods from others by placing orders and not paying them."""
    for kind, number in _OPEN_ORDERS.fetch(keys=list(buyer.values())):
        if number >= settings.OPEN_ORDER_LIMITS[kind]:
            raise TooManyOpenOrders(number)


def _check_purchase_limits(checkout: Checkout) -> None:
    """Some products are for many people: so many units for each, in all their orders together."""
    wanted: dict[int, int] = {}
    names: dict[int, str] = {}
    for line in checkout.priced.lines:
        if line.purchase_limit is not None:
            wanted[line.product_pk] = wanted.get(line.product_pk, 0) + line.quantity
            names[line.product_pk] = line.product_name
    if not wanted:
        return
    for product in Product.objects.filter(pk__in=wanted, purchase_limit__isnull=False):
        limit = product.purchase_limit or 0
        left = limit - _bought(product, checkout.buyer)
        if wanted[product.pk] > left:
            raise PurchaseLimit(names[product.pk], limit=limit, left=max(left, 0))


def _bought(product: Product, buyer: Buyer) -> int:
    """Units of a product in this person's orders that are paid, or still may be."""
    since = timezone.now() - timedelta(days=product.purchase_limit_days)
    live = [OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.CLOSED]
    orders = BuyerKey.objects.filter(
        key__in=person(buyer), order__status__in=live, order__placed_at__gte=since
    ).values("order_id")
    # What was sent in exchange for something else is no further purchase.
    bought = OrderLine.objects.filter(order__in=orders, variant__product=product, replaces=None)
    return bought.aggregate(units=Sum("quantity"))["units"] or 0
