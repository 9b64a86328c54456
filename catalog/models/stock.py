"""Stock: what lies there, what is spoken for, and the history that sums to it."""

import uuid
from typing import TypeAlias

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from catalog.models.seller import Location
from catalog.models.variant import Variant
from shop.core.fields import CurrentTransaction, in_choices


class StockItem(models.Model):
    """Units of one variant at one location. available = on_hand − reserved, never negative.

    Changed only by `catalog.inventory`, by one conditional UPDATE each.
    """

    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="stock_items")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="stock_items")
    on_hand = models.PositiveIntegerField(_("on hand"), default=0)
    reserved = models.PositiveIntegerField(_("reserved"), default=0)

    class Meta:
        verbose_name = _("stock item")
        verbose_name_plural = _("stock items")
        constraints = [
            models.UniqueConstraint(fields=["variant", "location"], name="stock_item_once"),
            models.CheckConstraint(
                condition=Q(reserved__gte=0) & Q(on_hand__gte=F("reserved")),
                name="stock_never_oversold",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on_hand} − {self.reserved}"


class ReservationState(models.TextChoices):
    HELD = "held", _("held")
    COMMITTED = "committed", _("committed")
    RELEASED = "released", _("released")


class Reservation(models.Model):
    """A claim on units until a time. `holder` is opaque here: whoever reserved knows what it means.

    It ends once: committed (sold) or released (given back).
    """

    State: TypeAlias = ReservationState

    holder = models.UUIDField(default=uuid.uuid4)
    stock_item = models.ForeignKey(StockItem, on_delete=models.PROTECT, related_name="reservations")
    quantity = models.PositiveIntegerField(_("quantity"))
    state = models.CharField(max_length=10, choices=State.choices, default=State.HELD)
    expires_at = models.DateTimeField(_("expires"))
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="reservation_positive"),
            models.CheckConstraint(
                condition=in_choices("state", ReservationState), name="reservation_state"
            ),
            # A holder's claim on an item may be renewed after a release, but is open only once.
            models.UniqueConstraint(
                fields=["holder", "stock_item"],
                condition=~Q(state="released"),
                name="reservation_once",
            ),
        ]
        indexes = [
            models.Index(fields=["stock_item"], condition=Q(state="held"), name="reservation_open"),
            models.Index(fields=["holder"], name="reservation_holder"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} for {self.holder}"


class StockMovementKind(models.TextChoices):
    RECEIVED = "received", _("received")
    SOLD = "sold", _("sold")
    RETURNED = "returned", _("returned")
    CORRECTED = "corrected", _("corrected")


class StockMovement(models.Model):
    """Append-only: every change of `on_hand`, with who and why. Sums to it at any time."""

    Kind: TypeAlias = StockMovementKind

    stock_item = models.ForeignKey(StockItem, on_delete=models.PROTECT, related_name="movements")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    quantity = models.IntegerField(_("quantity"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    reference = models.UUIDField(null=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    created_at = models.DateTimeField(db_default=Now())
    # Rows commit out of the order of their keys; sums over "what is new" go by this instead.
    transaction_id = models.BigIntegerField(db_default=CurrentTransaction(), editable=False)

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        indexes = [models.Index(fields=["transaction_id", "id"], name="stock_movement_order")]
        constraints = [
            models.CheckConstraint(condition=~Q(quantity=0), name="stock_movement_not_zero"),
            models.CheckConstraint(
                condition=in_choices("kind", StockMovementKind), name="stock_movement_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity:+d} {self.kind}"


class SoldCountMark(models.Model):
    """One row: up to which movement `Product.sold_count` has counted."""

    transaction_id = models.BigIntegerField(default=0)
    movement_id = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"counted to {self.transaction_id}, {self.movement_id}"
