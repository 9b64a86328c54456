"""What was tried, what came, and what went back: read, never written."""

import json

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from payments.admin.badges import attempt_badge
from payments.models import PaymentAttempt, PaymentReceipt
from shop.core.admin import RecordAdmin
from shop.core.money import Money


def pretty(value: object) -> SafeString:
    text = json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True)
    return format_html('<pre class="payload">{}</pre>', text)


@admin.register(PaymentAttempt)
class AttemptAdmin(RecordAdmin[PaymentAttempt]):
    list_display = ("reference", "created_at", "method", "amount_shown", "state_shown", "order")
    list_select_related = ("order",)
    list_filter = ("state", "method")
    search_fields = ("reference__exact", "gateway_ref__exact", "order__number__exact")
    search_help_text = _("Our reference, the gateway's id or the order's number")
    fields = (
        "reference",
        "order",
        "seq",
        "state_shown",
        "gateway",
        "method",
        "gateway_ref",
        "amount_shown",
        "suffix_shown",
        "failure_code",
        "created_at",
        "submitted_at",
        "expires_at",
        "cancel_requested_at",
        "next_poll_at",
        "polls",
        "actions_shown",
        "details_shown",
    )
    readonly_fields = fields

    @admin.display(description=_("suffix"))
    def suffix_shown(self, attempt: PaymentAttempt) -> str:
        return Money(attempt.suffix_minor, attempt.currency).format()

    @admin.display(description=_("amount"))
    def amount_shown(self, attempt: PaymentAttempt) -> str:
        return attempt.amount.format()

    @admin.display(description=_("state"))
    def state_shown(self, attempt: PaymentAttempt) -> SafeString:
        return attempt_badge(attempt)

    @admin.display(description=_("what the customer must do"))
    def actions_shown(self, attempt: PaymentAttempt) -> SafeString:
        return pretty(attempt.actions)

    @admin.display(description=_("details of the payer"))
    def details_shown(self, attempt: PaymentAttempt) -> SafeString:
        return pretty(attempt.details)


@admin.register(PaymentReceipt)
class ReceiptAdmin(RecordAdmin[PaymentReceipt]):
    list_display = ("payment_id", "captured_at", "amount_shown", "disposition", "gateway", "order")
    list_select_related = ("order",)
    list_filter = ("disposition", "gateway")
    search_fields = ("payment_id__exact", "capture_id__exact", "order__number__exact")
    search_help_text = _("The gateway's payment or capture, or the order's number")
    fields = (
        "gateway",
        "payment_id",
        "capture_id",
        "amount_shown",
        "captured_at",
        "booked_at",
        "disposition",
        "refunded_shown",
        "pending_shown",
        "taken_back_shown",
        "order",
        "attempt",
    )
    readonly_fields = fields

    @admin.display(description=_("amount"))
    def amount_shown(self, receipt: PaymentReceipt) -> str:
        return receipt.amount.format()

    @admin.display(description=_("given back"))
    def refunded_shown(self, receipt: PaymentReceipt) -> str:
        return Money(receipt.refunded_minor, receipt.currency).format()

    @admin.display(description=_("taken back"))
    def taken_back_shown(self, receipt: PaymentReceipt) -> str:
        return Money(receipt.taken_back_minor, receipt.currency).format()

    @admin.display(description=_("being given back"))
    def pending_shown(self, receipt: PaymentReceipt) -> str:
        return Money(receipt.refund_pending_minor, receipt.currency).format()
