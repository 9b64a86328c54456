from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now, Upper
from django.utils.translation import gettext_lazy as _

from catalog.models import Location, Seller
from orders.models.order import Order, OrderLine
from orders.models.shipping import RateSource
from shop.core.errors import InvalidTransition
from shop.core.fields import in_choices


class FulfilmentGroup(models.Model):
    """The part of an order that one seller sends from one place, with its frozen courier quote."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="groups")
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="+")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    seller_name = models.CharField(_("seller"), max_length=120)
    ships_from = models.CharField(_("ships from"), max_length=80)
    courier = models.CharField(_("courier"), max_length=40)
    service = models.CharField(_("service"), max_length=40)
    service_name = models.CharField(_("service shown"), max_length=80)
    shipping_minor = models.BigIntegerField(_("shipping"))
    discount_minor = models.BigIntegerField(_("discount"), default=0, db_default=0)
    tax_minor = models.BigIntegerField(_("tax"), default=0, db_default=0)
    tax_added_minor = models.BigIntegerField(_("tax added"), default=0, db_default=0)
    weight_grams = models.PositiveIntegerField(_("weight in grams"))
    volume_cm3 = models.PositiveIntegerField(_("volume in cm³"), default=0, db_default=0)
    # What the courier's price is for: the weight or, where it is more, what the size counts as.
    charged_grams = models.PositiveIntegerField(_("charged weight in grams"), null=True)
    # Working days; some couriers do not say.
    eta_min_days = models.PositiveSmallIntegerField(_("days at least"), null=True)
    eta_max_days = models.PositiveSmallIntegerField(_("days at most"), null=True)
    source = models.CharField(
        _("price by"),
        max_length=20,
        choices=RateSource.choices,
        default=RateSource.TABLE,
        db_default=RateSource.TABLE,
    )
    rate_reference = models.CharField(
        _("reference of the rate"), max_length=120, default="", db_default="", blank=True
    )
    quoted_at = models.DateTimeField(_("quoted at"), null=True)

    class Meta:
        verbose_name = _("fulfilment group")
        verbose_name_plural = _("fulfilment groups")
        constraints = [
            models.UniqueConstraint(
                fields=["order", "seller", "location"], name="fulfilment_group_once"
            ),
            models.CheckConstraint(
                condition=Q(shipping_minor__gte=0), name="fulfilment_group_not_negative"
            ),
            models.CheckConstraint(
                condition=in_choices("source", RateSource), name="fulfilment_group_source"
            ),
            models.CheckConstraint(
                condition=Q(
                    discount_minor__gte=0,
                    discount_minor__lte=F("shipping_minor"),
                    tax_added_minor__gte=0,
                    tax_added_minor__lte=F("tax_minor"),
                ),
                name="fulfilment_group_amounts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seller_name}: {self.service_name}"


class ShipmentStatus(models.TextChoices):
    PACKED = "packed", _("packed")
    SHIPPED = "shipped", _("shipped")
    DELIVERED = "delivered", _("delivered")
    LOST = "lost", _("lost")
    RETURNED_TO_SENDER = "returned_to_sender", _("returned to sender")


SHIPMENT_TRANSITIONS: dict[ShipmentStatus, frozenset[ShipmentStatus]] = {
    ShipmentStatus.PACKED: frozenset({ShipmentStatus.SHIPPED}),
    ShipmentStatus.SHIPPED: frozenset(
        {ShipmentStatus.DELIVERED, ShipmentStatus.LOST, ShipmentStatus.RETURNED_TO_SENDER}
    ),
    # Staff take a wrong "delivered" back; what was only assumed is corrected by the courier, too.
    ShipmentStatus.DELIVERED: frozenset(
        {ShipmentStatus.SHIPPED, ShipmentStatus.LOST, ShipmentStatus.RETURNED_TO_SENDER}
    ),
    # What was thought lost turns up, what came back goes out again, until it has been made good.
    ShipmentStatus.LOST: frozenset(
        {ShipmentStatus.SHIPPED, ShipmentStatus.DELIVERED, ShipmentStatus.RETURNED_TO_SENDER}
    ),
    ShipmentStatus.RETURNED_TO_SENDER: frozenset(
        {ShipmentStatus.SHIPPED, ShipmentStatus.DELIVERED}
    ),
}
ASKING = ("ask_due_at", "asks", "asked_at", "courier_word")
ASTRAY = (ShipmentStatus.LOST, ShipmentStatus.RETURNED_TO_SENDER)


class ParcelDecision(models.TextChoices):
    """What the shop does about a parcel that never reached its customer."""

    RESEND = "resend", _("send again")
    REFUND = "refund", _("give the money back")


class Shipment(models.Model):
    """One parcel of a group."""

    group = models.ForeignKey(FulfilmentGroup, on_delete=models.PROTECT, related_name="shipments")
    status = models.CharField(
        _("status"),
        max_length=20,
        choices=ShipmentStatus.choices,
        default=ShipmentStatus.PACKED,
    )
    courier = models.CharField(_("courier"), max_length=40)
    # Empty while it is only packed.
    tracking_number = models.CharField(_("tracking number"), max_length=60, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    shipped_at = models.DateTimeField(_("shipped at"), null=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True)
    # Nobody said that it arrived: only the time for it is over.
    is_assumed = models.BooleanField(_("assumed"), default=False, db_default=False)
    # When it is taken to have arrived unless there is news.
    delivery_due_at = models.DateTimeField(null=True, editable=False)
    decision = models.CharField(
        _("decision"),
        max_length=10,
        choices=ParcelDecision.choices,
        blank=True,
        default="",
        db_default="",
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    # When its courier is asked next where it is; empty: not any more. Only what has left is asked
    # about, and what has arrived by assumption.
    ask_due_at = models.DateTimeField(null=True, db_default=Now(), editable=False)
    asks = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    asked_at = models.DateTimeField(_("asked at"), null=True, editable=False)
    # In the API's own words; why there are none, otherwise.
    courier_word = models.CharField(
        _("the courier's word"), max_length=60, blank=True, default="", db_default=""
    )

    class Meta:
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")
        constraints = [
            models.CheckConstraint(
                condition=in_choices("status", ShipmentStatus), name="shipment_status"
            ),
            # The same parcel entered twice by two hands is one parcel.
            models.UniqueConstraint(
                fields=["group", "courier", "tracking_number"],
                condition=~Q(tracking_number=""),
                name="shipment_number_once",
            ),
            models.CheckConstraint(
                condition=Q(status="packed") | ~Q(tracking_number=""), name="shipment_has_number"
            ),
            models.CheckConstraint(
                condition=Q(decision="") | Q(status__in=["lost", "returned_to_sender"]),
                name="shipment_decision",
            ),
        ]
        indexes = [
            models.Index(
                fields=["delivery_due_at"],
                condition=Q(status="shipped"),
                name="shipment_delivery_due",
            ),
            models.Index(Upper("tracking_number"), name="shipment_number"),
            models.Index(
                fields=["ask_due_at"],
                condition=Q(status="shipped") | Q(is_assumed=True),
                name="shipment_ask_due",
            ),
            models.Index(
                fields=["group"],
                condition=Q(status__in=["lost", "returned_to_sender"], decision=""),
                name="shipment_astray",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.courier} {self.tracking_number}"

    def ask_from(self, at: datetime) -> None:
        """Its courier is asked from then on, as if for the first time. Saved as ASKING."""
        self.ask_due_at = at
        self.asks = 0
        self.asked_at = None
        self.courier_word = ""

    @property
    def is_undecided(self) -> bool:
        """Whether it never arrived, and nobody has said yet what becomes of its goods."""
        return self.status in ASTRAY and not self.decision

    def move_to(self, target: ShipmentStatus) -> None:
        """Change the status in memory; the caller holds the order's lock and saves."""
        if target not in SHIPMENT_TRANSITIONS[ShipmentStatus(self.status)]:
            raise InvalidTransition(f"shipment {self.pk}: {self.status} to {target}")
        self.status = target


