"""Invoices and credit notes: what was sold and given back, under numbers without a gap."""

from typing import TypeAlias

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from catalog.models import Seller
from orders.models.fulfilment import FulfilmentGroup
from orders.models.order import Order, OrderLine
from orders.models.return_ import RefundDue
from shop.core.fields import currency_field, in_choices
from shop.core.money import Money


class InvoiceKind(models.TextChoices):
    INVOICE = "invoice", _("invoice")
    CREDIT_NOTE = "credit_note", _("credit note")


class CreditReason(models.TextChoices):
    RETURNED = "returned", _("goods returned")
    NOT_DELIVERED = "not_delivered", _("parcel not delivered")
    CANCELLED = "cancelled", _("order cancelled")


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    def sealed(self) -> "InvoiceQuerySet":
        return self.filter(number__isnull=False)


class Invoice(models.Model):
    """What one seller of an order charges, or with a credit note gives back.

    Written without a number, given the next one of its series later (`orders.receipts.sealing`)
    and then never changed again: a trigger sees to it. Holds no name and no contact of the buyer.
    """

    Kind: TypeAlias = InvoiceKind
    Reason: TypeAlias = CreditReason

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="invoices")
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=11, choices=Kind.choices)
    # The merchant's local year of the sale, or of giving the money back.
    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("number"), null=True)
    # The number as it is printed; it stays when the format is changed later.
    reference = models.CharField(_("printed number"), max_length=40, blank=True, db_default="")
    refers_to = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="credit_notes", null=True
    )
    refund_due = models.ForeignKey(
        RefundDue, on_delete=models.PROTECT, related_name="credit_notes", null=True
    )
    reason = models.CharField(_("reason"), max_length=15, choices=Reason.choices, blank=True)
    # As they were called and registered then.
    seller_name = models.CharField(_("seller"), max_length=120)
    tax_number = models.CharField(_("tax number"), max_length=40, blank=True)
    currency = currency_field()
    total_minor = models.BigIntegerField(_("total"))
    # Indonesia's DPP: what the tax is a percentage of. Nothing where there is no tax.
    base_minor = models.BigIntegerField(_("tax base"))
    tax_minor = models.BigIntegerField(_("tax"))
    created_at = models.DateTimeField(_("written at"), db_default=Now())
    sealed_at = models.DateTimeField(_("numbered at"), null=True)

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        constraints = [
            models.CheckConstraint(condition=in_choices("kind", InvoiceKind), name="invoice_kind"),
            models.CheckConstraint(
                condition=Q(kind="invoice", reason="")
                | Q(kind="credit_note") & in_choices("reason", CreditReason),
                name="invoice_reason",
            ),
            models.CheckConstraint(
                condition=Q(number=None, sealed_at=None, reference="")
                | Q(number__gt=0, sealed_at__isnull=False) & ~Q(reference=""),
                name="invoice_sealed",
            ),
            models.CheckConstraint(
                condition=Q(kind="invoice", refers_to=None)
                | Q(kind="credit_note", number=None)
                | Q(kind="credit_note", refers_to__isnull=False),
                name="invoice_credit_refers",
            ),
            models.CheckConstraint(
                condition=Q(total_minor__gte=0, base_minor__gte=0, tax_minor__gte=0)
                & (Q(kind="credit_note") | Q(total_minor__gte=F("tax_minor"))),
                name="invoice_amounts",
            ),
            models.UniqueConstraint(
                fields=["seller", "kind", "year", "number"], name="invoice_number_once"
            ),
            models.UniqueConstraint(
                fields=["order", "seller"],
                condition=Q(kind="invoice"),
                name="invoice_once_per_order",
            ),
            models.UniqueConstraint(
                fields=["refund_due", "seller"], name="invoice_credit_once_per_refund"
            ),
        ]
        indexes = [
            models.Index(fields=["created_at"], condition=Q(number=None), name="invoice_unsealed"),
            models.Index(fields=["reference"], name="invoice_reference"),
        ]

    def __str__(self) -> str:
        return self.reference or f"{self.kind} of {self.order_id}"

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)


class CreditLine(models.Model):
    """What a credit note gives back: units of an order line, or what sending a parcel cost."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="lines")
    order_line = models.ForeignKey(
        OrderLine, on_delete=models.PROTECT, related_name="credit_lines", null=True
    )
    group = models.ForeignKey(
        FulfilmentGroup, on_delete=models.PROTECT, related_name="credit_lines", null=True
    )
    quantity = models.PositiveIntegerField(_("quantity"), default=0)
    amount_minor = models.BigIntegerField(_("amount"))
    tax_minor = models.BigIntegerField(_("tax"))

    class Meta:
        verbose_name = _("line of a credit note")
        verbose_name_plural = _("lines of credit notes")
        constraints = [
            models.CheckConstraint(
                condition=Q(order_line__isnull=False, group=None, quantity__gt=0)
                | Q(order_line=None, quantity=0),
                name="credit_line_is_goods_or_shipping",
            ),
            # What a total was rounded by may have been to the buyer's favour: negative.
            models.CheckConstraint(
                condition=Q(tax_minor__gte=0)
                & (Q(amount_minor__gte=0) | Q(order_line=None, group=None)),
                name="credit_line_amounts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} of {self.invoice_id}"
