"""An order: frozen at placement, then moved by one small state machine."""

import secrets
import uuid
from typing import Self, TypeAlias

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from catalog.models import Variant
from shop.core.errors import InvalidTransition
from shop.core.fields import currency_field, in_choices
from shop.core.kept import Kept
from shop.core.money import Money


class OrderStatus(models.TextChoices):
    """confirmed = goods are owed: paid in full, or cash on delivery accepted."""

    PENDING = "pending", _("awaiting payment")
    CONFIRMED = "confirmed", _("confirmed")
    CLOSED = "closed", _("closed")
    CANCELLED = "cancelled", _("cancelled")
    EXPIRED = "expired", _("expired")


ORDER_TRANSITIONS: dict[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.PENDING: frozenset(
        {OrderStatus.CONFIRMED, OrderStatus.CANCELLED, OrderStatus.EXPIRED}
    ),
    OrderStatus.CONFIRMED: frozenset({OrderStatus.CANCELLED, OrderStatus.CLOSED}),
    # Money that comes late, while stock is still free.
    OrderStatus.CANCELLED: frozenset({OrderStatus.CONFIRMED}),
    OrderStatus.EXPIRED: frozenset({OrderStatus.CONFIRMED}),
    OrderStatus.CLOSED: frozenset(),
}


class FulfilmentStatus(models.TextChoices):
    """What became of the goods of an order: derived from its parcels and returns."""

    UNFULFILLED = "unfulfilled", _("to be sent")
    PARTIALLY_SHIPPED = "partially_shipped", _("partly sent")
    SHIPPED = "shipped", _("sent")
    DELIVERED = "delivered", _("delivered")
    RETURNED = "returned", _("returned")


# While it is one of these, something of a paid order has yet to leave.
OWING = (FulfilmentStatus.UNFULFILLED, FulfilmentStatus.PARTIALLY_SHIPPED)
PAID = (OrderStatus.CONFIRMED, OrderStatus.CLOSED)
ENDED = (OrderStatus.CANCELLED, OrderStatus.EXPIRED)

# No 0/O, 1/I/L: numbers are read out on the telephone.
NUMBER_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


# Not paid, or not yet: late money may still come for one that has ended.
UNPAID = ["pending", "expired", "cancelled"]


def new_number() -> str:
    """A human id such as `R7K4-9MQX`: not a counter, which would tell the day's sales."""
    letters = [secrets.choice(NUMBER_ALPHABET) for _ in range(8)]
    return f"{''.join(letters[:4])}-{''.join(letters[4:])}"


def new_token() -> str:
    """192 random bits: whoever has the link may see the order."""
    return secrets.token_urlsafe(24)


class OrderQuerySet(models.QuerySet["Order"]):
    def locked(self) -> Self:
        return self.select_for_update(of=("self",), no_key=True)


