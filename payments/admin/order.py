"""The order's list and page, with what payments know of it."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from orders.admin import OrderAdmin
from orders.admin.actions import ACTIONS, Press
from orders.admin.filters import OrderTabs, PlacedTabs
from orders.models import Order, OrderEvent, OrderStatus
from payments.admin.badges import attempt_badge, exception_badge, payment_badge, refund_badge
from payments.admin.refunds import RefundRow, parse_day
from payments.cancelling import cancel_unpaid
from payments.cod.banning import ban_buyer, is_banned
from payments.for_customers import payment_link, whatsapp_url
from payments.gateways.methods import spec_of
from payments.models import (
    PaymentAttempt,
    PaymentException,
    PaymentReceipt,
    Refund,
)
from payments.refunds.accounts import payee_of
from payments.refunds.deciding import (
    approve_refund,
    call_back_refund,
    send_as_credit,
    send_by_bank,
)
from payments.refunds.transfers import record_transferred
from payments.status import payment_status, payment_statuses


def in_trouble(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Orders whose money does not fit, and nobody has settled it yet."""
    open_ones = PaymentException.objects.filter(order=OuterRef("pk"), resolved_at=None)
    return orders.filter(Exists(open_ones))


class PaidOrderTabs(OrderTabs):
    views = OrderTabs.views | {"trouble": (_("Payment trouble"), in_trouble)}
    counted = OrderTabs.counted | {"trouble"}


def cancel(press: Press) -> str | Promise:
    cancel_unpaid(order_id=press.order.pk, actor=OrderEvent.Actor.STAFF, user_id=press.user_id)
    return _("Cancelled; its goods are free again. The customer is told.")


def refund_paid(press: Press) -> str | Promise:
    record_transferred(
        refund_id=refund_of(press),
        paid_on=parse_day(press.text("paid_on")),
        reference=press.text("reference"),
        user_id=press.user_id,
        seen=press.text("account"),
        went_to=press.text("went_to"),
    )
    return _("Recorded as paid. The customer is told.")


def refund_approve(press: Press) -> str | Promise:
    approve_refund(refund_id=refund_of(press), user_id=press.user_id)
    return _("Approved. The refund goes its way.")


def refund_call_back(press: Press) -> str | Promise:
    call_back_refund(refund_id=refund_of(press), user_id=press.user_id)
    return _("Called back: the money stays here until somebody decides anew.")


def refund_by_bank(press: Press) -> str | Promise:
    send_by_bank(refund_id=refund_of(press), user_id=press.user_id)
    return _("To be transferred by hand now.")


def refund_as_credit(press: Press) -> str | Promise:
    send_as_credit(refund_id=refund_of(press), user_id=press.user_id)
    return _("It becomes the customer's store credit.")


def ban_cod(press: Press) -> str | Promise:
    ban_buyer(order_id=press.order.pk, user_id=press.user_id)
    return _("This buyer is not offered cash on delivery any more.")


def refund_of(press: Press) -> int:
    return get_object_or_404(Refund, pk=press.target, order=press.order).pk


@dataclass(frozen=True, slots=True)
class AttemptRow:
    attempt: PaymentAttempt
    badge: SafeString

    @property
    def method(self) -> str | Promise:
        spec = spec_of(self.attempt.gateway, self.attempt.method)
        return spec.name if spec else self.attempt.method


@dataclass(frozen=True, slots=True)
class ExceptionRow:
    exception: PaymentException
    badge: SafeString


admin.site.unregister(Order)


@admin.register(Order)
class PaidOrderAdmin(OrderAdmin):
    list_display = (
        "number",
        "placed",
        "recipient",
        "total_shown",
        "state",
        "payment",
        "fulfilment",
    )
    list_filter = (PaidOrderTabs, ("placed_at", PlacedTabs))
    change_form_template = "admin/payments/order.html"
    buttons = ACTIONS | {
        "ban-cod": ban_cod,
        "cancel-unpaid": cancel,
        "refund-paid": refund_paid,
        "refund-approve": refund_approve,
        "refund-call-back": refund_call_back,
        "refund-by-bank": refund_by_bank,
        "refund-as-credit": refund_as_credit,
    }
    rights = {
        "refund-approve": "payments.approve_refund",
        "refund-paid": "payments.change_refund",
        "refund-call-back": "payments.change_refund",
        "refund-by-bank": "payments.change_refund",
        "refund-as-credit": "payments.change_refund",
    }

    def facts_of(self, orders: list[Order]) -> dict[int, dict[str, object]]:
        statuses = payment_statuses(orders)
        return {
            pk: facts | {"shown_payment": statuses[pk]}
            for pk, facts in super().facts_of(orders).items()
        }

    @admin.display(description=_("payment"))
    def payment(self, order: Order) -> SafeString:
        return payment_badge(vars(order)["shown_payment"])

    def page_extras(self, order: Order) -> dict[str, Any]:
        attempts = PaymentAttempt.objects.filter(order=order).order_by("seq")
        exceptions = PaymentException.objects.filter(order=order).select_related("owner")
        refunds = [
            RefundRow(refund, refund_badge(refund))
            for refund in Refund.objects.filter(order=order).select_related("order").order_by("pk")
        ]
        is_payable = order.status == OrderStatus.PENDING and order.reserve_until > timezone.now()
        return {
            "today": timezone.localdate(),
            "payee": payee_of(order),
            "has_cod": settings.COD_IS_OFFERED,
            "is_banned": settings.COD_IS_OFFERED and is_banned(order),
            "refunds_open": [row for row in refunds if row.refund.is_open],
            "refunds_ended": [row for row in refunds if not row.refund.is_open],
            "payment_link": payment_link(order) if is_payable else "",
            "payment_whatsapp": whatsapp_url(order) if is_payable else "",
            "payment_status": payment_badge(payment_status(order=order)),
            "attempts": [AttemptRow(attempt, attempt_badge(attempt)) for attempt in attempts],
            "receipts": PaymentReceipt.objects.filter(order=order).order_by("captured_at", "pk"),
            "exceptions": [
                ExceptionRow(exception, exception_badge(exception))
                for exception in exceptions.order_by("opened_at", "pk")
            ],
        }