class ShipmentLine(models.Model):
    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, related_name="lines")
    order_line = models.ForeignKey(
        OrderLine, on_delete=models.PROTECT, related_name="shipment_lines"
    )
    quantity = models.PositiveIntegerField(_("quantity"))

    class Meta:
        verbose_name = _("shipment line")
        verbose_name_plural = _("shipment lines")
        constraints = [
            models.UniqueConstraint(fields=["shipment", "order_line"], name="shipment_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="shipment_line_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.order_line_id}"


class CourierStatus(models.TextChoices):
    IN_TRANSIT = "in_transit", _("on its way")
    DELIVERED = "delivered", _("delivered")
    LOST = "lost", _("lost")
    RETURNED_TO_SENDER = "returned_to_sender", _("returned to sender")


class CourierNews(models.Model):
    """What a courier said of a tracking number, whether we know the number yet or not."""

    courier = models.CharField(_("courier"), max_length=40)
    tracking_number = models.CharField(_("tracking number"), max_length=60)
    status = models.CharField(_("status"), max_length=20, choices=CourierStatus.choices)
    happened_at = models.DateTimeField(_("happened at"))
    raw_reference = models.CharField(_("the courier's reference"), max_length=120, blank=True)
    received_at = models.DateTimeField(_("received at"), db_default=Now())
    # Empty while no parcel has the number.
    matched_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("news of a courier")
        verbose_name_plural = _("news of couriers")
        constraints = [
            models.CheckConstraint(
                condition=in_choices("status", CourierStatus), name="courier_news_status"
            ),
            models.UniqueConstraint(
                fields=["courier", "tracking_number", "status", "happened_at"],
                name="courier_news_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["received_at"], condition=Q(matched_at=None), name="courier_news_unmatched"
            )
        ]

    def __str__(self) -> str:
        return f"{self.courier} {self.tracking_number}: {self.status}"