class Order(models.Model):
    number = models.CharField(_("number"), max_length=12, unique=True, default=new_number)
    token = models.CharField(max_length=43, unique=True, default=new_token, editable=False)
    # Who holds the stock; a new one for each reservation of this order.
    holder = models.UUIDField(default=uuid.uuid4, editable=False)
    status = models.CharField(
        _("status"), max_length=10, choices=OrderStatus.choices, default=OrderStatus.PENDING
    )
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    # The cart it came from, so that placing it again supersedes this order.
    cart_token = models.UUIDField(null=True, editable=False)
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    currency = currency_field()
    subtotal_minor = models.BigIntegerField(_("goods"))
    discount_minor = models.BigIntegerField(_("discount"), default=0)
    shipping_minor = models.BigIntegerField(_("shipping"))
    shipping_discount_minor = models.BigIntegerField(
        _("discount on shipping"), default=0, db_default=0
    )
    tax_minor = models.BigIntegerField(_("tax"), default=0)
    # What of the tax is beside the prices and not in them.
    tax_added_minor = models.BigIntegerField(_("tax added"), default=0, db_default=0)
    rounding_minor = models.BigIntegerField(_("rounding"), default=0)
    total_minor = models.BigIntegerField(_("total"))
    # What its courier takes at the door and has not handed over to us: cash on delivery.
    collect_minor = models.BigIntegerField(_("to be collected"), default=0, db_default=0)
    # What the total was computed from (orders.pricing.basket), so that it can be computed again.
    basket = models.JSONField(null=True, editable=False)
    placed_at = models.DateTimeField(_("placed"), db_default=Now())
    reserve_until = models.DateTimeField(_("to be paid by"))
    # When the money loop looks at it next; moved on while a gateway cannot be asked.
    next_expiry_at = models.DateTimeField(null=True, editable=False)
    # The derivation of `orders.status`, written down by `orders.closing.follow_goods` with each
    # change, so that the list of what is to be sent never reads the orders that are over.
    fulfilment = models.CharField(
        _("goods"),
        max_length=20,
        choices=FulfilmentStatus.choices,
        default=FulfilmentStatus.UNFULFILLED,
        db_default=str(FulfilmentStatus.UNFULFILLED),
        editable=False,
    )
    # When the order closes by itself; empty while something is still open.
    close_due_at = models.DateTimeField(null=True, editable=False)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, editable=False)
    ended_at = models.DateTimeField(_("ended at"), null=True, editable=False)
    # When it got its invoice numbers, some time after the sale (`orders.receipts.sealing`).
    invoiced_at = models.DateTimeField(null=True, editable=False)
    # Set where that could not be done; staff read of it in the log.
    invoice_retry_at = models.DateTimeField(null=True, editable=False)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        permissions = [
            ("exceed_open_orders", _("Can exceed the limit of unpaid orders")),
            ("pack_order", _("Can pack, send and receive parcels")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=in_choices("status", OrderStatus), name="order_status"
            ),
            # Tax that is in the prices is a share of the total and not a further summand.
            models.CheckConstraint(
                condition=Q(
                    total_minor=F("subtotal_minor")
                    - F("discount_minor")
                    + F("shipping_minor")
                    - F("shipping_discount_minor")
                    + F("tax_added_minor")
                    + F("rounding_minor")
                ),
                name="order_total_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(
                    subtotal_minor__gte=0,
                    discount_minor__gte=0,
                    shipping_minor__gte=0,
                    shipping_discount_minor__gte=0,
                    shipping_discount_minor__lte=F("shipping_minor"),
                    discount_minor__lte=F("subtotal_minor"),
                    tax_added_minor__gte=0,
                    tax_added_minor__lte=F("tax_minor"),
                    total_minor__gte=0,
                ),
                name="order_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(collect_minor__gte=0, collect_minor__lte=F("total_minor")),
                name="order_collects_its_total",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["confirmed", "closed"]) | Q(confirmed_at__isnull=False),
                name="order_confirmed_at",
            ),
            models.CheckConstraint(
                condition=in_choices("fulfilment", FulfilmentStatus), name="order_fulfilment"
            ),
            models.UniqueConstraint(
                fields=["cart_token"], condition=Q(status="pending"), name="order_one_open_per_cart"
            ),
        ]
        indexes = [
            models.Index(fields=["-placed_at", "-id"], name="order_newest"),
            models.Index(
                fields=["next_expiry_at"], condition=Q(status="pending"), name="order_expiry_due"
            ),
            models.Index(fields=["status", "-placed_at"], name="order_by_status"),
            # One for each tab of the staff's list: as long as what the tab shows.
            models.Index(
                fields=["-placed_at", "-id"],
                condition=Q(
                    status__in=["confirmed", "closed"],
                    fulfilment__in=["unfulfilled", "partially_shipped"],
                ),
                name="order_to_ship",
            ),
            models.Index(
                fields=["-placed_at", "-id"],
                condition=Q(
                    status__in=["confirmed", "closed"],
                    fulfilment__in=["shipped", "delivered", "returned"],
                ),
                name="order_sent",
            ),
            models.Index(
                fields=["-placed_at", "-id"], condition=Q(status="pending"), name="order_unpaid"
            ),
            models.Index(
                fields=["-placed_at", "-id"],
                condition=Q(status__in=["cancelled", "expired"]),
                name="order_ended",
            ),
            models.Index(
                fields=["cart_token"], condition=Q(status__in=UNPAID), name="order_unpaid_of_cart"
            ),
            models.Index(
                fields=["close_due_at"], condition=Q(status="confirmed"), name="order_close_due"
            ),
            models.Index(
                fields=["confirmed_at", "id"],
                condition=Q(invoiced_at=None, confirmed_at__isnull=False),
                name="order_invoice_due",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    @property
    def to_collect(self) -> Money:
        """What the courier has still to collect for us; nothing for an order that is paid."""
        return Money(self.collect_minor, self.currency)

    def move_to(self, target: OrderStatus) -> None:
        """Change the status in memory; the caller holds the row lock and saves."""
        if target not in ORDER_TRANSITIONS[OrderStatus(self.status)]:
            raise InvalidTransition(f"order {self.number}: {self.status} to {target}")
        self.status = target


class OrderLine(models.Model):
    """What was bought, as it was called and priced then."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    group = models.ForeignKey(
        "orders.FulfilmentGroup", on_delete=models.PROTECT, related_name="lines"
    )
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+")
    stock_item_id = models.BigIntegerField(_("stock item"))
    product_name = models.CharField(_("product"), max_length=200)
    variant_name = models.CharField(_("variant"), max_length=120, blank=True)
    sku = models.CharField(_("SKU"), max_length=80, blank=True)
    weight_grams = models.PositiveIntegerField(_("weight in grams"), default=0)
    # Sent in exchange for a unit of that line: it costs nothing, so the totals stand.
    replaces = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="replacements", null=True
    )
    quantity = models.PositiveIntegerField(_("quantity"))
    unit_price_minor = models.BigIntegerField(_("unit price"))
    discount_minor = models.BigIntegerField(_("discount"), default=0)
    tax_minor = models.BigIntegerField(_("tax"), default=0)
    tax_added_minor = models.BigIntegerField(_("tax added"), default=0, db_default=0)
    total_minor = models.BigIntegerField(_("total"))

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="order_line_quantity"),
            models.CheckConstraint(
                condition=Q(
                    total_minor=F("unit_price_minor") * F("quantity")
                    - F("discount_minor")
                    + F("tax_added_minor")
                ),
                name="order_line_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(
                    unit_price_minor__gte=0,
                    discount_minor__gte=0,
                    tax_added_minor__gte=0,
                    tax_added_minor__lte=F("tax_minor"),
                    total_minor__gte=0,
                ),
                name="order_line_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(replaces=None) | Q(unit_price_minor=0), name="order_line_replaces_free"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.product_name}"

    @property
    def list_minor(self) -> int:
        """Before discounts and added tax."""
        return self.unit_price_minor * self.quantity


class AdjustmentKind(models.TextChoices):
    LIST_PRICE = "list_price", _("list price")
    PROMOTION = "promotion", _("promotion")
    COUPON = "coupon", _("coupon")
    SHIPPING = "shipping", _("shipping")
    TAX = "tax", _("tax")
    ROUNDING = "rounding", _("rounding")


class Adjustment(models.Model):
    """One step on the way from list price to total, kept in order, so that it can be replayed."""

    Kind: TypeAlias = AdjustmentKind

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="adjustments")
    line = models.ForeignKey(
        OrderLine, on_delete=models.CASCADE, related_name="adjustments", null=True
    )
    group = models.ForeignKey(
        "orders.FulfilmentGroup", on_delete=models.CASCADE, related_name="adjustments", null=True
    )
    step = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    label = models.CharField(_("label"), max_length=200)
    amount_minor = models.BigIntegerField(_("amount"))
    code = models.CharField(_("coupon"), max_length=40, blank=True, db_default="")
    # Which promotion it was; opaque, since promotions may be deleted and orders stay.
    promotion_id = models.BigIntegerField(null=True, editable=False)
    # Tax inside the price explains the total without adding to it.
    is_included = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("adjustment")
        verbose_name_plural = _("adjustments")
        constraints = [
            models.UniqueConstraint(fields=["order", "step"], name="adjustment_step_once"),
            models.CheckConstraint(
                condition=in_choices("kind", AdjustmentKind), name="adjustment_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.amount_minor:+d}"


class OrderEventActor(models.TextChoices):
    CUSTOMER = "customer", _("customer")
    STAFF = "staff", _("staff")
    SYSTEM = "system", _("system")
    GATEWAY = "gateway", _("gateway")
    COURIER = "courier", _("courier")


class OrderEvent(models.Model):
    """Append-only: what happened to an order and who did it. Holds no name and no contact."""

    Actor: TypeAlias = OrderEventActor

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(_("event"), max_length=40)
    actor = models.CharField(_("by"), max_length=10, choices=Actor.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("at"), db_default=Now())

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = [
            models.CheckConstraint(
                condition=in_choices("actor", OrderEventActor), name="order_event_actor"
            )
        ]

    def __str__(self) -> str:
        return self.kind


_LOCKED = Kept(lambda *, pk: Order.objects.locked().filter(pk=pk), pk=-1)


def lock_order(pk: int) -> Order:
    """Held until the caller's transaction ends. Raises Order.DoesNotExist."""
    order: Order | None = _LOCKED.first(pk=pk)
    if order is None:
        raise Order.DoesNotExist(pk)
    return order
