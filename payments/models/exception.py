from typing import TypeAlias

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from orders.models import Order
from payments.models.receipt import PaymentReceipt
from shop.core.fields import in_choices


class PaymentExceptionKind(models.TextChoices):
    PARTIAL = "partial", _("less than the total")
    SURPLUS = "surplus", _("more than the total")
    DUPLICATE = "duplicate", _("paid twice")
    UNFULFILLABLE = "unfulfillable", _("paid late, goods sold out")
    LATE = "late", _("paid after the order had ended")
    UNMATCHED = "unmatched", _("belongs to no order")
    WRONG_CURRENCY = "wrong_currency", _("another currency than the order's")
    FOREIGN_REFUND = "foreign_refund", _("given back without the shop")
    REFUND_LATE = "refund_late", _("a refund that does not end")
    REFUND_DIFFERS = "refund_differs", _("a refund that is not what was asked for")
    WORK_FAILS = "work_fails", _("work of the money loop that fails")
    FORGED = "forged", _("a webhook the gateway does not confirm")
    WEBHOOK = "webhook", _("a webhook that nobody could make sense of")
    PHANTOM = "phantom", _("booked here, not in the gateway's list")
    AMOUNT_DIFFERS = "amount_differs", _("not what the gateway's list says")
    CHARGEBACK = "chargeback", _("taken back by the payer's bank or the gateway")
    UNEXPLAINED = "unexplained", _("money that the gateway moved by itself")


class StepKind(models.TextChoices):
    TAKEN = "taken", _("taken on")
    HANDED_OVER = "handed_over", _("handed over")
    LET_GO = "let_go", _("let go: nobody owns it")
    GIVEN_BACK = "given_back", _("money to be given back")
    AS_CREDIT = "as_credit", _("money kept as store credit")
    ASKED = "asked", _("customer asked for the rest")
    WAIVED = "waived", _("the rest was waived")
    FULFILLED = "fulfilled", _("order confirmed after all")
    ASSIGNED = "assigned", _("assigned to an order")
    FOUND = "found", _("found at the gateway")
    EXPLAINED = "explained", _("explained")
    KEPT = "kept", _("money to be booked as unclaimed")
    CONTESTED = "contested", _("contested")
    WON = "won", _("said to be won")
    LOST = "lost", _("dispute lost")
    ACCEPTED = "accepted", _("accepted")
    NOTED = "noted", _("noted")
    CLOSED = "closed", _("closed")
    REOPENED = "reopened", _("opened again")


class PaymentException(models.Model):
    """Money that does not fit its order: somebody must own it until it is resolved."""

    Kind: TypeAlias = PaymentExceptionKind

    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+", null=True)
    receipt = models.OneToOneField(
        PaymentReceipt, on_delete=models.PROTECT, related_name="exception", null=True
    )
    # The movement that it is about, and a key where one thing must open no second exception.
    transaction = models.ForeignKey(
        "payments.GatewayTransaction",
        on_delete=models.PROTECT,
        related_name="exceptions",
        null=True,
        verbose_name=_("gateway transaction"),
    )
    key = models.CharField(max_length=120, blank=True, db_default="")
    note = models.CharField(_("note"), max_length=300, blank=True)
    opened_at = models.DateTimeField(_("opened"), db_default=Now())
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("owner"),
    )
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    resolution = models.TextField(_("resolution"), blank=True)

    class Meta:
        verbose_name = _("payment exception")
        verbose_name_plural = _("payment exceptions")
        constraints = [
            models.CheckConstraint(
                condition=in_choices("kind", PaymentExceptionKind), name="exception_kind"
            ),
            models.UniqueConstraint(
                fields=["key"], condition=~Q(key=""), name="exception_once_by_key"
            ),
        ]
        indexes = [
            models.Index(fields=["opened_at"], condition=Q(resolved_at=None), name="exception_open")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"


class ExceptionStep(models.Model):
    """Append-only: what somebody did about an exception, when, and in their own words."""

    Kind: TypeAlias = StepKind

    exception = models.ForeignKey(PaymentException, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(_("step"), max_length=15, choices=Kind.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    words = models.CharField(_("words"), max_length=500, blank=True)
    # Its numbers: amounts in minor units, the order's number, the new owner.
    data = models.JSONField(default=dict)
    at = models.DateTimeField(_("at"), db_default=Now())

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        constraints = [
            models.CheckConstraint(
                condition=in_choices("kind", StepKind), name="exception_step_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.exception_id}"
