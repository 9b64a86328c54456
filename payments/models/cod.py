"""Cash on delivery: who may not have it, and what couriers say that they collected."""

from typing import TypeAlias

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from orders.models import Order
from payments.models.attempt import PaymentAttempt
from payments.models.receipt import PaymentReceipt
from payments.models.statement import LineState
from shop.core.fields import currency_field, in_choices
from shop.core.money import Money


class CodBan(models.Model):
    """Staff send this buyer nothing any more that is not paid. A pseudonym: see orders.buyers."""

    key = models.CharField(max_length=32, unique=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+")
    banned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    banned_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"of order {self.order_id}"


class CourierSettlement(models.Model):
    """A courier's file of what it collected at doors."""

    name = models.CharField(_("file"), max_length=120)
    courier = models.CharField(_("courier"), max_length=25)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        verbose_name=_("read in by"),
    )
    uploaded_at = models.DateTimeField(_("read in"), db_default=Now())
    known = models.PositiveIntegerField(_("known already"), default=0)

    class Meta:
        verbose_name = _("courier settlement")
        verbose_name_plural = _("courier settlements")

    def __str__(self) -> str:
        return self.name


class SettlementLine(models.Model):
    """What a courier collected for one parcel: kept and booked once, whatever files it is in."""

    State: TypeAlias = LineState

    settlement = models.ForeignKey(
        CourierSettlement, on_delete=models.PROTECT, related_name="lines"
    )
    position = models.PositiveIntegerField(_("line"))
    # `orders.courier_codes`, so that the courier's name may be written in any way.
    courier = models.CharField(_("courier"), max_length=25)
    waybill = models.CharField(_("waybill"), max_length=50)
    number = models.CharField(_("order"), max_length=12, blank=True)
    collected_minor = models.BigIntegerField(_("collected"))
    fee_minor = models.BigIntegerField(_("fee"), default=0)
    currency = currency_field()
    state = models.CharField(
        _("state"), max_length=10, choices=LineState.choices, default=LineState.NEW
    )
    attempt = models.ForeignKey(
        PaymentAttempt, on_delete=models.PROTECT, related_name="settlement_lines", null=True
    )
    receipt = models.OneToOneField(
        PaymentReceipt, on_delete=models.PROTECT, related_name="settlement_line", null=True
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True)

    class Meta:
        verbose_name = _("settlement line")
        verbose_name_plural = _("settlement lines")
        constraints = [
            models.UniqueConstraint(fields=["courier", "waybill"], name="settlement_line_once"),
            models.CheckConstraint(
                condition=in_choices("state", LineState), name="settlement_line_state"
            ),
            models.CheckConstraint(
                condition=Q(collected_minor__gte=0, fee_minor__gte=0)
                & (Q(collected_minor__gt=0) | Q(fee_minor__gt=0)),
                name="settlement_line_amounts",
            ),
            # Where nothing was collected there is a fee, and no receipt.
            models.CheckConstraint(
                condition=Q(state="booked", receipt__isnull=False)
                | Q(state="booked", collected_minor=0, receipt=None)
                | (~Q(state="booked") & Q(receipt=None)),
                name="settlement_line_booked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.courier} {self.waybill}"

    @property
    def collected(self) -> Money:
        return Money(self.collected_minor, self.currency)

    @property
    def fee(self) -> Money:
        return Money(self.fee_minor, self.currency)

    @property
    def key(self) -> str:
        """Under which its money is booked."""
        return f"{self.courier}:{self.waybill}"
